"""Every goal that the captures' own table calls expressible is enumerated and reached, or the reason is named here."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from igc_core.rest import Request
from igc_redfish.bodies import action_target, link_at
from igc_redfish.capture import Capture
from igc_redfish.goals.choices import choices
from igc_redfish.machine import Machine
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.models import Goal
    from igc_redfish.goals.book import GoalBook

FAMILIES = ("power", "boot", "bios", "secureboot", "firmware")
_BYTES = "offers only a push of the image's bytes, which a JSON request cannot carry"
#: What is listed as a weaker form (strength ``y``) and cannot be wanted, and why.
REASONS = {
    ("liteon-powershelf", "firmware"): _BYTES,
    ("nvidia-gb200", "firmware"): _BYTES,
    ("nvidia-gbswitch", "firmware"): _BYTES,
    ("nvidia-gh200", "firmware"): _BYTES,
    ("openbmc-stock", "firmware"): _BYTES,
    ("supermicro-gb300", "firmware"): _BYTES,
    ("supermicro-gb300", "secureboot"): "shows neither SecureBootEnable nor SecureBootCurrentBoot, only the databases",
}
#: Machines of six vendors on which every single goal is reached.
REACHED = ["dell-r740", "hpe-dl360gen10plus", "nvidia-bluefield3", "cray-ex235n", "intel-s2600bpb", "dmtf-rackmount1"]


@cache
def machine(folder: Path, name: str) -> Machine:
    return Machine(Capture.open(folder / f"{name}.jsonl.gz"))


def test_every_listed_place_is_enumerated_or_has_a_reason(captures: Path, book: GoalBook) -> None:
    listed = orjson.loads((captures / "goals.json").read_bytes())
    missing: set[tuple[str, str]] = set()
    for name, families in listed.items():
        found = {(goal.family, goal.target.casefold()) for goal in book.goals(Simulator(machine(captures, name)))}
        for family in FAMILIES:
            entries = [entry for entry in families.get(family, ()) if entry["strength"] in {"Y", "y"}]
            missing |= {(name, family) for entry in entries if (family, entry["path"].casefold()) not in found}
    assert missing == set(REASONS)


def test_goals_of_real_machines_are_bounded_bound_and_worded(captures: Path, book: GoalBook) -> None:
    for path in sorted(captures.glob("*.jsonl.gz")):
        simulator = Simulator(machine(captures, path.name.removesuffix(".jsonl.gz")))
        for handler in book:
            goals = list(handler.goals(simulator))
            targets = {goal.target for goal in goals}
            assert len(goals) <= 13 * max(1, len(targets)), f"{handler.family} on {path.name}"
            for goal in goals:
                assert handler.bind(goal, simulator) == goal
                assert handler.parse(handler.text(goal)) == goal


@pytest.mark.parametrize("name", REACHED)
def test_every_goal_can_be_reached(captures: Path, book: GoalBook, name: str) -> None:
    simulator = Simulator(machine(captures, name), list(book))
    for goal in book.goals(simulator):
        simulator.reset()
        if book.reached(goal, simulator, simulator):
            simulator.apply(lambda transaction, goal=goal: book.handler(goal.family).prepare(goal, transaction))  # type: ignore[misc]
        before = Simulator(simulator.service)
        before.restore(simulator.snapshot())
        assert not book.reached(goal, simulator, before), book.text(goal)
        for request in solution(simulator, book, goal):
            answer = simulator.perform(request)
            assert answer.ok, (book.text(goal), request, answer)
        simulator.wait(60)
        assert book.reached(goal, simulator, before), book.text(goal)


def solution(simulator: Simulator, book: GoalBook, goal: Goal) -> Iterator[Request]:
    """Yield the requests by which a person who knows Redfish reaches a goal."""
    body = simulator.get(goal.target)
    if goal.family in {"power", "manager"}:
        yield from reset(simulator, goal.target, goal.verb)
        return
    operation, bodies = next(iter(book.handler(goal.family).payloads(goal).items()))
    if operation.startswith("action "):
        # The fullest body: some services demand the protocol.
        yield Request("POST", action_target(body, operation.removeprefix("action ")), bodies[1])
        return
    settings = link_at(body, "@Redfish.Settings/SettingsObject")
    yield Request("PATCH", settings if goal.family == "bios" and settings else goal.target, bodies[0])
    if goal.family != "boot":
        owner = next(uri for uri in simulator.of_type("ComputerSystem") if _owns(simulator, uri, goal))
        yield from reset(simulator, owner, "restart")


def reset(simulator: Simulator, uri: str, verb: str) -> Iterator[Request]:
    wanted = {"on": ["On"], "off": ["ForceOff"], "restart": ["ForceOff", "On"], "reset": ["GracefulRestart"]}[verb]
    for name in ("ComputerSystem", "Manager", "Chassis"):
        target = action_target(simulator.get(uri), f"{name}.Reset")
        if target:
            offered = choices(simulator, uri, f"{name}.Reset", "ResetType")
            yield from (Request("POST", target, {"ResetType": kind}) for kind in wanted if kind in offered)
            return


def _owns(simulator: Simulator, system: str, goal: Goal) -> bool:
    body: Any = simulator.get(system)
    return goal.target.casefold() in {link_at(body, name).casefold() for name in ("Bios", "SecureBoot")}
