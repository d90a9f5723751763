from __future__ import annotations

from typing import Any

import pytest

from igc_redfish.capture import Capture, Resource
from igc_redfish.machine import Machine
from igc_redfish.service.furnishing import features_of, furnished
from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"


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
        ("v1_15_0", {"ExpandQuery", "SelectQuery", "FilterQuery", "OnlyMemberQuery", "ExcerptQuery"}),
        ("v1_17_0", {"ExpandQuery", "SelectQuery", "FilterQuery", "OnlyMemberQuery", "ExcerptQuery", "TopSkipQuery"}),
    ],
)
def test_a_root_tells_of_the_features_that_its_version_knows(version: str, told: set[str], machine: Any) -> None:
    assert features_of(_root(machine, **{"@odata.type": f"#ServiceRoot.{version}.ServiceRoot"})).keys() == told
