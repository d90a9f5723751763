"""A real host and a simulated one look the same to an agent."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from igc_core.episode import run_episode
from igc_core.errors import ActionError, AgentError
from igc_core.hookspecs import hookimpl
from igc_core.plugins import PluginManager
from igc_core.protocols import Action
from igc_core.rest import Request, Response
from igc_redfish.client.errors import ClientError
from igc_redfish.live.errors import InDoubtError, LiveError, UnobservableError
from igc_redfish.live.ground import GIVEN_UP_S, LiveGround, Times
from igc_redfish.live.guarded import GuardedBackend
from igc_redfish.live.guards import Allowance
from igc_redfish.live.scenario import begin_live
from igc_redfish.process.engine import Engine
from igc_redfish.process.ground import ROOT_ID, WAIT_ID
from igc_redfish.process.oracles import PlannerAgent
from igc_redfish.process.planner import Planner
from igc_redfish.process.pool import Pool
from igc_redfish.process.recollection import Recollection
from igc_redfish.process.script import ScriptAgent
from igc_redfish.process.trial import Trial
from igc_redfish.sources import only_machine

if TYPE_CHECKING:
    from igc_core.models import AnyGoal
    from igc_core.protocols import View
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.machine import Machine

FAMILIES = ("power", "boot", "bios", "media", "account", "password", "log", "session", "led", "manager")


def bound(text: str, machine: Machine, book: GoalBook) -> AnyGoal:
    return book.bind(book.parse(text), Engine(machine, list(book)).reader(0))


def differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if not np.array_equal(one[name], other[name])]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_agent_sees_the_same_arrays_whichever_it_drives(
    family: str, book: GoalBook, host_of: Any, ground_of: Any
) -> None:
    machine, planner, pool = only_machine("generated:3"), Planner(), Pool()
    engine = Engine(machine, list(book))
    pool.add_machine(engine, book, per_family=2, families=[family], planner=planner)
    scenario = max(pool.scenarios, key=lambda item: item.shortest)
    host = host_of(machine)
    host.simulator.restore(engine.worlds[scenario.start])
    simulated = Trial(scenario)
    real = begin_live(scenario.goal, ground_of(host), book, rows=pool.rows)
    steps = 0
    while not simulated.reached():
        assert not differing(simulated.observation(), real.observation())
        best = planner.optimal(scenario, simulated.world, simulated.stage, simulated.known_actions)
        slot = int(np.flatnonzero(np.isin(simulated.slot_actions(), list(best)))[0])
        assert simulated.view().actions[slot].request == real.view().actions[slot].request
        left, right = simulated.perform(slot), real.perform(slot)
        assert (left.reward, left.terminated, left.truncated) == (right.reward, right.terminated, right.truncated)
        assert left.response.status == right.response.status
        steps += 1
    assert real.reached()
    assert steps > 1


def test_planners_are_told_that_a_host_is_real(machine: Machine, book: GoalBook, host: Any, ground_of: Any) -> None:
    trial = begin_live(bound("power off", machine, book), ground_of(host), book)
    assert trial.view().simulation is None
    with pytest.raises(AgentError, match="simulated machine"):
        PlannerAgent().choose(trial.view())
    with pytest.raises(AgentError, match="simulated machine"):
        Planner().optimal(trial.scenario, 0, 0, trial.known_actions)
    assert not host.changes


def test_a_script_reaches_goals_on_a_host(machine: Machine, book: GoalBook, host: Any, ground_of: Any) -> None:
    trial = begin_live(bound("power off", machine, book), ground_of(host), book)
    assert run_episode(ScriptAgent(), trial).success
    assert [change.body for change in host.changes] == [{"ResetType": "ForceOff"}]


def test_a_status_proves_nothing(machine: Machine, book: GoalBook, host: Any, ground_of: Any) -> None:
    host.instead = lambda request: Response(204) if request.mutates else None
    outcome = run_episode(ScriptAgent(), begin_live(bound("power off", machine, book), ground_of(host), book))
    assert not outcome.success
    assert 204 in {step.status for step in outcome.steps}


def test_allow_is_taken_from_the_capture_where_a_host_leaves_it_out(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    def without_allow(request: Request) -> Response | None:
        answer = host.simulator.perform(request)
        return Response(answer.status, answer.body, {})

    host.instead = without_allow
    goal = bound("boot once source=Pxe", machine, book)
    trial = begin_live(goal, ground_of(host), book)
    assert run_episode(ScriptAgent(), trial).success


def test_what_was_under_way_is_seen_after_a_wait(machine: Machine, book: GoalBook, host: Any, ground_of: Any) -> None:
    ground = ground_of(host)
    system = bound("power off", machine, book).parts[0].target
    before = ground.reader(0)
    assert before.get(system)["PowerState"] == "On"
    host.simulator.apply(lambda transaction: transaction.set(system, "PowerState", "Off"))
    assert before.get(system)["PowerState"] == "On"
    after = ground.step(0, WAIT_ID).world
    assert ground.reader(after).get(system)["PowerState"] == "Off"
    assert before.get(system)["PowerState"] == "On"
    with pytest.raises(ValueError, match="over"):
        ground.step(0, WAIT_ID)


def test_a_wait_ends_as_soon_as_what_matters_has_moved(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    ground = ground_of(host, times=Times(wait_s=300.0))
    trial = begin_live(bound("power off", machine, book), ground, book)
    system = trial.scenario.goal.parts[0].target
    began = host.clock_s
    ground.step(0, WAIT_ID)
    assert host.clock_s - began == 300.0

    def turn_off(request: Request) -> None:
        host.simulator.apply(lambda transaction: transaction.set(system, "PowerState", "Off"))

    ground.reader(ground.world).get(system)
    host.instead = turn_off
    began = host.clock_s
    ground.step(ground.world, WAIT_ID)
    assert host.clock_s - began == 2.0


def test_a_goal_is_not_reached_while_its_host_does_not_tell(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    goal = bound("power off", machine, book)
    ground = ground_of(host)
    trial = begin_live(goal, ground, book)
    host.simulator.apply(lambda transaction: transaction.set(goal.parts[0].target, "PowerState", "Off"))
    host.instead = lambda _: Response(503)
    assert not trial.scenario.progress(ground.step(0, WAIT_ID).world, 0).reached
    host.instead = lambda _: None
    assert trial.scenario.progress(ground.step(1, WAIT_ID).world, 0).reached


def test_nothing_begins_on_a_host_that_does_not_show_the_goal(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    goal = bound("power off", machine, book)
    host.instead = lambda request: Response(500) if request.uri == goal.parts[0].target else None
    with pytest.raises(UnobservableError, match="the host answers 500"):
        begin_live(goal, ground_of(host), book)


def test_a_silent_host_is_waited_for_and_then_given_up(host: Any, ground_of: Any) -> None:
    def silent(request: Request) -> Response:
        raise ClientError("nobody there", code="client-unreachable", transient=True)

    ground = ground_of(host)
    host.instead = silent
    step = ground.step(0, ROOT_ID)
    assert (step.status, step.pending) == (503, True)
    host.wait(GIVEN_UP_S + 1)
    with pytest.raises(ClientError, match="nobody there"):
        ground.step(0, ROOT_ID)


def test_a_change_whose_answer_was_lost_counts_as_under_way_until_the_host_is_read(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    def lose_the_answer(request: Request) -> None:
        if request.mutates:
            host.simulator.perform(request)
            cause = ClientError("cut off", code="client-unreachable", unsure=True)
            raise InDoubtError("nobody knows", code="live-outcome-unknown") from cause

    host.instead = lose_the_answer
    outcome = run_episode(ScriptAgent(), begin_live(bound("power off", machine, book), ground_of(host), book))
    assert outcome.success
    assert [step.status for step in outcome.steps if step.request.mutates] == [202]


def test_an_episode_remembers_where_things_are_on_a_host(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    ground, memory = ground_of(host), Recollection()
    goals = [bound(f"power {verb}", machine, book) for verb in ("off", "on")]
    first = run_episode(ScriptAgent(), begin_live(goals[0], ground, book, memory=memory))
    second = run_episode(ScriptAgent(), begin_live(goals[1], ground, book, memory=memory))
    assert first.success
    assert second.success
    assert len(second.steps) < len(first.steps)


def test_a_plugin_may_veto_what_would_be_sent_to_a_host(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    @hookimpl
    def igc_veto(action: Any) -> str | None:
        return "not on Fridays" if action.request.mutates else None

    plugins = PluginManager([SimpleNamespace(__name__="fridays", igc_veto=igc_veto)])
    with pytest.raises(ActionError, match="not on Fridays"):
        run_episode(
            ScriptAgent(), begin_live(bound("power off", machine, book), ground_of(host), book), plugins=plugins
        )
    assert not host.changes


def test_what_the_goal_does_not_ask_for_is_answered_as_forbidden_and_not_sent(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    trial = begin_live(bound("boot once source=Pxe", machine, book), ground_of(host), book)
    for uri in ("/redfish/v1/Systems", "/redfish/v1/Systems/1"):
        actions = list(trial.view().actions)
        trial.perform(next(place for place, action in enumerate(actions) if action.request == Request("GET", uri)))
    asked = {"Once", "Pxe"}
    strange = next(
        place
        for place, action in enumerate(trial.view().actions)
        if action.request.mutates and not asked & {value for _, value in action.arguments if isinstance(value, str)}
    )
    assert trial.perform(strange).response.status == 403
    assert not host.changes


def test_who_insists_on_what_was_not_allowed_is_stopped(
    machine: Machine, book: GoalBook, host: Any, twin: Any, journal: Any
) -> None:
    guards = [Allowance(["/redfish/v1/Managers/*"], book)]
    ground = LiveGround(twin, GuardedBackend(host, twin, guards, journal, host="https://bmc"), door=host)
    with pytest.raises(LiveError, check=lambda error: error.code == "live-not-allowed"):
        run_episode(Insisting(), begin_live(bound("power off", machine, book), ground, book))
    assert not host.changes


class Insisting(ScriptAgent):
    """Chooses the same change again and again, once it is offered."""

    def choose(self, view: View) -> int:
        """Return the slot of the first change."""
        changes = [slot for slot, action in enumerate(view.actions) if action.request.mutates]
        return changes[0] if changes else super().choose(view)


def test_what_is_accepted_twice_and_not_shown_ends_the_run(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any
) -> None:
    host.instead = lambda request: Response(204) if request.mutates else None
    ground = ground_of(host)
    trial = begin_live(bound("power off", machine, book), ground, book)
    off = Action(Request("POST", "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"}))
    number = ground.number_of(replace(off, arguments=(("ResetType", "ForceOff"),), relation="ComputerSystem.Reset"))
    began = host.clock_s
    assert ground.step(0, number).status == 204
    assert host.clock_s - began >= Times().reset_s
    with pytest.raises(LiveError, match=r"accepted POST .* twice, and shows PowerState as 'On'"):
        ground.step(ground.world, number)
    assert trial.steps == 0


def test_credentials_are_tried_once_after_a_change_so_that_nobody_is_locked_out(
    machine: Machine, book: GoalBook, host: Any, ground_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    uris = host.simulator.of_type("ManagerAccount")
    user = next(name for uri in uris if (name := (host.simulator.get(uri) or {}).get("UserName")))
    knocks: list[str] = []
    monkeypatch.setattr(host, "authenticate", lambda name, password: bool(knocks.append(name)))
    goal = bound(f"password set user={user} password=New-word-1", machine, book)
    with suppress(LiveError):
        run_episode(ScriptAgent(), begin_live(goal, ground_of(host), book))
    assert host.changes
    assert host.clock_s > Times().settle_s
    assert len(knocks) <= 1 + 2 * len(host.changes)
