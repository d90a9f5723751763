from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.machine import Machine

if TYPE_CHECKING:
    from pathlib import Path

LOG = f"{ROOT}/Managers/1/LogServices/Sel"
BIOS = f"{ROOT}/Systems/1/Bios"


def machine(*bodies: dict[str, Any]) -> Machine:
    root = {"@odata.id": ROOT, "Parts": [{"@odata.id": body["@odata.id"]} for body in bodies]}
    return Machine(Capture.from_resources("host", [Resource(body["@odata.id"], body) for body in (root, *bodies)]))


def entry(number: int) -> dict[str, Any]:
    return {"@odata.id": f"{LOG}/Entries/{number}", "Id": str(number), "Message": f"entry {number}"}


def test_expanded_members_can_be_read_one_by_one() -> None:
    listing = {"@odata.id": f"{LOG}/Entries", "Members": [entry(1), entry(2)]}
    host = machine(listing)
    assert host.get(f"{LOG}/Entries/2") == entry(2)
    assert host.repairs == (f"2 resources embedded in Members of {LOG}/Entries can be read at their own URIs",)
    assert f"{LOG}/Entries/1" in host.reachable


def test_a_resource_of_its_own_is_left_as_it_is() -> None:
    own = {**entry(1), "Message": "the whole truth"}
    host = machine({"@odata.id": f"{LOG}/Entries", "Members": [entry(1)]}, own)
    assert host.get(f"{LOG}/Entries/1") == own
    assert host.repairs == ()


@pytest.mark.parametrize(
    "part",
    [
        {"@odata.id": f"{ROOT}/Chassis/1"},
        {"@odata.id": f"{ROOT}/Chassis/1", "@odata.type": "#Chassis.v1_0_0.Chassis", "HttpMethods": ["GET"]},
        {"@odata.id": f"{ROOT}/Chassis/1/Power#/Voltages/0", "MemberId": "0"},
        {"@odata.id": f"{ROOT}/Chassis?$skip=5", "Id": "5"},
        {"@odata.id": "https://example.com/redfish/v1/Chassis/1", "Id": "1"},
        {"@odata.id": "", "Id": "1"},
        {"Id": "1"},
    ],
)
def test_links_excerpts_and_fragments_are_no_resources(part: dict[str, Any]) -> None:
    host = machine({"@odata.id": f"{ROOT}/Chassis", "Instances": [part]})
    assert list(host.uris()) == [ROOT, f"{ROOT}/Chassis"]


def test_sensors_without_a_type_are_resources_too() -> None:
    voltage = {"@odata.id": f"{ROOT}/Chassis/1/Sensors/CPU", "MemberID": "CPU", "ReadingVolts": 1}
    host = machine({"@odata.id": f"{ROOT}/Chassis/1/Power", "Voltages": [voltage]})
    assert host.get(f"{ROOT}/Chassis/1/Sensors/CPU") == voltage
    assert host.repairs == (f"1 resource embedded in Voltages of {ROOT}/Chassis/1/Power can be read at its own URI",)


def test_a_bios_gets_the_settings_it_links_to() -> None:
    settings = {"SettingsObject": {"@odata.id": f"{BIOS}/Settings/"}}
    body = {
        "@odata.id": BIOS,
        "@odata.type": "#Bios.v1_0_0.Bios",
        "Attributes": {"A": 1},
        "@Redfish.Settings": settings,
    }
    host = machine(body)
    assert (host.get(f"{BIOS}/Settings") or {})["Attributes"] == {}
    assert len(host.repairs) == 1


def test_a_log_gets_the_entries_it_links_to() -> None:
    host = machine(
        {"@odata.id": LOG, "@odata.type": "#LogService.v1_0_0.LogService", "Entries": {"@odata.id": f"{LOG}/Entries"}}
    )
    assert (host.get(f"{LOG}/Entries") or {})["Members@odata.count"] == 0
    assert host.of_type("LogEntryCollection") == (f"{LOG}/Entries",)


def test_nothing_else_is_invented() -> None:
    host = machine(
        {"@odata.id": BIOS, "@odata.type": "#Bios.v1_0_0.Bios", "@Redfish.Settings": {"SettingsObject": None}},
        {"@odata.id": LOG, "@odata.type": "#LogService.v1_0_0.LogService", "Entries": {"@odata.id": "elsewhere"}},
        {
            "@odata.id": f"{ROOT}/Ports/1",
            "@odata.type": "#Port.v1_0_0.Port",
            "@Redfish.Settings": {"SettingsObject": {"@odata.id": f"{ROOT}/Ports/1/Settings"}},
        },
    )
    assert len(list(host.uris())) == 4


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("dell-t630", "/redfish/v1/Systems/System.Embedded.1/Bios/Settings"),
        ("liteon-powershelf", "/redfish/v1/Systems/system/LogServices/EventLog/Entries"),
        ("openbmc-stock", "/redfish/v1/Managers/bmc/LogServices/Journal/Entries/1692214978328947"),
        ("hpe-dl325gen10plus", "/redfish/v1/Managers/1/LogServices/IEL/Entries/26"),
        ("cray-cmm", "/redfish/v1/Managers/BMC/LogServices/EventLog/Entries/26"),
    ],
)
def test_real_captures_are_completed(captures: Path, name: str, uri: str) -> None:
    capture = Capture.open(captures / f"{name}.jsonl.gz")
    host = Machine(capture)
    assert uri not in capture
    assert host.get(uri) is not None
    assert all(host.resolve(added) == added for added in host.uris())
