"""redfishtool, DMTF's command."""

from __future__ import annotations

import json
from typing import Any

import pytest

USER, PASSWORD = "admin", "Correct-Horse-7"


def _tool(bmc: Any, *arguments: str, fails: bool = False, auth: str = "Basic") -> Any:
    host = bmc.url.partition("://")[2]
    told = bmc.run(
        "redfishtool", "-r", host, "-u", USER, "-p", PASSWORD, "-S", "Always", "-A", auth, *arguments, fails=fails
    )
    start = told.find("{")
    return json.JSONDecoder().raw_decode(told[start:])[0] if start >= 0 else told


def _id(bmc: Any, path: str) -> str:
    return bmc.get(path)["Id"]


def test_versions_and_root(bmc: Any) -> None:
    assert _tool(bmc, "versions") == {"v1": "/redfish/v1/"}
    assert _tool(bmc, "root")["RedfishVersion"]


def test_odata_document(bmc: Any) -> None:
    assert _tool(bmc, "odata")["value"]


def test_systems_are_listed_with_a_session(bmc: Any) -> None:
    assert _tool(bmc, "Systems", "list", auth="Session")["Members"]


def test_system_is_read(bmc: Any) -> None:
    system = bmc.system()
    assert _tool(bmc, "Systems", "-L", bmc.get(system)["@odata.id"], "get")["@odata.id"] == bmc.get(system)["@odata.id"]


def test_power_is_switched(bmc: Any) -> None:
    system = bmc.get(bmc.system())["@odata.id"]
    _tool(bmc, "Systems", "-L", system, "reset", "ForceOff")
    assert bmc.settle(system) == "Off"


def test_boot_override_is_set(bmc: Any) -> None:
    system = bmc.get(bmc.system())
    if "Pxe" not in system.get("Boot", {}).get("BootSourceOverrideTarget@Redfish.AllowableValues", []):
        pytest.skip("no PXE")
    _tool(bmc, "Systems", "-L", system["@odata.id"], "setBootOverride", "Once", "Pxe")
    boot = bmc.get(system["@odata.id"])["Boot"]
    assert (boot["BootSourceOverrideEnabled"], boot["BootSourceOverrideTarget"]) == ("Once", "Pxe")


def test_asset_tag_is_set(bmc: Any) -> None:
    system = bmc.get(bmc.system())
    if "AssetTag" not in system:
        pytest.skip("no AssetTag")
    _tool(bmc, "Systems", "-L", system["@odata.id"], "setAssetTag", "rack-7")
    assert bmc.get(system["@odata.id"])["AssetTag"] == "rack-7"


def test_indicator_led_is_set(bmc: Any) -> None:
    system = bmc.get(bmc.system())
    if "IndicatorLED" not in system:
        pytest.skip("no IndicatorLED")
    _tool(bmc, "Systems", "-L", system["@odata.id"], "setIndicatorLed", "Blinking")
    assert bmc.get(system["@odata.id"])["IndicatorLED"] == "Blinking"


def test_unknown_property_is_refused(bmc: Any) -> None:
    system = bmc.get(bmc.system())["@odata.id"]
    _tool(bmc, "Systems", "-L", system, "patch", '{"NoSuchProperty": 1}', fails=True)


def test_user_is_added_changed_and_deleted(bmc: Any) -> None:
    accounts = bmc.find("AccountService", "Accounts")
    if bmc.send("POST", accounts, {"UserName": "x"}).status_code == 405:
        pytest.skip("accounts are slots")
    _tool(bmc, "AccountService", "adduser", "flow-user", "Another-Horse-8", "Operator")
    assert bmc.send("GET", bmc.find("Systems"), auth=("flow-user", "Another-Horse-8")).status_code == 200
    _tool(bmc, "AccountService", "setpassword", "flow-user", "Third-Horse-9")
    assert bmc.send("GET", bmc.find("Systems"), auth=("flow-user", "Third-Horse-9")).status_code == 200
    _tool(bmc, "AccountService", "deleteuser", "flow-user")
    assert bmc.send("GET", bmc.find("Systems"), auth=("flow-user", "Third-Horse-9")).status_code == 401


def test_roles_are_read(bmc: Any) -> None:
    bmc.find("AccountService", "Roles", 0)
    assert "Members" in _tool(bmc, "AccountService", "Roles")


def test_chassis_and_manager_are_read(bmc: Any) -> None:
    for branch in ("Chassis", "Managers"):
        first = bmc.get(bmc.find(branch, 0))["@odata.id"]
        assert _tool(bmc, branch, "-L", first, "get")["@odata.id"] == first


def test_raw_requests(bmc: Any) -> None:
    system = bmc.tagged()
    assert _tool(bmc, "raw", "GET", system)["@odata.id"]
    _tool(bmc, "raw", "PATCH", system, "-d", '{"AssetTag": "raw"}')
    assert bmc.get(system)["AssetTag"] == "raw"


def test_session_is_opened_and_closed(bmc: Any) -> None:
    made = _tool(bmc, "SessionService", "login")
    assert made["X-Auth-Token"]
    host, token = bmc.url.partition("://")[2], made["X-Auth-Token"]
    known = ("-r", host, "-S", "Always", "-A", "Session", "-t", token)
    told = bmc.run("redfishtool", *known, "SessionService", "-i", made["SessionId"], "logout")
    assert "Traceback" not in told
    used = bmc.send("GET", bmc.find("Systems"), auth=None, headers={"X-Auth-Token": made["X-Auth-Token"]})
    assert used.status_code == 401


def test_wrong_password_is_refused(bmc: Any) -> None:
    told = bmc.run(
        "redfishtool",
        "-r",
        bmc.url.partition("://")[2],
        "-u",
        USER,
        "-p",
        "wrong",
        "-S",
        "Always",
        "Systems",
        fails=True,
    )
    assert "Traceback" not in told
