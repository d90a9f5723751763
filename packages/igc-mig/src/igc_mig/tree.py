"""Schedules as trees: which tasks run on which placement, from the widest instances to the narrowest.

Placements are nested or disjoint. An assignment of tasks to placements therefore needs no times: run each placement's
tasks, then those of the placements inside it. Without costs that takes as long as the fullest slice has work, and no
order of the same assignment is faster.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

import numpy as np

from igc_mig.replay import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: Tasks of each placement, in the order in which they run.
Tree: TypeAlias = "list[list[int]]"


def blocking(gpu: Gpu) -> NDArray[np.float64]:
    """Which slices a placement takes: ones and zeros, shape ``(placements, compute slices)``."""
    table = np.zeros((len(gpu.placements), gpu.compute_slices))
    for index, place in enumerate(gpu.placements):
        table[index, list(place.slices)] = 1.0
    return table


def columns(gpu: Gpu) -> list[int]:
    """For each placement the column of its size in a table of durations."""
    return list(gpu.columns)


def grow(gpu: Gpu, durations: NDArray[np.float64], assignment: Sequence[int]) -> Tree:
    """Turn an assignment into a tree; each placement runs its longest task first.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        assignment: The placement of each task.
    """
    tree: Tree = [[] for _ in gpu.placements]
    column = columns(gpu)
    for task, placement in enumerate(assignment):
        tree[placement].append(task)
    for placement, tasks in enumerate(tree):
        tasks.sort(key=lambda task: (-durations[task, column[placement]], task))
    return tree


def steps(gpu: Gpu, durations: NDArray[np.float64], tree: Tree, *, serial: bool = True) -> list[Step]:
    """Order a tree's tasks for the executor: the instance that is free first comes first.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        tree: The schedule.
        serial: Reckon with serial costs when comparing times.
    """
    return walk(gpu, durations, tree, serial=serial)[0]


def walk(gpu: Gpu, durations: NDArray[np.float64], tree: Tree, *, serial: bool) -> tuple[list[Step], list[float]]:
    """Order a tree's tasks, and time them.

    Returns:
        The steps, and for each placement when its last task and everything around it has ended, in seconds.
    """
    column = columns(gpu)
    plan: list[Step] = []
    ends = [0.0] * len(gpu.placements)
    waiting = [list(reversed(tasks)) for tasks in tree]
    left, clock = sum(map(len, tree)), 0.0
    queue = [Open(0.0, place) for place, parent in enumerate(gpu.parents) if parent < 0]
    while queue:
        end, place = heapq.heappop(queue)
        size = gpu.placements[place].size
        ends[place] = end
        if waiting[place]:
            if serial and len(waiting[place]) == len(tree[place]):
                clock = end = max(clock, end) + gpu.create_s[size]
            task = waiting[place].pop()
            left -= 1
            plan.append(Step(task, place))
            heapq.heappush(queue, Open(end + float(durations[task, column[place]]), place))
        elif left:
            if serial and tree[place]:
                clock = max(clock, end) + gpu.destroy_s[size]
            for child in gpu.children[place]:
                heapq.heappush(queue, Open(end, child))
        else:
            _spread(gpu, place, end, ends)
    return plan, ends


class Open(NamedTuple):
    """An instance that may take tasks. Compared by time alone, as FAR's authors do, so ties fall as they do there."""

    end: float
    place: int

    def __lt__(self, other: tuple[object, ...]) -> bool:
        """Whether it is free earlier."""
        return self.end < cast("float", other[0])


def _spread(gpu: Gpu, place: int, end: float, ends: list[float]) -> None:
    """Pass a time on to all placements inside one."""
    for child in gpu.children[place]:
        ends[child] = end
        _spread(gpu, child, end, ends)
