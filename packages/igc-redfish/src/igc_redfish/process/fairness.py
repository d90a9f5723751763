"""Labels that use only what an agent could know.

A planner knows which numbered account is whose; an agent that sees ten links alike does not. Taught that the third one
is right, it would learn to guess. So where a read is right, every read that looks the same counts as right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def look_alikes(rows: NDArray[np.integer[Any]], origins: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Number the classes of candidates that an agent cannot tell apart.

    Args:
        rows: Number of each candidate's description, shape ``(slots,)`` or ``(episodes, slots)``.
        origins: The document that offers each one, of the same shape.

    Returns:
        Class of each candidate, of the same shape; equal for equal descriptions in the same document.
    """
    return (rows.astype(np.int64) << 32) | origins.astype(np.int64)


def equally_informed(
    classes: NDArray[np.integer[Any]],
    optimal: NDArray[np.bool_],
    reads: NDArray[np.bool_],
    tried: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Extend labels to every choice that looks the same to the agent.

    Only reads are extended, to reads that were not tried either: what was read is known apart, and one change is never
    as good as another.

    Args:
        classes: Class of each candidate, see :func:`look_alikes`, shape ``(slots,)`` or ``(episodes, slots)``; episodes
            share nothing.
        optimal: The labels, of the same shape as all that follow.
        reads: Whether a candidate changes nothing, and stands in its slot at all.
        tried: Whether it was tried before.

    Returns:
        The labels and those added, of the same shape.
    """
    fair: NDArray[np.bool_] = optimal.copy()
    open_reads = reads & ~tried
    seeds = optimal & open_reads
    # Most episodes need no more than a look: classes are compared only where a read is labelled.
    compared = open_reads & seeds.any(axis=-1, keepdims=True)
    episodes = np.atleast_2d(compared).nonzero()[0]
    found, which = np.unique(classes[compared], return_inverse=True)
    keys = episodes * len(found) + which
    fair[compared] = np.isin(keys, keys[seeds[compared]])
    return fair
