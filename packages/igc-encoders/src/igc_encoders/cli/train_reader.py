"""``igc encoder train reader``."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, plugin_manager
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_encoders.cli.fields import recipe_fields
from igc_encoders.cli.watching import Watch
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.folders import make_folder

if TYPE_CHECKING:
    from igc_core.protocols import Example
    from igc_encoders.reader.training import ReaderRecipe

_ENCODER_HELP = "What encodes texts: hashed-tokens, tfidf, or a folder of a language model or a sentence-transformer."


def train_reader(
    encoder: Annotated[str, typer.Argument(help=_ENCODER_HELP)],
    out: Annotated[Path, typer.Option(help="Folder of the reader; made where it is missing.")],
    recipe: Annotated[Path | None, typer.Option(help="TOML file of the recipe; its fields by default.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Field of the recipe, NAME=VALUE; may be given several times.")
    ] = None,
    threads: Annotated[int | None, typer.Option(help="Threads of PyTorch.", min=1, max=1024)] = None,
) -> None:
    """Train a reader of goals in free words, on the examples of all plugins; a minute."""
    with extra("lm", "goal readers that learn"):
        import torch  # noqa: PLC0415 - the help must not wait for PyTorch

        from igc_encoders.reader import folder as saved  # noqa: PLC0415
        from igc_encoders.reader.texts import text_encoder  # noqa: PLC0415
        from igc_encoders.reader.training import Material, chosen, judge, train  # noqa: PLC0415
    if threads:
        torch.set_num_threads(threads)
    wanted = _recipe(recipe, setting or [])
    make_folder(out, saved.STATED)
    examples = _examples()
    meanings = sorted({example.meaning for example in examples} - {""})
    known, held_out = (
        chosen([example for example in examples if example.held_out is side], wanted) for side in (False, True)
    )
    output = console()
    try:
        with Watch(output) as watch:
            found = text_encoder(encoder, [*(example.text for example in known), *meanings])
            head, confidence = train(Material(known, meanings, found, watch), wanted, watch)
            judged = judge(head, Material(held_out, meanings, found, watch), confidence) if held_out else None
    except KeyboardInterrupt:
        output.print("stopped; no reader was written")
        raise typer.Exit(EXIT_INTERRUPTED) from None
    report = asdict(judged) if judged else {}
    about = {"recipe": asdict(wanted), "examples": len(known), "meanings": len(meanings), "held_out": report}
    saved.save(out, head, found, encoder, confidence, about)
    told = f"; of {judged.texts:,} held out {judged.right:.1%} were read right" if judged else ""
    output.print(f"{out}: {len(known):,} texts of {len(meanings):,} meanings{told}")


def _examples() -> list[Example]:
    plugins = plugin_manager()
    books: list[Any] = [plugins.build("phrasebook", name) for name in plugins.specs("phrasebook")]
    return [example for book in books for example in book.examples()]


def _recipe(path: Path | None, settings: list[str]) -> ReaderRecipe:
    from igc_encoders.reader.training import ReaderRecipe  # noqa: PLC0415 - PyTorch

    stated = recipe_fields(path, settings)
    usual = asdict(ReaderRecipe())
    for name, value in stated.items():
        whole = isinstance(usual.get(name), int)
        fits = isinstance(value, int) if whole else isinstance(value, int | float)
        if name not in usual or isinstance(value, bool) or not fits or value < 0:
            known = ", ".join(field.name for field in fields(ReaderRecipe))
            problem = f"the recipe is not valid: {name}={value!r}"
            raise EncoderError(problem, code="encoder-options", hint=f"a recipe may set {known}; all are numbers")
    return ReaderRecipe(**stated)
