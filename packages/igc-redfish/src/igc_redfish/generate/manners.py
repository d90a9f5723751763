"""How the choices of a style go together: one set of them for each manner.

Makers are consistent: who keeps accounts in slots also stages BIOS changes as jobs. A manner holds such a consistent
set; what it does not settle is drawn from :mod:`igc_redfish.generate.free`, from which ``invented`` draws everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from igc_redfish.generate.free import (
    BOTH_LEDS,
    BUTTON_RESETS,
    CALM_SWITCH_RESETS,
    CD,
    CYCLE_RESETS,
    FLOPPY,
    FULL_BOOT,
    FULL_RESETS,
    GENTLE_RESETS,
    HARD_RESETS,
    NEW_LED,
    ODD_SWITCH_RESETS,
    OLD_LED,
    PLAIN_BOOT,
    PLAIN_RESETS,
    SHORT_BOOT,
    SWITCH_RESETS,
    USB,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.generate.free import Options


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """One consistent way to build services.

    Attributes:
        size: Smallest and largest usual number of resources; a size is drawn evenly on a logarithmic scale.
        choices: For the fields of :class:`~igc_redfish.generate.style.Style` that it settles, options with weights.
        parts: Chances of optional parts, where they are other than usual.
        quirks: The same for quirks of the profile.
        weight: How often it is drawn, relative to the others.
    """

    size: tuple[int, int]
    choices: Mapping[str, Options] = field(default_factory=dict[str, "Options"])
    parts: Mapping[str, float] = field(default_factory=dict[str, float])
    quirks: Mapping[str, float] = field(default_factory=dict[str, float])
    weight: float = 1.0


def _always(**values: Any) -> dict[str, Options]:
    """Settle fields on one value each."""
    return {name: {value: 1.0} for name, value in values.items()}


def _either(**options: tuple[Any, ...]) -> dict[str, Options]:
    """Settle fields on several values each; one that stands there twice is twice as frequent."""
    return {name: {value: float(values.count(value)) for value in values} for name, values in options.items()}


def _called(manner: str) -> dict[str, Options]:
    """Identify systems, chassis and managers in one way."""
    return _always(system_ids=manner, chassis_ids=manner, manager_ids=manner)


_ONE_SERVER = _always(systems=1, chassis="one", managers="one", uneven=0.0)
_AT_MANAGER, _AT_SYSTEM, _AT_CHASSIS = ("manager",), ("system",), ("chassis",)
_AT_BOTH, _AT_ALL = ("system", "manager"), ("system", "manager", "chassis")
_PLAIN_SEGMENTS = _always(segments="canonical")

MANNERS: Mapping[str, Manner] = {
    # One server whose ids are words with dots; accounts are slots, BIOS changes are jobs, everything has its OEM part.
    "dotted": Manner(
        size=(120, 1200),
        choices=_ONE_SERVER
        | _called("dotted")
        | _PLAIN_SEGMENTS
        | _always(member_ids="dotted", logs_home=_AT_MANAGER, bios_settings="Settings", registry_home="bios")
        | _always(resets=FULL_RESETS, boot_sources=FULL_BOOT, account_ids="number", slots=16, ntp="empty")
        | _always(bios_names="camel", oem=0.6, oem_actions=True, contexts=True, filler="sensors")
        | _either(era=("middle", "late"), media_home=(_AT_MANAGER, ("manager", "system")), logs=(2, 3))
        | _either(allowable=("inline", "inline", "inline", "info"), led=(BOTH_LEDS, OLD_LED))
        | _either(bios_attributes=(60, 120)),
        parts={"bios": 1, "media": 1, "logs": 1, "update": 1, "tasks": 1, "registries": 1},
        quirks={"account_slots": 0.85, "bios_jobs": 0.7, "restart_when_off_refused": 0.8, "bios_pending_full": 0.0},
    ),
    # One numbered server whose deeper segments are lower case; settings show everything, registries are in a store.
    "numbered": Manner(
        size=(100, 800),
        choices=_ONE_SERVER
        | _called("number")
        | _always(media_home=_AT_MANAGER, logs_home=_AT_BOTH, bios_settings="Settings", registry_home="store")
        | _always(allowable="inline", resets=FULL_RESETS, boot_sources=FULL_BOOT, account_ids="number")
        | _always(media_slots=(FLOPPY, CD), bios_names="camel", oem=0.6, oem_actions=True, etags=True, contexts=True)
        | _either(era=("middle", "middle", "late"), member_ids=("zero", "hex"), logs=(1, 2))
        | _either(segments=("leaf", "leaf", "canonical"), led=(OLD_LED, BOTH_LEDS), ntp=("switch", "empty"))
        | _either(bios_attributes=(60, 120), boot_settings=(True, False)),
        parts={"bios": 1, "media": 1, "logs": 1, "update": 1, "secure-boot": 1, "tasks": 0.5},
        quirks={"reset_noop_refused": 0.8, "bios_pending_full": 0.9, "account_slots": 0.0},
    ),
    # Open firmware: words as ids, ActionInfo, accounts by name, few options.
    "open": Manner(
        size=(60, 400),
        choices=_called("word")
        | _PLAIN_SEGMENTS
        | _always(era="late", managers="one", media_home=_AT_MANAGER, bios_settings="Settings", resets=BUTTON_RESETS)
        | _always(account_ids="name", oem=0.1, oem_actions=False, key_order="alphabetical", filler="sensors")
        | _either(systems=(1, 1, 1, 1, 2), chassis=("one", "one", "modules"), member_ids=("indexed", "indexed", "word"))
        | _either(logs_home=(_AT_SYSTEM, _AT_SYSTEM, _AT_BOTH), registry_home=("file", "none"))
        | _either(allowable=("info", "info", "inline"), boot_sources=(PLAIN_BOOT, SHORT_BOOT))
        | _either(led=(NEW_LED, BOTH_LEDS), ntp=("servers", "empty")),
        parts={"secure-boot": 0.4, "volumes": 0.4},
        quirks={"patch_returns_body": 0.1, "account_slots": 0.0, "bios_jobs": 0.0},
    ),
    # An accelerator tray: many chassis and sensors, indexed ids.
    "accelerator": Manner(
        size=(300, 2500),
        choices=_called("indexed")
        | _PLAIN_SEGMENTS
        | _always(era="late", chassis="modules", media_home=_AT_MANAGER, bios_settings="Settings", account_ids="name")
        | _always(key_order="alphabetical", oem=0.3, filler="sensors")
        | _either(systems=(1, 1, 2), managers=("one", "enclosure"), member_ids=("indexed", "indexed", "mixed"))
        | _either(logs_home=(_AT_SYSTEM, _AT_BOTH), logs=(3, 7, 12), registry_home=("file", "file", "none"))
        | _either(allowable=("info", "info", "mixed"), resets=(BUTTON_RESETS, FULL_RESETS), led=(BOTH_LEDS, NEW_LED))
        | _either(ntp=("servers", "empty"), uneven=(0.2, 0.5, 0.8)),
        quirks={"patch_returns_body": 0.1, "account_slots": 0.0, "bios_jobs": 0.0},
    ),
    # Blades: several nodes behind one controller, BIOS attributes with spaces.
    "blade": Manner(
        size=(120, 1200),
        choices=_PLAIN_SEGMENTS
        | _always(manager_ids="word", member_ids="indexed", allowable="inline", account_ids="number")
        | _always(bios_names="spaced", ntp="servers", oem=0.1)
        | _either(era=("early", "middle"), systems=(2, 2, 4, 4, 6, 8), chassis=("enclosure", "enclosure", "each"))
        | _either(managers=("one", "one", "enclosure"), system_ids=("indexed", "indexed", "indexed", "name"))
        | _either(chassis_ids=("word", "indexed"), logs_home=(_AT_MANAGER, _AT_MANAGER, _AT_BOTH))
        | _either(bios_settings=("", "Settings", "Settings", "FutureState"))
        | _either(resets=(PLAIN_RESETS, CYCLE_RESETS, HARD_RESETS, ODD_SWITCH_RESETS, SWITCH_RESETS), drives=(0, 2, 2))
        | _either(bios_attributes=(8, 16, 30))
        | _either(filler=("sensors", "log-entries"), chassis_resets=("all", "none", "lone")),
        parts={"media": 0.2, "secure-boot": 0.2, "boot": 0.7},
    ),
    # Boards of contract makers: everything is called the same, attributes are codes, PATCH demands If-Match.
    "whitebox": Manner(
        size=(80, 500),
        choices=_ONE_SERVER
        | _called("word")
        | _PLAIN_SEGMENTS
        | _always(era="middle", media_home=_AT_MANAGER, logs_home=_AT_ALL, bios_settings="SD", registry_home="file")
        | _always(account_ids="number", led=OLD_LED, etags=True, contexts=True, oem=0.3)
        | _either(member_ids=("indexed", "indexed", "padded"), logs=(1, 2), allowable=("info", "inline"))
        | _either(resets=(GENTLE_RESETS, PLAIN_RESETS, CALM_SWITCH_RESETS), ntp=("servers", "empty"))
        | _either(media_slots=((CD, CD), (CD, USB)))
        | _either(bios_names=("code", "code", "numbered"), bios_attributes=(60, 120)),
        parts={"bios": 1, "media": 1},
        quirks={
            "require_if_match": 0.7,
            "media_keeps_image": 0.4,
            "media_protocol_required": 0.3,
            "account_slots": 0.2,
        },
    ),
    # A rack server whose BIOS attributes have a group and a name, and whose media are set by PATCH.
    "grouped": Manner(
        size=(80, 500),
        choices=_ONE_SERVER
        | _called("number")
        | _PLAIN_SEGMENTS
        | _always(bios_settings="Pending", registry_home="file", allowable="inline", account_ids="number")
        | _always(bios_names="dotted", etags=True, oem=0.3)
        | _either(era=("middle", "late"), member_ids=("number", "word"), media_home=(_AT_MANAGER, _AT_SYSTEM))
        | _either(logs_home=(_AT_BOTH, _AT_SYSTEM), logs=(2, 3), resets=(FULL_RESETS, GENTLE_RESETS))
        | _either(media_control=("patch", "patch", "actions"), bios_attributes=(30, 60), ntp=("servers", "empty"))
        | _either(bios_values=(("Enabled", "Disabled"), ("Enable", "Disable"))),
        parts={"bios": 1, "media": 1},
        quirks={"require_if_match": 0.4, "account_slots": 0.4, "bios_refused_when_off": 0.3},
    ),
    # An older, terse service with one remote medium in an unusual place.
    "terse": Manner(
        size=(40, 200),
        choices=_ONE_SERVER
        | _called("number")
        | _always(era="early", member_ids="number", media_home=_AT_MANAGER, media_slots=(CD,), logs=1)
        | _always(allowable="inline", led=OLD_LED, contexts=True)
        | _either(segments=("canonical", "canonical", "abbreviated"), media_segment=("VM1", "RemoteMedia"))
        | _either(logs_home=(_AT_SYSTEM, _AT_MANAGER), bios_settings=("", "SD", "Settings"))
        | _either(registry_home=("none", "file"), resets=(GENTLE_RESETS, PLAIN_RESETS))
        | _either(boot_sources=(PLAIN_BOOT, SHORT_BOOT), ntp=("servers", "switch"), oem=(0.1, 0.3))
        | _either(filler=("log-entries", "memory")),
        parts={"events": 0.6, "tasks": 0.4, "secure-boot": 0.3, "volumes": 0.4},
        quirks={"media_keeps_image": 0.3, "bios_jobs": 0.0},
    ),
    # A storage box: many drives and volumes, several controllers.
    "storage": Manner(
        size=(80, 600),
        choices=_always(filler="drives")
        | _either(systems=(1, 1, 2), chassis=("enclosure", "one"), managers=("each", "one"), drives=(8, 12, 24))
        | _either(system_ids=("word", "indexed", "serial"), member_ids=("number", "indexed", "padded"))
        | _either(resets=(GENTLE_RESETS, CYCLE_RESETS), allowable=("inline", "info"), storages=(1, 2, 3, 4))
        | _either(storage_home=("system", "root")),
        parts={"storage": 1, "volumes": 1, "media": 0.3, "bios": 0.4, "secure-boot": 0.3},
    ),
    # A rack or power manager: chassis and sensors, often without any computer system.
    "shelf": Manner(
        size=(60, 400),
        choices=_always(managers="one", drives=0, media_home=_AT_MANAGER)
        | _either(systems=(0, 1), chassis=("modules", "one"), chassis_ids=("indexed", "word"))
        | _either(manager_ids=("word", "name"), logs_home=(_AT_MANAGER, _AT_MANAGER, _AT_CHASSIS))
        | _either(chassis_resets=("none", "all", "lone"), filler=("sensors", "sensors", "outlets")),
        parts={"media": 0.3, "storage": 0.1, "volumes": 0.1, "bios": 0.4, "update": 0.9},
    ),
    # As the examples of the standard's body: identified by serial, everything in its canonical place.
    "example": Manner(
        size=(40, 300),
        choices=_PLAIN_SEGMENTS
        | _always(managers="one", system_ids="serial", manager_ids="word", action_paths="qualified", logs_home=_AT_BOTH)
        | _always(logs=1, bios_settings="Settings", allowable="inline", oem=0.1, etags=False, contexts=False)
        | _either(era=("late", "late", "middle"), systems=(1, 1, 1, 2), chassis=("one", "one", "each"))
        | _either(chassis_ids=("name", "serial"), member_ids=("indexed", "number"), registry_home=("file", "none"))
        | _either(led=(BOTH_LEDS, NEW_LED), ntp=("switch", "servers"), key_order=("identity-first", "identity-last")),
    ),
    # Every choice on its own.
    "invented": Manner(size=(30, 3000), weight=4.0),
}
