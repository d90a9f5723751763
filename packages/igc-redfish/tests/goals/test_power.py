from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals.resets import resets_counted
from igc_redfish.service.rules import marked_rules, on_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.service.rules import Rule
    from igc_redfish.simulator import Simulator

SYSTEM, CHASSIS = f"{ROOT}/Systems/1", f"{ROOT}/Chassis/1"
STATE = "PowerState"


def ask(host: Simulator, kind: str, uri: str = SYSTEM, name: str = "ComputerSystem") -> Response:
    return host.perform(Request("POST", f"{uri}/Actions/{name}.Reset", {"ResetType": kind}))


def shown(host: Simulator, path: str, uri: str = SYSTEM) -> Any:
    return value_at(host.get(uri), path)


@pytest.mark.parametrize(
    ("start", "kind", "end", "resets"),
    [
        ("On", "ForceOff", "Off", 0),
        ("On", "GracefulShutdown", "Off", 0),
        ("On", "PushPowerButton", "Off", 0),
        ("On", "ForceRestart", "On", 1),
        ("On", "PowerCycle", "On", 1),
        ("On", "On", "On", 0),
        ("On", "Nmi", "On", 0),
        ("Off", "On", "On", 1),
        ("Off", "PushPowerButton", "On", 1),
        ("Off", "ForceOff", "Off", 0),
        ("Off", "ForceRestart", "On", 1),
    ],
)
def test_each_reset_leads_to_its_state(host: Simulator, start: str, kind: str, end: str, resets: int) -> None:
    host.apply(lambda transaction: transaction.set(SYSTEM, STATE, start))
    assert ask(host, kind).ok
    assert shown(host, STATE) == end
    assert resets_counted(host.world.memory) == resets
    assert (shown(host, "LastResetTime") != "2025-01-01T00:00:00Z") == bool(resets)


def test_what_else_a_host_shows_follows_its_power(host: Simulator) -> None:
    ask(host, "ForceOff")
    assert (shown(host, "Status/State"), shown(host, "BootProgress/LastState")) == ("Disabled", "None")
    assert shown(host, STATE, CHASSIS) == "Off"
    ask(host, "On")
    assert (shown(host, "Status/State"), shown(host, "BootProgress/LastState")) == ("Enabled", "OSRunning")
    assert shown(host, "BootProgress/LastStateTime") == "2026-01-01T00:00:00Z"
    assert shown(host, STATE, CHASSIS) == "On"


def test_delays_show_every_state_on_the_way(simulate: Callable[..., Simulator]) -> None:
    host = simulate(power_s=3, post_s=60)
    ask(host, "GracefulShutdown")
    assert shown(host, STATE) == "PoweringOff"
    host.wait(3)
    assert shown(host, STATE) == "Off"
    ask(host, "On")
    assert shown(host, STATE) == "PoweringOn"
    host.wait(3)
    assert (shown(host, STATE), shown(host, "Status/State")) == ("On", "Starting")
    host.wait(60)
    assert shown(host, "Status/State") == "Enabled"


def test_the_later_of_two_resets_wins(simulate: Callable[..., Simulator]) -> None:
    host = simulate(power_s=3, post_s=60)
    ask(host, "GracefulShutdown")
    ask(host, "On")
    host.wait(100)
    assert shown(host, STATE) == "On"
    ask(host, "ForceRestart")
    host.wait(4)
    ask(host, "ForceOff")
    host.wait(100)
    assert (shown(host, STATE), shown(host, "Status/State")) == ("Off", "Disabled")


def test_boot_is_told_once_per_self_test(simulate: Callable[..., Simulator]) -> None:
    class Listener:
        def __init__(self) -> None:
            self.heard: list[tuple[str, str]] = []

        def rules(self) -> Iterable[Rule]:
            return marked_rules(self)

        @on_event("boot", "power-changed", "log")
        def hear(self, _transaction: object, uri: str, payload: dict[str, Any]) -> None:
            self.heard.append((uri, payload.get("PowerState") or payload.get("MessageId") or "boot"))

    host, listener = simulate(), Listener()
    host.service.rules.add(listener)
    ask(host, "ForceRestart")
    assert listener.heard == [(SYSTEM, "boot")]
    ask(host, "ForceOff")
    ask(host, "On")
    told = [word for _, word in listener.heard[1:]]
    off, on = "ResourceEvent.1.4.ResourcePoweredOff", "ResourceEvent.1.4.ResourcePoweredOn"
    assert told == ["Off", off, "On", on, "boot"]


def test_a_chassis_resets_the_hosts_in_it(host: Simulator) -> None:
    assert ask(host, "ForceOff", CHASSIS, "Chassis").ok
    assert shown(host, STATE) == "Off"
    assert ask(host, "GracefulShutdown", CHASSIS, "Chassis").status == 400, "not among those of its ActionInfo"


def test_a_chassis_without_hosts_has_power_of_its_own(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    tree[CHASSIS]["Links"], tree[SYSTEM]["Links"] = {}, {}
    host = simulate()
    goals = {goal.verb for goal in book.goals(host) if goal.target == CHASSIS}
    assert goals == {"on", "off"}
    ask(host, "ForceOff", CHASSIS, "Chassis")
    assert (shown(host, STATE, CHASSIS), shown(host, STATE)) == ("Off", "On")
    assert resets_counted(host.world.memory) == 0


def test_systems_powered_through_their_chassis_count(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    del tree[SYSTEM]["Actions"]
    host = simulate()
    assert [goal.verb for goal in book.handler("power").goals(host)] == ["on", "off", "restart"]
    ask(host, "PowerCycle", CHASSIS, "Chassis")
    assert resets_counted(host.world.memory) == 1


def test_a_useless_reset_may_be_refused(simulate: Callable[..., Simulator]) -> None:
    host = simulate(reset_noop_refused=True)
    assert ask(host, "On").status == 400
    assert ask(host, "ForceOff").ok
    assert ask(host, "ForceOff").status == 400


def test_a_restart_of_a_dark_host_may_be_refused(simulate: Callable[..., Simulator]) -> None:
    host = simulate(restart_when_off_refused=True)
    ask(host, "ForceOff")
    assert ask(host, "ForceRestart").status == 409
    assert shown(host, STATE) == "Off"


def test_a_missing_or_strange_reset_type_is_refused(host: Simulator, tree: dict[str, Any]) -> None:
    assert host.perform(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {})).status == 400
    assert ask(host, "Suspend").status == 400
    assert ask(host, "Explode").status == 400


def test_restart_is_reached_by_a_reset_after_the_beginning(host: Simulator, book: GoalBook) -> None:
    goal = book.bind(book.parse("power restart"), host)
    start = host.snapshot()
    before = type(host)(host.service)
    assert not book.reached(goal, host, before)
    ask(host, "ForceRestart")
    assert book.reached(goal, host, before)
    host.restore(start)
    ask(host, "ForceOff")
    ask(host, "On")
    assert book.reached(goal, host, before), "off and on is a restart too"


def test_two_restarts_in_one_second_can_be_told_apart(host: Simulator) -> None:
    ask(host, "ForceRestart")
    first = shown(host, "LastResetTime")
    ask(host, "ForceRestart")
    assert shown(host, "LastResetTime") > first


def test_a_restart_that_nothing_shows_cannot_be_wanted(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    del tree[SYSTEM]["LastResetTime"]
    with pytest.raises(GoalError) as caught:
        book.bind(Goal(family="power", verb="restart"), simulate())
    assert caught.value.code == "goal-not-expressible"


@pytest.mark.parametrize("verb", ["on", "off"])
def test_prepare_makes_the_goal_worth_reaching(host: Simulator, book: GoalBook, verb: str) -> None:
    goal = Goal(family="power", verb=verb, target=SYSTEM)
    if verb == "off":
        ask(host, "ForceOff")
    assert book.reached(goal, host, host)
    host.apply(lambda transaction: book.handler("power").prepare(goal, transaction))
    assert not book.reached(goal, host, host)
    assert resets_counted(host.world.memory) == 0
