"""``igc encoder train lm``: train a language model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import RunError
from igc_core.runs import RunFolder, RunManifest
from igc_encoders.cli.fields import recipe_fields
from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from igc_encoders.lm.recipe import LmRecipe
    from igc_encoders.lm.session import Outcome

_CAPTURES = "File of a capture, or folder of such files; may be given several times."
_SPLIT = "JSON file that lists machines under 'train' and 'validation'; split.json beside the captures by default."


def train_lm(  # noqa: PLR0917 - the options of the command line
    captures: Annotated[list[Path] | None, typer.Option(help=_CAPTURES)] = None,
    split: Annotated[Path | None, typer.Option(help=_SPLIT)] = None,
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
    threads: Annotated[int | None, typer.Option(help="Threads of PyTorch in each process.", min=1)] = None,
    deepspeed: Annotated[Path | None, typer.Option(help="Configuration of DeepSpeed, a JSON file.")] = None,
) -> None:
    """Train a causal language model on the resources of machines."""
    if resume is not None:
        if captures or split or without or recipe or setting or out:
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
    chosen = _split(captures, split, without)
    started = {
        "captures": [str(path.resolve()) for path in captures],
        "train": list(chosen.train),
        "validation": list(chosen.validation),
        "recipe": _recipe(recipe, setting or []).model_dump(mode="json"),
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
            f"go on with: igc encoder train lm --resume {path}"
        )
        raise typer.Exit(EXIT_INTERRUPTED)
    output.print(f"{path}: {state.step:,} steps in {state.seconds:.0f} s, {state.best:.3f} bits per byte held out")


def _trained(started: dict[str, Any], path: Path, accelerator: Any) -> Outcome:
    from igc_core.interruption import interruptible  # noqa: PLC0415
    from igc_encoders.lm.display import TrainingDisplay  # noqa: PLC0415
    from igc_encoders.lm.recipe import LmRecipe  # noqa: PLC0415
    from igc_encoders.lm.session import train  # noqa: PLC0415

    corpus = Corpus.of([Path(source) for source in started["captures"]])
    split = Split(tuple(started["train"]), tuple(started["validation"]))
    recipe = LmRecipe.parse(started["recipe"])
    with accelerator.main_process_first():
        run = _folder(path, recipe, corpus.select([*split.train, *split.validation]), started)
    board = path / "tensorboard" if accelerator.is_main_process else None
    with interruptible() as interruption, TrainingDisplay(console(), board) as display:
        return train(
            recipe,
            corpus,
            split,
            run,
            accelerator,
            interruption=interruption,
            watch=display,
            progress=display.show,
        )


def _folder(path: Path, recipe: LmRecipe, corpus: Corpus, started: dict[str, Any]) -> RunFolder:
    """Open the folder of a run, or make it; the main process comes here first."""
    if (path / "manifest.json").exists():
        run = RunFolder.open(path)
        if run.manifest.options == started:
            return run
        raise RunError(f"{path} exists already", code="run-exists", hint=f"choose another name, or --resume {path}")
    manifest = RunManifest.of_this_process(
        seeds={"training": recipe.seed}, captures=list(corpus.sources.values()), options=started
    )
    return RunFolder.create(path, manifest)


def _started(path: Path) -> dict[str, Any]:
    options = RunFolder.open(path).manifest.options
    if not {"captures", "train", "validation", "recipe"} <= options.keys():
        raise RunError(f"{path} is no training of igc encoder train lm", code="run-corrupt")
    return dict(options)


def _split(captures: list[Path], path: Path | None, without: str | None) -> Split:
    """Read the split; without any, all machines are learnt and none is held out."""
    beside = next((folder / "split.json" for folder in captures if (folder / "split.json").exists()), None)
    found = path or beside
    split = Split.load(found) if found else Split(Corpus.of(captures).machines, ())
    return split.without(without) if without else split


def _recipe(path: Path | None, settings: list[str]) -> LmRecipe:
    from igc_encoders.lm.recipe import LmRecipe  # noqa: PLC0415 - pydantic and what it brings

    return LmRecipe.parse(recipe_fields(path, settings))
