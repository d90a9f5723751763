"""Partition after partition by speed-up alone, as schedulers do that know no durations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_mig.replay import Step
from igc_mig.tree import columns

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel


class SpeedIndependent:
    """Give the next tasks, in order, the partition on which they speed up most in all; then the next ones."""

    name = "speed-independent"

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:  # noqa: ARG002
        """Make a plan."""
        speedup, column = durations[:, :1] / durations, columns(gpu)
        plan: list[Step] = []
        while len(plan) < len(durations):
            first = len(plan)

            def gain(partition: tuple[int, ...], first: int = first) -> float:
                pairs = zip(range(first, len(durations)), partition, strict=False)
                return float(sum(speedup[task, column[place]] for task, place in pairs))

            chosen = max(gpu.partitions, key=gain)
            plan += [Step(first + offset, place) for offset, place in enumerate(chosen[: len(durations) - first])]
        return plan
