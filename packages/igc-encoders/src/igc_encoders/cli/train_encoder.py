"""``igc encoder train autoencoder`` and ``igc encoder train tfidf``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from igc_core.cli import console
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_encoders.cli.fields import recipe_fields
from igc_encoders.cli.machines import CAPTURES_HELP, SPLIT_HELP, WITHOUT_HELP, sides
from igc_encoders.cli.watching import Watch
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.folders import make_folder

if TYPE_CHECKING:
    from igc_encoders.autoencoder.recipe import Recipe

_OUT_HELP = "Folder of the encoder; made where it is missing."


def train_autoencoder(  # noqa: PLR0917 - the options of the command line
    model: Annotated[Path, typer.Argument(help="Folder of a language model: a run of igc encoder train lm.")],
    captures: Annotated[list[Path], typer.Option(help=CAPTURES_HELP)],
    out: Annotated[Path, typer.Option(help=_OUT_HELP)],
    split: Annotated[Path | None, typer.Option(help=SPLIT_HELP)] = None,
    without: Annotated[str | None, typer.Option(help=WITHOUT_HELP)] = None,
    recipe: Annotated[Path | None, typer.Option(help="TOML file of the recipe; its fields by default.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Field of the recipe, NAME=VALUE; may be given several times.")
    ] = None,
    device: Annotated[str, typer.Option(help="Where to train, as PyTorch names devices.")] = "cpu",
    threads: Annotated[int | None, typer.Option(help="Threads of PyTorch.", min=1, max=1024)] = None,
) -> None:
    """Train an autoencoder on a language model's hidden states; both together are an encoder."""
    wanted = _recipe(recipe, setting or [])
    learned, _ = sides(captures, split, without)
    with extra("lm", "language models"):
        import torch  # noqa: PLC0415 - the help must not wait for PyTorch

        from igc_core.interruption import interruptible  # noqa: PLC0415
        from igc_encoders.autoencoder.session import train_encoder  # noqa: PLC0415
        from igc_encoders.lm.folder import quieten  # noqa: PLC0415

    quieten()
    if threads:
        torch.set_num_threads(threads)
    output = console()
    try:
        with interruptible() as interruption, Watch(output) as watch:
            found = train_encoder(model, learned, wanted, out, device=device, watch=watch, interruption=interruption)
    except KeyboardInterrupt:
        output.print("stopped; no encoder was written")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    if found.settings is None:
        output.print(f"stopped after {found.progress.steps:,} steps; no encoder was written, the same command goes on")
        raise typer.Exit(EXIT_INTERRUPTED)
    made = found.settings.training
    output.print(
        f"{out}: {made['steps']:,} steps on {made['resources']:,} resources in "
        f"{made['seconds_reading']:.0f} + {made['seconds_training']:.0f} s"
    )


def train_tfidf(
    captures: Annotated[list[Path], typer.Option(help=CAPTURES_HELP)],
    out: Annotated[Path, typer.Option(help=_OUT_HELP)],
    split: Annotated[Path | None, typer.Option(help=SPLIT_HELP)] = None,
    without: Annotated[str | None, typer.Option(help=WITHOUT_HELP)] = None,
    width: Annotated[int, typer.Option(help="Length of a vector.", min=1)] = 128,
    terms: Annotated[int, typer.Option(help="Terms that are kept at most.", min=1)] = 20_000,
    seed: Annotated[int, typer.Option(help="Seed of the decomposition.", min=0, max=2**32 - 1)] = 0,
) -> None:
    """Train a TF-IDF encoder with a truncated SVD; seconds."""
    from igc_encoders.baselines.tfidf import TERMS, TfidfEncoder  # noqa: PLC0415 - the help must not wait for numpy

    learned, _ = sides(captures, split, without)
    make_folder(out, TERMS)
    output = console()
    with output.status("counting terms"):
        bodies = (record.body for record in learned.records())
        found = TfidfEncoder.train(bodies, width=width, limit=terms, seed=seed)
    found.save(out)
    output.print(f"{out}: {len(found.vocabulary):,} terms of {len(learned)} machines, width {found.width}")


def _recipe(path: Path | None, settings: list[str]) -> Recipe:
    from pydantic import ValidationError  # noqa: PLC0415 - the help must not wait for pydantic

    from igc_encoders.autoencoder.recipe import Recipe  # noqa: PLC0415

    fields = recipe_fields(path, settings)
    try:
        return Recipe.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"the recipe is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        known = ", ".join(Recipe.model_fields)
        raise EncoderError(problem, code="encoder-options", hint=f"a recipe may set {known}") from error
