from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.process.ceiling import Ceiling, draw_on, in_vain
from igc_redfish.process.engine import Engine
from igc_redfish.process.fairness import equally_informed, look_alikes
from igc_redfish.process.planner import Planner
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.trial import Trial


def test_one_of_sixteen_takes_seven_and_a_half_reads_in_vain() -> None:
    chances = in_vain(15, 1)
    assert chances.tolist() == pytest.approx([1 / 16] * 16)
    assert chances @ np.arange(16) == pytest.approx(7.5)


@given(bad=st.integers(0, 6), good=st.integers(1, 4), needed=st.integers(1, 4))
def test_draws_are_those_of_every_order(bad: int, good: int, needed: int) -> None:
    needed = min(needed, good)
    counted = np.zeros(bad + 1)
    for places in combinations(range(bad + good), good):
        counted[places[needed - 1] - (needed - 1)] += 1
    drawn = np.ones(1)
    for found in range(needed):
        drawn = draw_on(drawn, bad, good - found)
    assert drawn.tolist() == pytest.approx((counted / counted.sum()).tolist())


def test_what_is_not_ambiguous_can_be_reached_in_the_fewest_requests(scenario: Callable[..., Scenario]) -> None:
    ceiling = Ceiling(Planner())
    assert ceiling.of(scenario("power off")) == 1
    assert ceiling.of(scenario("account create user=alice password=aA3#secret9 role=Operator")) == 1


def test_one_of_two_numbered_accounts_is_found_at_once_half_the_time(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account delete user=eve")
    assert Planner().shortest(goal) == 4
    assert Ceiling(Planner()).of(goal) == pytest.approx((1 + 4 / 5) / 2)


def test_two_wishes_about_one_account_take_one_search(scenario: Callable[..., Scenario]) -> None:
    both = scenario("account disable user=eve and account role user=eve role=Operator")
    shortest = Planner().shortest(both)
    assert Ceiling(Planner()).of(both) == pytest.approx((1 + shortest / (shortest + 1)) / 2)


def test_without_a_solution_there_is_no_ceiling(scenario: Callable[..., Scenario]) -> None:
    assert isnan(Ceiling(Planner()).of(scenario("led on and power restart with at most 0 resets")))


def fair_slots(trial: Trial, planner: Planner) -> list[int]:
    """Slots that a planner takes which cannot tell look-alikes apart."""
    best = list(planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions))
    seen, actions = trial.observation(), trial.view().actions
    sources: dict[str, int] = {}
    origins = np.asarray([sources.setdefault(action.source, len(sources)) for action in actions])
    fair = equally_informed(
        look_alikes(seen["candidates"][: len(actions)], origins),
        np.isin(trial.slot_actions(), best),
        np.asarray([not action.request.mutates for action in actions]),
        seen["slot_values"][: len(actions), 0] > 0,
    )
    return np.flatnonzero(fair).tolist()


def efficiencies(scenario: Scenario, planner: Planner, runs: int) -> list[float]:
    """How well an agent fares that takes any action as right as the best one, as far as it can tell."""
    rng, found = np.random.default_rng(0), []
    for _ in range(runs):
        trial = Trial(scenario)
        while not trial.reached():
            trial.perform(int(rng.choice(fair_slots(trial, planner))))
        found.append(scenario.shortest / trial.steps)
    return found


def test_an_agent_that_guesses_among_look_alikes_comes_to_the_ceiling(pool_of: Callable[..., Any]) -> None:
    pool, planner = pool_of("generated:0")
    ceiling = Ceiling(planner)
    goals = [scenario for scenario in pool.scenarios if ceiling.of(scenario) < 1]
    assert goals
    for scenario in goals:
        found = efficiencies(scenario, planner, 200)
        assert np.mean(found) == pytest.approx(ceiling.of(scenario), abs=4 * np.std(found) / 200**0.5)


def test_of_ways_as_short_the_one_without_guessing_counts(
    host: Callable[..., Engine], scenario: Callable[..., Scenario]
) -> None:
    engine = host()
    world, manager, service = engine.simulator.world, "/redfish/v1/Managers/bmc", "/redfish/v1/AccountService"
    link = {"Links": {"Account": {"@odata.id": f"{service}/Accounts/2"}}}
    # The way that leads to guessing comes first.
    first = {"AccountService": {"@odata.id": service}, "Name": "Root"}
    world.write("/redfish/v1", {**first, **(world.get("/redfish/v1") or {}), **first})
    world.write(manager, {**(world.get(manager) or {}), **link})
    plain = scenario("account delete user=eve", engine)
    linked = Scenario(engine, plain.goal, plain.book, engine.present_world(), plain.rows)
    planner = Planner()
    assert planner.shortest(plain) == planner.shortest(linked) == 4
    assert Ceiling(planner).of(plain) < Ceiling(planner).of(linked) == 1
