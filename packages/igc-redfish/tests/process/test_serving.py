from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process.catalogue import flatten
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.serving import carries, undoes

ROOT = "/redfish/v1"
SYSTEM, ACCOUNTS = f"{ROOT}/Systems/alpha", f"{ROOT}/AccountService/Accounts"


def test_a_change_carries_a_goal_where_it_brings_the_wanted_values(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=ann password=aA3#secret role=Operator").words
    (body,) = goal.payloads["create ManagerAccount"]
    arguments = tuple(body.items())
    worded = Action(Request("POST", ACCOUNTS, body), ACCOUNTS, "X", "create ManagerAccount", arguments)
    assert carries(worded, goal)
    assert not carries(Action(Request("POST", ACCOUNTS, {}), ACCOUNTS, "X", "create ManagerAccount"), goal)
    assert not carries(Action(Request("POST", ACCOUNTS, body), ACCOUNTS, "X", "create Session", arguments), goal)


def test_ejecting_prepares_an_insertion_and_does_not_carry_it(pool_of: Callable[..., Any]) -> None:
    pool, _ = pool_of("generated:6", "generated:4", "generated:9?manner=terse&size=60", per_family=4)
    inserts = [goal for goal in pool.scenarios if (goal.family, goal.goal.parts[0].verb) == ("media", "insert")]
    judged = [
        (bool(body.get("Image")), carries(_worded(operation, body), goal.words))
        for goal in inserts
        for operation, bodies in goal.payloads.items()
        for body in bodies
    ]
    assert set(judged) == {(True, True), (False, False)}


def test_making_a_volume_carries_its_goal_and_deleting_one_takes_it_back(pool_of: Callable[..., Any]) -> None:
    pool, _ = pool_of("generated:6", "generated:4", "generated:9?manner=terse&size=60", per_family=4)
    made = [goal.words for goal in pool.scenarios if (goal.family, goal.goal.parts[0].verb) == ("volume", "create")]
    delete = Action(Request("DELETE", "/x/1"), "/x/1", "Volume", "delete Volume")
    for words in made:
        (body,) = words.payloads["create Volume"]
        create = Action(Request("POST", "/x", body), "/x", "X", "create Volume", tuple(flatten(body)))
        assert (carries(create, words), undoes(create, words)) == (True, False)
        assert (carries(delete, words), undoes(delete, words)) == (False, True)
    assert made


def test_deleting_carries_the_goal_that_wants_something_gone(scenario: Callable[..., Scenario]) -> None:
    delete = Action(Request("DELETE", f"{ACCOUNTS}/2"), f"{ACCOUNTS}/2", "X", "delete ManagerAccount")
    goal = scenario("account delete user=eve").words
    assert (carries(delete, goal), undoes(delete, goal)) == (True, False)
    assert not carries(delete, scenario("led on").words)


def test_one_patch_may_carry_several_sub_goals(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("led on and boot once source=Cd")
    joint = next(body for body in goal.payloads["patch ComputerSystem"] if len(body) > 1)
    both = Action(Request("PATCH", SYSTEM, joint), SYSTEM, "ComputerSystem", "change", tuple(flatten(joint)))
    assert [carries(both, part) for part in goal.parts] == [True, True]
    assert not any(undoes(both, part) for part in goal.parts)
    wrong = {**joint, "Boot": {**joint["Boot"], "BootSourceOverrideTarget": "Pxe"}}
    spoilt = Action(Request("PATCH", SYSTEM, wrong), SYSTEM, "ComputerSystem", "change", tuple(flatten(wrong)))
    assert [carries(spoilt, part) for part in goal.parts] == [True, False]


@pytest.mark.parametrize(
    ("text", "power", "undone"),
    [("power off", "On", True), ("power on", "Off", True), ("power on", "On", False), ("power off", "", False)],
)
def test_a_reset_that_leaves_the_host_otherwise_undoes_its_power_state(
    scenario: Callable[..., Scenario], text: str, power: str, undone: bool
) -> None:
    reset = Action(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {}), SYSTEM, "X", "ComputerSystem.Reset")
    assert undoes(reset, scenario(text).words, power) is undone


def _worded(operation: str, body: Any) -> Action:
    kind, _, name = operation.partition(" ")
    method = "PATCH" if kind == "patch" else "POST"
    return Action(Request(method, "/x", body), "/x", name, name, tuple(body.items()))
