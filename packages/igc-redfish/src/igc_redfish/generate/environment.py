"""Sensors, fans and power supplies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from igc_redfish.generate import naming
from igc_redfish.generate.hardware import shares
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

#: What a subsystem has: relation and segment of the collection, type of the members, and what makes one.
Equipment: TypeAlias = "tuple[str, str, Callable[[Tree], Body]]"

#: What a sensor reads, in which unit, between which values.
_READINGS = (
    ("Temperature", "Cel", 18, 85),
    ("Temperature", "Cel", 18, 60),
    ("Power", "W", 5, 750),
    ("Voltage", "V", 1, 12),
    ("Current", "A", 1, 40),
    ("Rotational", "RPM", 1200, 16000),
    ("Humidity", "%", 15, 70),
)
_CONTEXTS = ("CPU", "Memory", "Intake", "Exhaust", "SystemBoard", "PowerSupply", "StorageDevice", "NetworkingDevice")
#: Readings that older services keep in one resource.
_READINGS_OF_OLD = 6
#: Resources of rarer equipment, and members of a redundancy group, at most.
_FEW, _GROUP = 5, 4


def add_sensors(tree: Tree, site: Site, count: int) -> None:
    """Add sensors to all chassis."""
    for chassis, share in shares(site.chassis, count):
        tree.grow(chassis, "Sensors", "Sensor", share, lambda: _sensor(tree))


def _sensor(tree: Tree) -> Body:
    rng = tree.rng
    kind, unit, low, high = rng.choice(_READINGS)
    body: Body = {
        "ReadingType": kind,
        "ReadingUnits": unit,
        "Reading": round(rng.uniform(low, high), 1),
        "ReadingRangeMin": low,
        "ReadingRangeMax": high,
        "PhysicalContext": rng.choice(_CONTEXTS),
        "Status": tree.status(),
    }
    if rng.random() < 0.5:  # noqa: PLR2004 - every other sensor
        body["Thresholds"] = {"UpperCritical": {"Reading": high}, "UpperCaution": {"Reading": round(0.9 * high, 1)}}
    return body


def add_cooling(tree: Tree, site: Site, count: int) -> None:
    """Add fans, pumps and heaters: as resources, as entries of one resource where the service is old, or as both."""
    _add_equipment(tree, site, count, "Thermal", (("Fans", "Fan", _fan), ("Pumps", "Pump", _pump), _HEATERS))


def add_supply(tree: Tree, site: Site, count: int) -> None:
    """Add power supplies and batteries in the same ways."""
    batteries = ("Batteries", "Battery", _battery)
    _add_equipment(tree, site, count, "Power", (("PowerSupplies", "PowerSupply", _supply), batteries))


def _add_equipment(tree: Tree, site: Site, count: int, subject: str, rows: Sequence[Equipment]) -> None:
    """Add the equipment of one subject to one chassis or to several."""
    rng = tree.fork(subject)
    holders = rng.sample(site.chassis, rng.choice((1, 1, min(3, len(site.chassis)), len(site.chassis))) or 1)
    for chassis, share in shares(holders, count):
        left = share
        if tree.style.cooling != "resources" and left:
            left -= _ENTRIES[subject](tree, chassis)
        if tree.style.cooling != "entries":
            _add_subsystem(tree, chassis, left, subject, rows)


def _add_subsystem(tree: Tree, chassis: str, count: int, subject: str, rows: Sequence[Equipment]) -> None:
    """Add a subsystem with its equipment: mostly of the first kind."""
    kind = f"{subject}Subsystem"
    subsystem = tree.at(chassis, kind)
    is_new = subsystem not in tree.bodies
    if count < 2 + is_new:
        return
    if is_new:
        tree.add(subsystem, kind, f"{subject} Subsystem", {"Status": tree.status()})
        tree.bodies[chassis][kind] = link(subsystem)
    left = count - is_new
    for relation, member, make in rows[1:]:
        lit = member in tree.style.led_parts
        share = min(left // (2 if lit else 4), _FEW)
        if share > 1 and (lit or (tree.style.era == "late" and tree.chance(0.5))):
            tree.grow(subsystem, relation, member, share, partial(make, tree))
            left -= share
    members = tree.grow(subsystem, rows[0][0], rows[0][1], left, partial(rows[0][2], tree))
    if members and tree.chance(0.5):
        group = [link(uri) for uri in members[:_GROUP]]
        redundancy = {"RedundancyType": "NPlusM", "MinNeededInGroup": 1, "RedundancyGroup": group}
        tree.bodies[subsystem][f"{rows[0][1]}Redundancy"] = [{**redundancy, "Status": tree.status()}]


def _fan(tree: Tree) -> Body:
    speed = tree.rng.randint(20, 100)
    return {
        "PhysicalContext": "SystemBoard",
        "SpeedPercent": {"Reading": speed, "SpeedRPM": 160 * speed},
        "HotPluggable": tree.chance(0.5),
        "Status": tree.status(),
    }


def _pump(tree: Tree) -> Body:
    return {"PumpType": "Liquid", "PumpSpeedPercent": {"Reading": tree.rng.randint(20, 100)}, "Status": tree.status()}


def _heater(tree: Tree) -> Body:
    return {"PhysicalContext": "Chassis", "HotPluggable": tree.chance(0.5), "Status": tree.status()}


_HEATERS: Equipment = ("Heaters", "Heater", _heater)


def _battery(tree: Tree) -> Body:
    return {"StateOfHealthPercent": {"Reading": tree.rng.randint(60, 100)}, **tree.identity("Battery")} | {
        "Status": tree.status()
    }


def _add_thermal(tree: Tree, chassis: str) -> int:
    """Add the one resource in which older services keep fans and temperatures; count the resources added."""
    uri = tree.at(chassis, "Thermal")
    if uri in tree.bodies:
        return 0
    readings: Body = {"Temperatures": [], "Fans": []}
    for index in range(_READINGS_OF_OLD):
        for name, value in (
            ("Temperatures", {"ReadingCelsius": tree.rng.randint(18, 70), "PhysicalContext": "CPU"}),
            ("Fans", {"Reading": tree.rng.randint(2000, 16000), "ReadingUnits": "RPM"}),
        ):
            part = {"@odata.id": f"{uri}#/{name}/{index}", "MemberId": str(index), "Name": f"{name[:-1]} {index + 1}"}
            readings[name].append({**part, **value, "Status": tree.status(), "RelatedItem": [link(chassis)]})
    tree.add(uri, "Thermal", "Thermal", readings)
    tree.bodies[chassis]["Thermal"] = link(uri)
    return 1


def _supply(tree: Tree) -> Body:
    return {
        "PowerSupplyType": tree.rng.choice(("AC", "DC")),
        "PowerCapacityWatts": tree.rng.choice((800, 1600, 3000)),
        "FirmwareVersion": naming.version(tree.rng),
        **tree.identity("Supply"),
        "Status": tree.status(),
    }


def _add_power(tree: Tree, chassis: str) -> int:
    """Add the one resource in which older services keep power supplies; count the resources added."""
    uri = tree.at(chassis, "Power")
    if uri in tree.bodies:
        return 0
    supplies = [
        {
            "@odata.id": f"{uri}#/PowerSupplies/{index}",
            "MemberId": str(index),
            "Name": f"Power Supply {index + 1}",
            "PowerSupplyType": "AC",
            "PowerCapacityWatts": 800,
            "FirmwareVersion": naming.version(tree.rng),
            "Status": tree.status(),
            "RelatedItem": [link(chassis)],
        }
        for index in range(2)
    ]
    tree.add(uri, "Power", "Power", {"PowerSupplies": supplies})
    tree.bodies[chassis]["Power"] = link(uri)
    return 1


#: What adds the entries of older services.
_ENTRIES: Mapping[str, Callable[[Tree, str], int]] = {"Thermal": _add_thermal, "Power": _add_power}
