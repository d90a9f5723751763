"""What no schedule can beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu


def lower_bound_s(gpu: Gpu, durations: NDArray[np.float64], arrivals_s: NDArray[np.float64] | None = None) -> float:
    """Bound the makespan from below, whatever reconfigurations cost.

    The larger of two: the least work of all tasks, spread over all slices; and the longest task where it is fastest.
    Where tasks arrive, both count from each arrival on, for those who come no earlier.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        arrivals_s: When each task arrives, ascending, shape ``(tasks,)``; all are there if None.
    """
    if not len(durations):
        return 0.0
    if arrivals_s is not None:
        least = (durations * np.array(gpu.sizes)).min(1)[::-1].cumsum()[::-1] / gpu.compute_slices
        return float((arrivals_s + np.maximum(least, durations.min(1))).max())
    work = (durations * np.array(gpu.sizes)).min(1).sum() / gpu.compute_slices
    return float(max(work, durations.min(1).max()))
