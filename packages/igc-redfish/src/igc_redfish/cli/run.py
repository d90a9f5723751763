"""``igc run``: one goal, one machine, every request shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli import plugin_manager, show_json
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent

_TRAINED, _SCRIPT = "default", "script"

app = typer.Typer(help="Reach a goal on a simulated machine.", add_completion=False, rich_markup_mode=None)


@app.command()
def main(
    goal: Annotated[str, typer.Argument(help="For example 'power off'; see `igc goals list`.")],
    on: Annotated[str, typer.Option("--on", help="A capture: its path, its name, or generated:SEED.")],
    agent: Annotated[
        str, typer.Option(help="Folder of a trained agent, or the name of one; the one of igc-agents if that is there.")
    ] = "",
    seed: Annotated[int, typer.Option(help="Seed of the agent's choices.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
) -> None:
    """Reach GOAL on a machine, and verify it by reading what the machine shows.

    The machine is simulated in process from its capture: nothing is sent to any host.
    """
    from igc_core.cli.trace import print_outcome  # noqa: PLC0415 - help does without
    from igc_core.episode import run_episode  # noqa: PLC0415
    from igc_redfish.episodes import begin, worded  # noqa: PLC0415

    plugins = plugin_manager()
    agent = agent or _usual(plugins)
    chosen = load_agent(plugins, agent)
    trial = begin(goal, on, plugins=plugins)
    outcome = run_episode(chosen, trial, plugins=plugins, seed=seed)
    shown = worded(goal, trial)
    if as_json:
        show_json({"goal": shown, "machine": on, "agent": agent, **outcome.as_json()})
    else:
        print_outcome(outcome, title=f"{shown}  on {on}, by {agent}")
    if not outcome.success:
        raise typer.Exit(1)


def _usual(plugins: PluginManager) -> str:
    """Name the trained agent that igc-agents brings where it is installed, else the script."""
    return _TRAINED if _TRAINED in plugins.specs("agent") else _SCRIPT


def load_agent(plugins: PluginManager, text: str) -> Agent:
    """Load a trained agent from its folder, or build one by name.

    Raises:
        AgentError: The text is a path, and no folder is there.
        PluginError: There is no agent of that name.
    """
    folder = Path(text)
    if folder.is_dir():
        return plugins.build("agent", "ppo", path=folder)  # type: ignore[no-any-return]
    if text != folder.name:
        raise AgentError(f"there is no folder {text[:100]!r}", code="agent-missing", hint="train one: `igc train`")
    return plugins.build("agent", text)  # type: ignore[no-any-return]
