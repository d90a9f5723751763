from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals.boot import sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.simulator import Simulator

SYSTEM, SETTINGS = f"{ROOT}/Systems/1", f"{ROOT}/Systems/1/Settings"
TARGET, ENABLED = "BootSourceOverrideTarget", "BootSourceOverrideEnabled"


def change(host: Simulator, uri: str = SYSTEM, **boot: Any) -> Response:
    return host.perform(Request("PATCH", uri, {"Boot": boot}))


def restart(host: Simulator) -> None:
    assert host.perform(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceRestart"})).ok


def override(host: Simulator, uri: str = SYSTEM) -> tuple[Any, Any]:
    boot = value_at(host.get(uri), "Boot")
    return boot[ENABLED], boot[TARGET]


@pytest.fixture
def staged(tree: dict[str, Any], simulate: Callable[..., Simulator]) -> Simulator:
    """The host, with a settings object that stages its overrides."""
    tree[SYSTEM]["@Redfish.Settings"] = {"SettingsObject": {"@odata.id": SETTINGS}}
    kind = tree[SYSTEM]["@odata.type"]
    boot = {ENABLED: "Disabled", TARGET: "None"}
    tree[SETTINGS] = {"@odata.id": SETTINGS, "@odata.type": kind, "Id": "Settings", "Boot": boot}
    return simulate()


def test_an_override_for_one_boot_is_spent_by_it(host: Simulator) -> None:
    assert change(host, **{TARGET: "Pxe", ENABLED: "Once"}).ok
    assert override(host) == ("Once", "Pxe")
    restart(host)
    assert override(host) == ("Disabled", "None")


def test_a_continuous_override_stays(host: Simulator) -> None:
    change(host, **{TARGET: "Hdd", ENABLED: "Continuous"})
    restart(host)
    assert override(host) == ("Continuous", "Hdd")


@pytest.mark.parametrize(
    ("present", "asked", "after"),
    [
        (("Disabled", "None"), {TARGET: "Cd"}, ("Once", "Cd")),
        (("Continuous", "Hdd"), {TARGET: "Cd"}, ("Continuous", "Cd")),
        (("Once", "Cd"), {TARGET: "None"}, ("Disabled", "None")),
        (("Once", "Cd"), {ENABLED: "Disabled"}, ("Disabled", "None")),
        (("Once", "Cd"), {ENABLED: "Continuous"}, ("Continuous", "Cd")),
    ],
)
def test_source_and_mode_follow_each_other(
    host: Simulator, present: tuple[str, str], asked: dict[str, str], after: tuple[str, str]
) -> None:
    host.apply(lambda transaction: transaction.merge(SYSTEM, {"Boot": {ENABLED: present[0], TARGET: present[1]}}))
    assert change(host, **asked).ok
    assert override(host) == after


@pytest.mark.parametrize(
    "asked",
    [
        {TARGET: "Usb"},
        {TARGET: "None", ENABLED: "Once"},
        {TARGET: "UefiTarget"},
        {ENABLED: "Sometimes"},
    ],
)
def test_contradictions_are_refused_without_a_trace(host: Simulator, asked: dict[str, str]) -> None:
    assert change(host, **asked).status == 400
    assert override(host) == ("Disabled", "None")


def test_a_uefi_target_needs_its_path(host: Simulator) -> None:
    assert change(host, **{TARGET: "UefiTarget", "UefiTargetBootSourceOverride": "HD(1)"}).ok


def test_boot_next_is_for_one_boot(tree: dict[str, Any], simulate: Callable[..., Simulator]) -> None:
    tree[SYSTEM]["Boot"][f"{TARGET}@Redfish.AllowableValues"].append("UefiBootNext")
    assert change(simulate(), **{TARGET: "UefiBootNext", ENABLED: "Continuous"}).status == 400


def test_legacy_mode_is_refused_under_secure_boot(host: Simulator) -> None:
    host.apply(lambda transaction: transaction.set(f"{SYSTEM}/SecureBoot", "SecureBootEnable", True))
    assert change(host, BootSourceOverrideMode="Legacy").status == 400


def test_a_staged_continuous_override_comes_into_force(staged: Simulator) -> None:
    change(staged, SETTINGS, **{TARGET: "Pxe", ENABLED: "Continuous"})
    assert override(staged) == ("Disabled", "None")
    restart(staged)
    assert override(staged) == override(staged, SETTINGS) == ("Continuous", "Pxe")


def test_a_staged_override_for_one_boot_is_spent(staged: Simulator) -> None:
    change(staged, SETTINGS, **{TARGET: "Cd"})
    assert override(staged, SETTINGS) == ("Once", "Cd")
    restart(staged)
    assert override(staged, SETTINGS) == ("Disabled", "None")


def test_a_settings_object_borrows_the_sources_of_its_system(staged: Simulator) -> None:
    assert sources(staged, SETTINGS) == ["Pxe", "Cd", "Hdd"]


def test_without_any_list_the_schema_names_the_sources(
    tree: dict[str, Any], simulate: Callable[..., Simulator]
) -> None:
    del tree[SYSTEM]["Boot"][f"{TARGET}@Redfish.AllowableValues"]
    found = sources(simulate(), SYSTEM)
    assert found[:3] == ["Pxe", "Cd", "Hdd"]
    assert not {"None", "UefiTarget", "UefiBootNext"} & set(found)


def test_the_system_is_meant_rather_than_its_settings(staged: Simulator, book: GoalBook) -> None:
    assert book.bind(book.parse("boot once source=Cd"), staged).parts[0].target == SYSTEM
    assert book.bind(book.parse("boot once Settings source=Cd"), staged).parts[0].target == SETTINGS


def test_a_source_that_is_not_offered_cannot_be_wanted(host: Simulator, book: GoalBook) -> None:
    with pytest.raises(GoalError, match="choose one of: Pxe, Cd, Hdd"):
        book.bind(book.parse("boot once source=Tape"), host)


def test_modes_that_are_not_offered_cannot_be_wanted(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    tree[SYSTEM]["Boot"][f"{ENABLED}@Redfish.AllowableValues"] = ["Once", "Disabled"]
    assert {goal.verb for goal in book.handler("boot").goals(simulate())} == {"once", "disabled"}


def test_goals_are_few_and_the_usual_first(host: Simulator, book: GoalBook) -> None:
    goals = list(book.handler("boot").goals(host))
    assert [goal.arguments.get("source") for goal in goals] == ["Pxe", "Cd", "Hdd", "Pxe", "Cd", "Hdd", None]


@pytest.mark.parametrize("text", ["boot once source=Cd", "boot continuous source=Hdd", "boot disabled"])
def test_payloads_reach_what_prepare_took_away(host: Simulator, book: GoalBook, text: str) -> None:
    goal = book.bind(book.parse(text), host)
    assert isinstance(goal, Goal)
    handler = book.handler("boot")
    (body,) = handler.payloads(goal)["patch ComputerSystem"]
    host.perform(Request("PATCH", SYSTEM, body))
    assert book.reached(goal, host, host)
    host.apply(lambda transaction: handler.prepare(goal, transaction))
    assert not book.reached(goal, host, host)
    host.perform(Request("PATCH", SYSTEM, body))
    assert book.reached(goal, host, host)
