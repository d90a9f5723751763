"""Sensors, fans and power supplies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.hardware import shares
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

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


def add_fans(tree: Tree, site: Site, count: int) -> None:
    """Add fans to the first chassis: as resources, or where the service is old, within one."""
    chassis = site.chassis[0]
    if tree.style.era == "early":
        _add_thermal(tree, chassis, count)
        return
    subsystem = tree.at(chassis, "ThermalSubsystem")
    if subsystem not in tree.bodies:
        if count < 2:  # noqa: PLR2004 - the subsystem and its collection
            return
        tree.add(subsystem, "ThermalSubsystem", "Thermal Subsystem", {"Status": tree.status()})
        tree.bodies[chassis]["ThermalSubsystem"] = link(subsystem)
        count -= 1
    tree.grow(subsystem, "Fans", "Fan", count, lambda: _fan(tree))


def _fan(tree: Tree) -> Body:
    speed = tree.rng.randint(20, 100)
    return {
        "PhysicalContext": "SystemBoard",
        "SpeedPercent": {"Reading": speed, "SpeedRPM": 160 * speed},
        "HotPluggable": tree.chance(0.5),
        "Status": tree.status(),
    }


def _add_thermal(tree: Tree, chassis: str, count: int) -> None:
    """Add the one resource in which older services keep fans and temperatures."""
    uri = tree.at(chassis, "Thermal")
    if count < 1 or uri in tree.bodies:
        return
    readings: Body = {"Temperatures": [], "Fans": []}
    for index in range(_READINGS_OF_OLD):
        for name, value in (
            ("Temperatures", {"ReadingCelsius": tree.rng.randint(18, 70), "PhysicalContext": "CPU"}),
            ("Fans", {"Reading": tree.rng.randint(2000, 16000), "ReadingUnits": "RPM"}),
        ):
            part = {"@odata.id": f"{uri}#/{name}/{index}", "MemberId": str(index), "Name": f"{name[:-1]} {index + 1}"}
            readings[name].append({**part, **value, "Status": tree.status()})
    tree.add(uri, "Thermal", "Thermal", readings)
    tree.bodies[chassis]["Thermal"] = link(uri)


def add_supplies(tree: Tree, site: Site, count: int) -> None:
    """Add power supplies to the first chassis: as resources, or where the service is old, within one."""
    chassis = site.chassis[0]
    if tree.style.era == "early":
        _add_power(tree, chassis, count)
        return
    subsystem = tree.at(chassis, "PowerSubsystem")
    if subsystem not in tree.bodies:
        if count < 2:  # noqa: PLR2004 - the subsystem and its collection
            return
        body = {"CapacityWatts": tree.rng.choice((1600, 3200, 18000)), "Status": tree.status()}
        tree.add(subsystem, "PowerSubsystem", "Power Subsystem", body)
        tree.bodies[chassis]["PowerSubsystem"] = link(subsystem)
        count -= 1
    tree.grow(subsystem, "PowerSupplies", "PowerSupply", count, lambda: _supply(tree))


def _supply(tree: Tree) -> Body:
    return {
        "PowerSupplyType": tree.rng.choice(("AC", "DC")),
        "PowerCapacityWatts": tree.rng.choice((800, 1600, 3000)),
        "FirmwareVersion": naming.version(tree.rng),
        **tree.identity("Supply"),
        "Status": tree.status(),
    }


def _add_power(tree: Tree, chassis: str, count: int) -> None:
    """Add the one resource in which older services keep power supplies."""
    uri = tree.at(chassis, "Power")
    if count < 1 or uri in tree.bodies:
        return
    supplies = [
        {
            "@odata.id": f"{uri}#/PowerSupplies/{index}",
            "MemberId": str(index),
            "Name": f"Power Supply {index + 1}",
            "PowerSupplyType": "AC",
            "PowerCapacityWatts": 800,
            "FirmwareVersion": naming.version(tree.rng),
            "Status": tree.status(),
        }
        for index in range(2)
    ]
    tree.add(uri, "Power", "Power", {"PowerSupplies": supplies})
    tree.bodies[chassis]["Power"] = link(uri)
