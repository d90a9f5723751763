"""A small but complete service, and handlers that give it state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request, Response
from igc_redfish.capture import Capture, Resource
from igc_redfish.machine import Machine
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import marked_rules, on_action, on_create, on_delete, on_event, on_patch
from igc_redfish.service.tasks import start_task
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from igc_redfish.service.profile import Profile
    from igc_redfish.service.rules import Rule
    from igc_redfish.service.transaction import Transaction

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"
SESSIONS = f"{ROOT}/SessionService/Sessions"


class Rules:
    """Plain rules for most kinds of operation."""

    def rules(self) -> Iterable[Rule]:
        return marked_rules(self)

    @on_patch("ComputerSystem", "Bios", "ManagerAccount", "EthernetInterface", "OemThing")
    def accept(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        if payload.get("AssetTag") == "forbidden":
            transaction.set(uri, "HostName", "must not be seen")
            raise Refusal("PropertyValueConflict", "AssetTag", "PowerState", status=409)
        if payload.get("AssetTag") == "broken":
            message = "a bug of the handler"
            raise KeyError(message)

    @on_action("ComputerSystem.Reset")
    def reset(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        state = "Off" if payload.get("ResetType") == "ForceOff" else "On"
        transaction.later(payload.get("delay", 3.0), "settle", uri, {"PowerState": state})

    @on_action("Manager.Reset")
    def outage(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.remember("service:down-until", transaction.world.clock_s + 90.0)

    @on_action("UpdateService.SimpleUpdate")
    def update(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response:
        arguments = {"ok": not payload["ImageURI"].endswith("bad")}
        seconds = 0.0 if payload["ImageURI"].endswith("now") else 60.0
        return start_task(transaction, name="Update", duration_s=seconds, effect="updated", uri=uri, payload=arguments)

    @on_event("updated")
    def updated(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.set(uri, "Description", "updated")
        if not payload["ok"]:
            raise Refusal("Update.ApplyFailed", "image", "device")

    @on_event("settle")
    def settle(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.set(uri, "PowerState", payload["PowerState"])

    @on_create("ManagerAccount")
    def add(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        transaction.set_password(payload["UserName"], payload.pop("Password"))
        transaction.create(uri, {"@odata.type": "#ManagerAccount.v1_10_0.ManagerAccount", "Name": "Account", **payload})

    @on_delete("ManagerAccount")
    def remove(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        if transaction.value(uri, "UserName") == "root":
            raise Refusal("ResourceCannotBeDeleted", status=403)


def account(number: int, name: str, role: str) -> dict[str, Any]:
    body = {"Id": str(number), "Name": "Account", "UserName": name, "Password": None, "RoleId": role, "Enabled": True}
    return {"@odata.type": "#ManagerAccount.v1_10_0.ManagerAccount", **body}


def tree() -> dict[str, dict[str, Any]]:
    """Bodies by URI, without their own ids."""
    link = {
        name: {"@odata.id": f"{ROOT}/{name}"} for name in ("Systems", "AccountService", "SessionService", "Managers")
    }
    reset = {
        "target": f"{SYSTEM}/Actions/ComputerSystem.Reset",
        "ResetType@Redfish.AllowableValues": ["On", "ForceOff", "ForceRestart"],
    }
    return {
        ROOT: {
            "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot",
            "Id": "Root",
            **link,
            "UpdateService": {"@odata.id": f"{ROOT}/UpdateService"},
            "Links": {"Sessions": {"@odata.id": SESSIONS}},
        },
        f"{ROOT}/Systems": collection("ComputerSystem", SYSTEM),
        SYSTEM: {
            "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
            "@odata.etag": '"captured"',
            "Id": "1",
            "Name": "System",
            "AssetTag": "",
            "HostName": "node",
            "PowerState": "On",
            "LocationIndicatorActive": False,
            "Boot": {
                "BootSourceOverrideEnabled": "Disabled",
                "BootSourceOverrideTarget": "None",
                "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd"],
                "BootOrder": ["Boot0001", "Boot0002"],
            },
            "Bios": {"@odata.id": f"{SYSTEM}/Bios"},
            "Links": {"Chassis": [], "ManagedBy": [{"@odata.id": f"{ROOT}/Managers/1"}]},
            "EthernetInterfaces": {"@odata.id": f"{SYSTEM}/EthernetInterfaces"},
            "LogServices": {"@odata.id": f"{SYSTEM}/Log"},
            "Actions": {"#ComputerSystem.Reset": reset},
            "Oem": {"Maker": {"Colour": "blue", "Depth": 3}},
        },
        f"{SYSTEM}/Bios": {
            "@odata.type": "#Bios.v1_2_0.Bios",
            "Id": "Bios",
            "Name": "Bios",
            "Attributes": {"Turbo": "On", "Cores": 8},
            "@Redfish.Settings": {
                "@odata.type": "#Settings.v1_3_5.Settings",
                "SettingsObject": {"@odata.id": f"{SYSTEM}/Bios/Settings"},
                "SupportedApplyTimes": ["OnReset"],
            },
        },
        f"{SYSTEM}/Bios/Settings": {
            "@odata.type": "#Bios.v1_2_0.Bios",
            "Id": "Settings",
            "Name": "Pending",
            "Attributes": {},
        },
        f"{SYSTEM}/EthernetInterfaces": collection("EthernetInterface", f"{SYSTEM}/EthernetInterfaces/1"),
        f"{SYSTEM}/EthernetInterfaces/1": {
            "@odata.type": "#EthernetInterface.v1_9_0.EthernetInterface",
            "Id": "1",
            "Name": "Port",
            "MTUSize": 1500,
            "VLAN": {"VLANEnable": False, "VLANId": 1},
            "IPv4StaticAddresses": [{"Address": "192.0.2.1", "SubnetMask": "255.255.255.0"}],
        },
        f"{SYSTEM}/Log": collection("LogService", f"{SYSTEM}/Log/1"),
        f"{SYSTEM}/Log/1": {
            "@odata.type": "#LogService.v1_3_0.LogService",
            "Id": "1",
            "Entries": {"@odata.id": f"{SYSTEM}/Log/1/Entries"},
        },
        f"{SYSTEM}/Log/1/Entries": collection("LogEntry", f"{SYSTEM}/Log/1/Entries/1"),
        f"{SYSTEM}/Log/1/Entries/1": {"@odata.type": "#LogEntry.v1_13_0.LogEntry", "Id": "1", "Message": "hot"},
        f"{ROOT}/OemThing": {"@odata.type": "#OemThing.v1_0_0.OemThing", "Id": "Thing", "Flag": True, "Text": "a"},
        f"{ROOT}/AccountService": {
            "@odata.type": "#AccountService.v1_10_0.AccountService",
            "Id": "AccountService",
            "Accounts": {"@odata.id": ACCOUNTS},
            "Roles": {"@odata.id": f"{ROOT}/AccountService/Roles"},
        },
        ACCOUNTS: collection("ManagerAccount", f"{ACCOUNTS}/1", f"{ACCOUNTS}/2", f"{ACCOUNTS}/3"),
        f"{ACCOUNTS}/1": account(1, "root", "Administrator"),
        f"{ACCOUNTS}/2": account(2, "op", "Operator"),
        f"{ACCOUNTS}/3": account(3, "ro", "ReadOnly"),
        f"{ROOT}/SessionService": {
            "@odata.type": "#SessionService.v1_1_8.SessionService",
            "Id": "SessionService",
            "SessionTimeout": 1800,
            "Sessions": {"@odata.id": SESSIONS},
        },
        SESSIONS: collection("Session"),
        f"{ROOT}/Managers": collection("Manager", f"{ROOT}/Managers/1"),
        f"{ROOT}/Managers/1": {
            "@odata.type": "#Manager.v1_18_0.Manager",
            "Id": "1",
            "Actions": {
                "#Manager.Reset": {
                    "target": f"{ROOT}/Managers/1/Actions/Manager.Reset",
                    "@Redfish.ActionInfo": f"{ROOT}/Managers/1/ResetInfo",
                },
                "#Manager.ModifyRedundancySet": {"target": f"{ROOT}/Managers/1/Actions/Manager.ModifyRedundancySet"},
                "Oem": {"#Maker.Blink": {"target": f"{ROOT}/Elsewhere/Maker.Blink"}},
            },
        },
        f"{ROOT}/Managers/1/ResetInfo": {
            "@odata.type": "#ActionInfo.v1_3_0.ActionInfo",
            "Id": "ResetInfo",
            "Parameters": [
                {"Name": "ResetType", "Required": True, "DataType": "String", "AllowableValues": ["GracefulRestart"]}
            ],
        },
        f"{ROOT}/UpdateService": {
            "@odata.type": "#UpdateService.v1_11_0.UpdateService",
            "Id": "UpdateService",
            "Description": "",
            "Actions": {
                "#UpdateService.SimpleUpdate": {"target": f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate"}
            },
        },
    }


def collection(kind: str, *members: str) -> dict[str, Any]:
    listed = [{"@odata.id": uri} for uri in members]
    kinds = {"@odata.type": f"#{kind}Collection.{kind}Collection", "Name": f"{kind}s"}
    return {**kinds, "Members": listed, "Members@odata.count": len(listed)}


@pytest.fixture(scope="session")
def build() -> Callable[..., Machine]:
    """Make the machine; ``methods`` are those that its host recorded, ``profile`` its quirks, ``extra`` more bodies."""

    def build(
        methods: dict[str, list[str]] | None = None,
        profile: Profile | None = None,
        extra: dict[str, dict[str, Any]] | None = None,
    ) -> Machine:
        found = {**tree(), **(extra or {})}
        resources = [
            Resource(uri, {"@odata.id": uri, **body}, methods=(methods or {}).get(uri)) for uri, body in found.items()
        ]
        return Machine(Capture.from_resources("bench", resources), profile)

    return build


@pytest.fixture(scope="session")
def machine(build: Callable[..., Machine]) -> Machine:
    return build()


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules()


@pytest.fixture
def host(machine: Machine, rules: Rules) -> Simulator:
    return Simulator(machine, [rules])


@pytest.fixture
def send(host: Simulator) -> Callable[..., Response]:
    """Send one request to the host: ``send("PATCH", uri, body, If_Match=etag)``."""
    return sender(host)


@pytest.fixture
def sender_to() -> Callable[[Simulator], Callable[..., Response]]:
    """The same for any simulator."""
    return sender


def sender(host: Simulator) -> Callable[..., Response]:
    def send(method: str, uri: str, body: Any = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return host.perform(Request(method, uri, body, named))

    return send


@pytest.fixture
def keys() -> Callable[[Response], list[str]]:
    """Name the messages of an answer, without registry and version."""

    def keys(response: Response) -> list[str]:
        body: Any = response.body
        messages = body["error"]["@Message.ExtendedInfo"] if "error" in body else body["@Message.ExtendedInfo"]
        return [message["MessageId"].rpartition(".")[2] for message in messages]

    return keys


@pytest.fixture
def make() -> type[Simulator]:
    """Make a simulator: ``make(machine, handlers, ...)``."""
    return Simulator
