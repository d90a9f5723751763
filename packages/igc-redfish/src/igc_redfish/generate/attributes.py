"""BIOS attributes: what can be set, in the words of different makers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from random import Random

    from igc_redfish.generate.style import Style
    from igc_redfish.generate.tree import Body

#: Group, words of the name, and what can be chosen: nothing for a switch, texts, or least, greatest and step.
Topic: TypeAlias = "tuple[str, str, tuple[str, ...] | tuple[int, int, int]]"

_SWITCH: tuple[str, ...] = ()
_TOPICS: tuple[Topic, ...] = (
    ("Processors", "Hyper Threading", _SWITCH),
    ("Processors", "Virtualization Technology", _SWITCH),
    ("Processors", "Turbo Boost", _SWITCH),
    ("Processors", "Hardware Prefetcher", _SWITCH),
    ("Processors", "Adjacent Cache Prefetch", _SWITCH),
    ("Processors", "Execute Disable", _SWITCH),
    ("Processors", "Active Cores", ("All", "One", "Two", "Four", "Eight")),
    ("Processors", "C States", ("Auto", "Legacy", "Autonomous", "Off")),
    ("Processors", "Energy Bias", ("Performance", "Balanced", "PowerSave")),
    ("Processors", "Core Ratio Limit", (0, 40, 1)),
    ("Memory", "Memory Mode", ("Independent", "Mirror", "Spare", "Lockstep")),
    ("Memory", "Memory Frequency", ("Auto", "2666", "2933", "3200")),
    ("Memory", "Node Interleaving", _SWITCH),
    ("Memory", "Patrol Scrub", _SWITCH),
    ("Memory", "Page Policy", ("Open", "Closed", "Adaptive")),
    ("Memory", "Correctable Error Threshold", (0, 5000, 100)),
    ("Boot", "Boot Mode", ("Uefi", "Legacy", "Dual")),
    ("Boot", "Quiet Boot", _SWITCH),
    ("Boot", "Fast Boot", _SWITCH),
    ("Boot", "Num Lock", _SWITCH),
    ("Boot", "Boot Retry", _SWITCH),
    ("Boot", "Boot Timeout", (0, 60, 5)),
    ("Boot", "Post Error Pause", _SWITCH),
    ("Network", "Network Boot", _SWITCH),
    ("Network", "Http Boot", _SWITCH),
    ("Network", "Ipv6 Pxe", _SWITCH),
    ("Network", "Pxe Retry Count", (1, 10, 1)),
    ("Devices", "Sriov", _SWITCH),
    ("Devices", "Above 4G Decoding", _SWITCH),
    ("Devices", "Resizable Bar", _SWITCH),
    ("Devices", "Usb Ports", ("AllOn", "BackOn", "AllOff")),
    ("Devices", "Embedded Video", _SWITCH),
    ("Devices", "Sata Mode", ("Ahci", "Raid", "Ata")),
    ("Devices", "Pcie Speed", ("Auto", "Gen3", "Gen4", "Gen5")),
    ("Devices", "Maximum Payload", ("Auto", "128", "256", "512")),
    ("Power", "Power Profile", ("MaxPerformance", "Balanced", "Efficiency", "Custom")),
    ("Power", "Ac Recovery", ("Last", "On", "Off")),
    ("Power", "Ac Recovery Delay", (0, 240, 10)),
    ("Power", "Wake On Lan", _SWITCH),
    ("Power", "Fan Policy", ("Optimal", "Increased", "Maximum", "Quiet")),
    ("Security", "Tpm Support", _SWITCH),
    ("Security", "Tpm Hierarchy", ("Enabled", "Disabled", "Clear")),
    ("Security", "Memory Encryption", _SWITCH),
    ("Security", "Chassis Intrusion", _SWITCH),
    ("Console", "Serial Redirection", _SWITCH),
    ("Console", "Baud Rate", ("9600", "19200", "57600", "115200")),
    ("Console", "Terminal Type", ("Vt100", "Vt100Plus", "VtUtf8", "Ansi")),
    ("Console", "Flow Control", ("None", "RtsCts")),
)
#: Asked once for each of several devices, for services with many attributes.
_REPEATED: tuple[Topic, ...] = (
    ("Devices", "Slot {} Option Rom", _SWITCH),
    ("Devices", "Slot {} Bifurcation", ("Auto", "X16", "X8X8", "X4X4X4X4")),
    ("Devices", "Sata Port {} Hot Plug", _SWITCH),
    ("Network", "Nic {} Boot", ("Off", "Pxe", "Http", "Iscsi")),
    ("Memory", "Channel {} Enable", _SWITCH),
)
_ABBREVIATIONS = {"Processors": "CPU", "Memory": "MEM", "Boot": "BOT", "Network": "NWK", "Devices": "PCI"}


@dataclass(frozen=True, slots=True)
class Attribute:
    """One BIOS attribute.

    Attributes:
        name: Its key.
        label: Its name for people.
        group: Page of the set-up menu.
        values: What it can be, if that is a list.
        bounds: Least value, greatest value and step, if it is a number.
        default: Value after a reset to defaults.
        read_only: Whether it merely tells something.
    """

    name: str
    label: str
    group: str
    values: tuple[str, ...]
    bounds: tuple[int, int, int] | None
    default: str | int
    read_only: bool = False

    def entry(self) -> Body:
        """Describe the attribute as an attribute registry does."""
        body: dict[str, Any] = {
            "AttributeName": self.name,
            "DisplayName": self.label,
            "HelpText": f"{self.group}: {self.label}.",
            "MenuPath": f"./{self.group}",
            "DefaultValue": self.default,
            "ReadOnly": self.read_only,
            "ResetRequired": True,
            "Hidden": False,
        }
        if self.bounds is not None:
            lower, upper, step = self.bounds
            return body | {"Type": "Integer", "LowerBound": lower, "UpperBound": upper, "ScalarIncrement": step}
        if self.values:
            values = [{"ValueName": value, "ValueDisplayName": value} for value in self.values]
            return body | {"Type": "Enumeration", "Value": values}
        return body | {"Type": "String", "MaxLength": 64}

    def draw(self, rng: Random) -> str | int:
        """Return a present value: mostly the default."""
        if self.read_only or rng.random() < 0.7:  # noqa: PLR2004 - most settings are never touched
            return self.default
        if self.bounds is not None:
            lower, upper, step = self.bounds
            return rng.randrange(lower, upper + 1, step)
        return rng.choice(self.values)


def attributes(style: Style, rng: Random) -> list[Attribute]:
    """Invent the BIOS attributes of a service."""
    topics = list(_TOPICS)
    rng.shuffle(topics)
    device = 1
    while len(topics) < style.bios_attributes:
        topics += [(group, words.format(device), values) for group, words, values in _REPEATED]
        device += 1
    prefixed = style.bios_names == "code" and rng.random() < 0.5  # noqa: PLR2004 - every other maker
    made = [
        _attribute(style, rng, index, topic, prefixed) for index, topic in enumerate(topics[: style.bios_attributes])
    ]
    facts = (
        ("SystemMemory", f"{rng.choice((64, 128, 256))} GB"),
        ("BiosRelease", f"{style.vendor} {rng.randint(1, 9)}"),
    )
    return made + [Attribute(name, name, "System", (), None, text, read_only=True) for name, text in facts]


def _attribute(style: Style, rng: Random, index: int, topic: Topic, prefixed: bool) -> Attribute:
    group, words, options = topic
    name = _name(style, index, group, words)
    if options and isinstance(options[0], int):
        lower, upper, step = (int(number) for number in options)
        return Attribute(name, words, group, (), (lower, upper, step), rng.randrange(lower, upper + 1, step))
    values = tuple(str(value) for value in options) or style.bios_values
    if prefixed:
        values = tuple(f"{name}{value}" for value in values)
    return Attribute(name, words, group, values, None, rng.choice(values))


def _name(style: Style, index: int, group: str, words: str) -> str:
    """Spell an attribute's name in the manner of the style."""
    joined = words.replace(" ", "")
    spellings = {
        "camel": joined,
        "dotted": f"{group}.{joined}",
        "code": f"{_ABBREVIATIONS.get(group, group[:4].upper())}{index + 1:03}",
        "spaced": words,
        "snake": words.replace(" ", "_").lower(),
        "dashed": f"{group}-{words.replace(' ', '-')}".lower(),
        "terse": "".join(word[:3] for word in words.split()) + f"{index:02}",
        "numbered": f"{joined}_{0x100 + 7 * index:04X}",
    }
    return spellings[style.bios_names]
