"""Chance, as a measure of what decisions are worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.replay import Step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel


class RandomLegal:
    """Draw the order of the tasks and the placement of each.

    Attributes:
        name: How tables call it.
    """

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:  # noqa: ARG002
        """Make a plan; the next call draws another."""
        order = self._random.permutation(len(durations))
        places = self._random.integers(len(gpu.placements), size=len(durations))
        return [Step(int(task), int(place)) for task, place in zip(order, places, strict=True)]
