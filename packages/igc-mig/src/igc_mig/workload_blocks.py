"""Many batches drawn at once, for environments that need thousands a second."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_mig.workloads import MIX_ONLINE, SIZES, named

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Scaling class of the tasks that gain next to nothing before they have the whole GPU.
_ABRUPT = 0


class Classes(NamedTuple):
    """What the tasks of a batch are like before their times are drawn.

    Attributes:
        scaling: Class of each task, shape ``(tasks,)``.
        bound: Whether it is short of memory at first.
        low_s: Shortest time on one slice.
        high_s: Longest.
    """

    scaling: NDArray[np.int64]
    bound: NDArray[np.bool_]
    low_s: float
    high_s: float


def draw_block(names: Sequence[str], tasks: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.float64]:
    """Draw batches, distributed as :func:`igc_mig.workloads.generate` has them.

    Args:
        names: Kind of each batch.
        tasks: How many each has, shape ``(batches,)``.
        random: Draws everything.

    Returns:
        Seconds on 1, 2, 3, 4 and 7 slices, shape ``(batches, most tasks, 5)``; 0 beyond a batch's tasks.

    Raises:
        MigError: A kind is unknown.
    """
    shape = (len(names), int(tasks.max()))
    scaling, bound = np.zeros(shape, np.int64), np.zeros(shape, np.bool_)
    exists = np.arange(shape[1]) < tasks[:, None]
    low, high = np.empty((len(names), 1)), np.empty((len(names), 1))
    rows: dict[tuple[str, int], list[int]] = {}
    for row, key in enumerate(zip(names, tasks.tolist(), strict=True)):
        rows.setdefault(key, []).append(row)
    for (name, count), where in rows.items():
        found = classes(name, count)
        scaling[where, :count], bound[where, :count] = found.scaling, found.bound
        low[where], high[where] = found.low_s, found.high_s
    times = _times(random.uniform(low, high, shape), scaling, bound, random)
    abrupt = exists & (scaling == _ABRUPT)
    times[abrupt] = _abrupt(int(abrupt.sum()), random)
    return np.where(exists[:, :, None], times, 0.0)


@lru_cache(maxsize=1024)
def classes(name: str, tasks: int) -> Classes:
    """Say what the tasks of a batch are like.

    Raises:
        MigError: The kind is unknown.
    """
    kind = named(name)
    abrupt = tasks // 2 if name == MIX_ONLINE else 0
    counts = kind.counts(tasks - abrupt)
    scaling = np.repeat([_ABRUPT, *SIZES], [abrupt, *counts])
    bound = [np.arange(count) < count * kind.memory_bound // 100 for count in counts]
    return Classes(scaling, np.concatenate([np.zeros(abrupt, np.bool_), *bound]), kind.low_s, kind.high_s)


def _times(
    first: NDArray[np.float64], scaling: NDArray[np.int64], bound: NDArray[np.bool_], random: np.random.Generator
) -> NDArray[np.float64]:
    """Times of tasks by the rules of :func:`igc_mig.workloads.task_times`."""
    times, kept = first, [first]
    bound = bound.copy()
    for size in range(2, SIZES[-1] + 1):
        chance = random.standard_normal(first.shape)
        poor = (size > scaling) | (bound & (size == 4))  # noqa: PLR2004 - 4g has no more memory than 3g
        memory = bound & ~poor
        step = np.clip(0.05 + 0.05 * chance, 0.0, 0.1)
        step[memory] = np.clip(-0.3 + 0.3 * chance[memory], -0.5, 0.0)
        step[poor] = np.clip(0.75 + 0.25 * chance[poor], 0.5, 1.0)
        bound[memory] = random.random(int(memory.sum())) >= 0.025  # noqa: PLR2004 - as there
        times = times * (size - 1 + step) / size
        if size in SIZES:
            kept.append(times)
    return np.stack(kept, 2)


def _abrupt(count: int, random: np.random.Generator) -> NDArray[np.float64]:
    first = random.uniform(90.0, 100.0, (count, 1))
    factors = np.cumprod(random.uniform(0.97, 1.0, (count, len(SIZES) - 2)), 1)
    return np.concatenate([first, first * factors, random.uniform(0.1, 5.0, (count, 1))], 1)
