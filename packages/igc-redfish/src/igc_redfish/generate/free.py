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
    "systems": {1: 6, 2: 2, 3: 1, 4: 1, 6: 0.4, 8: 0.4},
    "chassis": {"one": 3, "each": 2, "enclosure": 1, "modules": 1},
    "managers": {"one": 3, "each": 1, "enclosure": 1},
    "system_ids": {"number": 2, "zero": 1, "word": 2, "indexed": 2, "dotted": 2, "serial": 1, "uuid": 1, "name": 1},
    "chassis_ids": {"number": 2, "zero": 1, "word": 2, "indexed": 2, "dotted": 2, "serial": 1, "uuid": 0.5, "name": 1},
    "manager_ids": {"number": 2, "zero": 1, "word": 3, "indexed": 2, "dotted": 2, "serial": 0.5, "name": 1},
    "member_ids": {"number": 2, "zero": 2, "padded": 1, "word": 2, "indexed": 3, "dotted": 2, "hex": 1, "uuid": 0.3},
    "segments": {"canonical": 4, "lower": 1, "leaf": 1, "abbreviated": 1, "renamed": 2},
    "action_paths": {"qualified": 5, "short": 1},
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
    "logs": {1: 3, 2: 3, 3: 1, 4: 1},
    "bios_settings": {"Settings": 4, "Pending": 1, "SD": 1, "BiosSettings": 1, "FutureState": 1, "Next/Boot": 0.5},
    "registry_home": {"file": 3, "bios": 1, "store": 1, "none": 1},
    "allowable": {"inline": 3, "info": 2, "none": 0.5},
    "resets": {FULL_RESETS: 2, CYCLE_RESETS: 1, PLAIN_RESETS: 1, HARD_RESETS: 1, GENTLE_RESETS: 2, BUTTON_RESETS: 1},
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
    "led_home": {("chassis",): 2, ("system",): 1, ("chassis", "system"): 2},
    "ntp": {"servers": 3, "empty": 2, "switch": 1, "none": 0.5},
    "media_slots": {(CD,): 1, (CD, USB): 2, (FLOPPY, CD): 2, (CD, CD): 1, (FLOPPY, CD, USB): 1, (USB, USB, CD, CD): 1},
    "media_control": {"actions": 5, "patch": 1},
    "bios_names": {"camel": 2, "dotted": 1, "code": 1, "spaced": 1, "snake": 1, "numbered": 1},
    "bios_values": {
        ("Enabled", "Disabled"): 4,
        ("Enable", "Disable"): 2,
        ("On", "Off"): 1,
        ("Yes", "No"): 1,
        ("Active", "Inactive"): 0.5,
    },
    "bios_attributes": {8: 1, 16: 2, 30: 2, 60: 2, 120: 1},
    "drives": {0: 1, 2: 3, 4: 3, 8: 1},
    "oem": {0.0: 2, 0.1: 2, 0.3: 2, 0.6: 1},
    "oem_actions": {True: 1, False: 1},
    "key_order": {"identity-first": 3, "identity-last": 1, "alphabetical": 2, "scattered": 1},
    "expanded": {(): 3, ("LogEntry",): 3, ("LogEntry", "SoftwareInventory"): 1, ("Memory", "Processor"): 1},
    "etags": {True: 1, False: 2},
    "contexts": {True: 1, False: 2},
    "records_methods": {True: 1, False: 3},
    "filler": {"sensors": 3, "memory": 1, "log-entries": 1, "schemas": 1, "oem": 0.5},
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
    "require_if_match": 0.1,
    "account_slots": 0.15,
    "bios_jobs": 0.12,
    "bios_pending_full": 0.3,
    "media_replace": 0.15,
    "media_protocol_required": 0.12,
    "media_keeps_image": 0.1,
    "reset_noop_refused": 0.15,
    "restart_when_off_refused": 0.15,
    "bios_refused_when_off": 0.08,
    "patch_returns_body": 0.7,
}
