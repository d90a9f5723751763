"""Cross-references: what else a resource links to, beside what is below it; some of it is not there."""

from __future__ import annotations

import zlib
from collections import defaultdict
from typing import TYPE_CHECKING

from igc_redfish.generate.directory import fill_directory
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

#: Type, path of the property, type that it refers to; several are referred to where the name is a plural.
_ROWS = (
    ("Chassis", "Links/CooledBy", "Fan"),
    ("Chassis", "Links/Drives", "Drive"),
    ("Chassis", "Links/Fans", "Fan"),
    ("Chassis", "Links/ManagersInChassis", "Manager"),
    ("Chassis", "Links/PCIeDevices", "PCIeDevice"),
    ("Chassis", "Links/PowerSupplies", "PowerSupply"),
    ("Chassis", "Links/PoweredBy", "PowerSupply"),
    ("Chassis", "Links/Processors", "Processor"),
    ("Chassis", "Links/Storage", "Storage"),
    ("Chassis", "Links/Switches", "Switch"),
    ("Circuit", "Links/Outlets", "Outlet"),
    ("ComputerSystem", "Links/CooledBy", "Fan"),
    ("ComputerSystem", "Links/PoweredBy", "PowerSupply"),
    ("ComputerSystem", "PCIeDevices", "PCIeDevice"),
    ("Drive", "Links/Storage", "Storage"),
    ("Fan", "Links/CoolingChassis", "Chassis"),
    ("LogEntry", "Links/RelatedLogEntries", "LogEntry"),
    ("Manager", "Links/ActiveSoftwareImage", "SoftwareInventory"),
    ("Manager", "Links/ManagerForSwitches", "Switch"),
    ("Manager", "Links/SoftwareImages", "SoftwareInventory"),
    ("Memory", "Links/Processors", "Processor"),
    ("NetworkDeviceFunction", "Links/PhysicalNetworkPortAssignment", "Port"),
    ("Outlet", "Links/Chassis", "Chassis"),
    ("PCIeDevice", "Links/Chassis", "Chassis"),
    ("PCIeDevice", "Links/Processors", "Processor"),
    ("PowerSupply", "Links/PowerOutlets", "Outlet"),
    ("PowerSupply", "Links/PoweringChassis", "Chassis"),
    ("Processor", "Links/Memory", "Memory"),
    ("Processor", "Links/PCIeDevice", "PCIeDevice"),
    ("ResourceBlock", "Links/ComputerSystems", "ComputerSystem"),
    ("Sensor", "RelatedItem", "Processor"),
    ("Switch", "Links/Chassis", "Chassis"),
    ("Switch", "Links/ManagedBy", "Manager"),
)
#: Properties that refer to one resource.
_SINGLE = frozenset(
    {
        ("Drive", "Links/Storage"),
        ("Manager", "Links/ActiveSoftwareImage"),
        ("NetworkDeviceFunction", "Links/PhysicalNetworkPortAssignment"),
        ("Processor", "Links/PCIeDevice"),
        ("Switch", "Links/Chassis"),
    }
)
#: By type: properties that may lead nowhere.
_LOST: Mapping[str, tuple[str, ...]] = {
    "Chassis": ("Assembly", "Certificates", "EnvironmentMetrics", "MediaControllers", "PCIeSlots"),
    "ComputerSystem": ("Certificates", "FabricAdapters", "MemoryDomains", "USBControllers"),
    "Drive": ("Assembly", "Certificates", "EnvironmentMetrics"),
    "Fan": ("Assembly",),
    "Manager": ("Certificates", "HostInterfaces", "SerialInterfaces"),
    "Memory": ("Assembly", "EnvironmentMetrics", "Metrics"),
    "NetworkAdapter": ("Assembly", "Certificates", "EnvironmentMetrics"),
    "PCIeDevice": ("Assembly", "EnvironmentMetrics"),
    "PowerSupply": ("Assembly", "Metrics"),
    "Processor": ("Assembly", "EnvironmentMetrics", "Metrics", "SubProcessors"),
    "ServiceRoot": ("JsonSchemas", "KeyService", "AggregationService"),
    "Storage": ("ConsistencyGroups", "EndpointGroups", "StoragePools"),
}
#: References of one resource, at most.
_MOST = 16
#: Where there are more candidates, they are not searched for the nearest.
_SCANNED = 64


def add_references(tree: Tree, site: Site) -> None:
    """Add cross-references as often as the style says, and links to what is not there."""
    style, rng = tree.style, tree.fork("references")
    kinds: defaultdict[str, list[str]] = defaultdict(list)
    for uri, body in tree.bodies.items():
        kinds[body["@odata.type"].rpartition(".")[2]].append(uri)
    for kind, path, other in _ROWS:
        if rng.random() < style.references and kind in kinds and other in kinds:
            for uri in kinds[kind]:
                targets = _near(uri, kinds[other], first=uri == kinds[kind][0])
                _refer(tree.bodies[uri], path, targets, single=(kind, path) in _SINGLE)
    if rng.random() < style.references / 2:
        tree.bodies[ROOT]["Links"]["ManagerProvidingService"] = link(site.managers[0])
    if style.dangling:
        for kind, relations in _LOST.items():
            for uri in kinds[kind]:
                if rng.random() < style.dangling:
                    relation = rng.choice(relations)
                    tree.bodies[uri].setdefault(relation, link(tree.at(uri, relation)))
    fill_directory(tree)


def _near(uri: str, others: Sequence[str], *, first: bool) -> list[str]:
    """Choose what a resource refers to: what it is below of, else what is below it, else one; the first has all."""
    if len(others) <= _SCANNED:
        above = [other for other in others if uri.startswith(f"{other}/")]
        below = [other for other in others if other.startswith(f"{uri}/")]
        if above or below:
            return (above or below)[:_MOST]
    return list(others[:_MOST]) if first else [others[zlib.crc32(uri.encode()) % len(others)]]


def _refer(body: Body, path: str, targets: Sequence[str], *, single: bool) -> None:
    """Refer to some resources, where the body does not yet."""
    above, _, name = path.rpartition("/")
    place: Body = body.setdefault(above, {}) if above else body
    place.setdefault(name, link(targets[0]) if single else [link(uri) for uri in targets])
