"""``igc train``: train an agent."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from igc_agents.cli.environment import RECIPE_HELP, SET_HELP, demand_free, environment_source, stated
from igc_agents.errors import TrainingError
from igc_core.cli import console, plugin_manager
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import RunError, SettingsError
from igc_core.redaction import MASK
from igc_core.runs import RunFolder, RunManifest

app = typer.Typer(help="Train an agent.", add_completion=False, rich_markup_mode=None)


@app.command()
def train(  # noqa: PLR0917 - the options of the command line
    environment: Annotated[str | None, typer.Option(help="Name of the environment; redfish by default.")] = None,
    recipe: Annotated[Path | None, typer.Option(help=RECIPE_HELP)] = None,
    on: Annotated[list[str] | None, typer.Option(help="Machine to train on; may be given several times.")] = None,
    family: Annotated[list[str] | None, typer.Option(help="Family of goals; may be given several times.")] = None,
    codec: Annotated[str | None, typer.Option(help="What turns views into arrays; candidates by default.")] = None,
    setting: Annotated[list[str] | None, typer.Option("--set", help=SET_HELP)] = None,
    steps: Annotated[int | None, typer.Option(help="Environment steps after imitation.", min=0)] = None,
    minutes: Annotated[float | None, typer.Option(help="Wall-clock limit in minutes.", min=0.01)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything.", min=0)] = None,
    processes: Annotated[int | None, typer.Option(help="Processes that train together.", min=1)] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of PyTorch in each process.", min=1)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a new one by default.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Folder of a run to go on with; of the other options only limits may be given.")
    ] = None,
) -> None:
    """Train an agent, and keep it in a run folder."""
    limits = {"steps": steps, "minutes": minutes, "seed": seed, "processes": processes, "threads": threads}
    given = {name: value for name, value in limits.items() if value is not None}
    if resume and (environment or on or family or codec or setting or recipe or out or seed is not None):
        raise SettingsError(
            f"the run {resume} has its environment, machines, recipe and seed already",
            hint="with --resume give only --steps, --minutes, --processes or --threads",
        )
    run = RunFolder.open(resume) if resume else None
    if run is not None:
        started = _options_of(run)
        _demand_secrets(started, f"the run {resume}")
        _train(started | {"recipe": started["recipe"] | given}, run, out)
        return
    resolved: dict[str, Any] = _recipe(recipe) | given
    chosen: dict[str, Any] = {"sources": on, "families": family, "codec": codec}
    chosen |= stated(
        setting, {"sources": on and "--on", "families": family and "--family", "codec": codec and "--codec"}
    )
    options = {**resolved["environment"], **{name: value for name, value in chosen.items() if value not in (None, [])}}
    demand_free(options, {"seed": "--seed", "num_envs": "n_envs of the recipe"})
    started = {
        "environment": environment or "redfish",
        "options": options,
        "recipe": resolved | {"environment": options},
    }
    _train(started, None, out)


def _train(started: dict[str, Any], run: RunFolder | None, out: Path | None) -> None:
    from igc_agents.crew import Crew  # noqa: PLC0415 - the help must not wait for PyTorch
    from igc_agents.display import TrainingDisplay  # noqa: PLC0415
    from igc_agents.recipe import Recipe  # noqa: PLC0415
    from igc_agents.training import train as train_agent  # noqa: PLC0415

    plugins = plugin_manager()
    recipe = Recipe.parse(started["recipe"])
    options = started["options"] | {"num_envs": recipe.n_envs, "seed": recipe.seed}
    source = environment_source(plugins, started["environment"], options)
    output = console()
    with Crew(recipe, source) as crew:
        with output.status("building the environment"):
            environment = source.build(0, recipe.processes)
        started_anew, resumed = run is None, run is not None and bool(run.checkpoints())
        if run is None:
            path = out or plugins.settings.runs / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}"
            run = RunFolder.create(path, _manifest(recipe.seed, environment, started))
        elif not resumed:
            output.print(f"{run.path} was stopped before its first checkpoint, and begins again")
        with run.removed_unless_begun() if started_anew else nullcontext(), TrainingDisplay(output) as display:
            training = train_agent(recipe, environment, run, resume=resumed, watch=display, crew=crew)
    if not training.finished:
        output.print(f"stopped and saved after {training.steps:,} steps; go on with: igc train --resume {run.path}")
        raise typer.Exit(EXIT_INTERRUPTED)
    figures = f", success {training.success:.2f}, SPL {training.efficiency:.2f}" if training.success >= 0 else ""
    output.print(f"{training.agent}: {training.steps:,} steps in {training.seconds:.0f} s{figures}")


def _manifest(seed: int, environment: Any, started: dict[str, Any]) -> RunManifest:
    captures: dict[str, str] = getattr(environment, "captures", {})
    return RunManifest.of_this_process(seeds={"training": seed}, captures=captures, options=started)


def _recipe(path: Path | None) -> dict[str, Any]:
    from igc_agents.recipe import Recipe  # noqa: PLC0415 - pydantic and what it brings

    recipe = Recipe.find(path) if path else Recipe.shipped()
    found = recipe.model_dump(mode="json")
    _demand_secrets(found, f"the recipe {path}")
    return found


def _demand_secrets(options: dict[str, Any], source: str) -> None:
    """Refuse options that were kept without their secrets: goals would be about a mask.

    Raises:
        TrainingError: A secret is masked.
    """
    if MASK in json.dumps(options, ensure_ascii=False, default=str):
        raise TrainingError(
            f"{source} was kept without its secrets: {MASK} stands in their place",
            code="training-masked",
            hint="begin a new run, and give them again",
        )


def _options_of(run: RunFolder) -> dict[str, Any]:
    """Tell how a run was started, with the limits that it was given last."""
    from igc_agents.journal import RECIPE  # noqa: PLC0415 - the help must not wait for PyTorch
    from igc_agents.recipe import Recipe  # noqa: PLC0415

    started = dict(run.manifest.options)
    forms = {"environment": str, "options": dict, "recipe": dict}
    if not all(isinstance(started.get(name), form) for name, form in forms.items()):
        raise RunError(f"{run.path} is no training run of igc train", code="run-corrupt")
    latest = run.path / RECIPE
    if latest.exists():
        started["recipe"] = Recipe.read(latest).model_dump(mode="json")
    return started
