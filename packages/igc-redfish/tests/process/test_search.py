from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from igc_redfish.goals.book import GoalBook
from igc_redfish.goals.composite import sample_composites
from igc_redfish.process.engine import Engine
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.search import Search
from igc_redfish.sources import machines


def search(scenario: Scenario, **limits: int) -> Search:
    return Search(scenario, **{"expansions": 150, "most_plans": 24, **limits})


def test_every_plan_reaches_the_goal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and power off and boot once source=Cd")
    plans = search(goal).plans(goal.start, 0)
    assert plans
    for plan in plans:
        world = goal.start
        for action in plan.actions:
            world = goal.engine.step(world, action).world
        assert goal.progress(world, 0).reached
        assert len(plan.actions) == len(plan.sources) == 3


def test_what_remains_of_a_plan_is_filed_where_it_passes(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and power off")
    found = search(goal)
    plan = found.plans(goal.start, 0)[0]
    after = goal.engine.step(goal.start, plan.actions[0]).world
    steps = len(goal.engine.actions), len(goal.engine.worlds)
    assert plan.rest(1) in found.plans(after, 0)
    assert (len(goal.engine.actions), len(goal.engine.worlds)) == steps


@pytest.mark.parametrize("limit", [1, 2])
def test_a_search_that_may_not_look_further_finds_nothing(scenario: Callable[..., Scenario], limit: int) -> None:
    goal = scenario("power off then led on then power on")
    assert search(goal, expansions=limit).plans(goal.start, 0) == ()
    assert search(goal).plans(goal.start, 0)


def test_sub_goals_that_need_each_other_are_solved_together(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off then power on")
    (world,) = {goal.engine.step(goal.start, plan.actions[0]).world for plan in search(goal).plans(goal.start, 0)}
    assert world != goal.start


def test_many_waits_hide_no_solution(book: GoalBook) -> None:
    (machine,) = machines(["generated:14"])
    engine, pool = Engine(machine, list(book)), Pool()
    goals = sample_composites(engine.reader(0), book, Random(7), 8, 4)
    slow = [goal for goal in goals if any(part.family == "firmware" for part in goal.parts)]
    assert pool.add_goals(engine, book, slow, Planner()) == len(slow) > 1


def test_limits_are_told_apart_by_state(scenario: Callable[..., Any]) -> None:
    goal = scenario("power restart with at most 1 resets")
    found = search(goal)
    spent = goal.engine.step(goal.start, found.plans(goal.start, 0)[0].actions[0]).world
    assert goal.progress(spent, 0).reached
