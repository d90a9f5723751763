"""Machines that commands learn from and judge on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_encoders.corpus import Corpus, Split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CAPTURES_HELP = "File of a capture, or folder of such files; may be given several times."
SPLIT_HELP = "JSON file that lists machines under 'train' and 'validation'; split.json beside the captures by default."
WITHOUT_HELP = "Leave machines out whose names begin so, and judge on them."


def sides(captures: Sequence[Path], split: Path | None, without: str | None) -> tuple[Corpus, Corpus]:
    """Part machines into those to learn from and those to judge on; without a split, all are to learn from.

    Raises:
        EncoderError: A capture or the split is missing or damaged, or no machine is left.
    """
    corpus = Corpus.of(captures)
    beside = next((path / "split.json" for path in captures if (path / "split.json").exists()), None)
    found = split or beside
    chosen = Split.load(found) if found else Split(corpus.machines, ())
    if without:
        chosen = chosen.without(without)
    return corpus.select(chosen.train), corpus.select(chosen.validation)
