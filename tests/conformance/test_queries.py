"""Query parameters of DSP0266, as far as a machine's service root tells of them."""

from __future__ import annotations

from typing import Any

import pytest


def _features(bmc: Any, name: str) -> None:
    if not bmc.get("/redfish/v1/").get("ProtocolFeaturesSupported", {}).get(name):
        pytest.skip(f"{bmc.name}'s service root is too old to tell of {name}")


def test_select(bmc: Any) -> None:
    _features(bmc, "SelectQuery")
    found = bmc.get(f"{bmc.system()}?$select=Name,Status/State")
    assert {key for key in found if "@" not in key} <= {"Name", "Status"}
    assert found["Status"].keys() == {"State"}
    assert "@odata.id" in found


def test_filter(bmc: Any) -> None:
    _features(bmc, "FilterQuery")
    chassis = bmc.find("Chassis")
    members = [bmc.get(link["@odata.id"]) for link in bmc.get(chassis)["Members"]]
    kind = members[0]["ChassisType"]
    wanted = [member["@odata.id"].rstrip("/") for member in members if member["ChassisType"] == kind]
    found = bmc.get(f"{chassis}?$filter=ChassisType eq '{kind}'")
    assert [link["@odata.id"].rstrip("/") for link in found["Members"]] == wanted
    assert found["Members@odata.count"] == len(wanted)
    assert bmc.get(f"{chassis}?$filter=not (ChassisType eq '{kind}')")["Members@odata.count"] == len(members) - len(
        wanted
    )


@pytest.mark.parametrize("kind", [".", "~", "*", ".($levels=2)"])
def test_expand(bmc: Any, kind: str) -> None:
    _features(bmc, "ExpandQuery")
    system = bmc.system()
    found, plain = bmc.get(f"{system}?$expand={kind}"), bmc.get(system)
    inside = [link for value in plain.get("Links", {}).values() if isinstance(value, list) for link in value]
    if kind == "~" and inside:
        assert any(len(item) > 1 for value in found["Links"].values() if isinstance(value, list) for item in value)
    if kind != "~":
        outside = [key for key, value in plain.items() if isinstance(value, dict) and value.keys() == {"@odata.id"}]
        assert any(len(found[key]) > 1 for key in outside)


def test_top_and_skip(bmc: Any) -> None:
    systems = bmc.find("Chassis")
    everything = bmc.get(systems)
    assert bmc.get(f"{systems}?$top=1")["Members"] == everything["Members"][:1]
    assert bmc.get(f"{systems}?$skip=1")["Members"] == everything["Members"][1:]
    assert bmc.get(f"{systems}?$skip=1")["Members@odata.count"] == len(everything["Members"])
    assert bmc.get(systems) == everything


def test_only(bmc: Any) -> None:
    _features(bmc, "OnlyMemberQuery")
    managers = bmc.find("Managers")
    members = bmc.get(managers)["Members"]
    found = bmc.get(f"{managers}?only")
    assert found["@odata.id"].rstrip("/") == (members[0]["@odata.id"] if len(members) == 1 else managers).rstrip("/")
    assert bmc.send("GET", f"{bmc.system()}?only").status_code == 400


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("$top=-1", 400),
        ("$skip=x", 400),
        ("$expand=?", 400),
        ("$expand=.($levels=0)", 400),
        ("$filter=Name eq", 400),
        ("$select=", 400),
        ("only=1", 400),
        ("$orderby=Name", 501),
        ("unknown=1", 200),
    ],
)
def test_odd_queries(bmc: Any, query: str, status: int) -> None:
    assert bmc.send("GET", f"{bmc.find('Chassis')}?{query}").status_code == status
