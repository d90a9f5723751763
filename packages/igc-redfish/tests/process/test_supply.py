"""Named machines, and fresh ones."""

from __future__ import annotations

import pytest

from igc_core.errors import GoalError
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.rows import Rows
from igc_redfish.process.supply import Supply

NAMED = "generated:6?size=60"


def target(book: GoalBook) -> str:
    """URI of the system of the named machine."""
    (_, _, goals), *_ = Supply(Rows(), book, options={"families": ["power"]}).survey([NAMED])
    return next(goal.parts[0].target for goal in goals)


def test_fresh_machines_that_lack_the_target_of_a_stated_goal_are_left_out(book: GoalBook) -> None:
    supply = Supply(Rows(), book, goals=[f"power off {target(book)}"])
    assert len(supply.pool([NAMED]).scenarios) == 1
    with pytest.raises(GoalError):
        supply.pool(["generated:1000001?size=60"])
    assert supply.fresh(2, seed=0).scenarios == []


def test_those_on_which_it_could_mean_several_resources_are_left_out_too(book: GoalBook) -> None:
    found = Supply(Rows(), book, goals=["power off"]).fresh(2, seed=0).scenarios
    assert [scenario.family for scenario in found] == ["power"], "the second one has many that can be powered off"
