"""What a machine does over time: settings, tasks, events, outages."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

FOREVER = 7200


def _restart(bmc: Any, system: str) -> None:
    target = bmc.action(system, "ComputerSystem.Reset")
    if bmc.get(system)["PowerState"] != "Off":
        bmc.change("POST", target, {"ResetType": "ForceOff"})
        bmc.settle(system)
    bmc.change("POST", target, {"ResetType": "On"})
    assert bmc.settle(system) == "On"


def _messages(answer: Any) -> str:
    return str([item["MessageId"] for item in answer.json()["error"]["@Message.ExtendedInfo"]])


# -- power and boot ----------------------------------------------------------------------------------------------------


def test_every_reset_that_is_offered_leads_where_it_should(bmc: Any) -> None:
    system = bmc.system()
    body = bmc.get(system)["Actions"]["#ComputerSystem.Reset"]
    offered = body.get("ResetType@Redfish.AllowableValues", ["On", "ForceOff"])
    ends = {"On": "On", "ForceOn": "On", "ForceOff": "Off", "GracefulShutdown": "Off", "ForceRestart": "On"}
    for kind in ("ForceOff", "On", "ForceRestart", "GracefulShutdown", "ForceOn"):
        if kind in offered:
            bmc.change("POST", body["target"], {"ResetType": kind})
            assert bmc.settle(system) == ends[kind], kind


def test_boot_once_is_used_once(bmc: Any) -> None:
    system = bmc.system()
    boot = bmc.get(system).get("Boot", {})
    if "Pxe" not in boot.get("BootSourceOverrideTarget@Redfish.AllowableValues", []):
        pytest.skip("no PXE")
    bmc.change("PATCH", system, {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}})
    _restart(bmc, system)
    boot = bmc.get(system)["Boot"]
    assert (boot["BootSourceOverrideEnabled"], boot["BootSourceOverrideTarget"]) == ("Disabled", "None")


# -- BIOS and secure boot ----------------------------------------------------------------------------------------------


def _bios(bmc: Any) -> tuple[str, str, str]:
    """Find a system, its BIOS and the settings object."""
    system = bmc.system()
    bios = bmc.get(system).get("Bios", {}).get("@odata.id")
    settings = bmc.get(bios).get("@Redfish.Settings", {}).get("SettingsObject", {}).get("@odata.id") if bios else None
    if not bios or not settings:
        pytest.skip("no BIOS with settings")
    return system, bios, settings


def test_bios_settings_wait_for_a_start(bmc: Any) -> None:
    system, bios, settings = _bios(bmc)
    for name, value in bmc.get(bios)["Attributes"].items():
        other = {"Enabled": "Disabled", "Disabled": "Enabled"}.get(value)
        answer = (
            bmc.send("PATCH", settings, {"Attributes": {name: other}}, headers={"If-Match": "*"}) if other else None
        )
        if answer is not None and answer.ok:
            break
    else:
        pytest.skip("no attribute that is Enabled or Disabled")
    assert bmc.get(bios)["Attributes"][name] == value
    assert bmc.get(settings)["Attributes"][name] == other
    _restart(bmc, system)
    current = bmc.get(bios)
    assert current["Attributes"][name] == other
    assert "Success" in str(current["@Redfish.Settings"].get("Messages"))


def test_bios_refuses_what_it_does_not_know(bmc: Any) -> None:
    _, bios, settings = _bios(bmc)
    before = bmc.get(settings)
    answer = bmc.send("PATCH", settings, {"Attributes": {"NoSuchAttribute": 1}}, headers={"If-Match": "*"})
    assert answer.status_code == 400
    assert "NoSuchAttribute" in answer.text
    assert bmc.get(settings) == before
    name = next(iter(bmc.get(bios)["Attributes"]))
    assert not bmc.send("PATCH", bios, {"Attributes": {name: "x"}}, headers={"If-Match": "*"}).ok


def test_settings_etag_is_the_one_to_send_back(bmc: Any) -> None:
    _, bios, settings = _bios(bmc)
    etag = bmc.get(bios)["@Redfish.Settings"]["ETag"]
    assert bmc.send("GET", settings).headers["ETag"] == etag


def test_unknown_apply_time_is_refused(bmc: Any) -> None:
    _, bios, settings = _bios(bmc)
    name, value = next(iter(bmc.get(bios)["Attributes"].items()))
    body = {"Attributes": {name: value}, "@Redfish.SettingsApplyTime": {"ApplyTime": "Tomorrow"}}
    assert bmc.send("PATCH", settings, body, headers={"If-Match": "*"}).status_code == 400


def test_secure_boot_is_staged(bmc: Any) -> None:
    system = bmc.system()
    boot = bmc.get(system).get("SecureBoot", {}).get("@odata.id")
    if not boot:
        pytest.skip("no secure boot")
    before = bmc.get(boot)
    bmc.change("PATCH", boot, {"SecureBootEnable": not before["SecureBootEnable"]})
    assert bmc.get(boot)["SecureBootCurrentBoot"] == before["SecureBootCurrentBoot"]
    _restart(bmc, system)
    assert bmc.get(boot)["SecureBootCurrentBoot"] == ("Disabled" if before["SecureBootEnable"] else "Enabled")


# -- virtual media, update, logs, volumes ------------------------------------------------------------------------------


def _slot(bmc: Any) -> str:
    for holder in (bmc.system(), *(link["@odata.id"] for link in bmc.get(bmc.find("Managers"))["Members"])):
        home = bmc.get(holder).get("VirtualMedia", {}).get("@odata.id")
        for link in bmc.get(home)["Members"] if home and bmc.send("GET", home).ok else ():
            body = bmc.get(link["@odata.id"])
            if "#VirtualMedia.InsertMedia" in body.get("Actions", {}):
                bmc.send("POST", bmc.action(link["@odata.id"], "VirtualMedia.EjectMedia"))
                return link["@odata.id"]
    return pytest.skip("no virtual media that are inserted by an action")


def test_virtual_media_take_one_image(bmc: Any) -> None:
    slot = _slot(bmc)
    insert, eject = bmc.action(slot, "VirtualMedia.InsertMedia"), bmc.action(slot, "VirtualMedia.EjectMedia")
    image = {"Image": "http://192.0.2.9/a.iso", "TransferProtocolType": "HTTP"}
    answer = bmc.send("POST", insert, image)
    if "TransferProtocolType" in answer.text and answer.status_code == 400:
        image.pop("TransferProtocolType")
        answer = bmc.send("POST", insert, image)
    assert answer.ok, answer.text
    assert bmc.get(slot)["Inserted"] is True
    assert bmc.send("POST", insert, image).ok
    second = bmc.send("POST", insert, {**image, "Image": "http://192.0.2.9/b.iso"})
    assert second.ok or second.status_code in {400, 409}
    assert bmc.send("POST", eject).ok
    assert bmc.get(slot)["Inserted"] is False


def test_virtual_media_refuse_other_addresses(bmc: Any) -> None:
    slot = _slot(bmc)
    insert = bmc.action(slot, "VirtualMedia.InsertMedia")
    for image in ("", "no address", "gopher://192.0.2.9/a.iso"):
        assert bmc.send("POST", insert, {"Image": image}).status_code == 400, image
    assert bmc.get(slot)["Inserted"] is False


def _update(bmc: Any) -> Any:
    """Begin an update that goes on for as long as the test lets no time pass."""
    bmc.pace(0)
    target = bmc.action(bmc.find("UpdateService"), "UpdateService.SimpleUpdate")
    return bmc.send("POST", target, {"ImageURI": "http://192.0.2.9/bios-9.9.9.bin", "TransferProtocol": "HTTP"})


def test_update_task_and_its_monitor(bmc: Any) -> None:
    answer = _update(bmc)
    assert answer.status_code == 202
    monitor, task = answer.headers["Location"], answer.json()["@odata.id"]
    assert int(answer.headers["Retry-After"]) >= 1
    assert bmc.send("GET", monitor).status_code == 202
    assert bmc.get(task)["TaskState"] == "Running"
    bmc.advance(FOREVER // 4)
    body = bmc.get(task)
    assert body["TaskState"] in {"Completed", "Exception"}
    assert body["EndTime"]
    assert body["TaskStatus"]
    assert bmc.send("GET", monitor).status_code == (204 if body["TaskState"] == "Completed" else 400)
    bmc.advance(FOREVER)
    assert bmc.send("GET", monitor).status_code in {404, 410}


def test_second_update_is_refused(bmc: Any) -> None:
    assert _update(bmc).status_code == 202
    assert _update(bmc).status_code in {409, 503}


def test_task_is_cancelled(bmc: Any) -> None:
    answer = _update(bmc)
    monitor, task = answer.headers["Location"], answer.json()["@odata.id"]
    assert bmc.send("DELETE", monitor).status_code in {202, 204}
    assert bmc.get(task)["TaskState"] == "Cancelled"
    assert bmc.send("GET", monitor).status_code in {404, 410}


def _log(bmc: Any) -> str:
    for branch in ("Systems", "Managers", "Chassis"):
        for link in bmc.get(bmc.find(branch))["Members"]:
            services = bmc.get(link["@odata.id"]).get("LogServices", {}).get("@odata.id")
            for log in bmc.get(services)["Members"] if services and bmc.send("GET", services).ok else ():
                if "#LogService.ClearLog" in bmc.get(log["@odata.id"]).get("Actions", {}):
                    return log["@odata.id"]
    return pytest.skip("no log that can be cleared")


def test_log_is_cleared(bmc: Any) -> None:
    log = _log(bmc)
    entries = bmc.get(log)["Entries"]["@odata.id"]
    assert all("Created" in entry or "EntryType" in entry for entry in bmc.get(entries)["Members"])
    bmc.change("POST", bmc.action(log, "LogService.ClearLog"), {})
    assert bmc.get(entries)["Members@odata.count"] <= 1


def test_what_happens_is_logged(bmc: Any) -> None:
    system, before = bmc.system(), _entries(bmc)
    logs = {uri.lower().rpartition("/entries/")[0].rpartition("/")[2] for uri, _ in before}
    if not any(word in name for name in logs for word in ("event", "sel", "iml", "log")):
        pytest.skip("no log whose name says that it is for events")
    _restart(bmc, system)
    assert _entries(bmc) - before


def _entries(bmc: Any) -> set[tuple[str, str]]:
    """List what all logs hold; a full one forgets its oldest entries."""
    found = set()
    for branch in ("Systems", "Managers", "Chassis"):
        for link in bmc.get(bmc.find(branch))["Members"]:
            services = bmc.get(link["@odata.id"]).get("LogServices", {}).get("@odata.id")
            for log in bmc.get(services)["Members"] if services and bmc.send("GET", services).ok else ():
                entries = bmc.get(log["@odata.id"]).get("Entries", {}).get("@odata.id")
                if entries and bmc.send("GET", entries).ok:
                    members = bmc.get(entries).get("Members", [])
                    found |= {(entry["@odata.id"], str(entry.get("Created"))) for entry in members}
    return found


def test_volume_is_created_and_deleted(bmc: Any) -> None:
    for link in bmc.get(bmc.find("Systems"))["Members"]:
        storages = bmc.get(link["@odata.id"]).get("Storage", {}).get("@odata.id")
        for storage in bmc.get(storages)["Members"] if storages and bmc.send("GET", storages).ok else ():
            body = bmc.get(storage["@odata.id"])
            volumes = body.get("Volumes", {}).get("@odata.id")
            if (
                not volumes
                or not bmc.send("GET", volumes).ok
                or "POST" not in bmc.send("GET", volumes).headers["Allow"]
            ):
                continue
            for drive in body.get("Drives", []):
                before = bmc.get(volumes)["Members"]
                answer = bmc.send("POST", volumes, {"Name": "v", "RAIDType": "RAID0", "Links": {"Drives": [drive]}})
                if answer.status_code not in {201, 202}:
                    assert answer.status_code in {400, 409}, answer.text
                    continue
                bmc.advance(FOREVER // 4)
                members = bmc.get(volumes)["Members"]
                assert len(members) == len(before) + 1
                assert bmc.send("DELETE", members[-1]["@odata.id"]).ok
                bmc.advance(FOREVER // 4)
                assert bmc.get(volumes)["Members"] == before
                return
    pytest.skip("no storage with a free drive")


# -- events ------------------------------------------------------------------------------------------------------------


def test_changes_are_pushed(bmc: Any, listener: Any) -> None:
    home = bmc.find("EventService", "Subscriptions")
    body = {"Destination": listener.url, "Protocol": "Redfish", "Context": "mine"}
    made = bmc.change("POST", home, body).headers["Location"]
    bmc.change("PATCH", bmc.tagged(), {"AssetTag": "seen"})
    event = listener.hears("OriginOfCondition", {"@odata.id": bmc.tagged()})
    assert event["Context"] == "mine"
    bmc.change("DELETE", made)


def test_test_event_is_pushed(bmc: Any, listener: Any) -> None:
    service = bmc.find("EventService")
    submit = bmc.action(service, "EventService.SubmitTestEvent")
    body = {"Destination": listener.url, "Protocol": "Redfish"}
    bmc.change("POST", bmc.get(service)["Subscriptions"]["@odata.id"], body)
    answer = bmc.send("POST", submit, {"MessageId": "Base.1.22.Success", "Message": "hello", "Severity": "OK"})
    assert answer.ok, answer.text
    listener.hears("MessageId", "Base.1.22.Success")


def test_changes_are_streamed(bmc: Any) -> None:
    path = bmc.get(bmc.find("EventService")).get("ServerSentEventUri")
    if not path:
        pytest.skip("no ServerSentEventUri")
    with requests.get(
        bmc.url + path, auth=("admin", "Correct-Horse-7"), verify=str(bmc.certificate), stream=True
    ) as feed:
        assert feed.headers["Content-Type"].startswith("text/event-stream")
        lines = feed.iter_lines(decode_unicode=True)
        bmc.change("PATCH", bmc.tagged(), {"AssetTag": "seen"})
        told = next(line for line in lines if line.startswith("data:"))
        assert json.loads(told.removeprefix("data:"))["Events"]


# -- manager -----------------------------------------------------------------------------------------------------------


def test_manager_restart_is_an_outage_with_notice(bmc: Any) -> None:
    manager = bmc.find("Managers", 0)
    reset = bmc.action(manager, "Manager.Reset")
    body = bmc.get(manager)["Actions"]["#Manager.Reset"]
    kinds = body.get("ResetType@Redfish.AllowableValues", ["ForceRestart"])
    kind = next((one for one in kinds if "Restart" in one), kinds[0])
    login = bmc.get("/redfish/v1/")["Links"]["Sessions"]["@odata.id"]
    session = bmc.change("POST", login, {"UserName": "admin", "Password": "Correct-Horse-7"}, auth=None)
    bmc.change("POST", reset, {"ResetType": kind})
    headers = {"X-Auth-Token": session.headers["X-Auth-Token"]}
    assert bmc.send("DELETE", session.headers["Location"], auth=None, headers=headers).ok  # clients log out right after
    for _ in range(150):
        answer = bmc.send("GET", "/redfish/v1/")
        if answer.status_code == 200 and _ > 25:
            break
        assert answer.status_code in {200, 503}
        assert answer.status_code == 200 or int(answer.headers["Retry-After"]) >= 1
        time.sleep(0.1)
    assert bmc.get(manager)["@odata.id"]
