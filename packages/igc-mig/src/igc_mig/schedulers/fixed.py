"""Partitions that stay as they are: every task goes, in the order of the batch, to the instance that is free first."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from igc_mig.replay import Step, replay
from igc_mig.tree import columns

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
        partition: Placements, disjoint; of several that are free the earlier one comes first.
    """
    queue = [(0.0, position) for position in range(len(partition))]
    plan: list[Step] = []
    column = columns(gpu)
    for task, row in enumerate(durations.tolist()):
        end, position = queue[0]
        plan.append(Step(task, partition[position]))
        heapq.heapreplace(queue, (end + row[column[partition[position]]], position))
    return plan
