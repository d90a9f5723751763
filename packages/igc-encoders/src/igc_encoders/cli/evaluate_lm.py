"""``igc encoder eval``: how well a language model predicts machines that it did not learn."""

from __future__ import annotations

import math
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from igc_core.cli import console, show
from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from igc_encoders.lm.evaluation import Figures

_CAPTURES = "File of a capture, or folder of such files; may be given several times."
_MACHINE = "Machine to measure on; those that split.json beside the captures holds out by default."


def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a language model, or of an encoder that has one.")],
    captures: Annotated[list[Path], typer.Option(help=_CAPTURES)],
    machine: Annotated[list[str] | None, typer.Option(help=_MACHINE)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure bits per byte, and how often the next token is the first choice, by what it is."""
    corpus = Corpus.of(captures)
    found = _measured(_folder(model), corpus.select(machine or _held_out(captures, corpus)))
    show([_row(name, figures) for name, figures in found.items()], as_json=as_json)


def _measured(folder: Path, corpus: Corpus) -> dict[str, Figures]:
    with extra("lm", "language models"):
        from igc_encoders import lm  # noqa: PLC0415 - the help must not wait for PyTorch
        from igc_encoders.dataset import Batches, TokenStore, Window  # noqa: PLC0415
        from igc_encoders.lm.evaluation import Figures, measure  # noqa: PLC0415
        from igc_encoders.lm.folder import quieten  # noqa: PLC0415
    quieten()
    with tempfile.TemporaryDirectory() as scratch, console().status("loading") as status:
        model, tokenizer = lm.load(folder)

        def tell(what: str, done: int, total: int) -> None:
            status.update(f"{what} {done:,}/{total:,}")

        store = TokenStore.build(corpus, tokenizer, Path(scratch), watch=tell)
        context = int(getattr(model.config, "max_position_embeddings", 512))
        batches = Batches(store, tokenizer, Window(context, min(64, context // 2)), tokens=8192)
        found = measure(model, batches, watch=partial(tell, "measuring"))
    return found | {"all": sum(found.values(), Figures.nothing())}


def _folder(path: Path) -> Path:
    return path / "lm" if (path / "lm" / "config.json").exists() else path


def _held_out(captures: list[Path], corpus: Corpus) -> tuple[str, ...]:
    beside = next((folder / "split.json" for folder in captures if (folder / "split.json").exists()), None)
    held_out = Split.load(beside).validation if beside is not None else ()
    if held_out:
        return held_out
    if beside is not None or len(corpus) > 1:
        raise EncoderError(
            f"{beside} holds no machine out" if beside else "no split.json says which machines are held out",
            code="encoder-options",
            hint="name them: --machine NAME",
        )
    return corpus.machines


def _row(name: str, figures: Figures) -> dict[str, Any]:
    accuracy = {kind: round(value, 3) for kind, value in figures.accuracy.items() if value == value}  # noqa: PLR0124 - no NaN
    return {
        "machine": name,
        "bytes": figures.bytes,
        "bits_per_byte": _rounded(figures.bits_per_byte),
        "perplexity_per_byte": _rounded(figures.perplexity_per_byte),
        "perplexity_per_token": _rounded(figures.perplexity_per_token),
        **accuracy,
    }


def _rounded(figure: float) -> float | None:
    """Round a figure; none where there was nothing to measure, as JSON knows no NaN."""
    return None if math.isnan(figure) else round(figure, 3)
