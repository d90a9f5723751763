from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.facts import facts
from igc_redfish.process.catalogue import (
    MAX_CHOICES,
    Document,
    Lever,
    action_infos,
    conditional,
    distinct,
    flatten,
    identity,
    levers,
    offers,
)
from igc_redfish.process.engine import Engine

SYSTEM = "/redfish/v1/Systems/alpha"
ALL = ("GET", "PATCH", "POST", "DELETE")


def document(kind: str, allow: tuple[str, ...] = ("GET",), /, **body: Any) -> Document:
    return Document("/redfish/v1/X/1", {"@odata.type": f"#{kind}.v1_0_0.{kind}", **body}, allow)


def sent(actions: list[Action], method: str) -> list[tuple[str, Any]]:
    return [(action.request.uri, action.request.body) for action in actions if action.request.method == method]


def read(engine: Engine, uri: str) -> Document:
    number = engine.step(0, engine.number_of(Action(Request("GET", uri)))).document
    return engine.documents[number]


def test_links_are_read_under_their_key_path_without_indices() -> None:
    links = {"Members": [{"@odata.id": "/redfish/v1/X/1/A"}, {"@odata.id": "/redfish/v1/X/1/B"}]}
    found = offers(document("Chassis", **links, Links={"Up": {"@odata.id": "/redfish/v1/Y"}}), {}, {})
    assert [(action.request.uri, action.relation) for action in found] == [
        ("/redfish/v1/X/1/A", "Members"),
        ("/redfish/v1/X/1/B", "Members"),
        ("/redfish/v1/Y", "Links/Up"),
    ]


def test_links_out_of_the_service_and_to_itself_are_no_requests() -> None:
    body = {"A": {"@odata.id": "/redfish/v1/X/1"}, "B": {"@odata.id": "https://elsewhere/redfish/v1"}}
    assert offers(document("Chassis", **body), {}, {}) == []


def test_inline_values_are_each_a_call(host: Callable[..., Engine]) -> None:
    found = sent(offers(read(host(), SYSTEM), {}, {}), "POST")
    target = f"{SYSTEM}/Actions/ComputerSystem.Reset"
    assert found == [(target, {"ResetType": kind}) for kind in ("On", "ForceOff", "GracefulShutdown", "ForceRestart")]


def test_described_values_are_offered_once_the_action_info_was_read(host: Callable[..., Engine]) -> None:
    engine = host()
    manager = "/redfish/v1/Managers/bmc"
    bare = sent(offers(read(engine, manager), {}, engine.referrers), "POST")
    assert bare == [(f"{manager}/Actions/Manager.Reset", {})], "the schema demands no value"
    info = offers(read(engine, f"{manager}/ResetActionInfo"), {}, engine.referrers)
    assert sent(info, "POST") == [(f"{manager}/Actions/Manager.Reset", {"ResetType": "GracefulRestart"})]
    assert info[0].relation == "Manager.Reset"
    assert info[0].source_type == "Manager"


def test_schema_values_are_tried_where_the_service_has_none() -> None:
    actions = {"#ComputerSystem.Reset": {"target": "/t"}}
    fact = facts().action("ComputerSystem.Reset")
    assert fact is not None
    found = sent(offers(document("ComputerSystem", Actions=actions), {}, {}), "POST")
    assert [body["ResetType"] for _, body in found] == list(fact.parameters["ResetType"].enum)[:MAX_CHOICES]


def test_vendor_actions_are_not_guessed_at() -> None:
    actions = {"Oem": {"#Contoso.Explode": {"target": "/t"}}, "#Contoso.Melt": {"target": "/t"}, "#Odd": "text"}
    assert offers(document("ComputerSystem", Actions=actions), {}, {}) == []


def test_changes_are_writable_properties_shown_with_other_values() -> None:
    body = {"AssetTag": "x", "IndicatorLED": "Off", "PowerState": "On", "LocationIndicatorActive": False}
    found = [body for _, body in sent(offers(document("Chassis", ("GET", "PATCH"), **body), {}, {}), "PATCH")]
    assert {"LocationIndicatorActive": True} in found
    assert {"IndicatorLED": "Lit"} in found
    assert {"IndicatorLED": "Off"} not in found
    assert not any("PowerState" in change or "AssetTag" in change for change in found)


def test_allowable_values_of_a_nested_property_win_over_the_schema(host: Callable[..., Engine]) -> None:
    found = [body for _, body in sent(offers(read(host(), SYSTEM), {}, {}), "PATCH")]
    targets = [body["Boot"]["BootSourceOverrideTarget"] for body in found if "BootSourceOverrideTarget" in str(body)]
    assert targets == ["Pxe", "Cd"]


def test_methods_that_are_not_allowed_are_not_offered() -> None:
    body = {"IndicatorLED": "Off"}
    assert offers(document("Chassis", ("GET",), **body), {"patch Chassis": [{"IndicatorLED": "Lit"}]}, {}) == []
    found = offers(document("Chassis", ("GET", "DELETE"), **body), {}, {})
    assert [(action.request.method, action.relation) for action in found] == [("DELETE", "delete Chassis")]


def test_goal_values_go_where_they_fit() -> None:
    payloads = {
        "patch ManagerAccount": [{"Password": "s3cret!"}, {"Nonsense": 1}],
        "create ManagerAccount": [{"UserName": "alice"}],
        "action ComputerSystem.Reset": [{"ResetType": "Nmi"}],
    }
    account = offers(document("ManagerAccount", ALL, UserName="bob"), payloads, {})
    assert ("/redfish/v1/X/1", {"Password": "s3cret!"}) in sent(account, "PATCH")
    assert not any("Nonsense" in str(body) for _, body in sent(account, "PATCH"))
    collection = offers(document("ManagerAccountCollection", ALL, Members=[]), payloads, {})
    assert sent(collection, "POST") == [("/redfish/v1/X/1", {"UserName": "alice"})]
    assert sent(offers(document("RoleCollection", ALL, Members=[]), payloads, {}), "POST") == []
    lever = Lever("/t", "ComputerSystem.Reset", "/redfish/v1/S", "ComputerSystem")
    info = offers(document("ActionInfo"), payloads, {"/redfish/v1/X/1": lever})
    assert ("/t", {"ResetType": "Nmi"}) in sent(info, "POST")


def test_attributes_go_to_the_settings_object_and_nowhere_else(host: Callable[..., Engine]) -> None:
    payload = {"Attributes": {"Turbo": False}}
    found = sent(offers(read(host(), f"{SYSTEM}/Bios"), {"patch Bios": [payload]}, {}), "PATCH")
    assert found == [(f"{SYSTEM}/Bios/Settings", payload)]


def test_a_task_can_be_polled() -> None:
    (poll,) = offers(document("Task", TaskState="Running"), {}, {})
    assert (poll.request.method, poll.request.uri, poll.relation) == ("GET", "/redfish/v1/X/1", "poll")


def test_a_conditional_twin_is_another_request_with_the_same_description() -> None:
    action = Action(Request("PATCH", "/a", {"A": 1}), "/a", "Chassis", "change", (("A", 1),))
    twin = conditional(action)
    assert twin.request.headers == {"If-Match": "*"}
    assert identity(twin) != identity(action)
    assert (twin.request.body, twin.arguments, twin.relation) == (action.request.body, action.arguments, "change")


def test_repetitions_are_dropped_and_the_first_offer_describes() -> None:
    one, other = Action(Request("GET", "/a"), relation="first"), Action(Request("GET", "/a"), relation="second")
    assert distinct([one, other]) == [one]


def test_levers_and_action_infos_name_operations(host: Callable[..., Engine]) -> None:
    engine = host()
    assert set(levers(read(engine, SYSTEM))) == {
        "action ComputerSystem.Reset",
        "patch ComputerSystem",
        "delete ComputerSystem",
    }
    assert list(levers(read(engine, "/redfish/v1/AccountService/Accounts"))) == ["create ManagerAccount"]
    ((uri, lever),) = action_infos(read(engine, "/redfish/v1/Managers/bmc"))
    assert (uri, lever.name) == ("/redfish/v1/Managers/bmc/ResetActionInfo", "Manager.Reset")


names = st.text(min_size=1, max_size=8).filter(lambda name: "/" not in name)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)
odd = st.sampled_from(
    ["Actions", "Members", "Parameters", "Boot", "IndicatorLED", "@Redfish.Settings", "#ComputerSystem.Reset", "target"]
)
bodies = st.dictionaries(odd | st.text(max_size=6), st.dictionaries(odd, json, max_size=3) | json, max_size=5)


@given(bodies, st.sampled_from(["ComputerSystem", "ActionInfo", "Chassis", "Task", "AccountCollection", ""]))
def test_odd_bodies_offer_something_or_nothing_but_never_fail(body: dict[str, Any], kind: str) -> None:
    lever = Lever("/t", "ComputerSystem.Reset", "/redfish/v1/S", "ComputerSystem")
    found = offers(document(kind, ALL, **body), {f"patch {kind}": [{"Attributes": {}}]}, {"/redfish/v1/X/1": lever})
    assert all(action.request.method in {"GET", "POST", "PATCH", "DELETE"} for action in found)
    assert len({identity(action) for action in found}) == len(found)


@given(st.dictionaries(names, json, max_size=4))
def test_flat_bodies_keep_every_value(body: dict[str, Any]) -> None:
    for path, value in flatten(body):
        found: Any = body
        for key in path.split("/"):
            found = found[key]
        assert found == value


@pytest.mark.parametrize("value", ["text", None, 3, []])
def test_annotations_of_the_wrong_type_are_ignored(value: Any) -> None:
    actions = {"#ComputerSystem.Reset": {"target": value, "ResetType@Redfish.AllowableValues": value}}
    kept = [action for action in offers(document("ComputerSystem", Actions=actions), {}, {}) if value != "text"]
    assert kept == []
