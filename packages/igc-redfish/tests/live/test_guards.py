"""Each guard stops what it shall stop, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request, Response
from igc_redfish.client.errors import ClientError
from igc_redfish.live.errors import LiveError, NotPermittedError
from igc_redfish.live.guards import Allowance, Budget, Destructive, Guard, Preview
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.intent import Intent

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
LIGHT = Request("PATCH", SYSTEM, {"AssetTag": "R7-U12"})


def refused(code: str) -> Any:
    return pytest.raises(LiveError, check=lambda error: error.code == code)


def test_nothing_may_be_changed_unless_it_was_allowed(host: Any, journal: Any, book: GoalBook, guarded: Any) -> None:
    with refused("live-read-only"):
        guarded(Allowance([], book)).perform(OFF)
    assert not host.changes
    [(event, line)] = journal.lines
    assert (event, line["guard"], line["operation"]) == ("refused", "allow", "action ComputerSystem.Reset")


@pytest.mark.parametrize("entry", ["power", "bios", "/redfish/v1/Systems/*", SYSTEM.upper(), "led,power"])
def test_families_and_paths_allow(entry: str, host: Any, book: GoalBook, guarded: Any) -> None:
    assert guarded(Allowance([entry], book)).perform(OFF).ok
    assert [change.body for change in host.changes] == [OFF.body]


@pytest.mark.parametrize("entry", ["led", "boot", "/redfish/v1/Managers/*"])
def test_what_was_allowed_allows_nothing_else(entry: str, host: Any, book: GoalBook, guarded: Any) -> None:
    with refused("live-not-allowed"):
        guarded(Allowance([entry], book)).perform(OFF)
    assert not host.changes


@pytest.mark.parametrize("entries", [[], ["/redfish/v1/Systems/*"], ["power", "boot"], ["boot,power"]])
def test_a_goal_may_begin_where_all_that_it_takes_may_be_allowed(entries: list[str], book: GoalBook) -> None:
    Allowance(entries, book).demand(["boot", "power"])


def test_a_goal_of_which_a_part_was_not_allowed_is_not_begun(book: GoalBook) -> None:
    with refused("live-not-allowed") as caught:
        Allowance(["boot"], book).demand(["boot", "power"])
    assert "the goal takes power, and only boot is allowed" in str(caught.value)
    assert "--allow boot,power" in str(caught.value)


def test_a_request_is_shown_with_what_the_twin_expects(host: Any, guarded: Any) -> None:
    shown: list[Intent] = []
    guarded(Preview(shown.append)).perform(OFF)
    assert shown[0].prediction.status in {200, 204}
    values = {(change.uri, change.path): (change.old, change.new) for change in shown[0].prediction.changes}
    assert values[SYSTEM, "PowerState"] == ("On", "Off")


def test_the_twin_is_brought_up_to_date_before_it_predicts(host: Any, guarded: Any) -> None:
    host.simulator.apply(lambda transaction: transaction.set(SYSTEM, "PowerState", "Off"))
    shown: list[Intent] = []
    guarded(Preview(shown.append)).perform(replace(OFF, body={"ResetType": "On"}))
    values = {(change.uri, change.path): (change.old, change.new) for change in shown[0].prediction.changes}
    assert values[SYSTEM, "PowerState"] == ("Off", "On")


def test_budgets_bound_changes_and_resets(host: Any, guarded: Any) -> None:
    backend = guarded(Budget(writes=2, resets=1, interval_s=0))
    backend.perform(OFF)
    with refused("live-over-budget"):
        backend.perform(OFF)
    backend.perform(LIGHT)
    with refused("live-over-budget"):
        backend.perform(LIGHT)
    assert len(host.changes) == 2


def test_changes_keep_their_distance(host: Any, guarded: Any) -> None:
    slept: list[float] = []
    backend = guarded(Budget(interval_s=5.0, clock=lambda: 100.0 + sum(slept), sleep=slept.append))
    backend.perform(LIGHT)
    backend.perform(OFF)
    assert slept == [5.0]


def test_a_host_that_fails_three_times_is_left_alone(host: Any, guarded: Any) -> None:
    host.instead = lambda request: Response(500) if request.mutates else None
    backend = guarded(Budget(interval_s=0))
    for _ in range(3):
        backend.perform(LIGHT)
    with refused("live-failing"):
        backend.perform(OFF)


def destroying(host: Any) -> Request:
    [log, *_] = [uri for uri in host.simulator.of_type("LogService") if "#LogService.ClearLog" in actions(host, uri)]
    return Request("POST", actions(host, log)["#LogService.ClearLog"]["target"], {})


def actions(host: Any, uri: str) -> dict[str, Any]:
    return dict((host.simulator.get(uri) or {}).get("Actions", {}))


def test_what_destroys_takes_the_name_of_the_host_for_each_request(host: Any, guarded: Any) -> None:
    request = destroying(host)
    with refused("live-destructive"):
        guarded(Destructive()).perform(request)
    with refused("live-destructive"):
        guarded(Destructive(["yes"], lambda _: "y")).perform(request)
    backend = guarded(Destructive(["r7-u12-bmc"]))
    assert backend.perform(request).ok
    with refused("live-destructive"):
        backend.perform(request)
    assert guarded(Destructive(ask=lambda _: "r7-u12-bmc\n")).perform(request).ok
    assert len(host.changes) == 2


def test_the_budget_counts_what_nobody_knows_of(host: Any, guarded: Any) -> None:
    def drop(request: Request) -> None:
        if request.mutates:
            raise ClientError("cut off", code="client-unreachable", unsure=True)

    host.instead = drop
    budget = Budget(writes=1, interval_s=0)
    with refused("live-outcome-unknown"):
        guarded(budget).perform(OFF)
    with refused("live-over-budget"):
        guarded(budget).perform(LIGHT)


def test_risks_are_told_apart(host: Any, guarded: Any) -> None:
    seen: list[Intent] = []
    backend = guarded(Preview(seen.append))
    for request in (LIGHT, OFF, destroying(host)):
        backend.perform(request)
    assert [intent.risk for intent in seen] == [Risk.R1, Risk.R2, Risk.R3]


def test_guards_are_asked_in_their_order_and_the_first_that_stops_is_the_last(host: Any, guarded: Any) -> None:
    asked: list[str] = []

    class Noting(Guard):
        def __init__(self, name: str, *, stops: bool = False) -> None:
            self.name, self._stops = name, stops

        def check(self, intent: Intent) -> str:
            asked.append(self.name)
            if self._stops:
                raise NotPermittedError("no", code="live-not-allowed")
            return ""

    with refused("live-not-allowed"):
        guarded(Noting("a"), Noting("b", stops=True), Noting("c")).perform(OFF)
    assert asked == ["a", "b"]
