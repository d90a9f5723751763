"""Making scenarios: which goals, on which machines, from which states."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.goals.composite import example_composites, sample_composites
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.starts import prepared, varied

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from igc_core.models import AnyGoal, CompositeGoal, Goal
    from igc_core.protocols import Survey
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.engine import Engine
    from igc_redfish.process.planner import Planner

#: Sub-goals of sampled composite goals.
PARTS = (2, 3, 4)
#: Attempts for each scenario wanted, before a machine counts as having no more to offer.
_PATIENCE = 4


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
        return sum(self.add(engine, book, goal, prepared(engine, book, goal), planner) for goal in goals)

    def add(self, engine: Engine, book: GoalBook, goal: AnyGoal, start: int | None, planner: Planner | None) -> bool:
        """Add the scenario of a goal from a start, and tell whether it has a solution.

        Args:
            engine: The machine.
            book: The goal handlers.
            goal: The goal.
            start: Number of the world at the beginning; None where the goal cannot be undone.
            planner: Drops what has no solution; None to check nothing.
        """
        if start is None:
            self.unprepared.append((engine.machine.name, goal))
            return False
        scenario = Scenario(engine, goal, book, start, self.rows)
        if planner is not None:
            scenario.shortest = planner.shortest(scenario)
            scenario.planner = planner
            if not scenario.shortest:
                self.unsolved.append((engine.machine.name, goal))
                return False
        self.scenarios.append(scenario)
        return True

    def add_machine(
        self,
        engine: Engine,
        book: GoalBook,
        *,
        families: Sequence[str] = (),
        per_family: int = 2,
        composites: int = 0,
        parts: Sequence[int] = PARTS,
        varied_starts: bool = False,
        seed: int = 0,
        planner: Planner | None = None,
    ) -> int:
        """Add scenarios of every family that a machine can express.

        Args:
            engine: The machine.
            book: The goal handlers.
            families: Only these; all where empty.
            per_family: Most scenarios of one family.
            composites: Most scenarios of composite goals: what people ask of such a machine, then random ones.
            parts: How many sub-goals these have.
            varied_starts: Whether episodes begin in states that differ from the capture, too; then a family with fewer
                goals than ``per_family`` gets several scenarios of each.
            seed: Which goals are drawn where there are more.
            planner: Drops what has no solution and measures the shortest one; without it nothing is checked.

        Returns:
            Number of scenarios added.
        """
        rng = np.random.default_rng(seed)
        survey = engine.reader(0)
        every = {family: list(handler.goals(survey)) for family, handler in book.families.items()}
        chosen: list[list[AnyGoal]] = [
            list(_spread(goals, per_family, rng))
            for family, goals in every.items()
            if not families or family in families
        ]
        most = [per_family] * len(chosen)
        if composites:
            chosen.append(list(_composites(survey, book, composites, parts, seed)))
            most.append(composites)
        if not varied_starts:
            return sum(self.add_goals(engine, book, goals, planner) for goals in chosen)
        others = [goal for goals in every.values() for goal in goals]
        return sum(
            self._add_varied(engine, book, goals, count, others, rng, planner)
            for goals, count in zip(chosen, most, strict=True)
        )

    def _add_varied(
        self,
        engine: Engine,
        book: GoalBook,
        goals: Sequence[AnyGoal],
        most: int,
        others: Sequence[Goal],
        rng: np.random.Generator,
        planner: Planner | None,
    ) -> int:
        """Add scenarios of some goals, from the capture first and from other states then, until there are enough."""
        seen: set[tuple[int, int]] = set()
        added = 0
        for attempt in range(_PATIENCE * most if goals else 0):
            if added >= most:
                break
            place = attempt % len(goals)
            first = attempt < len(goals)
            start = prepared(engine, book, goals[place]) if first else varied(engine, book, goals[place], others, rng)
            if start is not None and (place, start) in seen:
                continue
            if start is not None or first:
                seen.add((place, start or 0))
                added += self.add(engine, book, goals[place], start, planner)
        return added


def _composites(service: Survey, book: GoalBook, n: int, parts: Sequence[int], seed: int) -> list[CompositeGoal]:
    """List composite goals: recipes first, then samples, small ones and large ones in turn."""
    rng = Random(seed)  # noqa: S311 - draws exercises, not secrets
    recipes = [goal for goal in example_composites(service, book) if len(goal.goals) in parts]
    found = dict.fromkeys(recipes)
    share = -(-max(n - len(found), 0) // len(parts))
    drawn = [sample_composites(service, book, rng, share, size) for size in parts] if share else []
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
