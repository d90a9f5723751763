from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import link_at
from igc_redfish.capture import Capture
from igc_redfish.goals.book import GoalBook
from igc_redfish.goals.composite import compatible, example_composites, sample_composites, split_words
from igc_redfish.goals.led import LedFamily
from igc_redfish.goals.media import MediaFamily
from igc_redfish.goals.resets import resets_counted
from igc_redfish.machine import Machine
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_core.models import CompositeGoal


@pytest.fixture
def wide(book: GoalBook) -> GoalBook:
    """The families of the host, and two more."""
    return GoalBook([*book, MediaFamily(), LedFamily()])


@pytest.fixture
def open_real(captures: Path, wide: GoalBook) -> Callable[[str], Simulator]:
    return lambda name: Simulator(Machine(Capture.open(captures / f"{name}.jsonl.gz")), list(wide))


def families(goal: CompositeGoal) -> list[str]:
    return [part.family for part in goal.goals]


def test_recipes_are_made_of_a_machine_s_own_goals(host: Simulator, book: GoalBook) -> None:
    (baseline, provision) = example_composites(host, book)
    assert (families(baseline), baseline.max_resets) == (["bios"] * 3, 1)
    assert (families(provision), provision.max_resets) == (["bios", "boot", "power"], 2)
    every = {goal.model_dump_json() for goal in book.goals(host)}
    assert all(part.model_dump_json() in every for goal in (baseline, provision) for part in goal.goals)
    assert all(book.parse(book.text(goal)) == goal == book.bind(goal, host) for goal in (baseline, provision))


@pytest.mark.parametrize(
    ("name", "restarts"), [("dell-r750", True), ("hpe-dl380agen11", False), ("nvidia-gb200", True)]
)
def test_booting_from_an_image_is_a_sequence_on_one_machine(
    open_real: Callable[[str], Simulator], wide: GoalBook, name: str, restarts: bool
) -> None:
    goal = example_composites(open_real(name), wide)[0]
    assert goal.ordered
    assert families(goal) == ["media", "boot", "power"][: 3 if restarts else 2]
    assert str(goal.goals[0].arguments["image"]).endswith(".iso")
    assert goal.goals[1].arguments == {"source": "Cd"}
    assert wide.lasting(goal) == (True, not restarts, True)[: len(goal.goals)]


@pytest.mark.parametrize("name", ["dell-r750", "hpe-dl380agen11", "nvidia-gb200", "cray-ex235a", "intel-s2600bpb"])
def test_a_baseline_costs_one_reset(open_real: Callable[[str], Simulator], wide: GoalBook, name: str) -> None:
    machine = open_real(name)
    before = Simulator(machine.service)
    goal = next(goal for goal in example_composites(machine, wide) if goal.max_resets == 1)
    bios = goal.goals[0].target
    place = link_at(machine.get(bios), "@Redfish.Settings/SettingsObject") or bios
    together = wide.payloads(goal)["patch Bios"][0]
    assert machine.perform(Request("PATCH", place, together)).ok
    (system,) = (uri for uri in machine.of_type("ComputerSystem") if _same(link_at(machine.get(uri), "Bios"), bios))
    for kind in ("ForceOff", "On"):
        assert machine.perform(Request("POST", f"{system}/Actions/ComputerSystem.Reset", {"ResetType": kind})).ok
    resets = resets_counted(machine.world.memory)
    assert resets == 1
    assert wide.judge(goal, machine, before, resets=resets).reached
    assert wide.judge(goal, machine, before, resets=2).failed


def test_samples_are_different_compatible_and_repeatable(host: Simulator, book: GoalBook) -> None:
    drawn = sample_composites(host, book, Random(7), 12, size=3)
    assert len({frozenset(goal.goals) for goal in drawn}) == len(drawn) == 12
    assert all(len(set(families(goal))) == 3 for goal in drawn)
    pairs = ((one, other) for goal in drawn for one in goal.goals for other in goal.goals if one != other)
    assert all(compatible(one, other, book) for one, other in pairs)
    assert sample_composites(host, book, Random(7), 12, size=3) == drawn
    assert sample_composites(host, book, Random(8), 12, size=3) != drawn


def test_a_poor_machine_gives_what_it_has(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    for uri in [uri for uri in tree if uri.endswith(("Bios", "SecureBoot", "UpdateService", "Managers"))]:
        del tree[uri]
    host = simulate()
    assert {goal.family for goal in book.goals(host)} == {"power", "boot"}
    assert len(sample_composites(host, book, Random(1), 500)) == 3 * 7
    assert sample_composites(host, book, Random(1), 5, size=3) == []


def goal(family: str, verb: str, target: str = "/t", **arguments: Any) -> Goal:
    return Goal(family=family, verb=verb, target=target, arguments=arguments)


@pytest.mark.parametrize(
    ("one", "other", "fits"),
    [
        (goal("power", "off"), goal("power", "off"), False),
        (goal("power", "off"), goal("power", "on"), False),
        (goal("power", "off"), goal("power", "on", "/other"), True),
        (goal("boot", "once", source="Cd"), goal("boot", "continuous", source="Cd"), False),
        (goal("bios", "set", attributes={"A": 1}), goal("bios", "set", attributes={"B": 1}), True),
        (goal("bios", "set", attributes={"A": 1}), goal("bios", "set", attributes={"A": 2}), False),
        (goal("account", "delete", user="eve"), goal("password", "set", user="eve"), False),
        (goal("account", "delete", user="eve"), goal("password", "set", user="bob"), True),
    ],
)
def test_goals_that_contradict_each_other_are_not_combined(book: GoalBook, one: Goal, other: Goal, fits: bool) -> None:
    assert compatible(one, other, book) is fits
    assert compatible(other, one, book) is fits


def test_sub_goals_of_one_resource_share_a_payload(book: GoalBook) -> None:
    text = "boot once /s source=Cd and boot disabled /s2 and power on /s"
    found = book.payloads(book.parse(text))
    assert len(found["patch ComputerSystem"]) == 2
    together = book.payloads(book.parse("""bios set /b attributes='{"A": 1}' and bios set /b attributes='{"B": 2}'"""))
    assert together["patch Bios"][0] == {"Attributes": {"A": 1, "B": 2}}
    assert len(together["patch Bios"]) == 3


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def test_people_may_word_a_sequence_as_they_speak(host: Simulator, book: GoalBook) -> None:
    spoken = book.bind(book.parse("boot once from PXE, then power on"), host)
    assert spoken == book.bind(book.parse("boot once source=Pxe then power on"), host)


def test_a_comma_that_belongs_to_a_value_stays() -> None:
    clauses, _, _ = split_words("hostname set name=a, then power on")
    assert clauses == ["hostname set name=a,", "power on"]
    assert split_words("led on , and power off")[0] == ["led on", "power off"]
