"""Where vectors lie: which of them coincide, and what is next to what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Distance up to which two vectors count as one: as far as a vector may move with the batch it is in.
SAME = 1e-5


def collisions(vectors: NDArray[np.float32]) -> tuple[int, float]:
    """Count pairs of vectors that coincide.

    Args:
        vectors: Vectors of ``n`` distinct states, shape ``(n, width)``.

    Returns:
        Number of pairs at a distance below :data:`SAME`, and the smallest distance of any pair (infinite for fewer than
        two states).
    """
    count, least = 0, np.inf
    for row in range(len(vectors) - 1):
        distances = np.linalg.norm(vectors[row + 1 :] - vectors[row], axis=1)
        count += int((distances < SAME).sum())
        least = min(least, float(distances.min()))
    return count, least


def vendor(machine: str) -> str:
    """Name the vendor of a machine: what comes before the first dash of its name."""
    return machine.partition("-")[0]


def neighbours(
    queries: NDArray[np.float32],
    expected: Sequence[str],
    vendors: Sequence[str],
    others: NDArray[np.float32],
    labels: Sequence[str],
    owners: Sequence[str],
) -> tuple[float, int]:
    """Tell how often the nearest vector of another vendor has the same label.

    Args:
        queries: Vectors, shape ``(n, width)``.
        expected: Their labels.
        vendors: Their vendors.
        others: Vectors to search, shape ``(m, width)``.
        labels: Their labels.
        owners: Their vendors.

    Returns:
        The share, and the number of queries that count: those whose label another vendor has.
    """
    found, owned = np.asarray(labels, np.str_), np.asarray(owners, np.str_)
    similar = queries @ others.T
    hits = counted = 0
    for row, (label, own) in enumerate(zip(expected, vendors, strict=True)):
        foreign = owned != own
        if not (found[foreign] == label).any():
            continue
        counted += 1
        hits += bool(found[foreign][similar[row, foreign].argmax()] == label)
    return (hits / counted if counted else float("nan")), counted
