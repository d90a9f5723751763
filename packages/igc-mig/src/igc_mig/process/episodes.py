"""Where the batches of many episodes come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_mig.workload_blocks import draw_block
from igc_mig.workloads import SIZES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: Batches drawn at once.
_BLOCK = 512


class Episodes(NamedTuple):
    """Batches, ready to be scheduled; the arrays are those of :class:`~igc_mig.process.state.State`.

    Attributes:
        seconds: Of each task on each size, shape ``(n, T, sizes)``, 0 beyond a batch's tasks.
        times: Of each kind in units, shape ``(n, T + 1, sizes)``.
        kind: Of each task, shape ``(n, T)``.
        total: Tasks, shape ``(n,)``.
        unit_s: Seconds of a unit, shape ``(n,)``.
        bound_s: No schedule is shorter, shape ``(n,)``.
        arrivals_s: When each task arrives in seconds, ascending, shape ``(n, T)``; 0 where all are there.
    """

    seconds: NDArray[np.float64]
    times: NDArray[np.float64]
    kind: NDArray[np.int64]
    total: NDArray[np.int64]
    unit_s: NDArray[np.float64]
    bound_s: NDArray[np.float64]
    arrivals_s: NDArray[np.float64]

    def take(self, rows: slice | NDArray[np.intp]) -> Episodes:
        """Some of them."""
        return Episodes(
            self.seconds[rows],
            self.times[rows],
            self.kind[rows],
            self.total[rows],
            self.unit_s[rows],
            self.bound_s[rows],
            self.arrivals_s[rows],
        )


def prepare(
    gpu: Gpu,
    seconds: NDArray[np.float64],
    total: NDArray[np.int64],
    levels: int | None,
    arrivals_s: NDArray[np.float64] | None = None,
) -> Episodes:
    """Sort the kinds of batches, and measure them in units.

    Args:
        gpu: Where.
        seconds: Of each task on each of ``gpu.sizes``, shape ``(n, T, sizes)``, 0 beyond a batch's tasks.
        total: Tasks of each batch, shape ``(n,)``.
        levels: Discretise times to so many levels; None for times over the lower bound.
        arrivals_s: When each task arrives, ascending, shape ``(n, T)``; None where all are there.
    """
    batches, tasks, sizes = seconds.shape
    exists: NDArray[np.bool_] = np.less(np.arange(tasks, dtype=np.int64), total[:, None])
    work = (seconds * np.array(gpu.sizes)).min(2).sum(1) / gpu.compute_slices
    bound_s = np.maximum(work, seconds.min(2).max(1))
    unit_s = bound_s if levels is None else seconds.max((1, 2)) / levels
    times: NDArray[np.float64] = seconds / unit_s[:, None, None]
    if levels is not None:
        times = np.round(times) + 1
    times[~exists] = np.inf
    order = np.lexsort(tuple(times[:, :, size] for size in reversed(range(sizes))), axis=-1)
    ordered = np.take_along_axis(times, order[:, :, None], 1)
    # The kind of a task is the place of the first one that equals it.
    fresh = np.ones((batches, tasks), np.bool_)
    fresh[:, 1:] = (ordered[:, 1:] != ordered[:, :-1]).any(2)
    place = np.maximum.accumulate(np.where(fresh, np.arange(tasks, dtype=np.int64), 0), 1)
    kind = np.full((batches, tasks), tasks)
    np.put_along_axis(kind, order, place, 1)
    table = np.zeros((batches, tasks + 1, sizes))
    table[:, :tasks] = np.where(np.isinf(ordered), 0.0, ordered)
    moments = np.zeros((batches, tasks)) if arrivals_s is None else arrivals_s
    return Episodes(seconds, table, kind, total, unit_s, bound_s, moments)


class Drawn:
    """Batches of some kinds and sizes, drawn ahead in blocks."""

    def __init__(
        self,
        gpu: Gpu,
        workloads: Sequence[str],
        fewest: int,
        most: int,
        levels: int | None,
        random: np.random.Generator,
        load: float | None = None,
    ) -> None:
        """Prepare.

        Args:
            gpu: Where.
            workloads: Kinds, each as likely.
            fewest: Tasks at least; small batches are as likely as large ones by the logarithm of their size.
            most: Tasks at most.
            levels: Of the times, or None.
            random: Draws everything.
            load: Of tasks that arrive one by one, None where all are there.
        """
        self._load = load
        self._gpu, self._workloads, self._range, self._levels = gpu, tuple(workloads), (fewest, most), levels
        self._random = random
        self._columns = [SIZES.index(size) for size in gpu.sizes]
        self._block: Episodes | None = None
        self._used = 0

    def take(self, count: int) -> Episodes:
        """Draw some, at most as many as a block holds."""
        if self._block is None or self._used + count > len(self._block.total):
            self._block, self._used = self._draw(max(_BLOCK, count)), 0
        found = self._block.take(slice(self._used, self._used + count))
        self._used += count
        return found

    def _draw(self, count: int) -> Episodes:
        fewest, most = self._range
        spread = self._random.uniform(np.log(fewest), np.log(most + 1), count)
        tasks = np.clip(np.exp(spread).astype(np.int64), fewest, most)
        kinds: list[int] = self._random.integers(len(self._workloads), size=count).tolist()
        names = [self._workloads[index] for index in kinds]
        seconds = np.zeros((count, most, len(self._columns)))
        drawn = draw_block(names, tasks, self._random)[:, :, self._columns]
        seconds[:, : drawn.shape[1]] = drawn
        if self._load is None:
            return prepare(self._gpu, seconds, tasks, self._levels)
        chance = np.where(
            np.less(np.arange(most, dtype=np.int64), tasks[:, None]), self._random.random((count, most)), 2
        )
        seconds = np.take_along_axis(seconds, chance.argsort(1)[:, :, None], 1)  # kinds of task come mixed
        work = (seconds * np.array(self._gpu.sizes)).min(2).sum(1) / tasks / self._gpu.compute_slices
        gaps = self._random.exponential(work[:, None] / self._load, (count, most))
        gaps[:, 0] = 0.0
        return prepare(self._gpu, seconds, tasks, self._levels, gaps.cumsum(1))
