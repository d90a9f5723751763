"""``igc demo``: the main job in a few minutes, on machines that come with the package."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_agents.cli.environment import batched_environment
from igc_core.cli import console, plugin_manager, show
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_agents.agents import PolicyAgent
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment

app = typer.Typer(
    help="Train a small agent and watch it on an unseen machine.", add_completion=False, rich_markup_mode=None
)

#: Manners of the machines that the agent learns on; the one it is shown on is none of them.
_LEARNED = ("numbered", "open", "accelerator", "blade", "whitebox", "grouped", "terse", "invented")
_UNSEEN = "generated:4242?manner=dotted&size=300"
#: Families that are shown request by request.
_SHOWN = ("power", "boot", "led", "media", "bios", "password")
_PER_MANNER = 6


@app.command()
def demo(
    minutes: Annotated[float, typer.Option(help="Limit of training, in minutes.", min=0.05)] = 2.0,
    seed: Annotated[int, typer.Option(help="Seed of everything.", min=0)] = 0,
    out: Annotated[Path | None, typer.Option(help="Keep the run in this new folder.")] = None,
) -> None:
    """Train an agent on generated machines, then let it reach goals on one in a manner that it never saw.

    Nothing leaves this process: every machine is simulated.
    """
    output, plugins = console(), plugin_manager()
    with tempfile.TemporaryDirectory() as scratch:
        agent = _train(plugins, minutes, seed, out or Path(scratch) / "run")
        output.print(f"\n2. Reach goals on {_UNSEEN}, in a manner it never saw, request by request.\n")
        unseen = _environment(plugins, [_UNSEEN], seed, num_envs=32, per_family=4)
        agent.bind(unseen.layout)  # type: ignore[attr-defined]
        _show_episodes(plugins, agent, unseen, seed)
        output.print("3. The same machine, 256 episodes of all goals, against drawing any legal request.\n")
        show(_compare(agent, unseen, seed))
    if out is not None:
        output.print(
            f"\nThe agent is in {out / 'agent'}: try igc run 'power off' --on generated:3 --agent {out / 'agent'}"
        )


def _environment(plugins: PluginManager, sources: list[str], seed: int, **options: Any) -> BatchedEnvironment:
    return batched_environment(plugins, "redfish", {"sources": sources, "seed": seed, **options})


def _train(plugins: PluginManager, minutes: float, seed: int, folder: Path) -> PolicyAgent:
    from igc_agents.agents import PolicyAgent  # noqa: PLC0415 - the help must not wait for PyTorch
    from igc_agents.display import TrainingDisplay  # noqa: PLC0415
    from igc_agents.recipe import Recipe  # noqa: PLC0415
    from igc_agents.training import train  # noqa: PLC0415

    output = console()
    sources = [
        f"generated:{number * len(_LEARNED) + place}?manner={manner}"
        for place, manner in enumerate(_LEARNED)
        for number in range(_PER_MANNER)
    ]
    recipe = Recipe.parse({"seed": seed, "minutes": minutes, "steps": 120_000, "warm_start_steps": 16_000})
    # As igc train words it, so that an interrupted demo goes on with igc train --resume.
    started = {"environment": "redfish", "options": {"sources": sources}, "recipe": recipe.model_dump(mode="json")}
    run = RunFolder.create(folder, RunManifest.of_this_process(seeds={"training": seed}, options=started))
    output.print(f"1. Train on {len(sources)} generated machines, at most {minutes:g} minutes.")
    with output.status("building machines and planning their goals"):
        environment = _environment(plugins, sources, seed, num_envs=recipe.n_envs)
    with TrainingDisplay(output) as display:
        training = train(recipe, environment, run, watch=display)
    if not training.finished:
        output.print(f"stopped after {training.steps:,} steps")
        raise typer.Exit(EXIT_INTERRUPTED)
    output.print(f"   {training.steps:,} steps in {training.seconds:.0f} s")
    return PolicyAgent.load(training.agent)


def _show_episodes(plugins: PluginManager, agent: PolicyAgent, environment: Any, seed: int) -> None:
    from igc_core.cli.trace import print_outcome  # noqa: PLC0415 - help does without
    from igc_core.episode import run_episode  # noqa: PLC0415

    for attempt in _one_of_each(environment.trials(4096, seed)):
        print_outcome(run_episode(agent, attempt.start(), plugins=plugins, seed=seed), title=attempt.goal)
        console().print()


def _one_of_each(attempts: Iterable[Any]) -> list[Any]:
    """Pick the first attempt of each family that is shown."""
    found: dict[str, Any] = {}
    for attempt in attempts:
        found.setdefault(attempt.family, attempt)
    return [found[family] for family in _SHOWN if family in found]


def _compare(agent: PolicyAgent, environment: BatchedEnvironment, seed: int) -> list[dict[str, str]]:
    from igc_agents.agents import RandomAgent  # noqa: PLC0415 - the help must not wait for PyTorch
    from igc_agents.evaluation import evaluate_batched  # noqa: PLC0415

    rows: list[dict[str, str]] = []
    for name, one in (("trained agent", agent), ("random legal", RandomAgent())):
        report = evaluate_batched(one, environment, 256, seed=seed)
        rows.append({"agent": name, **next(iter(report.rows()))})
    return rows
