from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from igc_core.errors import ActionError
from igc_core.rest import Request
from igc_redfish.process.engine import Engine
from igc_redfish.process.ground import WAIT_ID, Step
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.semantics import SLOT_VALUES, STEP_VALUES, Rewards, horizon
from igc_redfish.process.trial import Trial

SYSTEM = "/redfish/v1/Systems/alpha"
ROOT = "/redfish/v1"


def shown(trial: Trial) -> list[tuple[str, str, Any]]:
    return [(item.request.method, item.request.uri, item.request.body) for item in trial.view().actions]


def do(trial: Trial, method: str, uri: str = "", body: Any = None, *, conditional: bool = False) -> Any:
    """Perform the action shown that sends this."""
    actions = trial.view().actions
    wanted = [
        index
        for index, item in enumerate(actions)
        if (item.request.method, item.request.uri, item.request.body) == (method, uri, body)
        and bool(item.request.headers) == conditional
    ]
    assert len(wanted) == 1, (method, uri, body, shown(trial))
    return trial.perform(wanted[0])


def go(trial: Trial, *names: str) -> None:
    for name in names:
        do(trial, "GET", f"{ROOT}/{name}")


def offered(trial: Trial, method: str, uri: str, body: Any = None) -> bool:
    return (method, uri, body) in shown(trial)


def power(kind: str) -> tuple[str, str, dict[str, str]]:
    return "POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": kind}


def test_an_episode_begins_at_the_root_and_knows_nothing_else(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off"))
    assert shown(trial) == [("GET", f"{ROOT}/{name}", None) for name in ("Systems", "Managers", "AccountService")]
    assert trial.view().current == ROOT
    assert list(trial.view().documents) == [ROOT]
    assert (trial.steps, trial.view().status, trial.reached()) == (0, 0, False)


def test_a_second_trial_begins_like_the_first(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    one, other = Trial(goal), Trial(goal)
    go(one, "Systems")
    third = Trial(goal)
    for key, array in other.observation().items():
        assert np.array_equal(array, third.observation()[key]), key


def test_what_was_read_offers_what_it_links_to(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off"))
    go(trial, "Systems", "Systems/alpha")
    assert offered(trial, *power("ForceOff"))
    assert trial.view().current == SYSTEM
    assert not any("Explode" in uri for _, uri, _ in shown(trial))


def test_reaching_the_goal_ends_and_pays(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off"))
    go(trial, "Systems", "Systems/alpha")
    done = do(trial, *power("ForceOff"))
    assert (done.terminated, done.truncated, trial.reached()) == (True, False, True)
    assert done.reward == pytest.approx(Rewards().request + Rewards().success)


def test_a_read_is_not_offered_again_until_the_world_may_have_changed(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("boot once source=Cd"))
    go(trial, "Systems", "Systems/alpha")
    assert not offered(trial, "GET", SYSTEM)
    do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"})
    assert offered(trial, "GET", SYSTEM)


def test_a_refused_request_is_masked_until_the_world_may_have_changed(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("led on and power off", reset_noop_refused=True))
    go(trial, "Systems", "Systems/alpha")
    refused = do(trial, *power("On"))
    assert refused.response.status >= 400
    assert refused.reward == pytest.approx(Rewards().request + Rewards().refused)
    assert trial.refused == 1
    assert not offered(trial, *power("On"))
    go(trial, "Managers")  # a read changes nothing
    assert not offered(trial, *power("On"))
    do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"})
    assert offered(trial, *power("On"))


def test_a_failure_of_the_service_may_be_retried_at_once(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    broken = [True]

    def perform(world: int, action: int) -> Step:
        if goal.engine.actions[action].request.uri.endswith("/Managers") and broken.pop():
            broken.append(False)
            return Step(world, 503, 0, pending=True)
        return goal.engine.step(world, action)

    trial = Trial(goal, perform=perform)
    failed = do(trial, "GET", f"{ROOT}/Managers")
    assert failed.reward == pytest.approx(Rewards().request + Rewards().refused)
    assert offered(trial, "GET", f"{ROOT}/Managers")
    assert offered(trial, "WAIT", "")
    assert do(trial, "GET", f"{ROOT}/Managers").response.status == 200


def test_a_demand_for_a_precondition_brings_the_conditional_twin(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("led on", require_if_match=True))
    go(trial, "Systems", "Systems/alpha")
    change = ("PATCH", SYSTEM, {"IndicatorLED": "Lit"})
    assert do(trial, *change).response.status == 428
    done = do(trial, *change, conditional=True)
    assert (done.response.ok, done.terminated) == (True, True)
    assert trial.refused == 1


def test_waiting_is_offered_while_something_is_under_way(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off", power_s=45.0))
    go(trial, "Systems", "Systems/alpha")
    assert not offered(trial, "WAIT", "")
    assert not do(trial, *power("GracefulShutdown")).terminated
    assert not do(trial, "WAIT").terminated
    done = do(trial, "WAIT")
    assert (done.terminated, done.response.status) == (True, 0)


def test_waiting_is_what_remains_where_nothing_else_is_legal(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    trial = Trial(goal, perform=lambda world, action: Step(world, 404 if action != WAIT_ID else 0, 0, pending=False))
    assert shown(trial) == [("WAIT", "", None)]


def test_running_out_of_requests_truncates(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off"), perform=lambda world, action: Step(world, 500, 0, pending=True))
    done = [trial.perform(0) for _ in range(horizon(1))]
    assert [step.truncated for step in done] == [False] * 29 + [True]
    assert not any(step.terminated for step in done)
    assert horizon(3) == 70


def test_nothing_is_offered_that_destroys_what_nobody_means(scenario: Callable[..., Scenario]) -> None:
    seen: dict[str, set[str]] = {}
    for text in ("led on", "account delete user=eve"):
        trial = Trial(scenario(text))
        go(trial, "AccountService", "AccountService/Accounts", "AccountService/Accounts/1", "AccountService/Accounts/2")
        seen[text] = {uri for method, uri, _ in shown(trial) if method == "DELETE"}
    assert seen == {"led on": set(), "account delete user=eve": {f"{ROOT}/AccountService/Accounts/2"}}


def test_destroying_what_the_goal_means_costs_nothing(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("account delete user=eve"))
    go(trial, "AccountService", "AccountService/Accounts", "AccountService/Accounts/2")
    done = do(trial, "DELETE", f"{ROOT}/AccountService/Accounts/2")
    assert done.reward == pytest.approx(Rewards().request + Rewards().success)
    assert trial.destroyed == 0


def test_destroying_what_only_looked_like_what_is_meant_is_dear(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account delete user=eve")
    engine, account = goal.engine, f"{ROOT}/AccountService/Accounts/1"

    def lie(world: int, action: int) -> Step:
        """Show the administrator under the name of another, as a stale read may."""
        step = engine.step(world, action)
        if engine.actions[action].request != Request("GET", account):
            return step
        read = engine.documents[step.document]
        return replace(step, document=engine.number_document(replace(read, body={**read.body, "UserName": "eve"})))

    trial = Trial(goal, perform=lie)
    go(trial, "AccountService", "AccountService/Accounts", "AccountService/Accounts/1")
    done = do(trial, "DELETE", account)
    assert done.response.status == 403
    assert done.reward == pytest.approx(Rewards().request + Rewards().refused + Rewards().destructive)
    assert trial.destroyed == 1


def test_sub_goals_are_paid_by_potential_and_undoing_them_costs_it(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("led on and power off"))
    half = Rewards().shaping / 2
    go(trial, "Systems", "Systems/alpha")
    assert do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"}).reward == pytest.approx(Rewards().request + half)
    assert trial.observation()["values"][STEP_VALUES.index("sub-goals")] == 0.5
    go(trial, "Systems/alpha")
    assert do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Off"}).reward == pytest.approx(Rewards().request - half)
    do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"})
    done = do(trial, *power("ForceOff"))
    assert done.terminated
    assert done.reward == pytest.approx(Rewards().request + half + Rewards().success)


def test_a_sequence_is_reached_in_its_order_only(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("boot once source=Cd then power restart"))
    go(trial, "Systems", "Systems/alpha")
    assert not do(trial, *power("ForceRestart")).terminated
    worded = trial.scenario.payloads["patch ComputerSystem"][0]
    do(trial, "PATCH", SYSTEM, worded)
    assert trial.stage != 0
    done = do(trial, *power("ForceRestart"))
    assert done.terminated
    observation = trial.observation()
    assert np.array_equal(observation["achieved_goal"], observation["desired_goal"])


def test_one_reset_too_many_is_not_what_was_wanted(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("led on and power restart with at most 1 resets"))
    go(trial, "Systems", "Systems/alpha")
    do(trial, *power("ForceRestart"))
    do(trial, *power("ForceOff"))
    do(trial, *power("On"))
    assert not do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"}).terminated
    observation = trial.observation()
    assert not np.array_equal(observation["achieved_goal"], observation["desired_goal"])


def test_too_few_slots_show_the_best_and_count_the_rest(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    trial, wide = Trial(goal, slots=4), Trial(goal)
    for one in (trial, wide):
        go(one, "Systems", "Systems/alpha")
    assert len(trial.view().actions) == 4
    assert offered(trial, *power("ForceOff"))
    assert trial.hidden == len(wide.view().actions) - 4
    assert trial.observation()["values"][STEP_VALUES.index("hidden actions")] > 0


def test_slots_tell_how_actions_fared(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("boot once source=Cd"))
    go(trial, "Systems", "Systems/alpha")
    do(trial, "PATCH", SYSTEM, {"IndicatorLED": "Lit"})
    again = shown(trial).index(("GET", SYSTEM, None))
    told = dict(zip(SLOT_VALUES, trial.observation()["slot_values"][again].tolist(), strict=True))
    assert (told["tried"], told["accepted"], told["refused"], told["wait"]) == (1, 1, 0, 0)
    assert told["age"] == pytest.approx(2 / 30)
    values = trial.observation()["values"]
    assert values[STEP_VALUES.index("pending")] == 1
    assert values[STEP_VALUES.index("changes so far")] == 1 / 8


@pytest.mark.parametrize("index", [-1, 3, 1000])
def test_an_empty_slot_sends_nothing(scenario: Callable[..., Scenario], index: int) -> None:
    trial = Trial(scenario("power off"))
    with pytest.raises(ActionError) as caught:
        trial.perform(index)
    assert caught.value.code == "action-illegal"
    assert trial.steps == 0


def test_masks_are_the_filled_slots(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    trial = Trial(goal, slots=96)
    assert trial.action_masks().tolist() == [True] * 3 + [False] * 93
    assert trial.observation()["candidates"].shape == (96,)
    assert trial.slot_actions().shape == (3,)


def test_there_are_as_many_slots_as_legal_actions_unless_told(scenario: Callable[..., Scenario]) -> None:
    trial = Trial(scenario("power off"))
    for name in ("Systems", "Systems/alpha"):
        assert trial.action_masks().tolist() == [True] * len(trial.view().actions)
        assert trial.observation()["candidates"].shape == trial.slot_actions().shape
        go(trial, name)
    assert trial.hidden == 0


def test_many_actions_and_steps_fit(host: Callable[..., Engine], scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off", host())
    trial = Trial(goal)
    rng = np.random.default_rng(0)
    while not (done := trial.perform(int(rng.integers(len(trial.view().actions))))).terminated and not done.truncated:
        view = trial.view()
        assert [action.request for action in view.actions[:]] == [action.request for action in view.actions]
        assert len(view.actions) == int(trial.action_masks().sum()) <= 96
        assert view.observation.layout is goal.rows.layout
