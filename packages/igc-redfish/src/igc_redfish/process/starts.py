"""Worlds to begin an episode in: the captured one where it will do, and others that a machine might be found in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from igc_redfish.goals.composite import compatible
from igc_redfish.process.engine import is_busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from igc_core.models import AnyGoal, Goal
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.process.engine import Engine

#: Most things about which a start differs from the capture.
_MOST_CHANGES = 4


def prepared(engine: Engine, book: GoalBook, goal: AnyGoal, world: int = 0) -> int | None:
    """Number a world in which a goal is not reached.

    Args:
        engine: The machine.
        book: The goal handlers.
        goal: The goal.
        world: Where to begin; the capture by default.

    Returns:
        That world itself, or what the handlers make of it; None where they cannot undo the goal.
    """
    for part in goal.parts:
        before = engine.reader(world)
        if not book.holds(part, before, before):
            continue
        world = _undone(engine, book, part, world)
        now = engine.reader(world)
        if book.holds(part, now, now):
            return None
    return world


def varied(
    engine: Engine, book: GoalBook, goal: AnyGoal, others: Sequence[Goal], rng: np.random.Generator
) -> int | None:
    """Number a world that differs from the capture in up to four other things, and in which a goal is not reached.

    What other goals want and already hold is undone: a machine is off, a light is on, a service is disabled.

    Args:
        engine: The machine.
        book: The goal handlers.
        goal: The goal.
        others: Goals of the machine, its own included.
        rng: Draws what differs.

    Returns:
        Number of the world, or None where the goal cannot be undone in it.
    """
    world = 0
    drawn: list[int] = rng.permutation(len(others))[: 3 * _MOST_CHANGES].tolist()
    for index in drawn[: int(rng.integers(1, 3 * _MOST_CHANGES))]:
        other = others[index]
        now = engine.reader(world)
        if all(compatible(other, part, book) for part in goal.parts) and book.holds(other, now, now):
            world = _undone(engine, book, other, world)
    return None if is_busy(engine.worlds[world]) else prepared(engine, book, goal, world)


def _undone(engine: Engine, book: GoalBook, goal: Goal, world: int) -> int:
    engine.simulator.restore(engine.worlds[world])
    engine.simulator.apply(partial(book.handler(goal.family).prepare, goal))
    return engine.present_world()
