"""Making scenarios: which goals, on which machines, from which states."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.goals.composite import example_composites, sample_composites
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from igc_core.models import AnyGoal, CompositeGoal, Goal
    from igc_core.protocols import Survey
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.engine import Engine
    from igc_redfish.process.planner import Planner

#: Sub-goals of sampled composite goals.
_SIZES = (2, 3, 4)


@dataclass
class Pool:
    """Scenarios, and what was left out.

    Attributes:
        rows: Tables that all scenarios share.
        scenarios: Solvable scenarios.
        unsolved: Machine and goal of those for which the planner found no solution.
        unprepared: Machine and goal of those that hold from the start, with no way known to undo them.
    """

    rows: Rows = field(default_factory=Rows)
    scenarios: list[Scenario] = field(default_factory=list[Scenario])
    unsolved: list[tuple[str, AnyGoal]] = field(default_factory=list["tuple[str, AnyGoal]"])
    unprepared: list[tuple[str, AnyGoal]] = field(default_factory=list["tuple[str, AnyGoal]"])

    def add_goals(self, engine: Engine, book: GoalBook, goals: Iterable[AnyGoal], planner: Planner | None) -> int:
        """Add a scenario for each goal that is not reached at its start and that has a solution; count them."""
        added = 0
        for goal in goals:
            start = prepared(engine, book, goal)
            if start is None:
                self.unprepared.append((engine.machine.name, goal))
                continue
            scenario = Scenario(engine, goal, book, start, self.rows)
            if planner is not None:
                scenario.shortest = planner.shortest(scenario)
                if not scenario.shortest:
                    self.unsolved.append((engine.machine.name, goal))
                    continue
            self.scenarios.append(scenario)
            added += 1
        return added

    def add_machine(
        self,
        engine: Engine,
        book: GoalBook,
        *,
        families: Sequence[str] = (),
        per_family: int = 2,
        composites: int = 0,
        seed: int = 0,
        planner: Planner | None = None,
    ) -> int:
        """Add scenarios of every family that a machine can express.

        Args:
            engine: The machine.
            book: The goal handlers.
            families: Only these; all where empty.
            per_family: Most scenarios of one family.
            composites: Most scenarios of composite goals: what people ask of such a machine, then random ones of two
                to four sub-goals.
            seed: Which goals are drawn where there are more.
            planner: Drops what has no solution and measures the shortest one; without it nothing is checked.

        Returns:
            Number of scenarios added.
        """
        rng = np.random.default_rng(seed)
        survey = engine.reader(0)
        added = 0
        for family, handler in book.families.items():
            if families and family not in families:
                continue
            goals = list(handler.goals(survey))
            chosen = _spread(goals, per_family, rng)
            added += self.add_goals(engine, book, chosen, planner)
        if composites:
            added += self.add_goals(engine, book, _composites(survey, book, composites, seed), planner)
        return added


def prepared(engine: Engine, book: GoalBook, goal: AnyGoal) -> int | None:
    """Number a world in which a goal is not reached: the capture, or what the handlers make of it; None if neither."""
    world = 0
    for part in goal.parts:
        before = engine.reader(world)
        if not book.holds(part, before, before):
            continue
        engine.simulator.restore(engine.worlds[world])
        engine.simulator.apply(partial(book.handler(part.family).prepare, part))
        world = engine.present_world()
        now = engine.reader(world)
        if book.holds(part, now, now):
            return None
    return world


def _composites(service: Survey, book: GoalBook, n: int, seed: int) -> list[CompositeGoal]:
    """List composite goals: recipes first, then samples, small ones and large ones in turn."""
    rng = Random(seed)  # noqa: S311 - draws exercises, not secrets
    found = dict.fromkeys(example_composites(service, book))
    share = -(-max(n - len(found), 0) // len(_SIZES))
    drawn = [sample_composites(service, book, rng, share, size) for size in _SIZES] if share else []
    for goals in zip_longest(*drawn):
        found.update(dict.fromkeys(goal for goal in goals if goal is not None))
    return list(found)[:n]


def _spread(goals: Sequence[Goal], n: int, rng: np.random.Generator) -> list[Goal]:
    """Draw goals, with every verb represented before any comes twice."""
    by_verb: dict[str, list[Goal]] = {}
    order: list[int] = rng.permutation(len(goals)).tolist()
    for index in order:
        by_verb.setdefault(goals[index].verb, []).append(goals[index])
    found: list[Goal] = []
    while len(found) < n and any(by_verb.values()):
        for verb in sorted(by_verb):
            if by_verb[verb] and len(found) < n:
                found.append(by_verb[verb].pop())
    return found
