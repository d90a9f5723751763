"""Random trouble of services in batched episodes: failures, accepted requests without effect, stale reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How often a request meets trouble.

    Attributes:
        fail: Probability of a 503, in [0, 1].
        drop: Probability that an accepted change has no effect, in [0, 1].
        stale: Probability that a read shows the state before the last request, in [0, 1].
    """

    fail: float = 0.0
    drop: float = 0.0
    stale: float = 0.0

    def draw(self, rng: np.random.Generator, n: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Draw the trouble of ``n`` requests: failing, dropped and stale, each of shape ``(n,)``."""
        chance = rng.random((3, n))
        return chance[0] < self.fail, chance[1] < self.drop, chance[2] < self.stale
