from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_core.episode import run_episode
from igc_core.errors import AgentError
from igc_core.protocols import View
from igc_redfish.process.engine import Engine
from igc_redfish.process.oracles import PlannerAgent
from igc_redfish.process.planner import Planner
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.semantics import STEP_VALUES
from igc_redfish.process.trial import Trial

PoolOf = Callable[..., Any]
#: Machines of six manners.
SIX = (
    "generated:6",
    "generated:9?manner=terse&size=60",
    "generated:3",
    "generated:4",
    "generated:12?manner=numbered&size=150",
    "generated:7?manner=accelerator&size=200",
)
GOALS = (
    "power off",
    "power restart",
    "led on",
    "boot once source=Cd",
    "manager reset",
    "account delete user=eve",
    "account create user=alice password=aA3#secret9 role=Operator",
    """bios set attributes='{"Turbo":false}'""",
)


def fewest(scenario: Scenario, limit: int = 12) -> int:
    """Fewest requests by exhaustive search: over worlds, with the set of actions known and what was tried since."""
    engine = scenario.engine
    start = scenario.offer(engine.step(scenario.start, 1).document).actions.tolist()
    layer = {(scenario.start, 0, frozenset(start))}
    for length in range(1, limit):
        following: set[tuple[int, int, frozenset[int]]] = set()
        for world, stage, known in layer:
            for action in (0, *known):
                step = engine.step(world, action)
                progress = scenario.progress(step.world, stage)
                if progress.reached:
                    return length
                more = set(known)
                if step.document:
                    more.update(scenario.offer(step.document).actions.tolist())
                if step.status == 428:
                    more.add(engine.conditional_of(action))
                if step.world != world or len(more) > len(known):
                    following.add((step.world, progress.stage, frozenset(more)))
        layer = following
    return 0


@pytest.mark.parametrize("text", GOALS)
def test_the_shortest_is_that_of_exhaustive_search(scenario: Callable[..., Scenario], text: str) -> None:
    goal = scenario(text)
    assert Planner().shortest(goal) == fewest(goal, 7) > 0


@pytest.mark.parametrize("quirks", [{"require_if_match": True}, {"power_s": 45.0}, {"bios_jobs": True}], ids=str)
@pytest.mark.parametrize("text", ["led on", "power restart", "boot continuous source=Pxe"])
def test_the_shortest_minds_quirks_and_delays(
    scenario: Callable[..., Scenario], text: str, quirks: dict[str, Any]
) -> None:
    goal = scenario(text, **quirks)
    assert Planner().shortest(goal) == fewest(goal, 7) > 0


def follow(trial: Trial, planner: Planner, rng: np.random.Generator) -> int:
    """Take optimal actions, any of them, until the goal is reached; count them."""
    taken = 0
    while not trial.reached():
        best = planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
        slots = np.flatnonzero(np.isin(trial.slot_actions(), list(best)))
        assert slots.size, "every optimal action is hidden"
        trial.perform(int(rng.choice(slots)))
        taken += 1
    return taken


@pytest.mark.parametrize("source", SIX)
def test_any_optimal_action_keeps_the_solution_shortest(pool_of: PoolOf, source: str) -> None:
    pool, planner = pool_of(source)
    for index, scenario in enumerate(pool.scenarios):
        trial = Trial(scenario)
        assert follow(trial, planner, np.random.default_rng(index)) == scenario.shortest


@given(data=st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_from_anywhere_the_planner_reaches_the_goal(pool_of: PoolOf, data: st.DataObject) -> None:
    pool, planner = pool_of("generated:6")
    trial = Trial(data.draw(st.sampled_from(pool.scenarios)))
    for _ in range(data.draw(st.integers(0, 8))):
        if trial.reached():
            return
        trial.perform(data.draw(st.integers(0, len(trial.view().actions) - 1)))
    rest = [planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)]
    taken = follow(trial, planner, np.random.default_rng(0)) if rest[0] else 0
    assert taken <= trial.scenario.shortest + 4


@pytest.mark.parametrize("name", ["dell-r750", "hpe-dl360gen10plus", "dmtf-rackmount1"])
def test_the_planner_is_a_perfect_agent_on_real_machines(captures: Path, pool_of: PoolOf, name: str) -> None:
    pool, planner = pool_of(str(captures / f"{name}.jsonl.gz"))
    agent = PlannerAgent(planner)
    for scenario in pool.scenarios:
        outcome = run_episode(agent, Trial(scenario))
        assert (outcome.success, len(outcome.steps)) == (True, scenario.shortest)


# -- composite goals ---------------------------------------------------------------------------------------------------

COMPOSITES = (
    "led on and power off",
    "boot once source=Cd then power restart",
    """bios set attributes='{"Turbo":false}' and bios set attributes='{"Cores":2}' with at most 1 resets""",
    "power off then power on",
    "account delete user=eve and led on and power off",
)


@pytest.mark.parametrize("text", COMPOSITES)
def test_composite_goals_are_solved_as_well_as_by_exhaustive_search(
    scenario: Callable[..., Scenario], text: str
) -> None:
    goal = scenario(text)
    planner = Planner()
    shortest = planner.shortest(goal)
    if "account" not in text:
        assert shortest == fewest(goal, 7)
    assert follow(Trial(goal), planner, np.random.default_rng(0)) == shortest > 0


def test_a_limit_of_resets_that_cannot_be_kept_has_no_solution(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and power restart with at most 0 resets")
    assert Planner().shortest(goal) == 0


@pytest.mark.parametrize("source", ["generated:6", "generated:0", "generated:4"])
def test_examples_and_samples_of_composite_goals_are_solved(pool_of: PoolOf, source: str) -> None:
    pool, planner = pool_of(source, per_family=0, composites=9)
    assert pool.unsolved == pool.unprepared == []
    assert {len(scenario.goal.parts) for scenario in pool.scenarios} >= {2, 3}
    for scenario in pool.scenarios:
        trial = Trial(scenario)
        follow(trial, planner, np.random.default_rng(0))
        assert trial.steps <= trial.horizon
        assert trial.destroyed == 0


# -- the agent ---------------------------------------------------------------------------------------------------------


def test_the_planner_plays_only_where_it_can_look_behind_the_curtain(scenario: Callable[..., Scenario]) -> None:
    view = Trial(scenario("power off")).view()
    live = View(goal=view.goal, actions=view.actions, documents={})
    with pytest.raises(AgentError, match="simulated"):
        PlannerAgent().choose(live)


def test_two_engines_of_one_machine_are_not_mixed_up(
    host: Callable[..., Engine], scenario: Callable[..., Scenario]
) -> None:
    planner = Planner()
    assert [planner.shortest(scenario("power off", host())) for _ in range(3)] == [3, 3, 3]


def test_changes_so_far_are_told(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("led on and power off"))
    follow(trial, Planner(), np.random.default_rng(0))
    assert trial.observation()["values"][STEP_VALUES.index("changes so far")] == 2 / 8
