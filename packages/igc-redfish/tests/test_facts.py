from __future__ import annotations

import gzip
import importlib.util
import os
import time
from pathlib import Path

import orjson
import pytest

from igc_redfish.facts import Facts, facts

PACKAGE = Path(__file__).parents[1]
TABLE = PACKAGE / "src" / "igc_redfish" / "data" / "facts.json.gz"


@pytest.fixture(scope="module")
def schemas() -> Path:
    folder = PACKAGE.parents[2] / "shared" / "schemas"
    if not (folder / "redfish-csdl-2025.4.tar.xz").is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no schemas in {folder}")
    return folder


def test_the_table_is_what_the_script_derives(schemas: Path) -> None:
    spec = importlib.util.spec_from_file_location("derive_facts", PACKAGE / "scripts" / "derive_facts.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    derived = script.derive(schemas)
    assert orjson.loads(gzip.decompress(TABLE.read_bytes())) == derived
    assert gzip.decompress(script.pack(derived)) == gzip.decompress(TABLE.read_bytes())


def test_the_table_opens_within_50_ms_of_cpu() -> None:
    spent: list[float] = []
    for _ in range(4):  # the garbage of other tests may be collected in any of them
        begun = time.process_time()
        Facts(orjson.loads(gzip.decompress(TABLE.read_bytes()))).property("ComputerSystem", "PowerState")
        spent.append(time.process_time() - begun)
    assert min(spent) < 0.05


@pytest.mark.parametrize(
    ("type_name", "path", "kind", "writable"),
    [
        ("ComputerSystem", "Boot/BootSourceOverrideTarget", "string", True),
        ("ComputerSystem", "Boot", "object", True),
        ("ComputerSystem", "PowerState", "string", False),
        ("ComputerSystem", "Id", "string", False),
        ("ComputerSystem", "Oem", "object", False),
        ("ComputerSystem", "Actions", "object", False),
        ("ComputerSystem", "Status/State", "string", False),
        ("Bios", "Attributes", "object", True),
        ("ManagerAccount", "Password", "string", True),
        ("ManagerNetworkProtocol", "NTP/NTPServers", "array", True),
        ("Power", "PowerControl/PowerLimit/LimitInWatts", "number", True),
        ("EnvironmentMetrics", "PowerWatts/Reading", "number", False),
        ("Chassis", "LocationIndicatorActive", "boolean", True),
    ],
)
def test_type_and_writability_are_those_of_the_schema(type_name: str, path: str, kind: str, writable: bool) -> None:
    fact = facts().property(type_name, path)
    assert fact is not None
    assert (fact.type, fact.writable) == (kind, writable)


def test_the_newest_version_of_a_type_is_known() -> None:
    fact = facts().property("ComputerSystem", "Boot/BootSourceOverrideTarget")
    assert fact is not None
    assert {"Pxe", "UefiHttp", "Recovery"} <= set(fact.enum)


def test_bounds_come_along_even_from_a_type_definition() -> None:
    fact = facts().property("EthernetInterface", "VLAN/VLANId")
    assert fact is not None
    assert (fact.type, fact.minimum, fact.maximum) == ("integer", 0, 4094)


def test_what_nobody_describes_is_none() -> None:
    assert facts().property("ComputerSystem", "Nonsense") is None
    assert facts().property("Nonsense", "Id") is None
    assert facts().action("ComputerSystem.Nonsense") is None
    assert not facts().knows("Nonsense")


def test_an_action_has_its_parameters_but_not_the_resource_it_is_bound_to() -> None:
    insert = facts().action("VirtualMedia.InsertMedia")
    assert insert is not None
    assert [name for name, parameter in insert.parameters.items() if parameter.required] == ["Image"]
    assert "VirtualMedia" not in insert.parameters
    assert "NFS" in insert.parameters["TransferProtocolType"].enum


def test_a_collection_names_its_members_and_what_may_be_done() -> None:
    assert facts().member_type("ManagerAccountCollection") == "ManagerAccount"
    assert facts().member_type("ExampleCollection") == "Example"
    assert facts().member_type("Chassis") == ""
    assert facts().capabilities("ManagerAccountCollection") == (True, False, False)
    assert facts().capabilities("ManagerAccount") == (False, True, True)


def test_accounts_need_a_name_a_password_and_a_role() -> None:
    needed = {path for path, fact in facts().properties("ManagerAccount").items() if fact.required_on_create}
    assert {"UserName", "Password", "RoleId"} <= needed


def test_a_message_has_its_text_severity_and_identifier() -> None:
    message = facts().message("Base", "PropertyUnknown")
    assert message.id == "Base.1.22.PropertyUnknown"
    assert message.n_args == 1
    assert "%1" in message.template
    assert facts().message("TaskEvent", "TaskCompletedOK").severity == "OK"


def test_every_type_can_be_described() -> None:
    assert len(facts().types) > 200
    assert all(facts().properties(name) for name in facts().types)
