"""Several schedulers, and the best of their plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_mig.replay import replay
from igc_mig.schedulers.beam import Beam
from igc_mig.schedulers.far import Far
from igc_mig.schedulers.fixed import BestFixed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel, Step
    from igc_mig.schedulers.protocol import Scheduler


class Portfolio:
    """Ask every member, replay what they say, and keep the shortest: never worse than any of them.

    Attributes:
        name: How tables call it.
        members: Who is asked; beam search, FAR and the best fixed partition if none are given.
    """

    name = "portfolio"

    def __init__(self, members: Sequence[Scheduler] = ()) -> None:
        self.members = tuple(members) or (Beam(), Far(), BestFixed())

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> Sequence[Step]:
        """Make a plan."""
        plans = [member.plan(gpu, durations, cost) for member in self.members]
        return min(plans, key=lambda plan: replay(gpu, durations, plan, cost).makespan_s)
