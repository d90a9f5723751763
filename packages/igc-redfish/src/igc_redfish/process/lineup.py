"""The scenarios that episodes are drawn from, as arrays."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.semantics import horizon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_redfish.process.scenario import Scenario


class Lineup:
    """Scenarios, and what is constant about each; every array has one entry a scenario.

    Attributes:
        scenarios: The scenarios.
        families: Names that ``family`` numbers.
        machines: Names that ``machine`` numbers.
        family: Number of the goal's family, int16.
        machine: Number of the machine, int16.
        shortest: Requests of the shortest solution, int32, 0 where unknown.
        every: Bits of all sub-goals, int32.
        staged: Bits of those whose values take a restart, int32.
        spent: Bits of those that a start of the host undoes, int32.
        made: Bits of those that want something new, int32.
        ordered: Whether the sub-goals must be reached in their order, int32.
        max_resets: The most host resets that may happen, int32, -1 for any number.
        desired: Wanted values as token ids, shape ``(n, 8)``, int32.
        parts: Number of sub-goals, int32.
        horizons: Most requests of an episode, int32.
        weights: Probability of being drawn, float64.
    """

    def __init__(self, scenarios: Sequence[Scenario], weights: NDArray[np.float64] | None = None) -> None:
        """Arrange scenarios.

        Args:
            scenarios: At least one.
            weights: How often each is drawn; if None every family equally often, and in a family every machine.
        """
        self.scenarios = list(scenarios)
        names = [scenario.engine.machine.name for scenario in scenarios]
        self.families = tuple(sorted({scenario.family for scenario in scenarios}))
        self.machines = tuple(sorted(set(names)))
        self.family = np.asarray([self.families.index(item.family) for item in scenarios], np.int16)
        self.machine = np.asarray([self.machines.index(name) for name in names], np.int16)
        self.shortest = np.asarray([item.shortest for item in scenarios], np.int32)
        self.every = np.asarray([item.every for item in scenarios], np.int32)
        self.staged = np.asarray([item.staged for item in scenarios], np.int32)
        self.spent = np.asarray([item.spent for item in scenarios], np.int32)
        self.made = np.asarray([item.made for item in scenarios], np.int32)
        self.ordered = np.asarray([item.ordered for item in scenarios], np.int32)
        limits = [item.max_resets for item in scenarios]
        self.max_resets = np.asarray([-1 if limit is None else limit for limit in limits], np.int32)
        self._goal_rows = np.full((len(scenarios), int(self.every.max()) + 1), -1, np.int32)
        self.desired = np.asarray([item.desired for item in scenarios], np.int32)
        self.parts = np.asarray([len(item.goal.parts) for item in scenarios], np.int32)
        self.horizons = np.asarray([horizon(len(item.goal.parts)) for item in scenarios], np.int32)
        self.weights = _even(scenarios) if weights is None else weights / weights.sum()

    @property
    def captures(self) -> dict[str, str]:
        """Hash of every machine's capture, by its name."""
        machines = {id(item.engine): item.engine.machine for item in self.scenarios}
        return {machine.name: machine.capture.digest for machine in machines.values()}

    @cached_property
    def ceilings(self) -> NDArray[np.float64]:
        """The best SPL that can be expected of each scenario, nan where nothing is known."""
        return np.asarray([item.ceiling for item in self.scenarios], np.float64)

    def goal_rows(self, drawn: NDArray[np.int64], parts: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the rows in the table of goals of some sub-goals of each scenario, given as bits."""
        found = self._goal_rows[drawn, parts]
        for index in np.flatnonzero(found < 0).tolist():
            place, bits = int(drawn[index]), int(parts[index])
            found[index] = self._goal_rows[place, bits] = self.scenarios[place].goal_row(bits)
        return found

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[np.int64]:
        """Draw scenarios by their weights, shape ``(n,)``."""
        return rng.choice(len(self.scenarios), size=n, p=self.weights)

    def summary(self, drawn: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
        """Tell of episodes which scenario each is."""
        return {
            "shortest": self.shortest[drawn],
            "family": self.family[drawn],
            "machine": self.machine[drawn],
            "scenario": drawn.copy(),
        }


def _even(scenarios: Sequence[Scenario]) -> NDArray[np.float64]:
    """Weigh every family the same, within a family every machine, and there every scenario."""
    pairs = [(scenario.family, scenario.engine.machine.name) for scenario in scenarios]
    machines = Counter(family for family, _ in set(pairs))
    alike = Counter(pairs)
    weights = [1 / (machines[pair[0]] * alike[pair]) for pair in pairs]
    return np.asarray(weights, np.float64) / sum(weights)
