"""What no schedule can beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu


def lower_bound_s(gpu: Gpu, durations: NDArray[np.float64]) -> float:
    """Bound the makespan from below, whatever reconfigurations cost.

    The larger of two: the least work of all tasks, spread over all slices; and the longest task where it is fastest.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
    """
    if not len(durations):
        return 0.0
    work = (durations * np.array(gpu.sizes)).min(1).sum() / gpu.compute_slices
    return float(max(work, durations.min(1).max()))
