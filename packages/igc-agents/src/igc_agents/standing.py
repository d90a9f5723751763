"""How training stands."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from igc_agents.vector import Ended

#: Episodes of a process that figures of the moment are taken over.
_WINDOW = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """Figures of the moment.

    Attributes:
        phase: ``"imitation"`` or ``"reinforcement"``.
        done: Environment steps so far, of both phases and of all processes.
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


@dataclass(frozen=True, slots=True)
class EpisodeTotals:
    """Sums over episodes, of one process or of several.

    Attributes:
        count: Number of episodes.
        sums: Successes, efficiencies, requests and undiscounted returns.
        families: Episodes and successes of each family.
    """

    count: int = 0
    sums: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    families: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    @classmethod
    def gathered(cls, texts: Iterable[str]) -> Self:
        """Add up what :meth:`to_json` gave in several processes."""
        found = [json.loads(text) for text in texts]
        families: dict[str, tuple[int, int]] = {}
        for name, (episodes, successes) in (item for one in found for item in one["families"].items()):
            before = families.get(name, (0, 0))
            families[name] = before[0] + episodes, before[1] + successes
        sums = tuple(float(sum(column)) for column in zip(*(one["sums"] for one in found), strict=True))
        return cls(sum(one["count"] for one in found), sums, families)

    def to_json(self) -> str:
        """Word the sums for another process."""
        return json.dumps({"count": self.count, "sums": self.sums, "families": self.families})

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
        return {name: successes / episodes for name, (episodes, successes) in self.families.items()}

    def _mean(self, column: int) -> float:
        return self.sums[column] / self.count if self.count else float("nan")


class RecentEpisodes:
    """The episodes of one process that ended last.

    Attributes:
        families: Names of the families that episodes number from now on.
    """

    def __init__(self, families: Sequence[str] = ()) -> None:
        self.families = tuple(families)
        self._episodes: deque[tuple[float, float, float, float, str]] = deque(maxlen=_WINDOW)

    def __call__(self, ended: Ended) -> None:
        """Take note of episodes that ended."""
        columns = (ended.success, ended.efficiency, ended.length, ended.reward)
        names = [self._name(family) for family in ended.family.tolist()]
        self._episodes.extend(zip(*(column.tolist() for column in columns), names, strict=True))

    def totals(self) -> EpisodeTotals:
        """Add them up."""
        outcomes: dict[str, list[float]] = {}
        for episode in self._episodes:
            outcomes.setdefault(episode[4], []).append(episode[0])
        families = {name: (len(found), int(sum(found))) for name, found in sorted(outcomes.items())}
        if not self._episodes:
            return EpisodeTotals()
        *columns, _ = zip(*self._episodes, strict=True)
        return EpisodeTotals(len(self._episodes), tuple(float(sum(column)) for column in columns), families)

    def _name(self, family: int) -> str:
        return next(iter(islice(self.families, family, None)), str(family))


def finite(metrics: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Drop figures that are not numbers, for files that have no word for them."""
    return {name: float(value) for name, value in metrics if np.isfinite(value)}
