"""Every goal that a captured machine can express is one that the planner reaches on it.

That every goal of the captures' own table is enumerated, or why not, is tested with the families (tests/goals).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from igc_core.episode import run_episode
from igc_redfish.capture import Capture
from igc_redfish.goals.book import GoalBook
from igc_redfish.machine import Machine
from igc_redfish.process.engine import Engine
from igc_redfish.process.oracles import PlannerAgent
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.semantics import SLOTS
from igc_redfish.process.trial import Trial

_STRIPED = (
    "volume create /redfish/v1/Systems/Sys-1/Storage/NVMeSSD-EG/Volumes raid={raid} "
    """'drives=["/redfish/v1/Chassis/Sys-1Chassis/Drives/NVMeDrive1"]'"""
)
_NOT_SAID = "the volume on the drive does not say that it uses it, so the goal gives no authority to delete it"

#: Goals without a plan: capture and goal, with the reason.
REASONS = {("sunfish-nvmeof", _STRIPED.format(raid=raid)): _NOT_SAID for raid in ("None", "RAID0")}


def pooled(path: Path, book: GoalBook, planner: Planner, per_family: int, composites: int = 0) -> Pool:
    engine, pool = Engine(Machine(Capture.open(path)), list(book)), Pool()
    pool.add_machine(engine, book, per_family=per_family, composites=composites, planner=planner)
    return pool


def steps_taken(scenario: Scenario, planner: Planner, slots: int) -> int:
    """Follow the planner request by request; 0 where the goal is not reached so."""
    outcome = run_episode(PlannerAgent(planner), Trial(scenario, slots=slots))
    return len(outcome.steps) if outcome.success else 0


def test_every_goal_is_reached_on_every_capture_in_the_steps_that_were_planned(captures: Path, book: GoalBook) -> None:
    solved, left, otherwise, hidden = 0, set(), [], []
    for path in sorted(captures.glob("*.jsonl.gz")):
        planner = Planner()
        pool = pooled(path, book, planner, per_family=1000)
        solved += len(pool.scenarios)
        left |= {(name, book.text(goal)) for name, goal in (*pool.unsolved, *pool.unprepared)}
        for scenario in pool.scenarios:
            if steps_taken(scenario, planner, SLOTS) != scenario.shortest:
                (part,) = scenario.goal.parts
                hidden.append((path.name, part.family, part.verb))
                if steps_taken(scenario, planner, 4096) != scenario.shortest:
                    otherwise.append((path.name, book.shown(scenario.goal)))
    assert left == REASONS.keys()
    assert otherwise == [], "with a slot for every action each plan takes as many requests as it promised"
    assert hidden == [], "whatever a plan takes finds a slot"
    assert solved > 2700


@pytest.mark.parametrize("name", ["dell-r750", "cray-ex235n", "dmtf-rackmount1"])
def test_composite_goals_of_real_machines_are_reached(captures: Path, book: GoalBook, name: str) -> None:
    pool = pooled(captures / f"{name}.jsonl.gz", book, Planner(), per_family=0, composites=6)
    assert pool.unsolved == pool.unprepared == []
    assert len(pool.scenarios) == 6
