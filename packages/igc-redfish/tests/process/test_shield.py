"""Nothing is offered that destroys what the goal does not mean, and the check of that is no tautology."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from igc_core.models import Goal
from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.process import shield
from igc_redfish.process.batch import BatchedRedfish
from igc_redfish.process.catalogue import Document, goal_offers
from igc_redfish.process.lexicon import GoalWords, path_ids
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.shield import is_risky, permits

PoolOf = Callable[..., Any]
ROOT = "/redfish/v1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"
GENERATED = ("generated:3", "generated:4", "generated:6", "generated:11?manner=blade&size=200")
REAL = ("dell-r750", "snia-swordfish", "sunfish-nvmeof", "cray-ex235n")


def delete(uri: str, kind: str) -> Action:
    return Action(Request("DELETE", uri), uri, kind, f"delete {kind}")


def post(source: str, name: str, body: dict[str, Any] | None = None) -> Action:
    kind = name.partition(".")[0]
    return Action(
        Request("POST", f"{source}/Actions/{name}", body or {}), source, kind, name, tuple((body or {}).items())
    )


def strays(scenario: Scenario, action: Action) -> bool:
    return scenario.strays(scenario.start, scenario.engine.number_of(action))


def permitted(scenario: Scenario, action: Action, body: dict[str, Any] | None = None) -> bool:
    """Tell whether the shield lets an action through that a document of this body offers."""
    return permits(action, Document(action.source, body or {}, ("DELETE",)), scenario.parts)


def risky_offers(scenario: Scenario) -> Iterator[Action]:
    """Yield every destructive request that any resource of the machine offers and the goal permits."""
    engine = scenario.engine
    for uri in engine.machine.reachable:
        number = engine.step(scenario.start, engine.number_of(Action(Request("GET", uri)))).document
        document = engine.documents[number]
        mine = goal_offers(document, scenario.payloads, engine.referrers)
        for action in (*mine, *(action for action, _ in engine.plain_offers(number))):
            if is_risky(action) and permits(action, document, scenario.parts):
                yield action


def assert_nothing_strays(scenarios: list[Scenario], sources: int) -> None:
    judged = [
        (scenario.engine.machine.name, scenario.book.shown(scenario.goal), action.request.uri, strays(scenario, action))
        for scenario in scenarios
        for action in risky_offers(scenario)
    ]
    assert [found for found in judged if found[-1]] == []
    assert len(judged) > 15 * sources, "there is something to judge"


# -- safety ------------------------------------------------------------------------------------------------------------


def test_no_resource_of_a_generated_machine_offers_what_strays(pool_of: PoolOf) -> None:
    pool, _ = pool_of(*GENERATED, per_family=3, composites=4)
    assert_nothing_strays(pool.scenarios, len(GENERATED))


def test_no_resource_of_a_real_machine_offers_what_strays(captures: Path, pool_of: PoolOf) -> None:
    pool, _ = pool_of(*(str(captures / f"{name}.jsonl.gz") for name in REAL), per_family=2)
    assert_nothing_strays(pool.scenarios, len(REAL))


def wander(scenarios: list[Scenario], steps: int, num_envs: int = 64) -> int:
    """Play at random, and count what was destroyed that no goal meant."""
    batched, rng = BatchedRedfish(scenarios, num_envs), np.random.default_rng(0)
    batched.reset(0)
    destroyed = 0
    for _ in range(steps):
        masks = batched.action_masks()
        *_, info = batched.step(np.where(masks, rng.random(masks.shape), -1.0).argmax(axis=1))
        destroyed += int(info["destroyed"].sum())
    return destroyed


def test_playing_at_random_destroys_nothing_on_generated_machines(pool_of: PoolOf) -> None:
    pool, _ = pool_of(*GENERATED, per_family=3, composites=4)
    assert len({scenario.family for scenario in pool.scenarios}) > 14
    assert wander(pool.scenarios, 150) == 0


def test_playing_at_random_destroys_nothing_on_real_machines(captures: Path, pool_of: PoolOf) -> None:
    pool, _ = pool_of(*(str(captures / f"{name}.jsonl.gz") for name in REAL), per_family=2)
    assert wander(pool.scenarios, 80) == 0


# -- the truth ---------------------------------------------------------------------------------------------------------


def test_deleting_another_account_strays(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account delete user=eve")
    assert not strays(goal, delete(f"{ACCOUNTS}/2", "ManagerAccount"))
    assert strays(goal, delete(f"{ACCOUNTS}/1", "ManagerAccount"))
    assert strays(scenario("led on"), delete(f"{ACCOUNTS}/2", "ManagerAccount"))


def test_what_is_no_longer_there_is_not_destroyed(scenario: Callable[..., Scenario]) -> None:
    assert not strays(scenario("account delete user=eve"), delete(f"{ACCOUNTS}/9", "ManagerAccount"))


@pytest.mark.parametrize(("name", "strayed"), [("", False), ("eve", False), ("bob", True)])
def test_a_slot_that_no_account_fills_is_nobody_s_loss(
    scenario: Callable[..., Scenario], name: str, strayed: bool
) -> None:
    bodies = {ACCOUNTS: {"Members": [{"@odata.id": f"{ACCOUNTS}/4"}]}, f"{ACCOUNTS}/4": {"UserName": name}}
    goal = Goal(family="account", verb="delete", target=ACCOUNTS, arguments={"user": "eve"})
    authority = [(goal, scenario("account delete user=eve").words)]
    now = SimpleNamespace(get=bodies.get)
    assert shield.strays(delete(f"{ACCOUNTS}/4", "ManagerAccount"), now, authority) is strayed
    emptied = Action(Request("PATCH", f"{ACCOUNTS}/4", {"UserName": ""}), f"{ACCOUNTS}/4", "ManagerAccount", "change")
    assert shield.strays(emptied, now, authority) is strayed


@pytest.mark.parametrize("verb", ["delete", "disable"])
def test_a_user_called_like_a_role_is_not_everybody_who_has_it(scenario: Callable[..., Scenario], verb: str) -> None:
    goal = scenario("account delete user=eve")
    words = replace(goal.words, about=frozenset({"operator"}), marks=frozenset({("username", "operator")}))
    uri = f"{ACCOUNTS}/2"
    body = {"@odata.type": "#ManagerAccount.v1_9_0.ManagerAccount", "UserName": "svc-deploy", "RoleId": "Operator"}
    bodies = {ACCOUNTS: {"Members": [{"@odata.id": uri}]}, uri: body}
    change = Action(Request("PATCH", uri, {"Enabled": False}), uri, "ManagerAccount", "change")
    action = delete(uri, "ManagerAccount") if verb == "delete" else change
    meant = Goal(family="account", verb=verb, target=ACCOUNTS, arguments={"user": "operator"})
    assert not permits(action, Document(uri, body, ("PATCH", "DELETE")), [words])
    assert shield.strays(action, SimpleNamespace(get=bodies.get), [(meant, words)])
    mine = {**body, "UserName": "operator"}
    assert permits(action, Document(uri, mine, ("PATCH", "DELETE")), [words])
    assert not shield.strays(action, SimpleNamespace(get={**bodies, uri: mine}.get), [(meant, words)])


def test_resetting_what_the_goal_does_not_name_strays(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power restart")
    assert not strays(goal, post(f"{ROOT}/Systems/alpha", "ComputerSystem.Reset", {"ResetType": "ForceRestart"}))
    assert strays(goal, post(f"{ROOT}/Systems/beta", "ComputerSystem.Reset", {"ResetType": "ForceRestart"}))
    assert strays(goal, post(f"{ROOT}/Managers/bmc", "Manager.Reset", {"ResetType": "GracefulRestart"}))
    assert not strays(scenario("manager reset"), post(f"{ROOT}/Managers/bmc", "Manager.Reset"))


@pytest.mark.parametrize("source", ["generated:3", "generated:6"])
def test_clearing_another_log_strays(pool_of: PoolOf, source: str) -> None:
    pool, _ = pool_of(source, per_family=4)
    logs = set(pool.scenarios[0].engine.machine.of_type("LogService"))
    goals = [goal for goal in pool.scenarios if goal.family == "log"]
    assert goals
    for goal in goals:
        target = goal.goal.parts[0].target
        assert not strays(goal, post(target, "LogService.ClearLog"))
        assert all(strays(goal, post(uri, "LogService.ClearLog")) for uri in logs - {target})


def test_reads_never_stray_and_changes_of_other_resources_do(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    assert not strays(goal, Action(Request("GET", ACCOUNTS)))
    disable = Request("PATCH", f"{ACCOUNTS}/1", {"Enabled": False})
    assert strays(goal, Action(disable, f"{ACCOUNTS}/1", "ManagerAccount", "change"))


# -- what is permitted -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "risky"),
    [
        (delete(f"{ACCOUNTS}/1", "ManagerAccount"), True),
        (post("/x", "ComputerSystem.Reset"), True),
        (post("/x", "LogService.ClearLog"), True),
        (post("/x", "UpdateService.SimpleUpdate"), True),
        (post("/x", "Drive.SecureErase"), True),
        (post("/x", "VirtualMedia.InsertMedia"), False),
        (post("/x", "EventService.SubmitTestEvent"), False),
        (Action(Request("GET", "/x/Reset"), relation="Reset"), False),
        (Action(Request("PATCH", "/x", {"Reset": True}), relation="change"), False),
    ],
)
def test_what_may_destroy_is_known_by_its_name(action: Action, risky: bool) -> None:
    assert is_risky(action) is risky


def test_a_goal_permits_no_change_of_another_family(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("power off")
    assert permitted(goal, post(f"{ROOT}/Systems/alpha", "ComputerSystem.Reset"))
    assert not permitted(goal, post("/redfish/v1/UpdateService", "UpdateService.SimpleUpdate"))
    assert not permitted(goal, Action(Request("PATCH", ACCOUNTS, {}), ACCOUNTS, "ManagerAccount", "change"))
    assert permitted(goal, Action(Request("GET", ACCOUNTS)))


def test_a_member_is_deleted_for_what_it_shows(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account delete user=eve")
    account = delete(f"{ACCOUNTS}/2", "ManagerAccount")
    assert permitted(goal, account, {"UserName": "eve"})
    assert not permitted(goal, account, {"UserName": "root"})
    assert not permitted(goal, account)


@pytest.mark.parametrize(
    "uri",
    [
        f"{ROOT}/Managers/bmc/RemoteAccountService/Accounts/2",
        f"{ROOT}/AccountService/Accounts/2/Keys",
        f"{ROOT}/AccountService",
    ],
)
def test_a_name_elsewhere_is_not_the_member_that_is_meant(scenario: Callable[..., Scenario], uri: str) -> None:
    assert not permitted(scenario("account delete user=eve"), delete(uri, "ManagerAccount"), {"UserName": "eve"})


@pytest.mark.parametrize(("name", "meant"), [("alpha", True), ("beta", False)])
def test_a_chassis_is_reset_only_with_the_host_that_is_meant(
    scenario: Callable[..., Scenario], name: str, meant: bool
) -> None:
    chassis, goal = post(f"{ROOT}/Chassis/tray", "Chassis.Reset"), scenario("power restart")
    host, other = {"@odata.id": f"{ROOT}/Systems/{name}"}, {"@odata.id": f"{ROOT}/Systems/beta"}
    assert permitted(goal, chassis, {"Links": {"ComputerSystems": [host]}}) is meant
    assert not permitted(goal, chassis, {"Links": {"ComputerSystems": [host, other]}})


def test_a_chassis_without_hosts_is_not_reset(scenario: Callable[..., Scenario]) -> None:
    assert not permitted(scenario("power restart"), post(f"{ROOT}/Chassis/tray", "Chassis.Reset"))


def words_of(goal: GoalWords, target: str, operation: str, **types: set[str]) -> GoalWords:
    """Words of a goal about a target of which nothing is told but ids and types."""
    kinds = {name: frozenset(names) for name, names in types.items()}
    trails, operations = frozenset({path_ids(target)}), frozenset({operation})
    told = {"targets": frozenset({target.lower()}), "trails": trails, "operations": operations}
    return replace(goal, about=frozenset(), **told, **kinds)


def test_a_member_of_the_goal_s_collection_may_go_whatever_the_service_calls_it(
    scenario: Callable[..., Scenario],
) -> None:
    goal = words_of(scenario("power off").words, f"{ROOT}/Events/Subs", "delete EventDestination")
    goal = replace(goal, about=frozenset({"http://192.0.2.7"}), marks=frozenset({("destination", "http://192.0.2.7")}))
    for body, meant in (({"Destination": "http://192.0.2.7"}, True), ({"Destination": "http://192.0.2.8"}, False)):
        uri = f"{ROOT}/Events/Subs/Active"
        assert permits(delete(uri, "EventDestination"), Document(uri, body, ("DELETE",)), [goal]) is meant


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        (f"{ROOT}/Systems/1/Storage/2/Volumes/3", True),
        (f"{ROOT}/systems/1/storage/2/volumes/3", True),
        (f"{ROOT}/Hosts/1/Disks/2/Arrays/3", False),
        (f"{ROOT}/Systems/2/Storage/1/Volumes/3", False),
        (f"{ROOT}/Systems/1/Storage/3/Volumes/2", False),
        (f"{ROOT}/Systems/1/Storage/1/Volumes/1", False),
        (f"{ROOT}/Systems/1/Storage/2/Volumes/3/Settings", False),
        (f"{ROOT}/Systems/1/Storage/2", False),
        (f"{ROOT}/Chassis/1/Storage/2/Volumes/3", False),
    ],
)
def test_equal_ids_in_another_order_are_another_volume(
    scenario: Callable[..., Scenario], uri: str, meant: bool
) -> None:
    goal = words_of(
        scenario("power off").words,
        f"{ROOT}/Systems/1/Storage/2/Volumes/3",
        "delete Volume",
        owners={"ComputerSystem", "Storage"},
        kinds={"Volume"},
    )
    assert permits(delete(uri, "Volume"), Document(uri, {}, ("DELETE",)), [goal]) is meant


@pytest.mark.parametrize(
    ("uri", "meant"),
    [
        (f"{ROOT}/Managers/1/LogServices/SEL", True),
        (f"{ROOT}/Controllers/1/LogServices/SEL", True),
        (f"{ROOT}/Systems/1/LogServices/SEL", False),
        (f"{ROOT}/Managers/2/LogServices/SEL", False),
        (f"{ROOT}/Managers/1/LogServices/Audit", False),
    ],
)
def test_equal_ids_under_another_owner_are_another_log(
    scenario: Callable[..., Scenario], uri: str, meant: bool
) -> None:
    goal = words_of(
        scenario("power off").words,
        f"{ROOT}/Managers/1/LogServices/SEL",
        "action LogService.ClearLog",
        owners={"Manager"},
        kinds={"LogService"},
    )
    assert permits(post(uri, "LogService.ClearLog"), Document(uri, {}, ()), [goal]) is meant


def test_a_free_slot_is_filled_and_otherwise_left_alone(scenario: Callable[..., Scenario]) -> None:
    goal = scenario("account create user=alice password=aA3#secret9 role=Operator").words
    uri = f"{ROOT}/AccountService/Accounts/9"
    free = Document(uri, {"@odata.type": "#ManagerAccount.v1_9_0.ManagerAccount", "UserName": ""}, ("PATCH",))
    fills = Action(Request("PATCH", uri, {"UserName": "alice", "Enabled": True}), uri, "ManagerAccount", "change")
    disables = Action(Request("PATCH", uri, {"Enabled": False}), uri, "ManagerAccount", "change")
    assert permits(fills, free, [goal])
    assert not permits(disables, free, [goal])


def test_an_account_that_another_sub_goal_is_about_is_not_filled_anew(scenario: Callable[..., Scenario]) -> None:
    text = "account create user=alice password=aA3#secret9 role=Operator and password set user=eve password=aA3#other9"
    goal = scenario(text, account_slots=True)
    uri = f"{ROOT}/AccountService/Accounts/2"
    eve = Document(uri, {"@odata.type": "#ManagerAccount.v1_9_0.ManagerAccount", "UserName": "eve"}, ("PATCH",))
    bodies = goal.payloads["patch ManagerAccount"]
    permitted = {
        str(sorted(body))
        for body in bodies
        if permits(Action(Request("PATCH", uri, body), uri, "ManagerAccount", "change"), eve, goal.parts)
    }
    assert permitted == {"['Password']"}
    fills = next(body for body in bodies if "UserName" in body)
    action = Action(Request("PATCH", uri, fills), uri, "ManagerAccount", "change", tuple(fills.items()))
    assert strays(goal, action)
