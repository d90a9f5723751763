from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.errors import GoalError
from igc_core.models import CompositeGoal, Goal
from igc_redfish.goals.bios import BiosFamily
from igc_redfish.goals.book import GoalBook
from igc_redfish.goals.boot import BootFamily
from igc_redfish.goals.firmware import FirmwareFamily
from igc_redfish.goals.power import PowerFamily

if TYPE_CHECKING:
    from igc_redfish.simulator import Simulator

BOOK = GoalBook([PowerFamily(), BootFamily(), BiosFamily(), FirmwareFamily()])
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.one_of(TEXTS, st.integers(-(2**53), 2**53), st.booleans(), st.none(), st.just("and"), st.just("a then b"))


@st.composite
def goals(draw: st.DrawFn) -> Goal:
    target = draw(TEXTS.filter(lambda text: "=" not in text) | st.sampled_from(["and", "THEN", "with", "/a b/c=d"]))
    kind = draw(st.sampled_from(["power", "boot", "bios", "firmware"]))
    if kind == "power":
        return Goal(family="power", verb=draw(st.sampled_from(["on", "off", "restart"])), target=target)
    if kind == "boot":
        return Goal(family="boot", verb="once", target=target, arguments={"source": draw(VALUES)})
    if kind == "bios":
        attributes: dict[str, Any] = draw(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3))
        return Goal(family="bios", verb="set", target=target, arguments={"attributes": attributes})
    arguments: dict[str, Any] = {"image": draw(VALUES), "component": draw(VALUES)}
    return Goal(family="firmware", verb="update", target=target, arguments=arguments)


@given(goals())
def test_any_goal_is_read_back_from_its_words(goal: Goal) -> None:
    assert BOOK.parse(BOOK.text(goal)) == goal


@given(st.lists(goals(), min_size=2, max_size=4), st.booleans(), st.none() | st.integers(0, 9))
def test_any_composite_is_read_back_from_its_words(parts: list[Goal], ordered: bool, limit: int | None) -> None:
    goal = CompositeGoal(goals=tuple(parts), ordered=ordered, max_resets=limit)
    assert BOOK.parse(BOOK.text(goal)) == goal


@given(
    st.one_of(st.text(max_size=40), st.lists(st.sampled_from([*"'\"\\=", "and", "power", "on", "with"])).map(" ".join))
)
def test_any_text_is_either_refused_or_read_for_good(text: str) -> None:
    try:
        goal = BOOK.parse(text)
    except GoalError:
        return
    assert BOOK.parse(BOOK.text(goal)) == goal


def test_near_misses_of_a_family_are_suggested() -> None:
    with pytest.raises(GoalError, match="did you mean 'power'") as caught:
        BOOK.parse("powr off")
    assert caught.value.code == "goal-unknown-family"


def test_an_unknown_family_lists_the_known() -> None:
    with pytest.raises(GoalError, match="known: power, boot, bios, firmware"):
        BOOK.parse("xyzzy now")


@pytest.mark.parametrize(
    "text",
    ["", "power off and", "then power off", "power off and power on then power off", "with at most 1 resets"],
)
def test_joints_that_join_nothing_are_refused(text: str) -> None:
    with pytest.raises(GoalError) as caught:
        BOOK.parse(text)
    assert caught.value.code in {"goal-unreadable", "goal-unknown-family"}


def test_joints_may_be_written_in_any_case() -> None:
    goal = BOOK.parse("Power Off THEN power on With At Most 2 Resets")
    assert goal == CompositeGoal(
        goals=(Goal(family="power", verb="off"), Goal(family="power", verb="on")), ordered=True, max_resets=2
    )


def test_composites_are_bound_part_by_part(host: Simulator, book: GoalBook) -> None:
    goal = book.bind(book.parse("power off and boot once source=Cd"), host)
    assert isinstance(goal, CompositeGoal)
    assert [part.target for part in goal.goals] == ["/redfish/v1/Systems/1"] * 2
    with pytest.raises(GoalError):
        book.bind(book.parse("power off and boot once source=Tape"), host)


def test_operations_include_those_of_required_families(book: GoalBook) -> None:
    assert {"patch Bios", "action Bios.ResetBios", "action ComputerSystem.Reset"} <= set(book.operations("bios"))
    assert "patch Bios" not in book.operations("power")


def test_a_host_expresses_goals_of_every_family(host: Simulator, book: GoalBook) -> None:
    found = book.goals(host)
    assert {goal.family for goal in found} == set(book.families)
    assert found == book.goals(host), "the same on every call"
    assert all(book.bind(goal, host) == goal and book.parse(book.text(goal)) == goal for goal in found)


@pytest.mark.parametrize(
    "text",
    [
        "boot once source='s3cret",
        "power on a b x=s3cret",
        "boot nonce source=s3cret a b",
        "power s3cret",
        "power on root s3cret",
        "power on s3cret=1",
        "s3cret",
        "power on and s3cret",
        "power on with at most s3cret resets",
        "firmware update s3cret 's3cret",
        "firmware update image=[s3cret",
    ],
)
def test_refusals_do_not_repeat_values(text: str) -> None:
    with pytest.raises(GoalError) as caught:
        BOOK.parse(text)
    assert "s3cret" not in str(caught.value)


def test_a_verb_that_is_nearly_known_is_suggested() -> None:
    with pytest.raises(GoalError, match=r"cannot read the goal 'power \.\.\.': .*did you mean 'off'\?"):
        BOOK.parse("power of")


def test_arguments_that_a_verb_does_not_take_are_refused() -> None:
    with pytest.raises(GoalError, match=r"word 4 is no argument of it; did you mean 'source'\?") as caught:
        BOOK.parse("boot once 1 sorce=Pxe source=Pxe")
    assert caught.value.code == "goal-unreadable"
    with pytest.raises(GoalError, match="source is given twice"):
        BOOK.parse("boot once source=Pxe source=Cd")
    assert BOOK.parse("firmware update image=bios-2.bin component=BIOS")


def test_what_a_verb_may_take_stands_in_brackets() -> None:
    with pytest.raises(GoalError, match=r"firmware \(update image=\.\.\. \[component=\.\.\.\]\) \[target\]"):
        BOOK.parse("firmware update")


@pytest.mark.parametrize("text", ["boot once source='<redacted>'", "bios set A='<redacted>'"])
def test_a_mask_is_no_value(text: str) -> None:
    with pytest.raises(GoalError, match="the list masks secrets: give one") as caught:
        BOOK.parse(text)
    assert caught.value.code == "goal-unreadable"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('boot once source=["Cd"]', r"source='\[\.\.\.\]'"),
        ('boot once source=["Cd", "Pxe"]', r"source='\[\.\.\.\]'"),
        ('bios set attributes={"A": 1}', r"attributes='\{\.\.\.\}'"),
        ('bios set A={"B":1}', r"name='\{\.\.\.\}'"),
    ],
)
def test_json_that_lost_its_quotation_is_told_from_a_text(text: str, hint: str) -> None:
    with pytest.raises(GoalError, match=f"quote it: {hint}"):
        BOOK.parse(text)


def test_a_single_goal_may_limit_its_resets(host: Simulator, book: GoalBook) -> None:
    goal = book.parse("bios set Turbo=Disabled with at most 1 reset")
    assert goal == CompositeGoal(goals=(book.parse("bios set Turbo=Disabled"),), max_resets=1)  # type: ignore[arg-type]
    assert book.parse(book.text(goal)) == goal
    assert book.bind(goal, host).parts[0].target


def test_a_limit_stands_at_the_end() -> None:
    with pytest.raises(GoalError, match="the limit stands at the end"):
        BOOK.parse("power off with at most 1 reset and boot once source=Pxe")
