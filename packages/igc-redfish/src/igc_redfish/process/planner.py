"""The planner: shortest solutions with full knowledge of the machine.

It serves as upper bound, as labeller for imitation, and to drop scenarios that nothing solves. A plan is a sequence of
changes (and waits) that reaches the goal; its cost adds the reads that discover those changes, a Steiner tree in the
graph of links. Worlds are searched best first, with the number of sub-goals still open as lower bound.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import TYPE_CHECKING

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.capture.links import links
from igc_redfish.process.catalogue import Document, levers
from igc_redfish.process.engine import ROOT_ID, WAIT_ID, Engine, is_busy
from igc_redfish.process.lexicon import literal, operation_of
from igc_redfish.process.steiner import CoverCosts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from igc_core.rest import JsonObject
    from igc_redfish.process.scenario import Scenario

_PRECONDITION_REQUIRED = 428
#: The programme for Steiner trees takes time exponential in the number of terminals.
_MOST_TERMINALS = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that reach a goal.

    Attributes:
        actions: Numbers of the actions, in order.
        sources: For each action the resources that offer it, or None where an answer before it does.
    """

    actions: tuple[int, ...]
    sources: tuple[frozenset[str] | None, ...]


class Planner:
    """Finds shortest solutions of scenarios.

    Attributes:
        expansions: Most worlds that one search looks into.
        most_plans: Most plans that are kept of one search.
    """

    def __init__(self, *, expansions: int = 150, most_plans: int = 24) -> None:
        self.expansions = expansions
        self.most_plans = most_plans
        self._plans: dict[tuple[int, int, int], tuple[Plan, ...]] = {}
        self._covers: dict[tuple[int, int, tuple[frozenset[str], ...]], CoverCosts] = {}
        self._links: dict[int, Mapping[str, Sequence[str]]] = {}
        self._overlays: dict[tuple[int, int], Mapping[str, Sequence[str]]] = {}
        # What is known is filed by identity, so nothing that was filed may be collected and its identity reused.
        self._kept: dict[int, object] = {}

    def shortest(self, scenario: Scenario) -> int:
        """Number of requests of the shortest solution from the beginning, 0 where none was found."""
        offered = scenario.offer(scenario.engine.step(scenario.start, ROOT_ID).document).actions
        cost = self._cost(scenario, scenario.start, 0, offered)
        return 0 if cost == inf else int(cost)

    def optimal(self, scenario: Scenario, world: int, stage: int, known: NDArray[np.int32]) -> set[int]:
        """Numbers of all actions with which a shortest solution may go on.

        Args:
            scenario: The scenario.
            world: Number of the present world.
            stage: For ordered goals, how many sub-goals were reached in order.
            known: Numbers of the actions discovered so far.
        """
        numbers = set(known.tolist())
        reads = self._reads(scenario.engine, numbers)
        plans = self._search(scenario, world, stage)
        priced = [(self._price(scenario, world, plan, numbers, reads), plan) for plan in plans]
        best = min((cost for cost, _ in priced), default=inf)
        if best == inf:
            return set()
        found: set[int] = set()
        for cost, plan in priced:
            if cost == best:
                cover = self._cover(scenario, world, plan, numbers)
                found |= {reads[uri] for uri in cover.best_reads(list(reads))}
        changes = {action for _, plan in priced for action in plan.actions if action in numbers or action == WAIT_ID}
        return found | {action for action in changes if self._leads_on(scenario, world, stage, action, numbers, best)}

    # -- prices ------------------------------------------------------------------------------------------------------

    def _leads_on(self, scenario: Scenario, world: int, stage: int, action: int, known: set[int], best: float) -> bool:
        """Tell whether taking a known change now keeps the solution shortest."""
        step = scenario.engine.step(world, action)
        progress = scenario.progress(step.world, stage)
        if progress.reached:
            return best == 1
        after = set(known)
        if step.status == _PRECONDITION_REQUIRED:
            after.add(scenario.engine.conditional_of(action))
        elif step.world == world:
            return False
        if step.document:
            after.update(scenario.offer(step.document).actions.tolist())
        return self._cost_of(scenario, step.world, progress.stage, after) == best - 1

    def _cost(self, scenario: Scenario, world: int, stage: int, known: NDArray[np.int32]) -> float:
        return self._cost_of(scenario, world, stage, set(known.tolist()))

    def _cost_of(self, scenario: Scenario, world: int, stage: int, known: set[int]) -> float:
        reads = self._reads(scenario.engine, known)
        plans = self._search(scenario, world, stage)
        return min((self._price(scenario, world, plan, known, reads) for plan in plans), default=inf)

    def _price(self, scenario: Scenario, world: int, plan: Plan, known: set[int], reads: Mapping[str, int]) -> float:
        """Requests that a plan costs: its changes, but those whose conditional twin is known already, and reads."""
        actions = scenario.engine.actions
        spared = sum(number in known and bool(actions[number].request.headers) for number in plan.actions)
        return len(plan.actions) - spared + self._cover(scenario, world, plan, known).total(reads)

    def _cover(self, scenario: Scenario, world: int, plan: Plan, known: set[int]) -> CoverCosts:
        """Costs of discovering those changes of a plan that are not known yet; a lower bound beyond six places."""
        terminals = {
            sources
            for action, sources in zip(plan.actions, plan.sources, strict=True)
            if sources is not None and action not in known
        }
        needed = tuple(sorted(terminals, key=sorted))[:_MOST_TERMINALS]
        key = (id(scenario.engine), world, needed)
        if key not in self._covers:
            self._covers[key] = CoverCosts(needed, self._reverse(scenario.engine, world))
        return self._covers[key]

    @staticmethod
    def _reads(engine: Engine, known: Iterable[int]) -> dict[str, int]:
        """The known reads, by canonical URI."""
        found: dict[str, int] = {}
        for number in known:
            request = engine.actions[number].request
            if request.method == "GET":
                found[engine.machine.resolve(request.uri) or request.uri] = number
        return found

    # -- the graph of links ------------------------------------------------------------------------------------------

    def _reverse(self, engine: Engine, world: int) -> Mapping[str, Sequence[str]]:
        """Where each resource is linked from, what the world created included."""
        if id(engine) not in self._links:
            self._kept[id(engine)] = engine
            bodies = ((uri, engine.machine.get(uri) or {}) for uri in engine.machine.reachable)
            self._links[id(engine)] = _reversed(engine, bodies)
        base = self._links[id(engine)]
        changes = engine.worlds[world].changes
        if not changes:
            return base
        key = (id(engine), world)
        if key not in self._overlays:
            written = ((uri, version.body) for uri, version in changes.items() if version.body is not None)
            extra = _reversed(engine, written)
            self._overlays[key] = {**base, **{uri: [*base.get(uri, ()), *more] for uri, more in extra.items()}}
        return self._overlays[key]

    # -- the search over worlds --------------------------------------------------------------------------------------

    def _search(self, scenario: Scenario, world: int, stage: int) -> tuple[Plan, ...]:
        key = (id(scenario), world, stage)
        if key not in self._plans:
            self._kept[id(scenario)] = scenario
            self._plans[key] = tuple(self._find_plans(scenario, world, stage))
        return self._plans[key]

    def _find_plans(self, scenario: Scenario, world: int, stage: int) -> list[Plan]:
        """Search worlds best first; all plans of least length that come by are kept."""
        first = scenario.progress(world, stage)
        if first.reached:
            return [Plan((), ())]
        order = count()
        parts = len(scenario.goal.parts)
        queue = [(_unreached(first.share, parts), 0, next(order), world, first.stage, Plan((), ()))]
        seen = {(world, first.stage): 0}
        plans: list[Plan] = []
        least = inf
        for _ in range(self.expansions):
            if not queue or queue[0][0] > least:
                break
            _, _, _, here, at_stage, plan = heapq.heappop(queue)
            for there, further, grown in self._moves(scenario, here, at_stage, plan):
                progress = scenario.progress(there, further)
                if progress.failed:
                    continue
                length = len(grown.actions)
                if progress.reached:
                    if length <= least and len(plans) < self.most_plans:
                        least = min(least, length)
                        plans.append(grown)
                elif length < min(least, seen.get((there, progress.stage), inf)):
                    seen[there, progress.stage] = length
                    bound = length + _unreached(progress.share, parts)
                    heapq.heappush(queue, (bound, -length, next(order), there, progress.stage, grown))
        return [plan for plan in plans if len(plan.actions) == least]

    def _moves(self, scenario: Scenario, world: int, stage: int, plan: Plan) -> Iterator[tuple[int, int, Plan]]:
        """Yield what may be done in a world: the next world, the stage, and the plan so far."""
        engine = scenario.engine
        if is_busy(engine.worlds[world]):
            after = engine.step(world, WAIT_ID).world
            yield after, stage, Plan((*plan.actions, WAIT_ID), (*plan.sources, None))
        for action, sources in self._changes(scenario, world, stage).items():
            step = engine.step(world, action)
            grown = Plan((*plan.actions, action), (*plan.sources, sources))
            if step.status == _PRECONDITION_REQUIRED:
                twin = scenario.engine.conditional_of(action)
                step = engine.step(world, twin)
                grown = Plan((*grown.actions, twin), (*grown.sources, None))
            if step.world != world:
                yield step.world, stage, grown

    def _changes(self, scenario: Scenario, world: int, stage: int) -> dict[int, frozenset[str]]:
        """Changes that may serve a sub-goal still open, with the resources that offer them in a world."""
        found: defaultdict[int, set[str]] = defaultdict(set)
        for part in scenario.progress(world, stage).open:
            for number, uris in self._changes_for(scenario, part, world).items():
                found[number] |= uris
        return {number: frozenset(uris) for number, uris in found.items()}

    def _changes_for(self, scenario: Scenario, part: int, world: int) -> Mapping[int, set[str]]:
        engine = scenario.engine
        found: defaultdict[int, set[str]] = defaultdict(set)
        for uri in self._bearers(scenario, part, world):
            read = engine.number_of(Action(Request("GET", uri)))
            document = engine.step(world, read).document
            if not document:
                continue
            offered: list[int] = scenario.offer(document).actions.tolist()
            for number in offered:
                action = engine.actions[number]
                if operation_of(action) in scenario.operations[part] and _serves(action, scenario):
                    found[number].add(uri)
        return found

    @staticmethod
    def _bearers(scenario: Scenario, part: int, world: int) -> list[str]:
        """Resources that bear operations for a sub-goal and belong to what it is about."""
        engine, operations = scenario.engine, scenario.operations[part]
        found: dict[str, None] = {}
        for operation in sorted(operations):
            found.update(dict.fromkeys(engine.bearers.get(operation, ())))
        for uri, version in engine.worlds[world].changes.items():
            if version.body is None or engine.machine.get(uri) is not None:
                continue
            if operations & set(levers(Document(uri, version.body, ()))):
                found[uri] = None
        target, wholes = scenario.goal.parts[part].target, engine.wholes
        return [uri for uri in found if not _foreign(uri, target, wholes)]


def _serves(action: Action, scenario: Scenario) -> bool:
    """Tell whether a change could bring the goal nearer: it carries a value or a property of it, or no free choice."""
    words = scenario.words
    if action.request.method != "PATCH":
        return True
    return any(
        path.rpartition("/")[2].lower() in words.properties or literal(value) in words.literals
        for path, value in action.arguments
    ) or action.request.body in scenario.payloads.get(operation_of(action), ())


def _foreign(uri: str, target: str, wholes: frozenset[str]) -> bool:
    """Tell whether a resource is part of another whole than the target: of another system, another chassis."""
    mine, theirs = uri.split("/"), target.split("/")
    for index, (left, right) in enumerate(zip(mine, theirs, strict=False)):
        if left != right:
            return {"/".join(mine[: index + 1]), "/".join(theirs[: index + 1])} <= wholes
    return False


def _unreached(share: float, parts: int) -> int:
    """Count the sub-goals still open: each takes a change at least."""
    return max(1, round((1 - share) * parts))


def _reversed(engine: Engine, bodies: Iterable[tuple[str, JsonObject]]) -> dict[str, list[str]]:
    """List the resources that link to each one."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for uri, body in bodies:
        for target in dict.fromkeys(target for _, target in links(body, uri)):
            found[engine.machine.resolve(target) or target].append(uri)
    return found
