"""What training draws its episodes from, and how that gets harder as it goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_redfish.process.disturbance import Disturbance
    from igc_redfish.process.scenario import Scenario

#: Share of training after which trouble has its full rate, and what part of it there is from the beginning.
_FULL_TROUBLE, _FIRST_TROUBLE = 0.3, 0.2


@dataclass(frozen=True, slots=True)
class Curriculum:
    """How episodes are mixed.

    Attributes:
        composites: Share of the episodes that are about composite goals in the end.
        first: The same at the beginning, when they have two sub-goals only.
        full: Share of training after which goals of all sizes are drawn alike.
        disturbance: The trouble that requests meet in the end; there is little of it at the beginning.
    """

    composites: float = 0.35
    first: float = 0.15
    full: float = 0.3
    disturbance: Disturbance | None = None

    def weights(self, scenarios: Sequence[Scenario], progress: float) -> NDArray[np.float64]:
        """Tell how often to draw each scenario.

        Every family is drawn alike, within a family every machine, and there every scenario; composite goals count as
        families of their own, one for each number of sub-goals.

        Args:
            scenarios: The scenarios.
            progress: Share of training that is done, in [0, 1].

        Returns:
            Probabilities, shape ``(len(scenarios),)``.
        """
        kinds = [item.family if len(item.parts) == 1 else len(item.parts) for item in scenarios]
        pairs = [(kind, item.engine.machine.name) for kind, item in zip(kinds, scenarios, strict=True)]
        machines, alike = Counter(kind for kind, _ in set(pairs)), Counter(pairs)
        even = np.asarray([1 / (machines[pair[0]] * alike[pair]) for pair in pairs])
        sizes = sorted({kind for kind in kinds if isinstance(kind, int)})
        singles = len(set(kinds)) - len(sizes)
        composite = self._composite_share(progress) if singles and sizes else float(bool(sizes))
        come = {size: self._share(place, len(sizes), progress) for place, size in enumerate(sizes)}
        shares = [
            composite * come[kind] / sum(come.values()) if isinstance(kind, int) else (1 - composite) / singles
            for kind in kinds
        ]
        weights = even * np.asarray(shares)
        found: NDArray[np.float64] = weights / weights.sum()
        return found

    def trouble(self, progress: float) -> Disturbance | None:
        """Return the trouble that requests meet by now."""
        if self.disturbance is None:
            return None
        return self.disturbance.scaled(_rise(_FIRST_TROUBLE, 1.0, progress / _FULL_TROUBLE))

    def _composite_share(self, progress: float) -> float:
        return _rise(self.first, self.composites, progress / self.full)

    def _share(self, place: int, sizes: int, progress: float) -> float:
        """Tell how far the composites of one size have come in: the larger, the later."""
        return 1.0 if not place else float(np.clip(progress / self.full * (sizes - 1) - place + 1, 0.0, 1.0))


def _rise(first: float, last: float, share: float) -> float:
    return first + (last - first) * min(share, 1.0)
