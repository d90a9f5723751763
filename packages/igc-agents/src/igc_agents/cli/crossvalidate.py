"""``igc crossvalidate``: leave each group of machines out of training in turn."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_agents.cli.environment import RECIPE_HELP, SET_HELP, stated, told_machines
from igc_agents.cli.evaluate import read_seeds
from igc_agents.cli.outcome import HTML_HELP, PNG_HELP, demand_outputs, write_outputs
from igc_core.cli import console, plugin_manager, show, warn
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import SettingsError
from igc_core.interruption import interruptible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_agents.comparison import Comparison
    from igc_agents.crossvalidation import Crossvalidation

app = typer.Typer(
    help="Train without each group of machines in turn, and evaluate on it.",
    add_completion=False,
    rich_markup_mode=None,
)

_VENDOR = "vendor"
#: What crossvalidate itself tells ``igc train``.
_OWN = ("--on", "--environment", "--family", "--recipe", "--minutes", "--seed", "--out", "--resume")
#: How often a wish to stop is looked for, in seconds.
_PATIENCE_S = 0.2


@app.command()
def crossvalidate(  # noqa: PLR0917 - the options of the command line
    on: Annotated[list[str], typer.Option(help="Machine to leave out with its group; may be given several times.")],
    groups: Annotated[
        str, typer.Option(help="'vendor', or a TOML or JSON file of lists of machines by name of their group.")
    ] = _VENDOR,
    more: Annotated[
        list[str] | None, typer.Option("--and", help="Machines to train on in every fold, e.g. generated:0-95.")
    ] = None,
    environment: Annotated[str, typer.Option(help="Name of the environment.")] = "redfish",
    family: Annotated[list[str] | None, typer.Option(help="Family of goals; may be given several times.")] = None,
    recipe: Annotated[Path | None, typer.Option(help=RECIPE_HELP)] = None,
    minutes: Annotated[float | None, typer.Option(help="Limit of each training, in minutes.", min=0.01)] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of training, e.g. 0,1,2 or 0-2.")] = "0",
    per: Annotated[int, typer.Option(help="Goals to try of each family on each machine.", min=1)] = 16,
    beside: Annotated[list[str] | None, typer.Option(help="Agent to evaluate beside, e.g. script.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help=f"For the evaluation. {SET_HELP}")] = None,
    train: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTION...]", help="After --: further options of igc train, e.g. --threads 2."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results; one that is there is gone on with.")] = None,
    html: Annotated[Path | None, typer.Option(help=HTML_HELP)] = None,
    png: Annotated[Path | None, typer.Option(help=PNG_HELP)] = None,
) -> None:
    """Train without each group of machines in turn, evaluate on it, and take all groups together.

    Ctrl-C keeps what is finished; the same command with the same --out goes on.
    """
    from igc_agents.crossvalidation import Crossvalidation, Folds, by_vendor, read_groups  # noqa: PLC0415

    demand_outputs(None, html, png)
    _demand_further(train or ())
    stated(setting, {"seed": "--seeds", "sources": "--on", "per_family": "--per", "families": family and "--family"})
    _demand_rivals(beside or ())
    common = ["--environment", environment, *_each("--family", family)]
    folds = Folds(
        groups=_only(on, by_vendor(on) if groups == _VENDOR else read_groups(Path(groups))),
        more=more or (),
        seeds=read_seeds(seeds),
        training=[*common, *_given("--recipe", recipe), *_given("--minutes", minutes), *(train or ())],
        evaluation=[*common, "--per", str(per), *_each("--set", setting)],
        rivals=beside or (),
        recipe=_fingerprint(recipe),
    )
    folder = out or plugin_manager().settings.runs / f"across-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    validation = Crossvalidation(folds, folder, _igc, told_machines(plugin_manager(), environment))
    code = _run(validation)
    comparison = validation.together()
    if comparison is not None:
        written = write_outputs(comparison, None, html, png)
        _print(validation, comparison)
        for line in written:
            console().print(line)
    if code:
        warn(f"stopped; what is finished is kept: give the same command --out {folder} to go on")
        raise typer.Exit(code)


def _run(validation: Crossvalidation) -> int:
    """Run the folds that are not finished, up to the first that fails, and return its exit code."""
    out, done = console(), validation.finished()
    for number, group in enumerate(validation.folds.groups, 1):
        if group in done:
            continue
        out.print(f"without {group}: {number} of {len(validation.folds.groups)}")
        try:
            if code := validation.run_fold(group):
                return code
        except KeyboardInterrupt:
            return EXIT_INTERRUPTED
    return 0


def _print(validation: Crossvalidation, comparison: Comparison) -> None:
    rows = [
        {"left out": group, "agent": agent.name, **agent.report.overall.cells()}
        for group, found in [*validation.finished().items(), ("all", comparison)]
        for agent in found.agents
    ]
    filled = {name for row in rows for name, value in row.items() if value}
    shown = [{name: value for name, value in row.items() if name in filled} for row in rows]
    show(shown, title="each group left out of training in turn; mean [95 % interval]")


def _igc(*words: str) -> int:
    """Run ``igc`` in a process of its own, so that no fold keeps the memory of the one before.

    It stands apart from the terminal's signals, so that it hears of a wish to stop once, and is given the time to save.
    """
    program = [sys.executable, "-m", "igc_core", *words]
    with interruptible() as stop, subprocess.Popen(program, start_new_session=True) as process:  # noqa: S603 - ours
        told = False
        try:
            while (code := _code(process)) is None:
                if stop.requested and not told:
                    told = True
                    process.send_signal(signal.SIGINT)
        except KeyboardInterrupt:
            process.kill()
            raise
    return code


def _code(process: subprocess.Popen[bytes]) -> int | None:
    """Wait a moment for a process to end."""
    try:
        return process.wait(timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        return None


def _only(machines: Sequence[str], groups: dict[str, list[str]]) -> dict[str, list[str]]:
    """Keep of each group the machines that were given.

    Raises:
        SettingsError: A machine is in no group.
    """
    grouped = {machine for members in groups.values() for machine in members}
    lost = [machine for machine in machines if machine not in grouped]
    if lost:
        raise SettingsError(f"the machine {lost[0]!r} is in no group", hint="add it to the file of groups")
    kept = {name: [machine for machine in members if machine in machines] for name, members in groups.items()}
    return {name: members for name, members in kept.items() if members}


def _demand_further(words: Sequence[str]) -> None:
    """Refuse options of ``igc train`` that crossvalidate gives itself: a second one would take the first one's place.

    Raises:
        SettingsError: There is one.
    """
    for word in words:
        if word.partition("=")[0] in _OWN:
            raise SettingsError(f"{word} cannot be given after --", hint=f"{', '.join(_OWN)} are set for each fold")


def _demand_rivals(names: Sequence[str]) -> None:
    """Make sure, before anything is trained, that there are the agents to evaluate beside.

    Raises:
        AgentError: A folder holds no agent, or two agents have one name.
        PluginError: There is no agent of a name.
    """
    from igc_agents.crossvalidation import AGENT  # noqa: PLC0415 - the help must not wait for PyTorch
    from igc_agents.subjects import EXPERT, demand_agents, read_subjects  # noqa: PLC0415

    # The trained one has no folder yet, but a name that no other may have.
    demand_agents(read_subjects([f"{AGENT}={EXPERT}", *names]), plugin_manager())


def _fingerprint(recipe: Path | None) -> str:
    """Digest what a recipe says, SHA-256; ``""`` for none.

    Raises:
        DataError: It cannot be read.
    """
    from igc_agents.recipe import Recipe  # noqa: PLC0415

    return "" if recipe is None else sha256(Recipe.find(recipe).model_dump_json().encode()).hexdigest()


def _each(option: str, values: Sequence[str] | None) -> list[str]:
    return [word for value in values or () for word in (option, value)]


def _given(option: str, value: object | None) -> list[str]:
    return [] if value is None else [option, str(value)]
