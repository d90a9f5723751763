from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.capture import ROOT
from igc_redfish.goals import build
from igc_redfish.goals.led import MAX_TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.simulator import Simulator

SYSTEM, CHASSIS = f"{ROOT}/Systems/1", f"{ROOT}/Chassis/1"
FAMILY = build("led")


def patch(host: Simulator, uri: str = SYSTEM, **change: Any) -> int:
    return host.perform(Request("PATCH", uri, change)).status


def light(host: Simulator, uri: str = SYSTEM) -> tuple[Any, Any]:
    body = host.get(uri) or {}
    return body.get("LocationIndicatorActive"), body.get("IndicatorLED")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"LocationIndicatorActive": True}, (True, "Lit")),
        ({"IndicatorLED": "Lit"}, (True, "Lit")),
        ({"IndicatorLED": "Blinking"}, (True, "Blinking")),
        ({"IndicatorLED": "Off"}, (False, "Off")),
    ],
)
def test_both_properties_tell_of_one_light(host: Simulator, change: dict[str, Any], expected: tuple[Any, Any]) -> None:
    assert patch(host, **change) == 200
    assert light(host) == expected
    assert patch(host, LocationIndicatorActive=False) == 200
    assert light(host) == (False, "Off")


def test_a_light_that_cannot_be_steady_blinks(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[SYSTEM]["IndicatorLED@Redfish.AllowableValues"] = ["Off", "Blinking"]
    host = simulate()
    patch(host, LocationIndicatorActive=True)
    assert light(host) == (True, "Blinking")


def test_a_chassis_shares_the_light_of_its_system_where_both_showed_the_same(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    host = simulate()
    patch(host, IndicatorLED="Blinking")
    assert light(host, CHASSIS) == (None, "Blinking")
    patch(host, CHASSIS, IndicatorLED="Off")
    assert light(host) == (False, "Off")
    tree[CHASSIS]["IndicatorLED"] = "Lit"
    host = simulate()
    patch(host, IndicatorLED="Blinking")
    assert light(host, CHASSIS) == (None, "Lit")


def test_a_light_tolerates_a_chassis_that_is_not_there(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    del tree[CHASSIS]
    host = simulate()
    assert patch(host, IndicatorLED="Lit") == 200


@pytest.mark.parametrize("verb", ["on", "off", "blink"])
@pytest.mark.parametrize("uri", [SYSTEM, CHASSIS])
def test_goals_follow_the_light(host: Simulator, verb: str, uri: str) -> None:
    goal = Goal(family="led", verb=verb, target=uri)
    for _ in range(2):
        if FAMILY.observe(goal, host, host) == FAMILY.wanted(goal):
            host.apply(partial(FAMILY.prepare, goal))
        assert FAMILY.observe(goal, host, host) != FAMILY.wanted(goal)
        kind = "ComputerSystem" if uri == SYSTEM else "Chassis"
        assert 200 in [patch(host, uri, **body) for body in FAMILY.payloads(goal)[f"patch {kind}"]]
        assert FAMILY.observe(goal, host, host) == FAMILY.wanted(goal)


def test_an_unknown_light_is_no_target(simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]) -> None:
    tree[CHASSIS]["IndicatorLED"] = None
    assert FAMILY.targets("on", simulate()) == [SYSTEM]


def test_blinking_needs_the_property_and_the_value(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[CHASSIS]["IndicatorLED@Redfish.AllowableValues"] = ["Off", "Lit"]
    assert FAMILY.targets("blink", simulate()) == [SYSTEM]
    del tree[SYSTEM]["IndicatorLED"]
    assert FAMILY.targets("blink", simulate()) == []


def test_targets_are_bounded(simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]) -> None:
    for number in range(2, 50):
        uri = f"{ROOT}/Chassis/{number}"
        tree[uri] = {**tree[CHASSIS], "@odata.id": uri}
        tree[f"{ROOT}/Chassis"]["Members"].append({"@odata.id": uri})
    targets = FAMILY.targets("on", simulate())
    assert len(targets) == MAX_TARGETS
    assert targets[0] == SYSTEM
