from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from igc_redfish.capture import links, type_name
from igc_redfish.generate import build, sample_style
from igc_redfish.generate.style import SIZE_MAX
from igc_redfish.goals import builtin_handlers
from igc_redfish.goals.led import LedFamily
from igc_redfish.machine import Machine
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from igc_redfish.capture import Capture
    from igc_redfish.generate import Style

STYLES = [sample_style(seed, size=250) for seed in range(60)]


@pytest.fixture(scope="module")
def services() -> list[tuple[Style, Capture]]:
    return [(style, build(style)) for style in STYLES]


def test_lights_of_parts_are_goals_on_many_machines_and_few_of_many_carry_one(
    services: list[tuple[Style, Capture]],
) -> None:
    kinds: Counter[str] = Counter()
    sparse = 0
    for style, service in services:
        simulator = Simulator(Machine(service), builtin_handlers())
        lit = Counter(type_name(service[uri].body) for uri in LedFamily().targets("on", simulator))
        kinds.update(lit.keys())
        present = Counter(type_name(resource.body) for resource in service.values())
        sparse += any(count < present[kind] / 2 for kind, count in lit.items() if kind in style.led_parts)
    assert min(kinds[kind] for kind in ("Drive", "Fan", "PowerSupply")) >= 5
    assert {"Battery", "Heater", "Manager", "Outlet", "Port", "Switch"} <= set(kinds)
    assert sparse >= 5


def test_some_machines_switch_only_some_of_their_systems(services: list[tuple[Style, Capture]]) -> None:
    mixed = 0
    for style, service in services:
        actions = [
            "Actions" in resource.body
            for resource in service.values()
            if type_name(resource.body) == "ComputerSystem" and "PowerState" in resource.body
        ]
        mixed += len(set(actions)) > 1
        assert all(actions) or style.uneven
    assert mixed >= 3


def test_resources_are_reached_in_several_ways_where_there_are_references(
    services: list[tuple[Style, Capture]],
) -> None:
    counts: dict[bool, list[float]] = {True: [], False: []}
    for style, service in services:
        targets = [target for uri, resource in service.items() for _, target in links(resource.body, uri)]
        counts[style.references > 0].append(len(targets) / len(set(targets)))
    assert sum(counts[True]) / len(counts[True]) > 1.2 * sum(counts[False]) / len(counts[False])


def test_drives_and_volumes_live_where_the_style_says(services: list[tuple[Style, Capture]]) -> None:
    for style, service in services:
        for uri, resource in service.items():
            if type_name(resource.body) == "Storage" and style.segments == "canonical":
                below = "/redfish/v1/Storage/" if style.storage_home == "root" else "/redfish/v1/Systems/"
                assert uri.startswith(below)
                home = "/redfish/v1/Chassis/" if style.drives_home == "chassis" else f"{uri}/"
                assert all(drive["@odata.id"].startswith(home) for drive in resource.body["Drives"])


def test_the_largest_machine_has_its_size_and_is_made_in_seconds() -> None:
    assert len(build(sample_style(4, manner="invented", size=SIZE_MAX))) == SIZE_MAX
