"""Partitions that stay as they are: every task goes, in the order of the batch, to the instance that is free first."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from igc_mig.replay import Step, replay
from igc_mig.tree import Open

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel


class BestFixed:
    """Try every legal partition, and keep the shortest schedule."""

    name = "fixed-best"

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan."""
        plans = (first_free(gpu, durations, partition) for partition in gpu.partitions)
        return min(plans, key=lambda plan: replay(gpu, durations, plan, cost).makespan_s)


class Whole:
    """Run one task after the other on the whole GPU."""

    name = "fixed-7"

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:  # noqa: ARG002
        """Make a plan."""
        return first_free(gpu, durations, min(gpu.partitions, key=len))


class Smallest:
    """Cut the GPU into its smallest instances."""

    name = "fixed-1x7"

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:  # noqa: ARG002
        """Make a plan."""
        return first_free(gpu, durations, max(gpu.partitions, key=len))


def first_free(gpu: Gpu, durations: NDArray[np.float64], partition: Sequence[int]) -> list[Step]:
    """Give each task, in order, to the instance that is free first.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        partition: Placements, disjoint, from left to right. Which of several that are free at once comes first is left
            to the heap, as in the program of FAR's authors, whose makespans follow from it.
    """
    queue = [Open(0.0, place) for place in partition]
    plan: list[Step] = []
    for task, row in enumerate(durations.tolist()):
        end, place = heapq.heappop(queue)
        plan.append(Step(task, place))
        heapq.heappush(queue, Open(end + row[gpu.columns[place]], place))
    return plan
