"""How training stands."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from igc_agents.vector import Ended

#: Episodes that figures of the moment are taken over.
_WINDOW = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures of the moment.

    Attributes:
        phase: ``"imitation"`` or ``"reinforcement"``.
        done: Environment steps so far, of both phases.
        total: Environment steps that both phases ask for.
        steps_per_second: Over the last update, collecting and learning together.
        success: Share of the recent episodes that reached their goal.
        efficiency: Mean success weighted by path length of the recent episodes.
        requests: Mean length of the recent episodes.
    """

    phase: str
    done: int
    total: int
    steps_per_second: float
    success: float
    efficiency: float
    requests: float


class RecentEpisodes:
    """The episodes that ended last."""

    def __init__(self, families: Sequence[str] = ()) -> None:
        self._families = tuple(families)
        self._episodes: deque[tuple[float, float, float, float, int]] = deque(maxlen=_WINDOW)

    def __call__(self, ended: Ended) -> None:
        """Take note of episodes that ended."""
        columns = (ended.success, ended.efficiency, ended.length, ended.reward, ended.family)
        self._episodes.extend(zip(*(column.tolist() for column in columns), strict=True))

    @property
    def success(self) -> float:
        """Share that reached their goal; NaN before the first episode has ended."""
        return self._mean(0)

    @property
    def efficiency(self) -> float:
        """Mean success weighted by path length."""
        return self._mean(1)

    @property
    def requests(self) -> float:
        """Mean number of requests."""
        return self._mean(2)

    @property
    def reward(self) -> float:
        """Mean undiscounted return."""
        return self._mean(3)

    def success_by_family(self) -> dict[str, float]:
        """Share that reached their goal, by family; families without recent episodes are left out."""
        outcomes: dict[int, list[float]] = {}
        for episode in self._episodes:
            outcomes.setdefault(episode[4], []).append(episode[0])
        return {self._name(family): float(np.mean(found)) for family, found in sorted(outcomes.items())}

    def _mean(self, column: int) -> float:
        return float(np.mean([episode[column] for episode in self._episodes])) if self._episodes else float("nan")

    def _name(self, family: int) -> str:
        return next(iter(islice(self._families, family, None)), str(family))


def finite(metrics: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Drop figures that are not numbers, for files that have no word for them."""
    return {name: float(value) for name, value in metrics if np.isfinite(value)}
