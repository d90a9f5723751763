"""``igc evaluate``: measure how good an agent is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_agents.cli.environment import SET_HELP, batched_environment, stated
from igc_core.cli import console, plugin_manager, show
from igc_core.errors import AgentError, DataError
from igc_core.files import demand_writable, write_atomically

if TYPE_CHECKING:
    from igc_agents.report import Report
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment

app = typer.Typer(help="Measure how good an agent is.", add_completion=False, rich_markup_mode=None)

#: What does all that is optimal, where the environment knows.
_EXPERT = "expert"


@app.command()
def evaluate(  # noqa: PLR0917 - the options of the command line
    agent: Annotated[str, typer.Argument(help="Folder of an agent, or name of one, or 'expert'.")],
    environment: Annotated[str, typer.Option(help="Name of the environment.")] = "redfish",
    on: Annotated[list[str] | None, typer.Option(help="Machine to try it on; may be given several times.")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Family of goals; may be given several times.")] = None,
    codec: Annotated[str, typer.Option(help="What turns views into arrays.")] = "candidates",
    setting: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    episodes: Annotated[int, typer.Option(help="Number of episodes.", min=1)] = 256,
    every_goal: Annotated[
        bool, typer.Option("--every-goal", help="Try every goal of the environment once instead of drawing episodes.")
    ] = False,
    num_envs: Annotated[int, typer.Option(help="Episodes stepped together.", min=1)] = 64,
    seed: Annotated[int, typer.Option(help="Seed of episodes and choices.", min=0)] = 0,
    sample: Annotated[bool, typer.Option("--sample", help="Draw actions instead of taking the likeliest.")] = False,
    json: Annotated[Path | None, typer.Option(help="File to write the figures to.")] = None,
) -> None:
    """Try an agent on episodes, and show success, SPL, requests and refusals with 95 % intervals."""
    if json is not None and json.exists():
        raise DataError(f"{json} exists already", code="data-exists", hint="choose another file")
    if json is not None:
        demand_writable(json)
    plugins = plugin_manager()
    options = {"sources": on, "families": family, "codec": codec, "num_envs": min(num_envs, episodes), "seed": seed}
    options |= stated(setting)
    with console().status("building the environment"):
        built = batched_environment(plugins, environment, options)
    with console().status(f"trying {agent}"):
        report = _measure(agent, built, plugins, 0 if every_goal else episodes, seed, sample)
    what = "every goal once" if every_goal else f"{episodes} episodes"
    show(list(report.rows()), title=f"{agent} on {environment}, {what}; mean [95 % interval]")
    if json is not None:
        write_atomically(json, report.model_dump_json(indent=2) + "\n")


def _measure(
    name: str, environment: BatchedEnvironment, plugins: PluginManager, episodes: int, seed: int, sample: bool
) -> Report:
    import torch  # noqa: PLC0415 - the help must not wait for PyTorch

    from igc_agents.agents import BatchAgent  # noqa: PLC0415
    from igc_agents.evaluation import evaluate as evaluate_one_by_one  # noqa: PLC0415
    from igc_agents.evaluation import evaluate_batched  # noqa: PLC0415

    torch.set_num_threads(1)  # networks this small lose more by a second one than they gain
    chosen = _agent(name, environment, plugins, deterministic=not sample)
    if episodes and isinstance(chosen, BatchAgent):
        return evaluate_batched(chosen, environment, episodes, seed=seed)
    trials: Any = getattr(environment, "trials" if episodes else "every_trial", None)
    if trials is None or name == _EXPERT:
        raise AgentError(
            f"the agent {name!r} chooses for one episode at a time, which the environment does not offer",
            code="agent-incompatible",
        )
    one_by_one = trials(episodes, seed) if episodes else trials()
    return evaluate_one_by_one(chosen, one_by_one, seed=seed, plugins=plugins)


def _agent(name: str, environment: BatchedEnvironment, plugins: PluginManager, *, deterministic: bool) -> Any:
    """Build the agent of a name, or load it from a folder."""
    from igc_agents.agents import ExpertAgent, PolicyAgent  # noqa: PLC0415 - as above
    from igc_agents.imitation import Labeller  # noqa: PLC0415
    from igc_agents.shape import CodecIdentity  # noqa: PLC0415

    if Path(name).is_dir() or "/" in name:
        layout, codec = getattr(environment, "layout", None), CodecIdentity.of(environment)
        return PolicyAgent.load(name, layout=layout, codec=codec, deterministic=deterministic)
    if name != _EXPERT:
        return plugins.build("agent", name)
    if not isinstance(environment, Labeller):
        raise AgentError("the environment does not tell what is optimal", code="agent-incompatible")
    return ExpertAgent(environment)
