"""Figures about many episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from pydantic import Field

from igc_agents.intervals import Estimate, ratios
from igc_agents.vector import path_efficiency
from igc_core.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_agents.evaluation import Result

_Key = TypeVar("_Key")


class Group(Model):
    """Episodes taken together.

    Attributes:
        episodes: How many.
        success: Share that reached the goal.
        efficiency: Success weighted by path length, over the episodes whose shortest path is known; None if none is.
        attained: Efficiency over the best that can be expected without knowledge of the machine, over the episodes
            where that is known; None if it never is.
        requests: Mean number of requests.
        refused: Mean number of refused requests; None where they were not counted.
        destructive: Mean number of destructive requests that no goal asked for; None where they were not counted.
    """

    episodes: int = Field(ge=1)
    success: Estimate
    efficiency: Estimate | None
    attained: Estimate | None = None
    requests: Estimate
    refused: Estimate | None
    destructive: Estimate | None = None

    def cells(self) -> dict[str, str]:
        """Word the figures for a table, by heading."""
        return {
            "n": str(self.episodes),
            "success": _text(self.success),
            "SPL": _text(self.efficiency),
            "SPL/best": _text(self.attained),
            "requests": _text(self.requests, ".1f"),
            "refused": _text(self.refused),
            "destructive": _text(self.destructive),
        }


class Report(Model):
    """How good an agent is.

    Attributes:
        seed: Seed of the intervals.
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
        """Yield one record a line of the table: all episodes, each family, each machine; the worst of them first."""
        yield {"episodes of": "all", **self.overall.cells()}
        for kind, groups in (("family", self.families), ("machine", self.machines)):
            for name in worst_first(groups):
                yield {"episodes of": f"{kind} {name}", **groups[name].cells()}

    def worst(self, n: int) -> Iterator[dict[str, str]]:
        """Yield one record for each of the ``n`` worst pairs of a machine and a family."""
        pairs = {(m, f): group for m, groups in self.families_by_machine.items() for f, group in groups.items()}
        for machine, family in worst_first(pairs)[:n]:
            yield {"machine": machine, "family": family, **pairs[machine, family].cells()}


def worst_first(groups: Mapping[_Key, Group]) -> list[_Key]:
    """Sort by success, then by efficiency; equals stay as they were."""

    def worth(key: _Key) -> tuple[float, float]:
        found = groups[key]
        return found.success.mean, found.efficiency.mean if found.efficiency else 1.0

    return sorted(groups, key=worth)


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

    def by(key: Callable[[Result], str], among: Iterable[Result]) -> dict[str, Group]:
        groups: dict[str, list[Result]] = {}
        for result in among:
            groups.setdefault(key(result), []).append(result)
        return {name: _group(groups[name], random) for name in sorted(groups) if name}

    machines = sorted({result.machine for result in results} - {""})
    return Report(
        seed=seed,
        overall=_group(results, random),
        families=by(lambda result: result.family, results),
        machines=by(lambda result: result.machine, results),
        families_by_machine={
            name: by(lambda result: result.family, (found for found in results if found.machine == name))
            for name in machines
        },
    )


def _group(results: Sequence[Result], random: np.random.Generator) -> Group:
    success = np.array([result.success for result in results])
    requests = np.array([result.requests for result in results])
    shortest = np.array([result.shortest for result in results])
    ceiling = _array([result.ceiling for result in results])
    efficiency = np.where(shortest > 0, path_efficiency(success, requests, shortest), np.nan)
    quantities = {
        "success": success.astype(np.float64),
        "efficiency": efficiency,
        "attained": np.where(np.isfinite(ceiling), efficiency, np.nan),
        "requests": requests.astype(np.float64),
        "refused": _array([result.refused for result in results]),
        "destructive": _array([result.destructive for result in results]),
    }
    known = {name: values for name, values in quantities.items() if np.isfinite(values).any()}
    counted = {name: np.isfinite(values).astype(np.float64) for name, values in known.items()}
    if "attained" in known:
        counted["attained"] *= np.nan_to_num(ceiling)
    above = np.stack([np.nan_to_num(values) for values in known.values()])
    found = ratios(above, np.stack(list(counted.values())), _scenarios(results), random)
    unknown: dict[str, Any] = dict.fromkeys(quantities)
    return Group(episodes=len(results), **unknown | dict(zip(known, found, strict=True)))


def _array(values: Sequence[float | None]) -> NDArray[np.float64]:
    """Make an array; what nobody knows is nan."""
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _scenarios(results: Sequence[Result]) -> NDArray[np.int64]:
    """Number the scenarios; an episode of an unknown one is one of its own."""
    numbers: dict[object, int] = {}
    keys = (
        (found.machine, found.family, found.scenario) if found.scenario else index
        for index, found in enumerate(results)
    )
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _text(found: Estimate | None, form: str = ".2f") -> str:
    return f"{found.mean:{form}} [{found.low:{form}}, {found.high:{form}}]" if found else ""
