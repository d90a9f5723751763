"""What a scheduler is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel, Step


class Scheduler(Protocol):
    """Decides in which order which task runs on which placement."""

    @property
    def name(self) -> str:
        """How tables call it."""
        ...

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Sequence[Step]:
        """Make a plan in which every task runs once.

        Args:
            gpu: Where.
            durations: Seconds of each task on an instance of each of ``gpu.sizes``, shape ``(tasks, sizes)``.
            cost: How the plan will be replayed.
        """
        ...
