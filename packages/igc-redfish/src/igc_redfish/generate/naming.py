"""Names and identifiers: invented makers, serial numbers, ids in many manners."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_HEADS = ("Bran", "Cor", "Dra", "Els", "Fen", "Gar", "Hol", "Jor", "Kel", "Lum", "Nor", "Ost", "Pel", "Quar", "Rud")
_TAILS = (
    "ane",
    "bec",
    "dis",
    "ford",
    "gren",
    "holt",
    "ix",
    "lund",
    "nex",
    "ova",
    "quist",
    "ridge",
    "sta",
    "vane",
    "yx",
)
_HOST_NAMES = ("atlas", "borealis", "cetus", "draco", "eridanus", "fornax", "gemini", "hydra", "indus", "lyra", "orion")
_CODE = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_HEX = "0123456789abcdef"

#: What a lone resource is called by those who use words, by kind; the last entry serves every other kind.
_WORDS: Mapping[str, tuple[str, ...]] = {
    "ComputerSystem": ("Self", "system", "Host", "Server", "node", "Unit"),
    "Chassis": ("Self", "chassis", "Baseboard", "Frame", "Main", "Box"),
    "Manager": ("Self", "bmc", "BMC", "Controller", "sp", "Warden"),
    "Storage": ("Local", "Disks", "RAID", "Onboard", "Array"),
    "": ("Main", "Primary", "Self", "Default"),
}
#: What numbered resources are called, by kind.
_STEMS: Mapping[str, tuple[str, ...]] = {
    "ComputerSystem": ("Node", "System_", "node-", "Sled", "CN", "Blade", "Partition"),
    "Chassis": ("Chassis_", "Tray", "Frame", "Bay", "Module_", "Enc"),
    "Manager": ("BMC_", "bmc", "Controller", "MC", "nodebmc-", "SP"),
    "Storage": ("Storage", "RAID_", "Ctl", "Disks", "AHCI_", "SAS"),
    "Drive": ("Drive", "Disk_", "Bay", "SSD", "HDD.", "nvme"),
    "Volume": ("Volume", "VD", "vol-", "LUN", "Array_"),
    "Memory": ("DIMM", "DIMM_A", "MEM", "P1-DIMM", "Slot_", "dimm"),
    "Processor": ("CPU", "CPU_", "PROC", "Socket", "cpu"),
    "EthernetInterface": ("eth", "NIC", "LAN", "en", "ToManager"),
    "NetworkAdapter": ("NIC", "Adapter", "OCP", "FlexNic", "HCA_"),
    "Port": ("Port", "port_", "P", "Jack", "swp"),
    "NetworkDeviceFunction": ("Function", "PF", "NDF", "fn"),
    "PCIeDevice": ("PCIe", "Slot", "Device_", "GPU", "Riser1-"),
    "PCIeFunction": ("Function", "F", "PF", "fn_"),
    "Fan": ("Fan", "FAN_", "Blower", "fan", "Rotor"),
    "PowerSupply": ("PSU", "PowerSupply", "PS", "psu_", "Rectifier"),
    "Sensor": ("Sensor", "SNSR_", "Probe", "Reading", "S"),
    "SoftwareInventory": ("FW", "Image", "Component_", "Bundle", "fw-"),
    "VirtualMedia": ("Slot_", "Media", "CD", "VirtualMedia", "Remote"),
    "LogEntry": ("Entry", "E", "Record_", "log-"),
    "Battery": ("Battery", "BBU_", "Cell"),
    "Outlet": ("Outlet", "A", "out_"),
    "Circuit": ("Circuit", "Branch_", "L"),
    "StorageController": ("Controller", "Ctrl_", "HBA"),
    "Switch": ("Switch", "SW_", "sw"),
    "": ("Item", "Unit_", "Part", "n"),
}
#: How numbers become ids, by manner.
_PATTERNS: Mapping[str, str] = {
    "number": "{number}",
    "zero": "{index}",
    "padded": "{number:03}",
    "dashed": "{low}-{place_low}-{number}",
    "dotted": "{word}.{place}.{number}",
    "placed": "{word}.{place}.{index}:{other}.{number}",
    "hex": "{initial}E{index:02X}F000",
}
#: Where a resource with a dotted id is said to be.
_PLACES = ("Onboard", "Fixed", "Slot", "Bay", "Internal", "Core")
#: Manners among which each kind chooses where ids are mixed.
_MIXED = ("number", "number", "zero", "padded", "indexed", "indexed", "dashed", "dotted", "placed", "hex", "serial")


def seeded(*parts: object) -> Random:
    """Return a random generator that depends on the parts alone."""
    return Random(":".join(str(part) for part in parts))  # noqa: S311 - reproducible on purpose, protects nothing


def vendor(rng: Random) -> str:
    """Invent a maker."""
    return rng.choice(_HEADS) + rng.choice(_TAILS)


def serial(rng: Random, length: int = 10) -> str:
    """Invent a serial number of capital letters and digits."""
    return "".join(rng.choices(_CODE, k=length))


def uuid(rng: Random) -> str:
    """Invent a UUID of version 4 (RFC 9562)."""
    digits = "".join(rng.choices(_HEX, k=32))
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{rng.choice('89ab')}{digits[17:20]}-{digits[20:]}"


def mac(rng: Random) -> str:
    """Invent a locally administered MAC address."""
    return "02:" + ":".join("".join(rng.choices(_HEX, k=2)) for _ in range(5))


def address(rng: Random) -> str:
    """Invent an address of the documentation network 198.51.100.0/24 (RFC 5737)."""
    return f"198.51.100.{rng.randint(1, 254)}"


def version(rng: Random) -> str:
    """Invent a firmware version."""
    major, minor, patch = rng.randint(1, 7), rng.randint(0, 40), rng.randint(0, 99)
    return rng.choice((f"{major}.{minor:02}", f"{major}.{minor}.{patch}", f"{major}.{minor}.{patch}-r{patch % 9}"))


def timestamp(rng: Random) -> str:
    """Invent a moment of 2025, ISO 8601 in UTC."""
    month, day, hour = rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23)
    return f"2025-{month:02}-{day:02}T{hour:02}:{rng.randint(0, 59):02}:{rng.randint(0, 59):02}Z"


class Ids:
    """Makes the ids of one service, so that equal kinds are named alike all over it."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._stems: dict[str, str] = {}
        self._words: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._manners: dict[str, str] = {}

    def make(self, manner: str, kind: str, count: int) -> list[str]:
        """Make distinct ids of one manner.

        Args:
            manner: One of :data:`igc_redfish.generate.style.Ids`.
            kind: Type of the resources, e.g. ``"Chassis"``.
            count: How many are needed.
        """
        if manner == "mixed":
            manner = self._once(self._manners, kind, _MIXED)
        if manner == "name":
            return self._names(count)
        if manner in {"serial", "uuid"}:
            invent = serial if manner == "serial" else uuid
            return _distinct([invent(self._rng) for _ in range(count)])
        return self._counted(manner, kind, count)

    def _counted(self, manner: str, kind: str, count: int) -> list[str]:
        """Make ids that hold a number, or one word for one thing."""
        if manner == "word" and count == 1:
            return [self._word(kind)]
        stem = self._stem(kind)
        place = self._place(kind) if manner in {"dashed", "dotted", "placed"} else ""
        pattern = _PATTERNS.get(manner, "{stem}{index}" if stem.endswith("_") else "{stem}{number}")
        word = stem.strip("-_.")
        parts = {"stem": stem, "word": word, "initial": stem[0].upper(), "place": place}
        parts |= {"low": word.lower(), "place_low": place.lower(), "other": "Frame" if place == "Bay" else "Bay"}
        return [pattern.format(index=index, number=index + 1, **parts) for index in range(count)]

    def _names(self, count: int) -> list[str]:
        rack = self._rng.randint(1, 40)
        names = self._rng.sample(_HOST_NAMES, len(_HOST_NAMES))
        return [f"{names[index % len(names)]}-{rack + index // len(names)}" for index in range(count)]

    def _stem(self, kind: str) -> str:
        return self._once(self._stems, kind, _STEMS.get(kind, _STEMS[""]))

    def _word(self, kind: str) -> str:
        return self._once(self._words, kind, _WORDS.get(kind, _WORDS[""]))

    def _place(self, kind: str) -> str:
        return self._once(self._places, kind, _PLACES)

    def _once(self, made: dict[str, str], kind: str, options: Sequence[str]) -> str:
        """Choose once for each kind."""
        if kind not in made:
            made[kind] = self._rng.choice(options)
        return made[kind]


def _distinct(ids: list[str]) -> list[str]:
    """Tell equal ids apart by a number."""
    seen: set[str] = set()
    for index, name in enumerate(ids):
        ids[index] = f"{name}{index}" if name in seen else name
        seen.add(ids[index])
    return ids
