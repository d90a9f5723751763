from __future__ import annotations

import base64
from typing import Any

import pytest

from igc_redfish.capture import Capture, Resource
from igc_redfish.machine import Machine
from igc_redfish.service.access import PREDEFINED
from igc_redfish.service.furnishing import features_of, furnished
from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"


_OLD = {"ExpandQuery", "SelectQuery", "FilterQuery", "OnlyMemberQuery", "ExcerptQuery"}


def _root(machine: Any, **changes: Any) -> Any:
    """Copy a machine with another root; what is None is left out."""
    body = {**machine.get(ROOT), **changes}
    return machine.with_resources({ROOT: {key: value for key, value in body.items() if value is not None}})


def test_a_complete_machine_stays_as_it_is(machine: Any) -> None:
    assert furnished(machine) is machine


def test_a_loose_link_of_the_root_leads_to_an_empty_collection(machine: Any) -> None:
    loose = _root(machine, JsonSchemas={"@odata.id": f"{ROOT}/JsonSchemas/"})
    found = furnished(loose)
    body = found.get(f"{ROOT}/JsonSchemas")
    assert body["@odata.type"] == "#JsonSchemaFileCollection.JsonSchemaFileCollection"
    assert (body["Members"], body["Members@odata.count"]) == ([], 0)
    assert loose.get(f"{ROOT}/JsonSchemas") is None


def test_a_loose_link_in_another_case_leads_to_the_address_of_the_standard(machine: Any) -> None:
    """iDRAC links to JSONSchemas; what is served there is named as DMTF's schemas name it."""
    found = furnished(_root(machine, JsonSchemas={"@odata.id": f"{ROOT}/JSONSchemas"}))
    assert found.resolve(f"{ROOT}/JSONSchemas") == f"{ROOT}/JsonSchemas"
    assert found.get(f"{ROOT}/JsonSchemas")["@odata.id"] == f"{ROOT}/JsonSchemas"


def test_a_link_to_another_service_is_left_alone(machine: Any) -> None:
    loose = _root(machine, TelemetryService={"@odata.id": f"{ROOT}/TelemetryService"})
    assert furnished(loose).resolve(f"{ROOT}/TelemetryService") is None


@pytest.mark.parametrize("missing", ["SessionService", "Links"])
def test_who_cannot_log_in_gets_a_session_service(missing: str, machine: Any) -> None:
    found = furnished(_root(machine, **{missing: None}))
    root = found.get(ROOT)
    service = found.get(root["SessionService"]["@odata.id"])
    assert service["Sessions"] == root["Links"]["Sessions"]
    assert found.get(service["Sessions"]["@odata.id"])["@odata.type"].endswith("SessionCollection")
    assert {key for key in root if key not in {"SessionService", "Links"}} <= machine.get(ROOT).keys()


def test_a_made_session_service_lets_in(rules: Any, sender_to: Any) -> None:
    root = {"@odata.id": ROOT, "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot", "Id": "Root", "Name": "Root"}
    bare = Machine(Capture.from_resources("bare", [Resource(ROOT, root)]))
    host = Simulator(furnished(bare), [rules], authenticate=True, credentials={"root": "root"})
    answer = sender_to(host)("POST", f"{ROOT}/SessionService/Sessions", {"UserName": "root", "Password": "root"})
    assert answer.status == 201
    assert answer.headers["X-Auth-Token"]


@pytest.mark.parametrize(
    ("version", "told"),
    [
        ("v1_0_2", set()),
        ("v1_3_0", {"ExpandQuery", "SelectQuery", "FilterQuery"}),
        ("v1_5_0", _OLD),
        ("v1_7_0", {*_OLD, "DeepOperations"}),
        ("v1_15_0", {*_OLD, "DeepOperations", "MultipleHTTPRequests"}),
        ("v1_17_0", {*_OLD, "DeepOperations", "MultipleHTTPRequests", "TopSkipQuery"}),
    ],
)
def test_a_root_tells_of_the_features_that_its_version_knows(version: str, told: set[str], machine: Any) -> None:
    assert features_of(_root(machine, **{"@odata.type": f"#ServiceRoot.{version}.ServiceRoot"})).keys() == told


def test_a_change_is_of_one_resource_as_the_root_says(machine: Any, rules: Any, sender_to: Any, keys: Any) -> None:
    modern = _root(machine, **{"@odata.type": "#ServiceRoot.v1_17_0.ServiceRoot"})
    assert features_of(modern)["DeepOperations"] == {"DeepPATCH": False, "DeepPOST": False}
    send = sender_to(Simulator(modern, [rules]))
    answer = send("PATCH", f"{ROOT}/Systems/1", {"Bios": {"Attributes": {"BootMode": "Uefi"}}})
    assert (answer.status, keys(answer)) == (400, ["PropertyNotWritable"])
    deep = {"UserName": "x", "Password": "Deep-Horse-4", "RoleId": "ReadOnly", "Keys": {"Members": [{"Name": "k"}]}}
    assert send("POST", f"{ROOT}/AccountService/Accounts", deep).status == 400


def test_a_loose_privilege_map_leads_to_what_is_enforced(machine: Any, rules: Any, sender_to: Any) -> None:
    service, uri = f"{ROOT}/AccountService", f"{ROOT}/AccountService/PrivilegeMap"
    linked = machine.with_resources({service: {**machine.get(service), "PrivilegeMap": {"@odata.id": uri}}})
    found = furnished(linked)
    mapped = {mapping["Entity"]: mapping for mapping in found.get(uri)["Mappings"]}
    users = {name: name for name in ("root", "op", "ro")}
    send = sender_to(Simulator(found, [rules], authenticate=True, credentials=users))
    for kind, place, body in (
        ("ComputerSystem", f"{ROOT}/Systems/1", {"AssetTag": "x"}),
        ("ManagerAccount", f"{ROOT}/AccountService/Accounts/3", {"Enabled": True}),
    ):
        (needed,) = mapped[kind]["OperationMap"]["PATCH"][0]["Privilege"]
        for user, role in (("root", "Administrator"), ("op", "Operator"), ("ro", "ReadOnly")):
            held = base64.b64encode(f"{user}:{user}".encode()).decode()
            status = send("PATCH", place, body, Authorization=f"Basic {held}").status
            assert (status == 403) is (needed not in PREDEFINED[role]), (kind, user)
    assert mapped["Session"]["OperationMap"]["DELETE"][-1] == {"Privilege": ["ConfigureSelf"]}
