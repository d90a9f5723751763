from __future__ import annotations

import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.bodies import type_name
from igc_redfish.capture.links import action_targets, embedded, links

BASE = "/redfish/v1/Systems/1"

KEYS = st.sampled_from(["@odata.id", "@Redfish.ActionInfo", "Actions", "target", "Members", "Location", "Uri", "X"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def test_links_are_listed_in_order_with_their_key_paths() -> None:
    body: dict[str, Any] = {
        "@odata.id": BASE,
        "Links": {"Chassis": [{"@odata.id": "/redfish/v1/Chassis/A/"}, {"@odata.id": "/redfish/v1/Chassis/B"}]},
        "Bios": {"@odata.id": f"{BASE}/Bios"},
        "Actions": {"#X.Reset": {"target": f"{BASE}/Actions/X.Reset", "@Redfish.ActionInfo": f"{BASE}/ResetInfo"}},
        "Members@odata.nextLink": f"{BASE}?$skip=2",
        "Location": [{"Language": "en", "Uri": "/redfish/v1/Registries/Base.json"}],
        "Image": {"Uri": "/redfish/v1/NoLink"},
    }
    assert set(links(body, BASE)) == {
        ("Links/Chassis/0", "/redfish/v1/Chassis/A"),
        ("Links/Chassis/1", "/redfish/v1/Chassis/B"),
        ("Bios", f"{BASE}/Bios"),
        ("Actions/#X.Reset/@Redfish.ActionInfo", f"{BASE}/ResetInfo"),
        ("Members@odata.nextLink", f"{BASE}?$skip=2"),
        ("Location/0/Uri", "/redfish/v1/Registries/Base.json"),
    }
    members: dict[str, Any] = {"Members": [{"@odata.id": f"/redfish/v1/M/{number}"} for number in range(3)]}
    assert [target for _, target in links(members, BASE)] == [f"/redfish/v1/M/{number}" for number in range(3)]


def test_a_resource_does_not_link_to_itself() -> None:
    body: dict[str, Any] = {
        "@odata.id": BASE,
        "Voltages": [{"@odata.id": f"{BASE}#/Voltages/0"}],
        "Self": {"@odata.id": f"{BASE}/"},
    }
    assert links(body, BASE) == []


def test_action_targets_are_found_wherever_actions_stand() -> None:
    body: dict[str, Any] = {
        "Actions": {
            "#ComputerSystem.Reset": {"target": f"{BASE}/Actions/ComputerSystem.Reset"},
            "#Chassis.Reset": {"Target": "/redfish/v1/Chassis/1/Actions/Chassis.Reset"},
            "Oem": {"#Acme.Blink": {"target": f"{BASE}/Actions/Oem/Acme.Blink"}},
        },
        "target": "/redfish/v1/no/action",
    }
    assert action_targets(body, BASE) == [
        ("Actions/#ComputerSystem.Reset", f"{BASE}/Actions/ComputerSystem.Reset"),
        ("Actions/#Chassis.Reset", "/redfish/v1/Chassis/1/Actions/Chassis.Reset"),
        ("Actions/Oem/#Acme.Blink", f"{BASE}/Actions/Oem/Acme.Blink"),
    ]


def test_members_that_stand_whole_in_a_collection_are_embedded() -> None:
    entry = {"@odata.id": f"{BASE}/Entries/1", "@odata.type": "#LogEntry.v1_0_0.LogEntry", "Id": "1"}
    body: dict[str, Any] = {"@odata.id": BASE, "Members": [entry, {"@odata.id": f"{BASE}/Entries/2"}]}
    assert embedded(body, BASE) == [("Members/0", f"{BASE}/Entries/1", entry)]


def test_type_names_lose_namespace_and_version() -> None:
    assert type_name({"@odata.type": "#ComputerSystem.v1_5_0.ComputerSystem"}) == "ComputerSystem"
    assert type_name({"@odata.type": "ChassisCollection"}) == "ChassisCollection"
    assert type_name({"@odata.type": 5}) == type_name({}) == ""


def test_depth_is_no_danger() -> None:
    body: dict[str, Any] = {"@odata.id": "/redfish/v1/Deep"}
    for _ in range(100_000):
        body = {"X": body}
    assert len(links({"top": body["X"]}, BASE)) == 1
    while "X" in body:  # taken apart level by level: the interpreter would free it recursively
        body = body["X"]


@given(st.dictionaries(KEYS, JSON, max_size=4))
def test_any_object_can_be_searched(body: dict[str, Any]) -> None:
    for path, target in links(body, BASE):
        assert path
        assert target != BASE
    action_targets(body, BASE)
    embedded(body, BASE)


def test_a_megabyte_is_searched_in_a_fraction_of_a_second() -> None:
    member = {"@odata.id": "/redfish/v1/X/1", "Status": {"State": "Enabled", "Health": "OK"}, "Name": "a" * 40}
    body: dict[str, Any] = {"Members": [member] * 8000}
    spent: list[float] = []
    for _ in range(4):  # the garbage of other tests may be collected in any of them
        start = time.process_time()
        assert len(links(body, BASE)) == 8000
        spent.append(time.process_time() - start)
    assert min(spent) < 0.5
