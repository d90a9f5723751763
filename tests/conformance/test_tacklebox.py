"""The scripts of the Redfish Tacklebox, DMTF's command-line tools."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

IMAGE = "http://192.0.2.9/images/rescue.iso"
NAME, SECRET = "flow-user", "Another-Horse-8"
#: Captures whose loose links break the inventory script.
LOOSE = ("dmtf-tower",)


def _logs_in(bmc: Any, password: str = SECRET) -> bool:
    return bmc.send("GET", bmc.find("Systems"), auth=(NAME, password)).status_code == 200


@pytest.fixture
def user(bmc: Any) -> str:
    """A user made by the script."""
    bmc.find("AccountService", "Accounts")
    bmc.tacklebox("rf_accounts", "-add", NAME, SECRET, "Operator")
    if not _logs_in(bmc):  # who is put into a slot has to be let in, too
        bmc.tacklebox("rf_accounts", "-enable", NAME)
    assert _logs_in(bmc)
    return NAME


def test_accounts_are_listed(bmc: Any) -> None:
    bmc.find("AccountService", "Accounts")
    assert "Administrator" in bmc.tacklebox("rf_accounts")


def test_user_is_added_and_deleted(bmc: Any, user: str) -> None:
    bmc.tacklebox("rf_accounts", "-delete", user)
    assert not _logs_in(bmc)


def test_user_gets_a_password_and_a_role(bmc: Any, user: str) -> None:
    bmc.tacklebox("rf_accounts", "-setpassword", user, "Third-Horse-9")
    bmc.tacklebox("rf_accounts", "-setrole", user, "ReadOnly")
    assert not _logs_in(bmc)
    assert _logs_in(bmc, "Third-Horse-9")


def test_user_is_disabled_and_enabled(bmc: Any, user: str) -> None:
    bmc.tacklebox("rf_accounts", "-disable", user)
    assert not _logs_in(bmc)
    bmc.tacklebox("rf_accounts", "-enable", user)
    assert _logs_in(bmc)


def test_bios_settings_are_listed_and_set(bmc: Any) -> None:
    system = bmc.system()
    bios = bmc.get(system).get("Bios", {}).get("@odata.id")
    if not bios or not bmc.get(bios).get("Attributes"):
        pytest.skip("no BIOS attributes")
    name = bmc.get(system)["Id"]
    assert "Future Setting" in bmc.tacklebox("rf_bios_settings", "-s", name)
    bmc.tacklebox("rf_bios_settings", "-s", name, "-a", "NoSuchAttribute", "1", fails=True)
    if "#Bios.ResetBios" in bmc.get(bios).get("Actions", {}):
        bmc.tacklebox("rf_bios_settings", "-s", name, "-reset")


def test_boot_override_with_reset(bmc: Any) -> None:
    system = bmc.get(bmc.system())
    if "Pxe" not in system.get("Boot", {}).get("BootSourceOverrideTarget@Redfish.AllowableValues", []):
        pytest.skip("no PXE")
    bmc.tacklebox("rf_boot_override", "-s", system["Id"], "-t", "Pxe")
    assert bmc.get(system["@odata.id"])["Boot"]["BootSourceOverrideTarget"] == "Pxe"
    assert "Pxe" in bmc.tacklebox("rf_boot_override", "-s", system["Id"], "-info")
    offered = str(system["Actions"]["#ComputerSystem.Reset"].get("ResetType@Redfish.AllowableValues", "Restart"))
    if "Restart" not in offered and "PowerCycle" not in offered:
        return  # the script knows of no other way
    bmc.tacklebox("rf_boot_override", "-s", system["Id"], "-t", "Pxe", "-reset")
    bmc.settle(system["@odata.id"])
    assert bmc.get(system["@odata.id"])["Boot"]["BootSourceOverrideEnabled"] == "Disabled"


def test_power_is_switched(bmc: Any) -> None:
    system = bmc.get(bmc.system())
    assert "On" in bmc.tacklebox("rf_power_reset", "-s", system["Id"], "-info")
    for kind, state in (("ForceOff", "Off"), ("On", "On")):
        bmc.tacklebox("rf_power_reset", "-s", system["Id"], "-t", kind)
        assert bmc.settle(system["@odata.id"]) == state


def test_virtual_media_is_inserted_and_ejected(bmc: Any) -> None:
    system = bmc.get(bmc.system())["Id"]
    slots = [block for block in _media(bmc, system) if re.search("MediaTypes: .*(CD|DVD)", block) and "Image:" in block]
    if not slots:
        pytest.skip("no virtual CD drive that tells its image")
    block = min(slots, key=lambda one: "Inserted: True" in one)
    name = block.split()[0]
    bmc.tacklebox("rf_virtual_media", "-s", system, "eject", "-i", name)
    left = next(one for one in _media(bmc, system) if one.split()[0] == name)
    if re.search(r"Image: (?!None)\S", left) and "Inserted: False" in left:
        pytest.skip("the drive keeps its image after an eject, which the script takes for an inserted one")
    bmc.tacklebox("rf_virtual_media", "-s", system, "insert", "-image", IMAGE, "-i", name)
    assert any(IMAGE in one and "Inserted: True" in one for one in _media(bmc, system))
    bmc.tacklebox("rf_virtual_media", "-s", system, "eject", "-i", name)
    assert not any(IMAGE in one and "Inserted: True" in one for one in _media(bmc, system))


def _media(bmc: Any, system: str) -> list[str]:
    """List what the script tells of each drive."""
    return [block for block in bmc.tacklebox("rf_virtual_media", "-s", system, "info").split("\n\n") if "|" in block]


def test_inventory_is_read(bmc: Any) -> None:
    if bmc.name in LOOSE:
        pytest.skip("the capture links to resources that it lacks, which the script does not survive")
    assert "Chassis" in bmc.tacklebox("rf_sys_inventory", "-details")


def test_sensors_are_read(bmc: Any) -> None:
    assert "Sensor" in bmc.tacklebox("rf_sensor_list")


def _log(bmc: Any) -> tuple[list[str], str]:
    """Find a log with entries: the script's arguments and its URI."""
    for branch, option in (("Systems", "-s"), ("Managers", "-m"), ("Chassis", "-c")):
        for member in bmc.get(bmc.find(branch))["Members"]:
            owner = bmc.get(member["@odata.id"])
            services = owner.get("LogServices", {}).get("@odata.id")
            if not services or bmc.send("GET", services).status_code != 200:
                continue
            for log in bmc.get(services)["Members"]:
                body = bmc.get(log["@odata.id"])
                if "#LogService.ClearLog" in body.get("Actions", {}) and "Entries" in body:
                    return [option, owner["Id"], "-l", body["Id"]], body["Entries"]["@odata.id"]
    return pytest.skip("no log that can be cleared")


def test_log_is_read_and_cleared(bmc: Any) -> None:
    where, entries = _log(bmc)
    before = bmc.get(entries)["Members@odata.count"]
    bmc.tacklebox("rf_logs", *where)
    bmc.tacklebox("rf_logs", *where, "-clear")
    assert bmc.get(entries)["Members@odata.count"] <= min(before, 1)


def test_event_service_is_subscribed_to(bmc: Any, listener: Any) -> None:
    subscriptions = bmc.find("EventService", "Subscriptions")
    before = bmc.get(subscriptions)["Members@odata.count"]
    bmc.tacklebox("rf_event_service", "info")
    bmc.tacklebox("rf_event_service", "subscribe", "-dest", listener.url)
    made = bmc.get(subscriptions)["Members"][-1]["@odata.id"]
    assert bmc.get(made)["Destination"] == listener.url
    bmc.tacklebox("rf_event_service", "unsubscribe", "-i", bmc.get(made)["Id"])
    assert bmc.get(subscriptions)["Members@odata.count"] == before


def test_update_by_uri_runs_to_its_end(bmc: Any) -> None:
    bmc.action(bmc.find("UpdateService"), "UpdateService.SimpleUpdate")
    told = bmc.tacklebox("rf_update", "-i", "http://192.0.2.9/bios-9.9.9.bin")
    assert "Traceback" not in told


def test_update_by_upload_runs_to_its_end(bmc: Any, tmp_path: Path) -> None:
    service = bmc.get(bmc.find("UpdateService"))
    if not service.get("MultipartHttpPushUri"):
        pytest.skip("no MultipartHttpPushUri")
    image = tmp_path / "bios-9.9.9.bin"
    image.write_bytes(b"not a real image" * 1000)
    assert "Traceback" not in bmc.tacklebox("rf_update", "-i", str(image))


def test_firmware_inventory_is_read(bmc: Any) -> None:
    bmc.find("UpdateService", "FirmwareInventory")
    assert "Version" in bmc.tacklebox("rf_firmware_inventory", "-details")


def test_manager_is_read_configured_and_reset(bmc: Any) -> None:
    manager = bmc.get(bmc.find("Managers", 0))
    assert manager["Id"] in bmc.tacklebox("rf_manager_config", "-m", manager["Id"], "info")
    if "#Manager.Reset" in manager.get("Actions", {}):
        bmc.tacklebox("rf_manager_config", "-m", manager["Id"], "reset")


def test_raw_requests(bmc: Any) -> None:
    system = bmc.tagged()
    assert "@odata.id" in bmc.tacklebox("rf_raw_request", "-req", system)
    bmc.tacklebox("rf_raw_request", "-req", system, "-m", "PATCH", "-b", '{"AssetTag": "raw"}')
    assert bmc.get(system)["AssetTag"] == "raw"


def test_wrong_password_is_refused(bmc: Any) -> None:
    told = bmc.run("rf_accounts.py", "-u", "admin", "-p", "wrong", "-r", bmc.url, fails=True)
    assert "credentials" in told.lower() or "401" in told
