"""A goal reader that finds what a text is most like."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from igc_encoders.reader import folder as saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Meanings whose places are remembered.
_REMEMBERED = 20_000


class SimilarityReader:
    """Weighs meanings by their likeness to a text, as a trained head sees it. Implements ``GoalReader``."""

    def __init__(self, folder: str | Path) -> None:
        """Load a reader.

        Args:
            folder: What ``igc encoder train reader`` wrote.

        Raises:
            EncoderError: There is no reader, its files are damaged, or its encoder is missing or another one by now.
        """
        found = saved.load(Path(folder))
        self._head, self._encoder, self._confidence = found.head, found.encoder, found.confidence
        self._places: dict[str, NDArray[np.float32]] = {}

    @property
    def confidence(self) -> float:
        """Least probability that a meaning must have for anybody to act on it."""
        return self._confidence

    def weigh(self, texts: Sequence[str], meanings: Sequence[str]) -> NDArray[np.float32]:
        """Weigh the meanings that one text may have; see :meth:`igc_core.protocols.GoalReader.weigh`."""
        if not meanings:
            return np.zeros(0, np.float32)
        variants = list(dict.fromkeys(texts))
        placed = dict(zip(variants, self._head.texts(self._encoder.encode(variants)), strict=True))
        self._learn(meanings)
        return self._head.probabilities(
            np.stack([placed[text] for text in texts]), np.stack([self._places[meaning] for meaning in meanings])
        )

    def _learn(self, meanings: Sequence[str]) -> None:
        """Place meanings that were not met before."""
        if len(self._places) > _REMEMBERED:
            self._places.clear()
        fresh = [meaning for meaning in dict.fromkeys(meanings) if meaning not in self._places]
        if fresh:
            self._places |= dict(zip(fresh, self._head.meanings(self._encoder.encode(fresh)), strict=True))
