"""``igc mig train``: train an agent."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, plugin_manager
from igc_core.errors import RunError
from igc_mig.cli.plan import GPU_HELP
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from igc_core.runs import RunFolder
    from igc_mig.training.recipe import Recipe

_EXIT_INTERRUPTED = 130
_VERSION_HELP = "set, or a version of the reference: one_hot, float, entropy, direct_reconfig, online."


#: Options that decide what a training is: one that goes on cannot be given others.
_DECIDED = ("tasks", "levels", "type_tasks", "version", "gpu", "imitation", "seed", "out")


def train(  # noqa: PLR0917 - the options of the command line
    ctx: typer.Context,
    num_steps: Annotated[int | None, typer.Option("--num-steps", "--num_steps", help="Environment steps.")] = None,
    tasks: Annotated[
        int | None, typer.Option("--N", help="Tasks of a batch; for set at most, for online those shown at once.")
    ] = None,
    levels: Annotated[int | None, typer.Option("--M", help="Levels of the times; set has none.")] = None,
    device: Annotated[str, typer.Option(help="cpu or gpu.")] = "cpu",
    type_tasks: Annotated[str, typer.Option("--type-tasks", "--type_tasks", help="Kind of the batches, or all.")] = "",
    restore: Annotated[Path | None, typer.Option(help="Folder of a run to go on with.")] = None,
    version: Annotated[str, typer.Option(help=_VERSION_HELP)] = "set",
    gpu: Annotated[str, typer.Option(help=GPU_HELP)] = "a100",
    minutes: Annotated[float | None, typer.Option(help="Wall-clock limit in minutes.", min=0.01)] = None,
    imitation: Annotated[int | None, typer.Option(help="Batches that a search shows first.", min=0)] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of PyTorch.", min=1, max=1024)] = 1,
    checkpoint_every: Annotated[int | None, typer.Option(help="Steps between checkpoints.", min=1)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; a new one by default.")] = None,
) -> None:
    """Train an agent by imitation and maskable PPO, and keep it in a run folder."""
    _demand_libraries()
    from igc_core.runs import RunFolder  # noqa: PLC0415 - help does without all of these
    from igc_mig.batched import BatchedMig  # noqa: PLC0415
    from igc_mig.training.learner import device_of  # noqa: PLC0415
    from igc_mig.training.recipe import going_on, recipe  # noqa: PLC0415
    from igc_mig.training.trainer import begin, recipe_of  # noqa: PLC0415

    options: dict[str, Any] = {"num_steps": num_steps, "minutes": minutes, "checkpoint_every": checkpoint_every}
    if restore is not None:
        _demand_undecided(ctx, restore)
        run = RunFolder.open(restore)
        options["device"] = device if "device" in _given(ctx) else None
        _run(going_on(recipe_of(run), **options), run, threads, resume=True)
        return
    options |= {"levels": levels, "imitation": imitation}
    wanted = recipe(version, type_tasks=type_tasks, tasks=tasks, gpu=gpu, device=device, seed=seed, **options)
    device_of(wanted.device)  # before anything is made
    BatchedMig(1, **wanted.batched())  # likewise
    folder = out or plugin_manager().settings.runs / f"mig-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    _run(wanted, begin(wanted, folder), threads, resume=False)


def _run(recipe: Recipe, run: RunFolder, threads: int, *, resume: bool) -> None:
    import torch  # noqa: PLC0415 - an extra, and slow to import

    from igc_core.interruption import interruptible  # noqa: PLC0415
    from igc_mig.training.display import TrainingDisplay  # noqa: PLC0415
    from igc_mig.training.trainer import Trainer  # noqa: PLC0415

    torch.set_num_threads(threads)
    output = console()
    unbegun = nullcontext() if resume else run.removed_unless_begun()
    with unbegun, interruptible() as interruption, TrainingDisplay(output) as display:
        trainer = Trainer(recipe, run, interruption, display)
        if resume:
            trainer.restore()
        agent = trainer.train()
    if not trainer.state.imitated:
        output.print(f"stopped before the first step; begin the warm start anew with: --restore {run.path}")
        raise typer.Exit(_EXIT_INTERRUPTED)
    if not trainer.finished:
        output.print(f"stopped and saved after {trainer.state.steps:,} steps; go on with: --restore {run.path}")
        raise typer.Exit(_EXIT_INTERRUPTED)
    output.print(
        f"{agent}: {trainer.state.steps:,} steps in {trainer.state.seconds:.0f} s, reward {trainer.state.reward:.4f}"
    )


def _given(ctx: typer.Context) -> dict[str, str]:
    """Options that stand on the command line: how they are written, by parameter."""
    return {
        param.name: param.opts[0]
        for param in ctx.command.params
        if param.name and (source := ctx.get_parameter_source(param.name)) and source.name == "COMMANDLINE"
    }


def _demand_undecided(ctx: typer.Context, restore: Path) -> None:
    """Refuse what a training that goes on would have to ignore."""
    given = _given(ctx)
    refused = [given[name] for name in _DECIDED if name in given]
    if refused:
        raise RunError(
            f"--restore goes on with what {restore} was begun with, and cannot use {', '.join(refused)}",
            code="run-file-refused",
            hint="leave it out, or begin another training",
        )


def _demand_libraries() -> None:
    from importlib.util import find_spec  # noqa: PLC0415 - help does without

    missing = [name for name in ("torch", "sb3_contrib", "tensorboard") if find_spec(name) is None]
    if missing:
        raise MigError(
            f"training needs {missing[0]}, which is not installed",
            code="mig-training-missing",
            hint="pip install igc-mig[rl]",
        )
