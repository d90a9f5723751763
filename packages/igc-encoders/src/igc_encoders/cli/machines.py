"""Machines that commands learn from and judge on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Sequence

CAPTURES_HELP = "File of a capture, or folder of such files; may be given several times."
SPLIT_HELP = "JSON file that lists machines under 'train' and 'validation'; split.json beside the captures by default."
WITHOUT_HELP = "Leave machines out whose names begin so, and judge on them."


def sides(captures: Sequence[Path], split: Path | None, without: str | None) -> tuple[Corpus, Corpus]:
    """Part machines into those to learn from and those to judge on; without a split, all are to learn from.

    Raises:
        EncoderError: A capture or the split is missing or damaged, or no machine is left.
    """
    corpus = Corpus.of(captures)
    chosen = split_of(captures, split, without)
    return corpus.select(chosen.train), corpus.select(chosen.validation)


def split_of(captures: Sequence[Path], split: Path | None, without: str | None) -> Split:
    """Read the split of machines; without any, all are to learn from.

    Raises:
        EncoderError: A capture or the split is missing or damaged, it knows no machine of a capture, or no machine is
            left.
    """
    beside = next((path / "split.json" for path in captures if (path / "split.json").exists()), None)
    found = split or beside
    chosen = Split.load(found) if found else Split(Corpus.of(captures).machines, ())
    for path in captures:
        if not set(Corpus.of([path]).machines) & {*chosen.train, *chosen.validation}:
            raise EncoderError(
                f"the split {found} knows no machine of {path}, which would go unused",
                code="encoder-corpus",
                hint="leave it out, or give a --split that lists its machines",
            )
    return chosen if without is None else chosen.without(without)
