"""The search over worlds: sequences of changes and waits that reach a goal.

Worlds are searched best first (A*). Of a composite goal every sub-goal is solved alone first: what those solutions use
is tried for the whole, and how long they are bounds what remains. Where that finds nothing, because one sub-goal
changes the circumstances of another, everything that serves the goal is tried.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count
from math import inf
from typing import TYPE_CHECKING

from igc_redfish.process.engine import is_busy
from igc_redfish.process.ground import WAIT_ID
from igc_redfish.process.guide import Guide
from igc_redfish.process.moves import Moves

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from igc_redfish.process.moves import Sources
    from igc_redfish.process.scenario import Progress, Scenario

_PRECONDITION_REQUIRED = 428
#: A sub-goal alone gets this part of the expansions of a whole search.
_SHARE_ALONE = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """Changes that reach a goal.

    Attributes:
        actions: Numbers of the actions, in order.
        sources: For each action the resources that offer it, or None where an answer before it does.
    """

    actions: tuple[int, ...] = ()
    sources: tuple[frozenset[str] | None, ...] = ()

    def then(self, action: int, sources: frozenset[str] | None) -> Plan:
        """Add an action."""
        return Plan((*self.actions, action), (*self.sources, sources))

    def rest(self, done: int) -> Plan:
        """Leave out what was done."""
        return Plan(self.actions[done:], self.sources[done:])


@dataclass(frozen=True, slots=True)
class _Task:
    """What one search is to reach, and how it is led.

    Attributes:
        reached: Tells whether a world is at the end of the search.
        parts: Sub-goals whose changes are tried.
        remaining: Bounds the requests that remain.
        allowed: The only changes tried, or None for all.
    """

    reached: Callable[[int, Progress], bool]
    parts: Callable[[Progress], Sequence[int]]
    remaining: Callable[[Progress, Plan], int]
    allowed: Container[int] | None = None


class Search:
    """Finds the plans of one scenario from any world, and keeps them.

    Attributes:
        expansions: Most worlds that one search looks into.
        most_plans: Most plans that are kept of one search.
    """

    def __init__(self, scenario: Scenario, *, expansions: int, most_plans: int) -> None:
        self.expansions = expansions
        self.most_plans = most_plans
        self._scenario = scenario
        self._moves = Moves(scenario)
        self._plans: dict[tuple[int, int], tuple[Plan, ...]] = {}
        self._alone: dict[tuple[int, int, int], tuple[Plan, ...]] = {}
        self._changes: dict[tuple[int, tuple[int, ...]], Sources] = {}

    def plans(self, world: int, stage: int) -> tuple[Plan, ...]:
        """Return plans of least length, none where the goal cannot be reached or was not within ``expansions``."""
        known = self._plans.get((world, stage))
        if known is None:
            self._plans[world, stage] = known = self._solve(world, stage)
        return known

    def _solve(self, world: int, stage: int) -> tuple[Plan, ...]:
        progress = self._scenario.progress(world, stage)
        plans = self._combine(world, progress) if len(self._scenario.goal.parts) > 1 else None
        if plans is None:
            plans = self._best_first(world, progress.stage, _WHOLE, self.expansions)
        self._keep_rests(world, progress.stage, plans)
        return plans

    # -- composite goals ---------------------------------------------------------------------------------------------

    def _combine(self, world: int, progress: Progress) -> tuple[Plan, ...] | None:
        """Solve a goal by what its open sub-goals take alone; None where that does not tell.

        What cannot be reached alone cannot be reached with others besides: a family names all operations it needs.
        """
        ordered = bool(getattr(self._scenario.goal, "ordered", False))
        solutions: dict[int, list[tuple[int, ...]]] = {}
        for part in progress.open:
            alone = self._solve_alone(part, world, progress.stage)
            if not alone and not ordered:
                return ()
            if not alone or not alone[0].actions:
                return None
            solutions[part] = [plan.actions for plan in alone]
        if not solutions:
            return None
        return self._best_first(world, progress.stage, _guided(Guide(solutions)), self.expansions) or None

    def _solve_alone(self, part: int, world: int, stage: int) -> tuple[Plan, ...]:
        """Find the shortest ways to one sub-goal, whatever becomes of the others."""
        key = (part, world, stage)
        if key not in self._alone:
            task = _Task(
                reached=lambda here, progress: self._holds(part, here, world, progress),
                parts=lambda _: (part,),
                remaining=lambda _progress, _plan: 1,
            )
            self._alone[key] = self._best_first(world, stage, task, max(1, self.expansions // _SHARE_ALONE))
        return self._alone[key]

    def _holds(self, part: int, world: int, since: int, progress: Progress) -> bool:
        scenario = self._scenario
        if not getattr(scenario.goal, "ordered", False):
            return part not in progress.open
        engine = scenario.simulated
        return scenario.book.holds(scenario.goal.parts[part], engine.reader(world), engine.reader(since))

    def _keep_rests(self, world: int, stage: int, plans: Sequence[Plan]) -> None:
        """File what remains of plans under the worlds that they pass: rests of shortest plans are shortest."""
        found: dict[tuple[int, int], dict[tuple[int, ...], Plan]] = {}
        for plan in plans:
            here, at_stage = world, stage
            for done, action in enumerate(plan.actions[:-1], 1):
                there = self._scenario.simulated.step(here, action).world
                if there != here:
                    here, at_stage = there, self._scenario.progress(there, at_stage).stage
                    rest = plan.rest(done)
                    found.setdefault((here, at_stage), {}).setdefault(rest.actions, rest)
        for key, rests in found.items():
            self._plans.setdefault(key, tuple(rests.values()))

    # -- the search --------------------------------------------------------------------------------------------------

    def _best_first(self, world: int, stage: int, task: _Task, expansions: int) -> tuple[Plan, ...]:
        """Search worlds best first; all plans of least length that come by are kept."""
        scenario, order = self._scenario, count()
        first = scenario.progress(world, stage)
        if task.reached(world, first):
            return (Plan(),)
        queue = [(task.remaining(first, Plan()), 0, next(order), world, first.stage, Plan())]
        seen = {(world, first.stage): 0}
        plans: list[Plan] = []
        least = inf
        for _ in range(expansions):
            if not queue or queue[0][0] > least:
                break
            _, _, _, here, at_stage, plan = heapq.heappop(queue)
            for there, grown in self._next(here, at_stage, plan, task):
                progress = scenario.progress(there, at_stage)
                if progress.failed:
                    continue
                length = len(grown.actions)
                if task.reached(there, progress):
                    if length <= least and len(plans) < self.most_plans:
                        least = min(least, length)
                        plans.append(grown)
                elif length < min(least, seen.get((there, progress.stage), inf)):
                    seen[there, progress.stage] = length
                    bound = length + task.remaining(progress, grown)
                    heapq.heappush(queue, (bound, -length, next(order), there, progress.stage, grown))
        return tuple(plan for plan in plans if len(plan.actions) == least)

    def _next(self, world: int, stage: int, plan: Plan, task: _Task) -> Iterator[tuple[int, Plan]]:
        """Yield what may be done in a world: the next world, and the plan so far."""
        engine = self._scenario.simulated
        if is_busy(engine.worlds[world]):
            yield engine.step(world, WAIT_ID).world, plan.then(WAIT_ID, None)
        parts = task.parts(self._scenario.progress(world, stage))
        for action, sources in self._changes_of(world, tuple(parts)).items():
            if task.allowed is not None and action not in task.allowed:
                continue
            step = engine.step(world, action)
            grown = plan.then(action, sources)
            if step.status == _PRECONDITION_REQUIRED:
                twin = engine.conditional_of(action)
                step = engine.step(world, twin)
                grown = grown.then(twin, None)
            if step.world != world:
                yield step.world, grown

    def _changes_of(self, world: int, parts: tuple[int, ...]) -> Sources:
        """Changes that may serve any of some sub-goals."""
        known = self._changes.get((world, parts))
        if known is None:
            known = {}
            for part in parts:
                for action, sources in self._moves.changes(part, world).items():
                    known[action] = known.get(action, frozenset()) | sources
            self._changes[world, parts] = known
        return known


_WHOLE = _Task(
    reached=lambda _, progress: progress.reached,
    parts=lambda progress: progress.open,
    remaining=lambda progress, _: max(1, len(progress.open)),
)


def _guided(guide: Guide) -> _Task:
    return _Task(
        reached=lambda _, progress: progress.reached,
        parts=lambda progress: progress.open,
        remaining=lambda progress, plan: guide.remaining(progress.open, plan.actions),
        allowed=guide.allowed,
    )
