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

#: Share of training after which trouble has its full rate.
_FULL_TROUBLE = 0.3


@dataclass(frozen=True, slots=True)
class Curriculum:
    """How episodes are mixed.

    Attributes:
        composites: Share of the episodes that are about composite goals once these have come in fully.
        begin: Share of training after which they come in, those of two sub-goals first.
        full: Share of training after which goals of all sizes are drawn alike.
        disturbance: The trouble that requests meet in the end; it grows from none.
    """

    composites: float = 0.35
    begin: float = 0.05
    full: float = 0.4
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
        sizes = {kind for kind in kinds if isinstance(kind, int)}
        shares = {size: self._share(size, min(sizes), max(sizes), progress) for size in sizes}
        singles = len(set(kinds)) - len(sizes)
        total = sum(shares.values())
        mixed = self.composites * min(total, 1.0) if singles else 1.0
        share = [
            mixed * shares[kind] / total
            if isinstance(kind, int) and total
            else 0.0
            if isinstance(kind, int)
            else (1 - mixed) / singles
            for kind in kinds
        ]
        weights = even * np.asarray(share)
        if not weights.any():
            weights = even
        found: NDArray[np.float64] = weights / weights.sum()
        return found

    def trouble(self, progress: float) -> Disturbance | None:
        """Return the trouble that requests meet by now."""
        return None if self.disturbance is None else self.disturbance.scaled(min(progress / _FULL_TROUBLE, 1.0))

    def _share(self, size: int, least: int, most: int, progress: float) -> float:
        """Tell how far composites of a size have come in: the larger, the later."""
        steps = max(most - least, 1)
        start = self.begin + (self.full - self.begin) * (size - least) / (steps + 1)
        end = self.begin + (self.full - self.begin) * (size - least + 1) / (steps + 1)
        return float(np.clip((progress - start) / max(end - start, 1e-9), 0.0, 1.0))
