"""Figures about many episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from igc_agents.vector import path_efficiency
from igc_core.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_agents.evaluation import Result

#: Bootstrap samples, and the share of them that an interval covers.
_SAMPLES, _COVERAGE = 2000, 0.95


class Estimate(Model):
    """A mean, and the 95 % interval of the percentile bootstrap over episodes (Efron and Tibshirani, 1993)."""

    mean: float
    low: float
    high: float


class Group(Model):
    """Episodes taken together.

    Attributes:
        episodes: How many.
        success: Share that reached the goal.
        efficiency: Success weighted by path length, over the episodes whose shortest path is known; None if none is.
        requests: Mean number of requests.
        refused: Mean number of refused requests; None where they were not counted.
        destructive: Mean number of destructive requests that no goal asked for; None where they were not counted.
    """

    episodes: int = Field(ge=1)
    success: Estimate
    efficiency: Estimate | None
    requests: Estimate
    refused: Estimate | None
    destructive: Estimate | None = None


class Report(Model):
    """How good an agent is.

    Attributes:
        seed: Seed of the episodes, of the agent's choices and of the intervals.
        overall: All episodes.
        families: By family of the goal.
        machines: By machine.
        families_by_machine: By machine, then by family.
    """

    seed: int
    overall: Group
    families: dict[str, Group]
    machines: dict[str, Group]
    families_by_machine: dict[str, dict[str, Group]]

    def rows(self) -> Iterator[dict[str, str]]:
        """Yield one record a line of the table: first all episodes, then each family, then each machine."""
        yield _row("all", self.overall)
        for name, group in self.families.items():
            yield _row(f"family {name}", group)
        for name, group in self.machines.items():
            yield _row(f"machine {name}", group)


def summarise(results: Sequence[Result], *, seed: int = 0) -> Report:
    """Take episodes together.

    Args:
        results: At least one.
        seed: Seed of the intervals.

    Raises:
        ValueError: There are no results.
    """
    if not results:
        raise ValueError("there are no episodes to summarise")
    random = np.random.default_rng(seed)

    def by(key: Callable[[Result], str], among: Sequence[Result]) -> dict[str, Group]:
        names = sorted({key(result) for result in among})
        return {name: _group([found for found in among if key(found) == name], random) for name in names if name}

    machines = sorted({result.machine for result in results} - {""})
    return Report(
        seed=seed,
        overall=_group(results, random),
        families=by(lambda result: result.family, results),
        machines=by(lambda result: result.machine, results),
        families_by_machine={
            name: by(lambda result: result.family, [found for found in results if found.machine == name])
            for name in machines
        },
    )


def estimate(values: NDArray[np.float64], random: np.random.Generator) -> Estimate:
    """Give the mean of at least one value, and its interval."""
    drawn = values[random.integers(len(values), size=(_SAMPLES, len(values)))].mean(1)
    low, high = np.quantile(drawn, [(1 - _COVERAGE) / 2, (1 + _COVERAGE) / 2])
    return Estimate(mean=float(values.mean()), low=float(low), high=float(high))


def _group(results: Sequence[Result], random: np.random.Generator) -> Group:
    success = np.array([result.success for result in results])
    requests = np.array([result.requests for result in results])
    shortest = np.array([result.shortest for result in results])
    refused = [result.refused for result in results if result.refused is not None]
    destructive = [result.destructive for result in results if result.destructive is not None]
    known = shortest > 0
    efficiency = path_efficiency(success[known], requests[known], shortest[known])
    return Group(
        episodes=len(results),
        success=estimate(success.astype(np.float64), random),
        efficiency=estimate(efficiency, random) if known.any() else None,
        requests=estimate(requests.astype(np.float64), random),
        refused=estimate(np.array(refused, np.float64), random) if refused else None,
        destructive=estimate(np.array(destructive, np.float64), random) if destructive else None,
    )


def _row(name: str, group: Group) -> dict[str, str]:
    return {
        "episodes of": name,
        "n": str(group.episodes),
        "success": _text(group.success),
        "SPL": _text(group.efficiency),
        "requests": _text(group.requests, ".1f"),
        "refused": _text(group.refused),
        "destructive": _text(group.destructive),
    }


def _text(found: Estimate | None, form: str = ".2f") -> str:
    return f"{found.mean:{form}} [{found.low:{form}}, {found.high:{form}}]" if found else ""
