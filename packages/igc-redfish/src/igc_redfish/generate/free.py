"""What the choices of a style are drawn from where a manner leaves them open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

#: Options of a field, with their weights.
Options: TypeAlias = Mapping[Any, float]

FULL_RESETS = ("On", "ForceOff", "GracefulShutdown", "GracefulRestart", "ForceRestart", "PushPowerButton", "Nmi")
CYCLE_RESETS = ("On", "ForceOff", "ForceRestart", "PowerCycle")
PLAIN_RESETS = ("On", "ForceOff", "ForceRestart")
HARD_RESETS = ("On", "ForceOff", "PowerCycle")
#: Hosts that can be switched on and off, and not be restarted.
SWITCH_RESETS = ("On", "ForceOff")
CALM_SWITCH_RESETS = ("ForceOff", "On", "GracefulShutdown")
ODD_SWITCH_RESETS = ("Off", "ForceOff", "On")
GENTLE_RESETS = ("On", "GracefulShutdown", "GracefulRestart", "ForceOff", "ForceRestart")
BUTTON_RESETS = (
    "On",
    "ForceOff",
    "GracefulShutdown",
    "ForceRestart",
    "Nmi",
    "PowerCycle",
    "ForceOn",
    "GracefulRestart",
)

FULL_BOOT = ("None", "Pxe", "Floppy", "Cd", "Usb", "Hdd", "BiosSetup", "Utilities", "Diags", "UefiTarget", "SDCard")
PLAIN_BOOT = ("None", "Pxe", "Hdd", "Cd", "BiosSetup", "Usb")
SHORT_BOOT = ("None", "Pxe", "Hdd", "Cd")
UEFI_BOOT = ("None", "Pxe", "Hdd", "Cd", "UefiShell", "UefiHttp", "UefiTarget", "BiosSetup")

CD, USB, FLOPPY = ("CD", "DVD"), ("USBStick",), ("Floppy", "USBStick")
BOTH_LEDS, OLD_LED, NEW_LED = (
    ("IndicatorLED", "LocationIndicatorActive"),
    ("IndicatorLED",),
    ("LocationIndicatorActive",),
)

# fmt: off - a table is read by row
FREE: Mapping[str, Options] = {
    "era": {"early": 1, "middle": 2, "late": 2},
    "systems": {0: 1, 1: 6, 2: 2, 3: 1, 4: 1, 6: 0.4, 8: 0.4},
    "chassis": {"one": 3, "each": 2, "enclosure": 1, "modules": 1},
    "managers": {"one": 3, "each": 1, "enclosure": 1},
    "system_ids": {"number": 2, "zero": 1, "word": 2, "indexed": 2, "dotted": 2, "serial": 1, "uuid": 1, "name": 1},
    "chassis_ids": {"number": 2, "zero": 1, "word": 2, "indexed": 2, "dotted": 2, "serial": 1, "uuid": 0.5, "name": 1},
    "manager_ids": {"number": 2, "zero": 1, "word": 3, "indexed": 2, "dotted": 2, "serial": 0.5, "name": 1},
    "member_ids": {
        "number": 2,
        "zero": 2,
        "padded": 1,
        "word": 2,
        "indexed": 3,
        "dotted": 2,
        "hex": 1,
        "uuid": 0.3,
        "dashed": 1,
        "placed": 1,
        "mixed": 4,
    },
    "segments": {"canonical": 4, "lower": 1, "leaf": 1, "abbreviated": 1, "renamed": 2},
    "action_paths": {"qualified": 6, "short": 1, "apart": 0.5},
    "accounts_home": {"service": 4, "manager": 1},
    "media_home": {("manager",): 3, ("system",): 2, ("manager", "system"): 1},
    "media_segment": {"VirtualMedia": 6, "VM1": 1, "RemoteMedia": 1, "MediaSlots": 1},
    "logs_home": {
        ("system",): 2,
        ("manager",): 2,
        ("system", "manager"): 2,
        ("chassis",): 1,
        ("system", "manager", "chassis"): 1,
    },
    "logs": {1: 3, 2: 3, 3: 1, 4: 1, 7: 0.7, 12: 0.5},
    "bios_settings": {
        "Settings": 4,
        "Pending": 1,
        "SD": 1,
        "BiosSettings": 1,
        "FutureState": 1,
        "Next/Boot": 0.5,
        "Self.Staged": 0.5,
        "x-7": 0.3,
        "": 0.5,
    },
    "registry_home": {"file": 3, "bios": 1, "store": 1, "none": 1},
    "allowable": {"inline": 3, "info": 2, "none": 0.5, "mixed": 1},
    "resets": {
        FULL_RESETS: 3,
        CYCLE_RESETS: 2,
        PLAIN_RESETS: 2,
        HARD_RESETS: 2,
        GENTLE_RESETS: 4,
        BUTTON_RESETS: 2,
        SWITCH_RESETS: 3,
        CALM_SWITCH_RESETS: 3,
        ODD_SWITCH_RESETS: 2,
    },
    "manager_resets": {
        ("GracefulRestart",): 2,
        ("ForceRestart",): 2,
        ("ForceRestart", "GracefulRestart"): 2,
        ("PowerCycle",): 0.3,
    },
    "dates_resets": {True: 4, False: 1},
    "boot_sources": {FULL_BOOT: 2, PLAIN_BOOT: 2, SHORT_BOOT: 1, UEFI_BOOT: 2},
    "users": {1: 1, 2: 2, 3: 2, 5: 1, 8: 0.5},
    "account_ids": {"number": 2, "name": 1},
    "slots": {8: 1, 10: 1, 12: 1, 16: 2},
    "led": {OLD_LED: 2, NEW_LED: 2, BOTH_LEDS: 2, (): 0.5},
    "led_home": {("chassis",): 2, ("system",): 1, ("chassis", "system"): 2, (): 0.7},
    "ntp": {"servers": 3, "empty": 2, "switch": 1, "none": 0.5},
    "media_slots": {(CD,): 1, (CD, USB): 2, (FLOPPY, CD): 2, (CD, CD): 1, (FLOPPY, CD, USB): 1, (USB, USB, CD, CD): 1},
    "media_control": {"actions": 5, "patch": 1},
    "bios_names": {"camel": 3, "dotted": 1, "code": 1, "spaced": 1, "snake": 1, "numbered": 1, "dashed": 1, "terse": 1},
    "bios_values": {
        ("Enabled", "Disabled"): 4,
        ("Enable", "Disable"): 2,
        ("On", "Off"): 1,
        ("Yes", "No"): 1,
        ("Active", "Inactive"): 0.5,
    },
    "bios_attributes": {8: 1, 16: 2, 30: 2, 60: 2, 120: 1},
    "drives": {0: 1, 2: 3, 4: 3, 8: 1, 16: 0.5},
    "oem": {0.0: 2, 0.1: 2, 0.3: 2, 0.6: 1},
    "oem_actions": {True: 1, False: 1},
    "key_order": {"identity-first": 3, "identity-last": 1, "alphabetical": 2, "scattered": 1},
    "expanded": {(): 3, ("LogEntry",): 3, ("LogEntry", "SoftwareInventory"): 1, ("Memory", "Processor"): 1},
    "etags": {True: 1, False: 2},
    "contexts": {True: 1, False: 2},
    "records_methods": {True: 1, False: 3},
    "filler": {"sensors": 3, "memory": 1, "log-entries": 1, "schemas": 1, "oem": 0.5},
}

#: Fields drawn apart from the others, so that a further one leaves those above as they are.
FINER: Mapping[str, Options] = {
    "versions": {"even": 3, "mixed": 2},
    "nesting": {"flat": 3, "deep": 1},
    "uneven": {0.0: 4, 0.2: 2, 0.5: 2, 0.8: 1},
    "chassis_resets": {"none": 6, "all": 2, "lone": 1},
    "boot_settings": {False: 8, True: 1},
    "account_states": {("Enabled", "Locked"): 5, ("Enabled",): 2, ("Locked",): 1, (): 1},
    "led_share": {1.0: 4, 0.5: 2, 0.15: 2},
    "drives_home": {"storage": 3, "chassis": 2},
    "storages": {1: 3, 2: 2, 3: 1, 4: 1},
    "storage_home": {"system": 5, "root": 1},
    "controllers": {"inline": 2, "resources": 2, "both": 1},
    "cooling": {"entries": 2, "resources": 3, "both": 1},
    "interfaces": {1: 3, 2: 3, 3: 1, 5: 1, 8: 0.5},
    "host_interfaces": {1: 2, 2: 3, 4: 2, 9: 0.7},
    "sessions_home": {"service": 6, "root": 1},
    "references": {0.0: 1, 0.3: 2, 0.6: 2, 0.9: 1},
    "dangling": {0.0: 3, 0.05: 1, 0.3: 1},
    "descriptions": {True: 1, False: 1},
}
#: Kinds of things that a machine may have besides what its style names (see :mod:`igc_redfish.generate.bulk`): the
#: chance that it has them, and their weight among the others.
BULK: Mapping[str, tuple[float, float]] = {
    "adapters": (0.55, 1.0),
    "blocks": (0.06, 0.4),
    "boot-options": (0.3, 0.5),
    "cables": (0.15, 0.4),
    "certificates": (0.35, 0.3),
    "components": (0.5, 1.0),
    "directory": (0.4, 0.6),
    "drives": (0.3, 0.8),
    "fabric": (0.35, 1.0),
    "fans": (0.75, 0.4),
    "licenses": (0.1, 0.1),
    "log-entries": (0.55, 2.0),
    "memory": (0.55, 0.6),
    "metrics": (0.3, 0.5),
    "oem": (0.35, 1.0),
    "outlets": (0.12, 0.6),
    "pcie": (0.35, 1.0),
    "peripherals": (0.7, 1.0),
    "processors": (0.65, 0.25),
    "schemas": (0.3, 1.0),
    "sensors": (0.5, 2.5),
    "supplies": (0.75, 0.3),
}
#: Types of parts that may have a locator of their own: the chance that a machine with such parts chooses them, and
#: the kind of things among which they are.
LED_PARTS: Mapping[str, tuple[float, str]] = {
    "Battery": (0.3, "supplies"),
    "Circuit": (0.1, "outlets"),
    "Drive": (0.6, "drives"),
    "Fan": (0.5, "fans"),
    "Heater": (0.3, "fans"),
    "Manager": (0.25, ""),
    "Memory": (0.15, "memory"),
    "Outlet": (0.25, "outlets"),
    "PCIeDevice": (0.2, "pcie"),
    "Port": (0.25, "fabric"),
    "PowerSupply": (0.5, "supplies"),
    "Processor": (0.15, "processors"),
    "Switch": (0.25, "fabric"),
}

#: Chance that an optional part exists, and the same for quirks of the profile.
PARTS: Mapping[str, float] = {
    "bios": 0.85,
    "boot": 0.95,
    "events": 0.85,
    "host-network": 0.8,
    "logs": 0.92,
    "media": 0.8,
    "protocol": 0.92,
    "registries": 0.7,
    "secure-boot": 0.7,
    "sessions": 0.95,
    "storage": 0.8,
    "tasks": 0.75,
    "update": 0.85,
    "volumes": 0.7,
}
QUIRKS: Mapping[str, float] = {
    "require_if_match": 0.15,
    "account_slots": 0.15,
    "bios_jobs": 0.12,
    "bios_pending_full": 0.3,
    "media_replace": 0.15,
    "media_protocol_required": 0.12,
    "media_keeps_image": 0.1,
    "reset_noop_refused": 0.15,
    "restart_when_off_refused": 0.3,
    "bios_refused_when_off": 0.15,
    "patch_returns_body": 0.7,
}
