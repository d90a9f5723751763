"""``igc evaluate``: measure how good agents are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_agents.cli.environment import SET_HELP, environment_source, stated
from igc_agents.cli.outcome import HTML_HELP, PNG_HELP, demand_outputs, write_outputs
from igc_core.cli import console, plugin_manager, show, warn
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from igc_agents.comparison import Comparison
    from igc_agents.measuring import Measurement

app = typer.Typer(help="Measure how good agents are.", add_completion=False, rich_markup_mode=None)

#: Pairs of a machine and a family that are shown where not every goal was reached.
_WORST = 8
#: Episodes that are drawn where nothing else is said, and the most seeds that are drawn for.
_EPISODES, _MOST_SEEDS = 256, 1_000_000
#: Slots that an environment is asked for where it has any number of them: enough for every legal action.
_SLOTS = 1024

_AGENT_HELP = (
    "Name of an agent, 'expert', or folder of a trained one; NAME=FOLDER,FOLDER,... for several trainings of one agent."
    " Several agents are compared on the same episodes."
)


@app.command()
def evaluate(  # noqa: PLR0917 - the options of the command line
    agent: Annotated[list[str], typer.Argument(help=_AGENT_HELP)],
    environment: Annotated[str, typer.Option(help="Name of the environment.")] = "redfish",
    on: Annotated[list[str] | None, typer.Option(help="Machine to try them on; may be given several times.")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Family of goals; may be given several times.")] = None,
    codec: Annotated[str, typer.Option(help="What turns views into arrays.")] = "candidates",
    setting: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    episodes: Annotated[
        int | None,
        typer.Option(help=f"Number of episodes drawn for each seed; {_EPISODES} by default.", min=1, max=10**9),
    ] = None,
    every_goal: Annotated[
        bool, typer.Option("--every-goal", help="Try every goal of the environment once instead of drawing episodes.")
    ] = False,
    per: Annotated[
        int | None, typer.Option(help="Try that many goals of each family on each machine, each once.", min=1)
    ] = None,
    num_envs: Annotated[int, typer.Option(help="Episodes stepped together.", min=1)] = 64,
    seed: Annotated[int | None, typer.Option(help="Seed of goals, episodes and choices; 0 by default.", min=0)] = None,
    seeds: Annotated[str | None, typer.Option(help="Several seeds, e.g. 0,1,2 or 0-2.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Draw actions instead of taking the likeliest.")] = False,
    best: Annotated[
        bool, typer.Option(help="Work out the best that can be expected of each scenario, and compare with it.")
    ] = True,
    json: Annotated[Path | None, typer.Option(help="File to write figures and episodes to.")] = None,
    html: Annotated[Path | None, typer.Option(help=HTML_HELP)] = None,
    png: Annotated[Path | None, typer.Option(help=PNG_HELP)] = None,
) -> None:
    """Try agents on episodes, and show success, SPL, requests and refusals with 95 % intervals."""
    demand_outputs(json, html, png)
    every_goal = every_goal or per is not None
    _demand_one(episodes is None or not every_goal, "--episodes", "--per" if per else "--every-goal")
    _demand_one(seed is None or seeds is None, "--seed", "--seeds")
    episodes = episodes or _EPISODES
    taken = {"sources": on and "--on", "families": family and "--family", "per_family": per and "--per"}
    options: dict[str, Any] = {"sources": on, "families": family, "codec": codec}
    options |= stated(setting, {**taken, "seed": "--seed"})
    options |= {"per_family": per} if per is not None else {}
    options |= _encoder(agent) if "encoder" not in options else {}
    build = partial(_build, environment, options, num_envs if every_goal else min(num_envs, episodes))
    plan: dict[str, Any] = {
        "seeds": read_seeds(seeds) if seeds is not None else [seed or 0],
        "deterministic": not sample,
    }
    plan |= {"episodes": 0 if every_goal else episodes, "ceilings": best, "traced": any((json, html, png))}
    measurement = _measurement(agent, build, plan)
    finished = _run(measurement)
    about = {"environment": environment, "options": _kept(options), "partial": not finished}
    comparison = measurement.comparison(**about)
    if comparison.agents:
        what = "every goal once" if every_goal else f"{episodes} episodes"
        written = write_outputs(comparison, json, html, png)
        print_comparison(comparison, f"{environment}, {what}", written)
    if not finished:
        warn("interrupted: the figures are of the episodes measured so far")
        raise typer.Exit(EXIT_INTERRUPTED)


def _demand_one(fits: bool, first: str, second: str) -> None:
    """Refuse two options of which one would be ignored.

    Raises:
        SettingsError: They do not fit together.
    """
    if not fits:
        raise SettingsError(f"{first} and {second} cannot be given together", hint="give one of them")


def read_seeds(text: str) -> list[int]:
    """Read ``0,1,2`` or ``0-2``.

    Raises:
        SettingsError: It is none of these, or there are far too many.
    """
    try:
        parts = [part.partition("-") for part in text.split(",")]
        ranges = [range(int(first), int(last if dash else first) + 1) for first, dash, last in parts]
    except ValueError:
        ranges = []
    if sum(max(0, numbers.stop - numbers.start) for numbers in ranges) > _MOST_SEEDS:
        raise SettingsError(f"the seeds {text!r} are more than {_MOST_SEEDS:,}", hint="give fewer")
    found = list(dict.fromkeys(number for numbers in ranges for number in numbers))
    if not found:
        raise SettingsError(f"cannot read the seeds {text!r}", hint="write e.g. --seeds 0,1,2 or --seeds 0-2")
    return found


def print_comparison(comparison: Comparison, where: str, written: Iterable[str] = ()) -> None:
    """Print the tables of a comparison, and what was written."""
    agents = comparison.agents
    partly = ", interrupted" if comparison.partial else ""
    first = agents[0]
    if len(agents) == 1 and not first.spread:
        show(_filled(first.report.rows()), title=f"{first.name} on {where}{partly}; mean [95 % interval]")
    else:
        show(_filled(comparison.rows()), title=f"{where}{partly}; mean [95 % interval]")
        for kind in ("family", "machine"):
            console().print()
            show(comparison.rows_by(kind), title=f"success, SPL by {kind}; the worst of {first.name} first")
    if len(first.report.families_by_machine) > 1 and first.report.overall.success.mean < 1:
        console().print()
        show(_filled(first.report.worst(_WORST)), title=f"where {first.name} is worst")
    for line in written:
        console().print(line)


def _filled(rows: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Leave out the columns in which nothing stands."""
    found = list(rows)
    return [{name: value for name, value in row.items() if any(one.get(name) for one in found)} for row in found]


def _measurement(agents: list[str], build: Any, plan: dict[str, Any]) -> Measurement:
    import torch  # noqa: PLC0415 - the help must not wait for PyTorch

    from igc_agents.measuring import Measurement, Plan  # noqa: PLC0415
    from igc_agents.subjects import demand_agents, read_subjects  # noqa: PLC0415

    torch.set_num_threads(1)  # networks this small lose more by a second one than they gain
    subjects = read_subjects(agents)
    demand_agents(subjects, plugin_manager())
    return Measurement(subjects, Plan(build, **plan), plugin_manager())


def _encoder(agents: list[str]) -> dict[str, Any]:
    """Take the encoder that the agents learned with for an option of the environment."""
    from igc_agents.subjects import encoder_of, read_subjects  # noqa: PLC0415 - as above

    found = encoder_of(read_subjects(agents))
    return {} if found is None else {"encoder": {**found.options, "name": found.name}}


def _run(measurement: Measurement) -> bool:
    """Measure, and tell whether it came to its end."""
    from igc_agents.progress import ProgressBar  # noqa: PLC0415 - as above

    with ProgressBar(console()) as bar:
        try:
            measurement.run(bar)
        except KeyboardInterrupt:
            return False
    return True


def _build(environment: str, options: dict[str, Any], num_envs: int, seed: int) -> Any:
    source = environment_source(plugin_manager(), environment, {"num_envs": num_envs, **options, "seed": seed})
    if source.takes("slots") and "slots" not in options:
        source = replace(source, options={**source.options, "slots": _SLOTS})
    return source.build()


def _kept(options: dict[str, Any]) -> dict[str, Any]:
    """Take the options that were given, for the file; secrets are masked."""
    from igc_core.redaction import redact  # noqa: PLC0415 - as above

    given: dict[str, Any] = redact({key: value for key, value in options.items() if value not in (None, [])})
    return given
