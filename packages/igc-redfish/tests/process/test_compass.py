from __future__ import annotations

import pytest

from igc_redfish.facts import facts
from igc_redfish.process.compass import expected_type, reads_to, type_at, types_on


@pytest.mark.parametrize(
    ("source", "relation", "leads"),
    [
        ("ServiceRoot", "Systems", "ComputerSystemCollection"),
        ("ComputerSystemCollection", "Members", "ComputerSystem"),
        ("ComputerSystem", "Links/Chassis", "Chassis"),
        ("Bios", "@Redfish.Settings/SettingsObject", "Bios"),
        ("Manager", "Actions/#Manager.Reset/@Redfish.ActionInfo", "ActionInfo"),
        ("ComputerSystem", "Oem/Contoso/Thing", ""),
        ("Nonsense", "Members", ""),
    ],
)
def test_links_lead_where_the_schemas_say(source: str, relation: str, leads: str) -> None:
    assert expected_type(source, relation) == leads


@pytest.mark.parametrize(
    ("source", "kind", "reads"),
    [
        ("ComputerSystem", "ComputerSystem", 0),
        ("ComputerSystemCollection", "ComputerSystem", 1),
        ("ServiceRoot", "ComputerSystem", 2),
        ("ServiceRoot", "Volume", 4),
        ("Chassis", "FanCollection", 2),
        ("ThermalSubsystem", "Fan", 2),
        ("ComputerSystem", "Chassis", 2),
    ],
)
def test_distance_is_the_fewest_reads_and_a_crossing_counts_two(source: str, kind: str, reads: int) -> None:
    assert reads_to(kind)[source] == reads


def test_what_leads_nowhere_is_missing() -> None:
    assert "EventDestinationCollection" not in reads_to("Fan")
    assert "Nonsense" not in reads_to("Fan")


@pytest.mark.parametrize("kind", ["Fan", "VirtualMedia", "Volume", "ManagerAccount"])
def test_every_step_nearer_is_a_link_of_the_schemas(kind: str) -> None:
    found = reads_to(kind)
    for source, reads in found.items():
        if reads:
            targets = {
                (fact.target, 2 if path.startswith(("Links/", "Redundancy/")) else 1)
                for path, fact in facts().properties(source).items()
            }
            assert any(found.get(target, 99) + step == reads for target, step in targets), source


@pytest.mark.parametrize(
    ("uri", "types"),
    [
        ("/redfish/v1", set()),
        ("/redfish/v1/Systems/1/LogServices/SEL", {"ComputerSystem", "LogService"}),
        ("/redfish/v1/Managers/BMC/LogServices/SEL", {"Manager", "LogService"}),
        ("/redfish/v1/managers/BMC/logservices/SEL", {"Manager", "LogService"}),
        ("/redfish/v1/Systems/1/Bios/Settings", {"ComputerSystem", "Bios"}),
        ("/redfish/v1/Systems/1/Boxes/2/Volumes/3", {"ComputerSystem"}),
        ("/redfish/v1/Hosts/1/LogServices/SEL", set()),
        ("/redfish/v1/UpdateService/FirmwareInventory/BIOS", {"UpdateService", "SoftwareInventory"}),
    ],
)
def test_a_path_tells_types_until_the_schemas_do_not_know_a_name(uri: str, types: set[str]) -> None:
    assert types_on(uri) == types


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        ("/redfish/v1", ""),
        ("/redfish/v1/Systems", "ComputerSystemCollection"),
        ("/redfish/v1/Managers/BMC/logservices/SEL", "LogService"),
        ("/redfish/v1/systems/1/bios", "Bios"),
        ("/redfish/v1/Systems/1/Boxes/2/Volumes/3", ""),
        ("/redfish/v1/Hosts/1", ""),
    ],
)
def test_a_path_tells_the_type_at_its_end_where_the_schemas_know_every_name(uri: str, kind: str) -> None:
    assert type_at(uri) == kind
