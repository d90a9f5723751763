from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals.resets import resets_counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.simulator import Simulator

SYSTEM, MANAGER = f"{ROOT}/Systems/1", f"{ROOT}/Managers/1"


def reset(host: Simulator, kind: str = "GracefulRestart") -> Response:
    return host.perform(Request("POST", f"{MANAGER}/Actions/Manager.Reset", {"ResetType": kind}))


def test_a_reset_is_reached_when_its_date_changes(host: Simulator, book: GoalBook) -> None:
    before = type(host)(host.service)
    goal = book.bind(book.parse("manager reset"), host)
    assert not book.reached(goal, host, before)
    assert reset(host).ok
    assert book.reached(goal, host, before)
    assert resets_counted(host.world.memory) == 0, "hosts were not reset"


def test_the_service_is_away_meanwhile_and_hosts_are_not(simulate: Callable[..., Simulator], book: GoalBook) -> None:
    host = simulate(manager_s=90)
    before = type(host)(host.service)
    goal = book.bind(book.parse("manager reset"), host)
    assert reset(host).ok
    answer = host.perform(Request("GET", SYSTEM))
    assert (answer.status, answer.headers["Retry-After"]) == (503, "90")
    assert not book.reached(goal, host, before)
    host.wait(90)
    assert book.reached(goal, host, before)
    assert value_at(host.perform(Request("GET", SYSTEM)).body, "PowerState") == "On"


def test_a_kind_of_reset_that_is_not_offered_is_refused(host: Simulator) -> None:
    assert reset(host, "ForceOff").status == 400


@pytest.mark.parametrize("lacking", ["LastResetTime", "Actions"])
def test_a_reset_that_cannot_be_made_or_seen_cannot_be_wanted(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook, lacking: str
) -> None:
    del tree[MANAGER][lacking]
    with pytest.raises(GoalError, match="cannot express manager reset"):
        book.bind(book.parse("manager reset"), simulate())


def test_managers_that_share_an_action_are_one_target(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    twin = f"{ROOT}/Managers/2"
    tree[twin] = {**tree[MANAGER], "@odata.id": twin}
    tree[f"{ROOT}/Managers"]["Members"].append({"@odata.id": twin})
    assert [goal.target for goal in book.handler("manager").goals(simulate())] == [MANAGER]
