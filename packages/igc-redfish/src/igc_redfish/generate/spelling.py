"""How the segments of URIs are spelt: as in the standard's examples, or as somebody else would have called them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.generate.style import Style

ROOT = "/redfish/v1"

_SHORT: Mapping[str, str] = {
    "AccountService": "AcctSvc",
    "EthernetInterfaces": "EthIfs",
    "EventService": "EvtSvc",
    "LogServices": "Logs",
    "NetworkProtocol": "NetProto",
    "PowerSubsystem": "PwrSub",
    "PowerSupplies": "PSUs",
    "SessionService": "SessSvc",
    "Subscriptions": "Subs",
    "ThermalSubsystem": "ThmSub",
    "UpdateService": "UpdSvc",
    "FirmwareInventory": "FwInv",
    "SecureBoot": "SecBoot",
    "Processors": "Procs",
    "Memory": "Mem",
}
#: Other names, plural where they are of collections (DSP0266, "Collections"); a service keeps to one of them.
_OTHER: Mapping[str, tuple[str, ...]] = {
    "Systems": ("Hosts", "Nodes", "Machines"),
    "Chassis": ("Enclosures", "Housings"),
    "Managers": ("Controllers", "Wardens"),
    "AccountService": ("Identity", "Access"),
    "Accounts": ("Users", "Principals"),
    "SessionService": ("Login",),
    "Sessions": ("Logins", "Tokens"),
    "LogServices": ("Records", "Diaries"),
    "Entries": ("Lines", "Items"),
    "EventService": ("Notification", "Alerting"),
    "Subscriptions": ("Receivers", "Listeners"),
    "UpdateService": ("Firmware", "Software"),
    "FirmwareInventory": ("Components", "Images"),
    "NetworkProtocol": ("ProtocolConfig", "NetService"),
    "EthernetInterfaces": ("EthernetInterfaces", "Links", "Nics"),
    "Bios": ("Setup", "HostConfig"),
    "SecureBoot": ("TrustedBoot",),
    "Storage": ("Disks", "Arrays"),
    "Drives": ("Drives", "Spindles"),
    "Volumes": ("Volumes", "Luns"),
    "Sensors": ("Readings", "Probes"),
    "ThermalSubsystem": ("Cooling", "Air"),
    "Fans": ("Fans", "Blowers"),
    "PowerSubsystem": ("Supply", "Energy"),
    "PowerSupplies": ("PowerSupplies", "Units"),
    "Processors": ("Cpus", "Sockets"),
    "Memory": ("Modules", "Dimms"),
}


def spelt(style: Style, parent: str, segment: str) -> str:
    """Spell a segment below a parent in the manner of a style."""
    match style.segments:
        case "lower":
            return segment.lower()
        case "leaf":
            return segment if parent.count("/") <= ROOT.count("/") + 1 else segment.lower()
        case "abbreviated":
            return _SHORT.get(segment, segment)
        case "renamed":
            names = _OTHER.get(segment, (segment,))
            return names[zlib.crc32(f"{style.seed}{segment}".encode()) % len(names)]
        case _:
            return segment
