"""Every goal that a captured machine can express is one that the planner reaches on it.

That every goal of the captures' own table is enumerated, or why not, is tested with the families (tests/goals).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from igc_redfish.capture import Capture
from igc_redfish.goals.book import GoalBook
from igc_redfish.machine import Machine
from igc_redfish.process.engine import Engine
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool

#: Goals that nothing reaches: capture and goal, with the reason. There are none.
REASONS: dict[tuple[str, str], str] = {}


def pooled(path: Path, book: GoalBook, per_family: int, composites: int = 0) -> Pool:
    engine, pool = Engine(Machine(Capture.open(path)), list(book)), Pool()
    pool.add_machine(engine, book, per_family=per_family, composites=composites, planner=Planner())
    return pool


def failures(captures: Path, book: GoalBook, per_family: int) -> tuple[int, set[tuple[str, str]]]:
    """Count the scenarios solved on all captures, and name the goals that are not."""
    solved, left = 0, set()
    for path in sorted(captures.glob("*.jsonl.gz")):
        pool = pooled(path, book, per_family)
        solved += len(pool.scenarios)
        left |= {(name, book.text(goal)) for name, goal in (*pool.unsolved, *pool.unprepared)}
    return solved, left


def test_one_goal_of_every_family_is_reached_on_every_capture(captures: Path, book: GoalBook) -> None:
    solved, left = failures(captures, book, per_family=1)
    assert left <= REASONS.keys()
    assert solved > 400


@pytest.mark.slow
def test_every_goal_is_reached_on_every_capture(captures: Path, book: GoalBook) -> None:
    solved, left = failures(captures, book, per_family=1000)
    assert left == REASONS.keys()
    assert solved > 2700


@pytest.mark.parametrize("name", ["dell-r750", "cray-ex235n", "dmtf-rackmount1"])
def test_composite_goals_of_real_machines_are_reached(captures: Path, book: GoalBook, name: str) -> None:
    pool = pooled(captures / f"{name}.jsonl.gz", book, per_family=0, composites=6)
    assert pool.unsolved == pool.unprepared == []
    assert len(pool.scenarios) == 6
