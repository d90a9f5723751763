"""FAR: a family of allotments, list scheduling on the repartitioning tree, refinement.

After Villarrubia, Costero, Igual and Olcoz, "FAR" (arXiv 2507.13601). Its approximation factor without costs is 7/4 on
an A30 and 2 on the GPUs of seven slices.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np

from igc_mig.replay import Step, replay
from igc_mig.schedulers.refinement import MARGIN_S, refine
from igc_mig.tree import Open, columns, walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel
    from igc_mig.tree import Tree

#: Moves at most after a batch was slid onto the one before.
_SETTLING = 20


class Far:
    """Schedule by FAR.

    Attributes:
        name: How tables call it.
        refined: Whether the third phase runs.
    """

    def __init__(self, *, refined: bool = True) -> None:
        self.refined = refined
        self.name = "far" if refined else "far-phase2"

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan; parallel costs are reckoned as serial ones, as FAR knows no others."""
        tree = self.tree(gpu, durations, serial=cost != "none")
        return walk(gpu, durations, tree, serial=cost != "none")[0]

    def tree(self, gpu: Gpu, durations: NDArray[np.float64], *, serial: bool) -> Tree:
        """Schedule all allotments of the family, keep the shortest, and refine it."""
        found = (list_schedule(gpu, durations, allotment, serial=serial) for allotment in family(gpu, durations))
        _, tree = min(found, key=lambda one: one[0])
        return refine(gpu, durations, tree, serial=serial) if self.refined else tree


def plan_batches(gpu: Gpu, batches: Sequence[NDArray[np.float64]], cost: CostModel) -> list[Step]:
    """Schedule batches that come one after the other, each slid onto the one before.

    A schedule narrows from wide instances to small ones, so the next batch is also tried in reverse: its small
    instances fit between the ragged ends of the batch before. Then up to 20 of its tasks move to other instances of
    their size, each time the one that shortens all most. Earlier batches stay as they are.

    Args:
        gpu: Where.
        batches: Durations of each batch, shape ``(tasks, sizes)``.
        cost: How the plan will be replayed.

    Returns:
        One plan; tasks are numbered through all batches.
    """
    plan: list[Step] = []
    for number, batch in enumerate(batches):
        known = np.concatenate(batches[: number + 1])
        first = len(known) - len(batch)
        own = [Step(task + first, place) for task, place in Far().plan(gpu, batch, cost)]
        ways = ([*plan, *own], [*plan, *reversed(own)]) if plan else ([*own],)
        plan = _settle(gpu, known, min(ways, key=lambda way: replay(gpu, known, way, cost).makespan_s), first, cost)
    return plan


def _settle(gpu: Gpu, durations: NDArray[np.float64], plan: list[Step], first: int, cost: CostModel) -> list[Step]:
    """Move tasks from number ``first`` on between instances of one size while that shortens the plan."""
    makespan = replay(gpu, durations, plan, cost).makespan_s
    for _ in range(_SETTLING if first else 0):
        options = [
            [*plan[:position], Step(step.task, place), *plan[position + 1 :]]
            for position, step in enumerate(plan)
            for place, other in enumerate(gpu.placements)
            if step.task >= first and place != step.placement and other.size == gpu.placements[step.placement].size
        ]
        ends = [replay(gpu, durations, option, cost).makespan_s for option in options]
        if not ends or min(ends) >= makespan - MARGIN_S:
            break
        makespan = min(ends)
        plan = options[ends.index(makespan)]
    return plan


def family(gpu: Gpu, durations: NDArray[np.float64]) -> Iterator[NDArray[np.intp]]:
    """Yield FAR's allotments: for each task the column of its size, shape ``(tasks,)``.

    The first gives each task its least area. Each next one widens the longest task to the larger size of least area,
    until the longest has the whole GPU.
    """
    area = durations * np.array(gpu.sizes)
    allotment = area.argmin(1)
    rows = np.arange(len(durations))
    while True:
        yield allotment.copy()
        longest = int(durations[rows, allotment].argmax()) if len(rows) else -1
        if longest < 0 or allotment[longest] == len(gpu.sizes) - 1:
            return
        wider = int(allotment[longest]) + 1
        allotment[longest] = wider + int(area[longest, wider:].argmin())


def list_schedule(
    gpu: Gpu, durations: NDArray[np.float64], allotment: NDArray[np.intp], *, serial: bool
) -> tuple[float, Tree]:
    """Give the instance that is free first the longest task of its size; cut it where none is left.

    Returns:
        Makespan in seconds, and the tree.
    """
    column = columns(gpu)
    waiting = _by_size(gpu, durations, allotment)
    left, clock, makespan = len(durations), 0.0, 0.0
    tree: Tree = [[] for _ in gpu.placements]
    queue = [Open(0.0, place) for place, parent in enumerate(gpu.parents) if parent < 0]
    while left:
        end, place = heapq.heappop(queue)
        size = gpu.placements[place].size
        if waiting[column[place]]:
            task = waiting[column[place]].pop()
            if serial and not tree[place]:
                clock = end = max(clock, end) + gpu.create_s[size]
            end += float(durations[task, column[place]])
            tree[place].append(task)
            makespan, left = max(makespan, end), left - 1
            heapq.heappush(queue, Open(end, place))
            continue
        if serial and tree[place]:
            clock = max(clock, end) + gpu.destroy_s[size]
        for child in gpu.children[place]:
            heapq.heappush(queue, Open(end, child))
    return makespan, tree


def _by_size(gpu: Gpu, durations: NDArray[np.float64], allotment: NDArray[np.intp]) -> list[list[int]]:
    """Tasks of each size, the longest last."""
    waiting: list[list[int]] = [[] for _ in gpu.sizes]
    times = durations[np.arange(len(durations)), allotment]
    for task in np.argsort(times, kind="stable"):
        waiting[allotment[task]].append(int(task))
    return waiting
