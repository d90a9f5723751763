"""What brings the vectors of texts near to those of what they mean: two projections, and a place for neither."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Head:
    """Learned weights; :mod:`igc_encoders.reader.training` makes them.

    Attributes:
        centre: What is taken from each vector, shape ``(width,)``.
        spread: What it is divided by, shape ``()``.
        project: Brings both sides together, shape ``(width, narrow)``.
        shift: What is added to that for meanings, shape ``(width, narrow)``.
        nothing: Where texts go that mean none, shape ``(narrow,)``, of unit norm.
        scale: What a cosine is multiplied by, shape ``()``.
    """

    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    project: NDArray[np.float32]
    shift: NDArray[np.float32]
    nothing: NDArray[np.float32]
    scale: NDArray[np.float32]

    def texts(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Place texts: shape ``(batch, narrow)``, rows of unit norm."""
        return _unit(self._centred(vectors) @ self.project)

    def meanings(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Place meanings: shape ``(batch, narrow)``, rows of unit norm."""
        return _unit(self._centred(vectors) @ (self.project + self.shift))

    def probabilities(self, texts: NDArray[np.float32], meanings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Weigh meanings.

        Args:
            texts: Places of one text, once for each meaning, shape ``(meanings, narrow)``.
            meanings: Places of the meanings, likewise.

        Returns:
            Shape ``(meanings,)``; what is missing from one in the sum is the probability of none of them.
        """
        nothing = np.unique(texts, axis=0) @ self.nothing
        cosines = np.append((texts * meanings).sum(1), nothing.mean())
        logits = self.scale * cosines
        weights = np.exp(logits - logits.max())
        found: NDArray[np.float32] = (weights / weights.sum())[:-1].astype(np.float32)
        return found

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights by name."""
        return {field.name: np.ascontiguousarray(getattr(self, field.name), np.float32) for field in fields(self)}

    def _centred(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = (vectors - self.centre) / self.spread
        return found


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return found
