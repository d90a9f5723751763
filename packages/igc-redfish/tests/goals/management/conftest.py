"""A small host with users, media, logs, networks and drives, and real ones; handlers of all families but the host's."""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import ROOT, Capture
from igc_redfish.goals import FAMILIES, build
from igc_redfish.goals.book import GoalBook
from igc_redfish.machine import Machine
from igc_redfish.service.core import Service
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST_FAMILIES = {"power", "boot", "bios", "secureboot", "firmware", "manager"}
ACCOUNTS, ROLES = f"{ROOT}/AccountService/Accounts", f"{ROOT}/AccountService/Roles"
MANAGER, SYSTEM = f"{ROOT}/Managers/1", f"{ROOT}/Systems/1"
MEDIA, LOG, STORAGE = f"{MANAGER}/VirtualMedia/CD", f"{MANAGER}/LogServices/EventLog", f"{SYSTEM}/Storage/1"
SUBSCRIPTIONS, SESSIONS = f"{ROOT}/EventService/Subscriptions", f"{ROOT}/SessionService/Sessions"


def link(uri: str) -> dict[str, str]:
    return {"@odata.id": uri}


def account(number: int, user: str, role: str, *, enabled: bool = True) -> tuple[str, str, dict[str, Any]]:
    shown = {"UserName": user, "RoleId": role, "Enabled": enabled, "Locked": False, "Password": None}
    links = {"Role": link(f"{ROLES}/{role}")}
    return f"{ACCOUNTS}/{number}", "ManagerAccount", {**shown, "PasswordChangeRequired": False, "Links": links}


def entry(number: int) -> tuple[str, str, dict[str, Any]]:
    return f"{LOG}/Entries/{number}", "LogEntry", {"Message": f"entry {number}", "EntryType": "Event"}


def drive(number: int, *volumes: str) -> tuple[str, str, dict[str, Any]]:
    shown = {"CapacityBytes": 1000, "Links": {"Volumes": [link(uri) for uri in volumes], "Volumes@odata.count": 1}}
    return f"{STORAGE}/Drives/{number}", "Drive", shown


TREE: list[tuple[str, str, dict[str, Any]]] = [
    (ROOT, "ServiceRoot", {"Systems": link(f"{ROOT}/Systems"), "Managers": link(f"{ROOT}/Managers")}),
    (f"{ROOT}/AccountService", "AccountService", {"MinPasswordLength": 8, "MaxPasswordLength": 20}),
    *[(f"{ROLES}/{name}", "Role", {"RoleId": name}) for name in ("Administrator", "Operator", "ReadOnly", "None")],
    account(1, "root", "Administrator"),
    account(2, "jane", "Operator"),
    (f"{ROOT}/SessionService", "SessionService", {}),
    (f"{SESSIONS}/a1", "Session", {"UserName": "jane"}),
    (f"{ROOT}/EventService", "EventService", {"EventTypesForSubscription": ["Alert", "StatusChange"]}),
    (f"{SUBSCRIPTIONS}/1", "EventDestination", {"Destination": "https://192.0.2.9/old", "Context": "old"}),
    (MANAGER, "Manager", {"LogServices": link(f"{MANAGER}/LogServices")}),
    (
        MEDIA,
        "VirtualMedia",
        {
            "MediaTypes": ["CD", "DVD"],
            "Image": None,
            "ImageName": None,
            "Inserted": False,
            "ConnectedVia": "NotConnected",
            "Actions": {
                f"#VirtualMedia.{verb}Media": {"target": f"{MEDIA}/Actions/VirtualMedia.{verb}Media"}
                for verb in ("Insert", "Eject")
            },
        },
    ),
    (f"{MANAGER}/VirtualMedia/USB", "VirtualMedia", {"MediaTypes": ["USBStick"], "Image": None, "Inserted": False}),
    (
        LOG,
        "LogService",
        {
            "MaxNumberOfRecords": 3,
            "OverWritePolicy": "WrapsWhenFull",
            "Entries": link(f"{LOG}/Entries"),
            "Actions": {"#LogService.ClearLog": {"target": f"{LOG}/Actions/LogService.ClearLog"}},
        },
    ),
    entry(7),
    entry(8),
    (
        f"{MANAGER}/NetworkProtocol",
        "ManagerNetworkProtocol",
        {
            "HostName": "bmc",
            "HTTP": {"ProtocolEnabled": False},
            **{name: {"ProtocolEnabled": True} for name in ("HTTPS", "SSH")},
            "NTP": {"ProtocolEnabled": False, "NTPServers": ["a", "b"], "NTPServers@odata.count": 2},
        },
    ),
    (f"{MANAGER}/EthernetInterfaces/eth0", "EthernetInterface", {"HostName": "bmc"}),
    (
        SYSTEM,
        "ComputerSystem",
        {
            "HostName": "web",
            "IndicatorLED": "Off",
            "LocationIndicatorActive": False,
            "Links": {"Chassis": [link(f"{ROOT}/Chassis/1")], "ManagedBy": [link(MANAGER)]},
        },
    ),
    (f"{ROOT}/Chassis/1", "Chassis", {"IndicatorLED": "Off"}),
    (STORAGE, "Storage", {"Volumes": link(f"{STORAGE}/Volumes"), "Drives": [link(drive(n)[0]) for n in range(4)]}),
    drive(0, f"{STORAGE}/Volumes/1"),
    *[drive(number) for number in (1, 2, 3)],
    (f"{STORAGE}/Volumes/1", "Volume", {"RAIDType": "RAID0", "Links": {"Drives": [link(drive(0)[0])]}}),
]
#: Collections and the type of each; their members are the resources of the tree right below them.
COLLECTIONS = {
    f"{ROOT}/Systems": "ComputerSystem",
    f"{ROOT}/Managers": "Manager",
    f"{ROOT}/Chassis": "Chassis",
    ACCOUNTS: "ManagerAccount",
    ROLES: "Role",
    SESSIONS: "Session",
    SUBSCRIPTIONS: "EventDestination",
    f"{MANAGER}/VirtualMedia": "VirtualMedia",
    f"{MANAGER}/LogServices": "LogService",
    f"{LOG}/Entries": "LogEntry",
    f"{MANAGER}/EthernetInterfaces": "EthernetInterface",
    f"{SYSTEM}/Storage": "Storage",
    f"{STORAGE}/Volumes": "Volume",
}


@pytest.fixture
def tree() -> dict[str, dict[str, Any]]:
    """A host, by URI, every resource linked from the one above it; free to be changed by a test."""
    bodies = {
        uri: {
            "@odata.id": uri,
            "@odata.type": f"#{kind}.v1_0_0.{kind}",
            "Id": uri.rpartition("/")[2],
            "Name": uri,
            **body,
        }
        for uri, kind, body in copy.deepcopy(TREE)
    }
    for uri, kind in COLLECTIONS.items():
        members = [link(member) for member in bodies if member.rpartition("/")[0] == uri]
        shown = {"Members": members, "Members@odata.count": len(members), "Name": uri}
        bodies[uri] = {"@odata.id": uri, "@odata.type": f"#{kind}Collection.{kind}Collection", **shown}
    for uri in list(bodies):
        above = bodies.get(uri.rpartition("/")[0])
        if above is not None and "Members" not in above:
            above.setdefault(uri.rpartition("/")[2], link(uri))
    return bodies


@pytest.fixture
def book() -> GoalBook:
    """The families of users, media, logs, lights, networks, events and volumes."""
    return GoalBook([build(family) for family in FAMILIES if family not in HOST_FAMILIES])


@cache
def _service(path: Path) -> Service:
    return Service(Machine(Capture.open(path)), [build(family) for family in FAMILIES if family not in HOST_FAMILIES])


@pytest.fixture
def real(captures: Path) -> Callable[[str], Simulator]:
    """Simulate a captured machine, each time anew."""
    return lambda name: Simulator(_service(captures / f"{name}.jsonl.gz"))
