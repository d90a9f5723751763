"""What real machines have beside: a few resources each of many kinds, of which agents need none or one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link, spaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body


@dataclass(frozen=True, slots=True)
class Peripheral:
    """One kind of things that hang below others.

    Attributes:
        holder: Type of what they hang below.
        relation: Its property that links to them.
        kind: Type of the members of a collection, or of the one resource.
        facts: Options for properties.
        lone: Whether it is one resource, not a collection.
    """

    holder: str
    relation: str
    kind: str
    facts: Mapping[str, tuple[Any, ...]]
    lone: bool = False


_SWITCH = (True, False)
_PERIPHERALS: tuple[Peripheral, ...] = (
    Peripheral("Manager", "SerialInterfaces", "SerialInterface", {"InterfaceEnabled": _SWITCH, "BitRate": ("115200",)}),
    Peripheral("Manager", "HostInterfaces", "HostInterface", {"InterfaceEnabled": _SWITCH}),
    Peripheral("ComputerSystem", "SimpleStorage", "SimpleStorage", {"UefiDevicePath": ("PciRoot(0x0)",)}),
    Peripheral("ComputerSystem", "NetworkInterfaces", "NetworkInterface", {}),
    Peripheral("ComputerSystem", "GraphicsControllers", "GraphicsController", {"Location": ({},)}),
    Peripheral("ComputerSystem", "USBControllers", "USBController", {"Model": ("Hub",)}),
    Peripheral("SecureBoot", "SecureBootDatabases", "SecureBootDatabase", {"DatabaseId": ("db", "dbx", "PK", "KEK")}),
    Peripheral("Chassis", "Controls", "Control", {"ControlType": ("Temperature", "Power"), "SetPoint": (40, 500)}),
    Peripheral("Chassis", "TrustedComponents", "TrustedComponent", {"TrustedComponentType": ("Discrete",)}),
    Peripheral("Chassis", "Assembly", "Assembly", {"Assemblies": ([],)}, lone=True),
    Peripheral("Chassis", "EnvironmentMetrics", "EnvironmentMetrics", {"PowerWatts": ({"Reading": 310},)}, lone=True),
    Peripheral("Chassis", "PCIeSlots", "PCIeSlots", {"Slots": ([],)}, lone=True),
    Peripheral("ThermalSubsystem", "ThermalMetrics", "ThermalMetrics", {}, lone=True),
    Peripheral("Processor", "EnvironmentMetrics", "EnvironmentMetrics", {"PowerWatts": ({"Reading": 95},)}, lone=True),
    Peripheral("Drive", "EnvironmentMetrics", "EnvironmentMetrics", {"PowerWatts": ({"Reading": 9},)}, lone=True),
    Peripheral("Memory", "Assembly", "Assembly", {"Assemblies": ([],)}, lone=True),
    Peripheral("ServiceRoot", "ComponentIntegrity", "ComponentIntegrity", {"ComponentIntegrityEnabled": _SWITCH}),
    Peripheral("ServiceRoot", "JobService", "JobService", {"ServiceEnabled": _SWITCH}, lone=True),
    Peripheral("ServiceRoot", "KeyService", "KeyService", {}, lone=True),
    Peripheral("ServiceRoot", "AggregationService", "AggregationService", {"ServiceEnabled": _SWITCH}, lone=True),
    Peripheral("ServiceRoot", "ServiceConditions", "ServiceConditions", {"Conditions": ([],)}, lone=True),
    Peripheral("ServiceRoot", "CertificateService", "CertificateService", {}, lone=True),
    Peripheral("ServiceRoot", "Facilities", "Facility", {"FacilityType": ("Room", "Building")}),
    Peripheral("ServiceRoot", "CompositionService", "CompositionService", {"ServiceEnabled": _SWITCH}, lone=True),
)
#: Members of one collection, at most.
_MEMBERS_MAX = 4
#: A power distribution with its collection, both below the equipment, and a collection with one outlet.
_SMALLEST_DISTRIBUTION = 5
_DISTRIBUTIONS = ("RackPDUs", "PowerShelves", "FloorPDUs", "TransferSwitches")
_EQUIPMENT_TYPES = {"RackPDUs": "RackPDU", "PowerShelves": "PowerShelf", "FloorPDUs": "FloorPDU"}


def add_peripherals(tree: Tree, count: int) -> None:
    """Add kind after kind, each to all of its holders or to the first ones, while there is room."""
    rng = tree.fork("peripherals")
    holders: dict[str, list[str]] = {}
    for uri, body in tree.bodies.items():
        holders.setdefault(body["@odata.type"].rpartition(".")[2], []).append(uri)
    left = count
    for part in rng.sample(_PERIPHERALS, len(_PERIPHERALS)):
        of_kind = holders.get(part.holder, [])
        for holder in of_kind[: rng.choice((1, len(of_kind), len(of_kind)))] if of_kind else ():
            left -= _add(tree, part, holder, min(left, 1 + rng.randint(1, _MEMBERS_MAX)))


def _add(tree: Tree, part: Peripheral, holder: str, count: int) -> int:
    """Add a peripheral to a holder, unless the holder has it or there is no room; count the resources added."""
    uri = tree.at(holder, part.relation)
    if count < 1 + (not part.lone) or uri in tree.bodies or part.relation in tree.bodies[holder]:
        return 0
    if part.lone:
        tree.add(uri, part.kind, spaced(part.kind), _facts(tree, part))
        tree.bodies[holder][part.relation] = link(uri)
        return 1
    return 1 + len(tree.grow(holder, part.relation, part.kind, count, partial(_facts, tree, part)))


def _facts(tree: Tree, part: Peripheral) -> Body:
    return {name: tree.rng.choice(options) for name, options in part.facts.items()}


def add_outlets(tree: Tree, site: Site, count: int) -> None:
    """Add power distribution: the outlets and the branch circuits of a rack's or a floor's supply."""
    rng = tree.fork("outlets")
    equipment = tree.at(ROOT, "PowerEquipment")
    if count < _SMALLEST_DISTRIBUTION or equipment in tree.bodies:
        return
    tree.add(equipment, "PowerEquipment", "Power Equipment", {"Status": tree.status()})
    tree.bodies[ROOT]["PowerEquipment"] = link(equipment)
    left = count - 1
    for relation in rng.sample(_DISTRIBUTIONS, rng.choice((1, 1, 2))):
        share = left if rng.random() < 0.5 else left // 2  # noqa: PLR2004 - every other time one takes all
        left -= _add_distributions(tree, site, equipment, relation, share)


def _add_distributions(tree: Tree, site: Site, equipment: str, relation: str, count: int) -> int:
    """Add the distributions of one kind, and count the resources added."""
    before = len(tree)
    number = min(1 + count // 20, 3)
    if count < _SMALLEST_DISTRIBUTION - 1:
        return 0
    body: Body = {
        "EquipmentType": _EQUIPMENT_TYPES.get(relation, "AutomaticTransferSwitch"),
        **tree.identity("Distribution"),
        "FirmwareVersion": naming.version(tree.rng),
        "Status": tree.status(),
        "Links": {"Chassis": [link(site.chassis[0])]},
    }
    uris = tree.grow(equipment, relation, "PowerDistribution", min(number + 1, count), lambda: {**body})
    left = count - (len(tree) - before)
    for index, uri in enumerate(uris):
        share = left // len(uris) + (index < left % len(uris))
        circuits = share // 3 if share > _SMALLEST_DISTRIBUTION else 0
        _add_lines(tree, uri, "Outlets", "Outlet", share - circuits)
        _add_lines(tree, uri, tree.rng.choice(("Branches", "Mains")), "Circuit", circuits)
    return len(tree) - before


def _add_lines(tree: Tree, holder: str, relation: str, kind: str, count: int) -> None:
    if count > 1:
        tree.grow(holder, relation, kind, count, lambda: _line(tree))


def _line(tree: Tree) -> Body:
    on = tree.chance(0.9)
    return {
        "RatedCurrentAmps": tree.rng.choice((10, 16, 32)),
        "NominalVoltage": "AC230V",
        "PowerState": "On" if on else "Off",
        "PowerEnabled": on,
        "Status": tree.status(),
    }


def add_blocks(tree: Tree, count: int) -> None:
    """Add the resource blocks of a composable machine, with drives and processors of their own."""
    service = tree.at(ROOT, "CompositionService")
    if count < _SMALLEST_DISTRIBUTION or service in tree.bodies:
        return
    tree.add(service, "CompositionService", "Composition Service", {"ServiceEnabled": True, "Status": tree.status()})
    tree.bodies[ROOT]["CompositionService"] = link(service)
    number = min(1 + (count - 2) // 8, 6)
    blocks = tree.grow(service, "ResourceBlocks", "ResourceBlock", number + 1, lambda: _block(tree))
    left = count - 2 - number
    for index, uri in enumerate(blocks):
        share = left // number + (index < left % number)
        kind = tree.rng.choice(("Drive", "Processor"))
        _add_members(tree, uri, kind, share)


def _block(tree: Tree) -> Body:
    status = {"CompositionState": tree.rng.choice(("Composed", "Unused")), "Reserved": False}
    return {"ResourceBlockType": ["Compute"], "CompositionStatus": status, "Status": tree.status()}


def _add_members(tree: Tree, block: str, kind: str, count: int) -> None:
    """Add parts of a block, which links to each of them."""
    relation = f"{kind}s"
    uris: Sequence[str] = [f"{tree.at(block, relation)}/{name}" for name in tree.member_ids(kind, count)]
    for uri in uris:
        tree.add(uri, kind, f"{kind} {uri.rpartition('/')[2]}", {**tree.identity(kind), "Status": tree.status()})
    tree.bodies[block][relation] = [link(uri) for uri in uris]
