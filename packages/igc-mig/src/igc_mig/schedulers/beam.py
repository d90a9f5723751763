"""Search for assignments: a beam over the tasks, then exchanges of pairs.

Without costs a schedule is an assignment of tasks to placements (:mod:`igc_mig.tree`), and its makespan the load of the
fullest slice. The beam places one task after the other and keeps the partial assignments of the least bound; what is
left is improved by moving two tasks at once, to any placements, as long as the fullest slice gets emptier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.replay import replay
from igc_mig.tree import blocking, columns, grow, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel, Step

#: Weight of uneven loads beside the bound when partial assignments are ranked.
_EVENNESS = 0.1
#: Children of the beam ranked for each one kept, as mirror images are dropped; rounds of exchanges; pairs of a round.
_SURPLUS, _ROUNDS, _PAIRS = 4, 20, 100
#: Tasks from which on the beam is narrowed, and how narrow it gets.
_LARGE, _NARROWEST = 16, 30


class Beam:
    """Schedule by beam search and exchanges.

    Attributes:
        name: How tables call it.
        width: Partial assignments kept; fewer of large batches, where each costs more and they differ less.
        finalists: Assignments that are improved by exchanges, and compared with costs.
    """

    name = "beam"

    def __init__(self, width: int = 120, finalists: int = 4) -> None:
        self.width = width
        self.finalists = finalists

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan: the finalist that is shortest with its costs."""
        plans = [
            steps(gpu, durations, grow(gpu, durations, assignment.tolist()), serial=cost != "none")
            for assignment in self.assignments(gpu, durations)
        ]
        return min(plans, key=lambda plan: replay(gpu, durations, plan, cost).makespan_s)

    def assignments(self, gpu: Gpu, durations: NDArray[np.float64]) -> list[NDArray[np.intp]]:
        """Search, and improve the best.

        Args:
            gpu: Where.
            durations: Seconds, shape ``(tasks, sizes)``.

        Returns:
            The placement of each task, one array ``(tasks,)`` for each finalist.
        """
        if not len(durations):
            return [np.empty(0, np.intp)]
        shape, orders = _Shape(gpu, durations), (durations[:, -1], (durations * np.array(gpu.sizes)).min(1))
        width = min(self.width, max(_NARROWEST, self.width * _LARGE // len(durations)))
        found = [_search(shape, np.argsort(-order, kind="stable"), width) for order in orders]
        loads, assignments = (np.concatenate(parts) for parts in zip(*found, strict=True))
        best = np.argsort(loads, kind="stable")[
            : max(1, min(self.finalists, self.finalists * _LARGE // len(durations)))
        ]
        return [exchange(gpu, durations, assignments[index]) for index in best]


class _Shape:
    """Loads that each task on each placement puts on each slice, in seconds, shape ``(tasks, placements, slices)``."""

    def __init__(self, gpu: Gpu, durations: NDArray[np.float64]) -> None:
        self.loads: NDArray[np.float64] = durations[:, columns(gpu), None] * blocking(gpu)
        self.work: NDArray[np.float64] = (durations * np.array(gpu.sizes)).min(1)


def _search(shape: _Shape, order: NDArray[np.intp], width: int) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Place the tasks in an order; return makespans ``(found,)`` and assignments ``(found, tasks)``."""
    tasks, places, slices = shape.loads.shape
    left = np.concatenate([np.cumsum(shape.work[order][::-1])[::-1], [0.0]])
    loads = np.zeros((1, slices))
    assignments = np.zeros((1, tasks), np.intp)
    for position, task in enumerate(order):
        children = (loads[:, None] + shape.loads[task]).reshape(-1, slices)
        bound = np.maximum(children.max(1), (children.sum(1) + left[position + 1]) / slices)
        uneven = ((children / bound[:, None]) ** 2).mean(1)
        kept = _distinct(children, bound + _EVENNESS * uneven * left[0] / slices, width)
        assignments, loads = assignments[kept // places], children[kept]
        assignments[:, task] = kept % places
    return loads.max(1), assignments


def _distinct(children: NDArray[np.float64], score: NDArray[np.float64], width: int) -> NDArray[np.intp]:
    """Rows of the lowest scores, one of those that have the same loads in another order."""
    count = width * _SURPLUS
    best = np.argpartition(score, count)[:count] if len(score) > count else np.arange(len(score))
    best = best[np.argsort(score[best], kind="stable")]
    rows = children[best]
    key: NDArray[np.float64] = ((rows**3).sum(1) + rows.sum(1)).round(3)
    first = np.unique(key, return_index=True)[1]
    return best[np.sort(first)][:width]


def exchange(gpu: Gpu, durations: NDArray[np.float64], assignment: NDArray[np.intp]) -> NDArray[np.intp]:
    """Improve an assignment by moving two tasks at once until that helps no more.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        assignment: The placement of each task, shape ``(tasks,)``; it stays as it is.

    Returns:
        An assignment whose fullest slice is not fuller.
    """
    loads = _Shape(gpu, durations).loads
    rows, taken = np.arange(len(loads)), blocking(gpu) > 0
    assignment = assignment.copy()
    for turn in range(_ROUNDS if len(loads) > 1 else 0):
        total = loads[rows, assignment].sum(0)
        critical = np.any(taken[assignment][:, total >= total.max() * (1 - 1e-12)], axis=1)
        first, second = _pairs(critical, turn)
        change = loads - loads[rows, assignment][:, None]
        after = (total + change[first])[:, :, None] + change[second][:, None]
        fullest = after.max(3)
        if fullest.min() >= total.max() * (1 - 1e-9):
            break
        near = np.argwhere(fullest <= fullest.min() + 1e-9)
        pair, one, other = near[(after[tuple(near.T)] ** 2).sum(1).argmin()]
        assignment[first[pair]], assignment[second[pair]] = one, other
    return assignment


def _pairs(critical: NDArray[np.bool_], turn: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Pairs of tasks of which at least one is critical; a sample where there are many."""
    tasks = np.arange(len(critical))
    open_pair = critical[:, None] & (tasks[:, None] != tasks) & (~critical | (tasks[:, None] < tasks))
    first, second = np.nonzero(open_pair)
    if len(first) > _PAIRS:
        chosen = np.random.default_rng(turn).choice(len(first), _PAIRS, replace=False)
        first, second = first[chosen], second[chosen]
    return first, second
