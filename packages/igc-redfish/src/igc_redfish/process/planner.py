"""The planner: shortest solutions with full knowledge of the machine.

It serves as upper bound, as labeller for imitation, and to drop scenarios that nothing solves. A plan is a sequence of
changes (and waits) that reaches the goal; its cost adds the reads that discover those changes, a Steiner tree in the
graph of links.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.atlas import Atlas
from igc_redfish.process.ground import ROOT_ID, WAIT_ID
from igc_redfish.process.search import Search

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from igc_redfish.process.scenario import Scenario
    from igc_redfish.process.search import Plan
    from igc_redfish.process.steiner import CoverCosts

_PRECONDITION_REQUIRED = 428
#: Answers of ``optimal`` that are remembered for one scenario.
_MOST_ANSWERS = 10_000


class Planner:
    """Finds shortest solutions of scenarios.

    Attributes:
        expansions: Most worlds that one search looks into.
        most_plans: Most plans that are kept of one search.
    """

    def __init__(self, *, expansions: int = 150, most_plans: int = 24) -> None:
        self.expansions = expansions
        self.most_plans = most_plans
        # Scenarios and engines are filed by identity, which the searches and atlases keep from being reused.
        self._pricings: dict[int, _Pricing] = {}
        self._atlases: dict[int, Atlas] = {}

    def shortest(self, scenario: Scenario) -> int:
        """Number of requests of the shortest solution from the beginning, 0 where none was found."""
        offered = scenario.offer(scenario.simulated.step(scenario.start, ROOT_ID).document).actions
        cost = self._pricing(scenario).cost(scenario.start, 0, set(offered.tolist()))
        return 0 if cost == inf else int(cost)

    def optimal(self, scenario: Scenario, world: int, stage: int, known: NDArray[np.int32]) -> set[int]:
        """Numbers of all actions with which a shortest solution may go on.

        Args:
            scenario: The scenario.
            world: Number of the present world.
            stage: For ordered goals, how many sub-goals were reached in order.
            known: Numbers of the actions discovered so far.
        """
        return set(self._pricing(scenario).optimal(world, stage, known))

    def forget_others(self, scenarios: Iterable[Scenario]) -> None:
        """Let go of whatever is known of other scenarios than these, and of their machines."""
        kept = list(scenarios)
        mine, engines = {id(item) for item in kept}, {id(item.engine) for item in kept}
        self._pricings = {key: found for key, found in self._pricings.items() if key in mine}
        self._atlases = {key: found for key, found in self._atlases.items() if key in engines}

    def _pricing(self, scenario: Scenario) -> _Pricing:
        pricing = self._pricings.get(id(scenario))
        if pricing is None:
            atlas = self._atlases.get(id(scenario.simulated))
            if atlas is None:
                atlas = self._atlases[id(scenario.simulated)] = Atlas(scenario.simulated)
            search = Search(scenario, expansions=self.expansions, most_plans=self.most_plans)
            pricing = self._pricings[id(scenario)] = _Pricing(scenario, search, atlas)
        return pricing


class _Pricing:
    """What plans of one scenario cost, and which actions keep that least."""

    def __init__(self, scenario: Scenario, search: Search, atlas: Atlas) -> None:
        self._scenario = scenario
        self._search = search
        self._atlas = atlas
        self._answers: dict[tuple[int, int, bytes], frozenset[int]] = {}

    def optimal(self, world: int, stage: int, known: NDArray[np.int32]) -> frozenset[int]:
        """Numbers of all actions with which a shortest solution may go on; see :meth:`Planner.optimal`."""
        key = (world, stage, np.sort(known).tobytes())
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            found = self._answers[key] = frozenset(self._optimal(world, stage, set(known.tolist())))
        return found

    def cost(self, world: int, stage: int, known: set[int]) -> float:
        """Requests that the cheapest plan costs."""
        reads = self._atlas.reads(known)
        return min((cost for cost, _, _ in self._priced(world, stage, known, reads)), default=inf)

    def _optimal(self, world: int, stage: int, known: set[int]) -> set[int]:
        reads = self._atlas.reads(known)
        priced = self._priced(world, stage, known, reads)
        best = min((cost for cost, _, _ in priced), default=inf)
        if best == inf:
            return set()
        covers = {id(cover): cover for cost, _, cover in priced if cost == best}
        found = {reads[uri] for cover in covers.values() for uri in cover.best_reads(reads)}
        changes = {action for _, plan, _ in priced for action in plan.actions if action in known or action == WAIT_ID}
        return found | {action for action in changes if self._leads_on(world, stage, action, known, best)}

    def _leads_on(self, world: int, stage: int, action: int, known: set[int], best: float) -> bool:
        """Tell whether taking a known change now keeps the solution shortest."""
        scenario = self._scenario
        step = scenario.simulated.step(world, action)
        progress = scenario.progress(step.world, stage)
        if progress.reached:
            return best == 1
        after = set(known)
        if step.status == _PRECONDITION_REQUIRED:
            after.add(scenario.simulated.conditional_of(action))
        elif step.world == world:
            return False
        if step.document:
            after.update(scenario.offer(step.document).actions.tolist())
        return self.cost(step.world, progress.stage, after) == best - 1

    def _priced(
        self, world: int, stage: int, known: set[int], reads: Mapping[str, int]
    ) -> list[tuple[float, Plan, CoverCosts]]:
        """Price plans: their changes, but those whose conditional twin is known already, and the reads they need."""
        actions = self._scenario.simulated.actions
        totals: dict[int, float] = {}
        found: list[tuple[float, Plan, CoverCosts]] = []
        for plan in self._search.plans(world, stage):
            spared = sum(number in known and bool(actions[number].request.headers) for number in plan.actions)
            cover = self._cover(world, plan, known)
            total = totals.get(id(cover))
            if total is None:
                total = totals[id(cover)] = cover.total(reads)
            found.append((len(plan.actions) - spared + total, plan, cover))
        return found

    def _cover(self, world: int, plan: Plan, known: set[int]) -> CoverCosts:
        """Costs of discovering those changes of a plan that are not known yet; a lower bound beyond six places."""
        terminals = {
            sources
            for action, sources in zip(plan.actions, plan.sources, strict=True)
            if sources is not None and action not in known
        }
        return self._atlas.cover(world, terminals)
