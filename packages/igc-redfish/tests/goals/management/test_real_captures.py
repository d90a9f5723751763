"""Every captured machine: what ``goals.json`` says can be wanted is wanted, and what is wanted can be had."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request
from igc_redfish.bodies import action_target, members_of, type_name
from igc_redfish.goals import FAMILIES, build
from igc_redfish.service.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from igc_core.models import Goal
    from igc_redfish.family import GoalFamily
    from igc_redfish.simulator import Simulator

#: Our family for each of the captures' own names.
NAMES = {
    "account": "account",
    "password": "password",
    "session": "session",
    "vmedia": "media",
    "clearlog": "log",
    "led": "led",
    "ntp": "ntp",
    "event": "subscription",
    "volume": "volume",
}
#: Families of this folder, as far as they have goals of their own.
FAMILY_NAMES = [name for name in FAMILIES if name in {*NAMES.values(), "protocol", "hostname"}]
#: One machine of each vendor, and the validation machines.
VENDORS = [
    "dell-r750",
    "dell-xr8620t",
    "dell-c6320",
    "hpe-dl360gen10plus",
    "hpe-dl380agen11",
    "supermicro-gb300",
    "nvidia-gh200",
    "liteon-powershelf",
    "cray-ex235a",
    "intel-s2600bpb",
    "openbmc-stock",
    "dmtf-tower",
    "dmtf-telemetry",
    "snia-swordfish",
    "sunfish-nvmeof",
]


def why_not(name: str, body: dict[str, Any]) -> str:
    """Say why nothing is wanted of a resource although it is listed; ``""`` where there is no reason."""
    if name == "password" and body.get("UserName") == "":
        return "an empty slot is nobody's: there is no password to change"
    if name == "ntp" and "NTP" not in body:
        return "the weaker form: network protocols are shown, but nothing of NTP that could be changed"
    if name == "led" and body.get("IndicatorLED") is None and "LocationIndicatorActive" not in body:
        return "the light's state is null: the service knows no such light"
    if name == "volume" and not body.get("Members"):
        return "the storage shows no drives to build a volume on, and there is no volume to delete"
    return ""


def test_everything_listed_is_wanted_or_the_reason_is_known(captures: Path, real: Callable[[str], Simulator]) -> None:
    listed = json.loads((captures / "goals.json").read_text())
    checked = 0
    for machine, families in listed.items():
        host = real(machine)
        for name, family in NAMES.items():
            targets = {goal.target for goal in build(family).goals(host)}
            for entry in families.get(name, ()):
                if entry["strength"] not in {"Y", "y"}:
                    continue
                body = dict(host.get(entry["path"]) or {})
                wanted = entry["path"] in targets or targets & set(members_of(body))
                assert wanted or why_not(name, body), (machine, name, entry)
                checked += 1
    assert checked > 500


@pytest.mark.parametrize("machine", VENDORS)
def test_every_goal_is_prepared_and_reached(real: Callable[[str], Simulator], machine: str) -> None:
    host = real(machine)
    for family in map(build, FAMILY_NAMES):
        for goal in list(family.goals(host)):
            host.reset()
            if is_reached(family, goal, host, World(host.world.machine)):
                host.apply(partial(family.prepare, goal))
            before = World(host.world.machine)
            before.restore(host.snapshot())
            assert not is_reached(family, goal, host, before), f"{goal} is reached from the start"
            assert reach(family, goal, host, before), f"{goal} is out of reach"


@pytest.mark.parametrize("machine", VENDORS)
def test_goals_repeat_read_back_and_bind_to_themselves(real: Callable[[str], Simulator], machine: str) -> None:
    host = real(machine)
    for family in map(build, FAMILY_NAMES):
        goals = list(family.goals(host))
        assert goals == list(family.goals(host))
        for goal in goals:
            assert family.parse(family.text(goal)) == goal
            assert family.bind(goal, host) == goal


def is_reached(family: GoalFamily, goal: Goal, host: Simulator, before: World) -> bool:
    return family.observe(goal, host, before) == family.wanted(goal)


def reach(family: GoalFamily, goal: Goal, host: Simulator, before: World) -> bool:
    """Try what the goal's payloads and its resources offer, four times over: some goals take several steps."""
    for _ in range(4):
        for request in list(attempts(family, goal, host)):
            assert host.perform(request).status < 500
            if is_reached(family, goal, host, before):
                return True
    return False


def attempts(family: GoalFamily, goal: Goal, host: Simulator) -> Iterator[Request]:
    """Yield the requests that carry the goal's values to its target or a member of it, then deletions."""
    near = {uri: host.get(uri) or {} for uri in [goal.target, *members_of(host.get(goal.target))]}
    for operation, bodies in family.payloads(goal).items():
        kind, _, name = operation.partition(" ")
        for uri, body in near.items():
            for payload in bodies:
                if kind == "action" and action_target(body, name):
                    yield Request("POST", action_target(body, name), payload)
                elif kind == "create" and uri == goal.target:
                    yield Request("POST", uri, payload)
                elif kind == "patch" and type_name(body) == name and is_about(goal, uri, body):
                    yield Request("PATCH", uri, payload)
    if goal.verb == "delete" or goal.family == "volume":
        yield from (Request("DELETE", uri) for uri, body in near.items() if is_about(goal, uri, body))


def is_about(goal: Goal, uri: str, body: Any) -> bool:
    """Tell whether a resource is the one that the goal's arguments name."""
    if goal.family == "account":
        return bool(body.get("UserName") == ("" if goal.verb == "create" else goal.arguments["user"]))
    if goal.family == "session":
        return uri.endswith(f"/{goal.arguments['id']}")
    if goal.family == "subscription":
        return bool(body.get("Destination") == goal.arguments["destination"])
    return uri == goal.target or goal.verb == "create"
