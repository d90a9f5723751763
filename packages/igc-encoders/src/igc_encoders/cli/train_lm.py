"""``igc encoder train lm``: train a language model."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, warn
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import RunError
from igc_core.files import sha256
from igc_core.runs import RunFolder, RunManifest
from igc_encoders.cli.fields import recipe_fields
from igc_encoders.cli.machines import SPLIT_HELP, split_of
from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from igc_core.interruption import Interruption
    from igc_encoders.lm.recipe import LmRecipe
    from igc_encoders.lm.session import Outcome, Progress

_CAPTURES = "File of a capture, or folder of such files; may be given several times."


def train_lm(  # noqa: PLR0917 - the options of the command line
    captures: Annotated[list[Path] | None, typer.Option(help=_CAPTURES)] = None,
    split: Annotated[Path | None, typer.Option(help=SPLIT_HELP)] = None,
    without: Annotated[
        str | None, typer.Option(help="Leave machines out whose names begin so, and measure on them.")
    ] = None,
    recipe: Annotated[Path | None, typer.Option(help="TOML file of the recipe; its fields by default.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Field of the recipe, NAME=VALUE; may be given several times.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run, and of the model.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Folder of a run to go on with; no other option but --cpu.")
    ] = None,
    cpu: Annotated[bool, typer.Option("--cpu", help="Leave GPUs alone.")] = False,
    threads: Annotated[int | None, typer.Option(help="Threads of PyTorch in each process.", min=1, max=1024)] = None,
    deepspeed: Annotated[Path | None, typer.Option(help="Configuration of DeepSpeed, a JSON file.")] = None,
) -> None:
    """Train a causal language model on the resources of machines."""
    if resume is not None:
        if captures or split or without is not None or recipe or setting or out:
            raise EncoderError(
                f"the run {resume} has its machines and its recipe already",
                code="encoder-options",
                hint="with --resume give no other option but --cpu, --threads and --deepspeed",
            )
        started = _started(resume)
        _run(started, resume, cpu=cpu, threads=threads, deepspeed=deepspeed)
        return
    if out is None or not captures:
        raise EncoderError(
            "a training needs captures, and a folder to keep the model in",
            code="encoder-options",
            hint="give --captures FOLDER --out FOLDER",
        )
    chosen, wanted = split_of(captures, split, without), _recipe(recipe, setting or [])
    _demand_measured(wanted, chosen)
    started = {
        "captures": [str(path.resolve()) for path in captures],
        "train": list(chosen.train),
        "validation": list(chosen.validation),
        "recipe": wanted.model_dump(mode="json"),
    }
    _run(started, out, cpu=cpu, threads=threads, deepspeed=deepspeed)


def _run(started: dict[str, Any], path: Path, *, cpu: bool, threads: int | None, deepspeed: Path | None) -> None:
    with extra("lm", "language models"):
        import torch  # noqa: PLC0415 - the help must not wait for PyTorch

        from igc_encoders.lm.folder import quieten  # noqa: PLC0415
        from igc_encoders.lm.processes import accelerator_for  # noqa: PLC0415
        from igc_encoders.lm.recipe import LmRecipe  # noqa: PLC0415

    if threads:
        torch.set_num_threads(threads)
    quieten()
    accelerator = accelerator_for(LmRecipe.parse(started["recipe"]), cpu=cpu, deepspeed=deepspeed)
    outcome = _trained(started, path, accelerator)
    if not accelerator.is_main_process:
        return
    output, state = console(), outcome.state
    if not outcome.finished:
        output.print(
            f"stopped and saved after step {state.step:,} of {outcome.steps:,}; "
            f"go on with: igc encoder train lm --resume {path}{' --cpu' if cpu else ''}"
            f"{f' --threads {threads}' if threads else ''}{f' --deepspeed {deepspeed}' if deepspeed else ''}"
        )
        raise typer.Exit(EXIT_INTERRUPTED)
    best = "" if state.best is None else f", {state.best:.3f} bits per byte held out"
    output.print(f"{path}: {state.step:,} steps in {state.seconds:.0f} s{best}")


def _trained(started: dict[str, Any], path: Path, accelerator: Any) -> Outcome:
    from igc_core.interruption import interruptible  # noqa: PLC0415
    from igc_encoders.lm.display import TrainingDisplay  # noqa: PLC0415
    from igc_encoders.lm.recipe import LmRecipe  # noqa: PLC0415
    from igc_encoders.lm.session import train  # noqa: PLC0415

    corpus = Corpus.of([Path(source) for source in started["captures"]])
    split = Split(tuple(started["train"]), tuple(started["validation"]))
    recipe = LmRecipe.parse(started["recipe"])
    with accelerator.main_process_first():
        fresh = accelerator.is_main_process and not path.exists()
        run = _folder(path, recipe, corpus.select([*split.train, *split.validation]), started)
    board = path / "tensorboard" if accelerator.is_main_process else None
    with (
        run.removed_unless_begun() if fresh else nullcontext(),
        interruptible() as interruption,
        TrainingDisplay(console(), board) as display,
    ):
        return train(
            recipe,
            corpus,
            split,
            run,
            accelerator,
            interruption=interruption,
            watch=display,
            progress=_stopping(display.show, interruption, path),
        )


def _stopping(show: Progress, interruption: Interruption, path: Path) -> Progress:
    """Stop where somebody asked for it while a training is prepared: what is whole of that is kept."""

    def progress(what: str, done: int, total: int) -> None:
        show(what, done, total)
        if interruption.requested:
            warn(f"stopped before the first step; go on with: igc encoder train lm --resume {path}")
            raise KeyboardInterrupt

    return progress


def _folder(path: Path, recipe: LmRecipe, corpus: Corpus, started: dict[str, Any]) -> RunFolder:
    """Open the folder of a run, or make it; the main process comes here first."""
    if (path / "manifest.json").exists():
        run = RunFolder.open(path)
        if run.manifest.options == started:
            _demand_unchanged(run, corpus)
            return run
        raise RunError(f"{path} exists already", code="run-exists", hint=f"choose another name, or --resume {path}")
    manifest = RunManifest.of_this_process(
        seeds={"training": recipe.seed}, captures=list(corpus.sources.values()), options=started
    )
    return RunFolder.create(path, manifest)


def _demand_unchanged(run: RunFolder, corpus: Corpus) -> None:
    """Refuse captures that are not those that a run was started with: its place in them would mean something else."""
    for path in corpus.sources.values():
        if run.manifest.captures.get(path.name) != sha256(path):
            raise EncoderError(
                f"{path} has changed since the run {run.path} was started",
                code="encoder-corpus",
                hint="bring the capture back, or train anew",
            )


def _started(path: Path) -> dict[str, Any]:
    options = RunFolder.open(path).manifest.options
    if not {"captures", "train", "validation", "recipe"} <= options.keys():
        raise RunError(f"{path} is no training of igc encoder train lm", code="run-corrupt")
    return dict(options)


def _demand_measured(recipe: LmRecipe, split: Split) -> None:
    if recipe.patience and not split.validation:
        raise EncoderError(
            "nothing is measured that patience could wait for: no machine is held out",
            code="encoder-options",
            hint="hold some out with --split or --without, or leave patience out",
        )


def _recipe(path: Path | None, settings: list[str]) -> LmRecipe:
    from igc_encoders.lm.recipe import LmRecipe  # noqa: PLC0415 - pydantic and what it brings

    found = LmRecipe.parse(recipe_fields(path, settings))
    if not found.base or not Path(found.base).is_dir():
        return found
    return found.model_copy(update={"base": str(Path(found.base).resolve())})  # to be resumed from any folder
