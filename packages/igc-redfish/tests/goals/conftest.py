"""A small host whose state goal families change, and ways to simulate it and real ones."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.goals.bios import BiosFamily
from igc_redfish.goals.book import GoalBook
from igc_redfish.goals.boot import BootFamily
from igc_redfish.goals.firmware import FirmwareFamily
from igc_redfish.goals.manager import ManagerFamily
from igc_redfish.goals.power import PowerFamily
from igc_redfish.goals.secureboot import SecureBootFamily
from igc_redfish.machine import Machine
from igc_redfish.service.profile import Delays, Profile
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

SYSTEM, CHASSIS, MANAGER, UPDATE = (
    f"{ROOT}/{end}" for end in ("Systems/1", "Chassis/1", "Managers/1", "UpdateService")
)
RESETS = ["On", "ForceOff", "GracefulShutdown", "ForceRestart", "PowerCycle", "PushPowerButton", "Nmi"]


def link(uri: str) -> dict[str, Any]:
    return {"@odata.id": uri}


def reset(uri: str, kind: str, **offer: Any) -> dict[str, Any]:
    return {f"#{kind}.Reset": {"target": f"{uri}/Actions/{kind}.Reset", **offer}}


def component(name: str, version: str, **more: Any) -> tuple[str, str, dict[str, Any]]:
    body = {"Id": name, "Name": f"{name} firmware", "Version": version, "Updateable": True, **more}
    return f"{UPDATE}/FirmwareInventory/{name}", "SoftwareInventory.v1_10_0", body


def attribute(name: str, kind: str, default: Any, **more: Any) -> dict[str, Any]:
    return {"AttributeName": name, "Type": kind, "DefaultValue": default, "ReadOnly": False, **more}


def choice(name: str, default: str, *values: str, **more: Any) -> dict[str, Any]:
    return attribute(name, "Enumeration", default, Value=[{"ValueName": value} for value in values], **more)


CURRENT = {"Turbo": "Enabled", "Profile": "Custom", "Cores": 4, "Quiet": True, "Serial": "S1", "Label": "rack"}
REGISTRY = [
    choice("Turbo", "Disabled", "Enabled", "Disabled"),
    choice("Profile", "Custom", "Custom", "Dense", "Fast"),
    attribute("Cores", "Integer", 0, LowerBound=0, UpperBound=8, ScalarIncrement=2),
    attribute("Quiet", "Boolean", True),
    attribute("Serial", "String", None, ReadOnly=True),
    attribute("Label", "String", "", MaxLength=8),
]
TREE: list[tuple[str, str, dict[str, Any]]] = [
    (
        ROOT,
        "ServiceRoot.v1_15_0",
        {name: link(f"{ROOT}/{name}") for name in ("Systems", "Chassis", "Managers", "UpdateService", "Registries")},
    ),
    (f"{ROOT}/Systems", "ComputerSystemCollection", {"Members": [link(SYSTEM)]}),
    (
        SYSTEM,
        "ComputerSystem.v1_20_0",
        {
            "PowerState": "On",
            "LastResetTime": "2025-01-01T00:00:00Z",
            "Status": {"State": "Enabled", "Health": "OK"},
            "BootProgress": {"LastState": "OSRunning", "LastStateTime": "2025-01-01T00:02:00Z"},
            "BiosVersion": "2.4.0",
            "Boot": {
                "BootSourceOverrideEnabled": "Disabled",
                "BootSourceOverrideTarget": "None",
                "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Hdd", "Pxe", "Cd", "UefiTarget"],
                "BootSourceOverrideMode": "UEFI",
                "UefiTargetBootSourceOverride": "",
            },
            "Bios": link(f"{SYSTEM}/Bios"),
            "SecureBoot": link(f"{SYSTEM}/SecureBoot"),
            "Links": {"Chassis": [link(CHASSIS)]},
            "Actions": reset(SYSTEM, "ComputerSystem", **{"ResetType@Redfish.AllowableValues": RESETS}),
        },
    ),
    (
        f"{SYSTEM}/Bios",
        "Bios.v1_2_0",
        {
            "AttributeRegistry": "Contoso.1",
            "Attributes": CURRENT,
            "ResetBiosToDefaultsPending": False,
            "@Redfish.Settings": {"SettingsObject": link(f"{SYSTEM}/Bios/Settings")},
            "Actions": {"#Bios.ResetBios": {"target": f"{SYSTEM}/Bios/Actions/Bios.ResetBios"}},
        },
    ),
    (f"{SYSTEM}/Bios/Settings", "Bios.v1_2_0", {"AttributeRegistry": "Contoso.1", "Attributes": {}}),
    (
        f"{SYSTEM}/SecureBoot",
        "SecureBoot.v1_1_0",
        {
            "SecureBootEnable": False,
            "SecureBootCurrentBoot": "Disabled",
            "SecureBootMode": "UserMode",
            "Actions": {"#SecureBoot.ResetKeys": {"target": f"{SYSTEM}/SecureBoot/Actions/SecureBoot.ResetKeys"}},
        },
    ),
    (f"{ROOT}/Chassis", "ChassisCollection", {"Members": [link(CHASSIS)]}),
    (
        CHASSIS,
        "Chassis.v1_20_0",
        {
            "PowerState": "On",
            "Links": {"ComputerSystems": [link(SYSTEM)]},
            "Actions": reset(CHASSIS, "Chassis", **{"@Redfish.ActionInfo": f"{CHASSIS}/ResetActionInfo"}),
        },
    ),
    (
        f"{CHASSIS}/ResetActionInfo",
        "ActionInfo.v1_1_0",
        {"Parameters": [{"Name": "ResetType", "Required": True, "AllowableValues": ["On", "ForceOff", "PowerCycle"]}]},
    ),
    (f"{ROOT}/Managers", "ManagerCollection", {"Members": [link(MANAGER)]}),
    (
        MANAGER,
        "Manager.v1_20_0",
        {
            "LastResetTime": "2025-01-01T00:00:00Z",
            "FirmwareVersion": "7.0",
            "Actions": reset(MANAGER, "Manager", **{"ResetType@Redfish.AllowableValues": ["GracefulRestart"]}),
        },
    ),
    (
        UPDATE,
        "UpdateService.v1_11_0",
        {
            "FirmwareInventory": link(f"{UPDATE}/FirmwareInventory"),
            "Actions": {"#UpdateService.SimpleUpdate": {"target": f"{UPDATE}/Actions/UpdateService.SimpleUpdate"}},
        },
    ),
    (
        f"{UPDATE}/FirmwareInventory",
        "SoftwareInventoryCollection",
        {"Members": [link(f"{UPDATE}/FirmwareInventory/{name}") for name in ("BIOS", "BMC", "CPLD")]},
    ),
    component("BIOS", "2.4.0"),
    component("BMC", "7.0"),
    component("CPLD", "1", Updateable=False),
    (f"{ROOT}/Registries", "MessageRegistryFileCollection", {"Members": [link(f"{ROOT}/Registries/Contoso")]}),
    (f"{ROOT}/Registries/Contoso", "MessageRegistryFile.v1_1_3", {"Location": [{"Uri": f"{ROOT}/Store/Contoso"}]}),
    (
        f"{ROOT}/Store/Contoso",
        "AttributeRegistry.v1_3_8",
        {"Id": "Contoso.1", "RegistryEntries": {"Attributes": REGISTRY}},
    ),
]


@pytest.fixture
def tree() -> dict[str, dict[str, Any]]:
    """A host with one system, chassis and manager, by URI; free to be changed by a test."""
    return {
        uri: {"@odata.id": uri, "@odata.type": f"#{kind}.{kind.partition('.')[0]}", "Name": uri, **copy.deepcopy(body)}
        for uri, kind, body in TREE
    }


@pytest.fixture
def book() -> GoalBook:
    """The families of power, boot, BIOS, secure boot, firmware and managers."""
    families = (PowerFamily, BootFamily, BiosFamily, SecureBootFamily, FirmwareFamily, ManagerFamily)
    return GoalBook([family() for family in families])


@pytest.fixture
def simulate(tree: dict[str, dict[str, Any]], book: GoalBook) -> Callable[..., Simulator]:
    """Simulate the tree as it stands; keyword arguments are quirks, or delays where they end in ``_s``."""

    def build(**quirks: Any) -> Simulator:
        capture = Capture.from_resources("host", [Resource(uri, body) for uri, body in tree.items()])
        delays = Delays(**{name: quirks.pop(name) for name in list(quirks) if name.endswith("_s")})
        return Simulator(Machine(capture, Profile(**quirks, delays=delays)), list(book))

    return build


@pytest.fixture
def host(simulate: Callable[..., Simulator]) -> Simulator:
    """The host without quirks or delays."""
    return simulate()
