from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from igc_core.protocols import Action
from igc_core.rest import Request
from igc_redfish.goals import builtin_handlers
from igc_redfish.goals.book import GoalBook
from igc_redfish.process.engine import LONGEST_WAIT_S, NOT_BEFORE, Engine, is_busy, is_down, patience
from igc_redfish.process.ground import CLOCK_STEP_S, ROOT_ID, WAIT_ID, shown
from igc_redfish.service.profile import Delays, Profile
from igc_redfish.simulator import Simulator
from igc_redfish.sources import machines

SYSTEM = "/redfish/v1/Systems/alpha"


def reset(kind: str) -> Action:
    return Action(
        Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": kind}), arguments=(("ResetType", kind),)
    )


@pytest.mark.parametrize("source", ["generated:6", "generated:9?manner=terse&size=60", "generated:4"])
@given(data=st.data())
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_remembered_answers_are_those_of_a_fresh_simulator(
    source: str, pool_of: Callable[..., Any], book: GoalBook, data: st.DataObject
) -> None:
    pool, _ = pool_of(source)
    scenario = data.draw(st.sampled_from(pool.scenarios))
    engine = scenario.engine
    fresh = Simulator(engine.machine, list(book))
    fresh.restore(engine.worlds[scenario.start])
    world = scenario.start
    known = [WAIT_ID, ROOT_ID]
    for _ in range(14):
        action = data.draw(st.sampled_from(known))
        step = engine.step(world, action)
        if action == WAIT_ID:
            if is_busy(fresh.snapshot()):
                fresh.wait(patience(fresh.snapshot()))
                fresh.world.memory.pop(NOT_BEFORE, None)
        else:
            request = engine.actions[action].request
            answer = fresh.perform(request)
            if "Retry-After" in answer.headers:
                fresh.world.memory[NOT_BEFORE] = fresh.world.clock_s + int(answer.headers["Retry-After"])
            assert step.status == answer.status
            document = shown(engine.machine.resolve(request.uri) or request.uri.rstrip("/"), request, answer)
            assert step.document == engine.number_document(document)
        assert engine.reader(step.world).key() == fresh.world.key()
        world = step.world
        offered = scenario.offer(step.document).actions.tolist() if step.document else []
        known = [*list(dict.fromkeys([*known, *offered]))[-60:], WAIT_ID]


def test_a_read_follows_the_settings_object_whose_etag_it_states(host: Callable[..., Engine]) -> None:
    engine = host()
    read = engine.number_of(Action(Request("GET", f"{SYSTEM}/Bios")))
    before = engine.step(0, read)
    change = Request("PATCH", f"{SYSTEM}/Bios/Settings", {"Attributes": {"Cores": 8}})
    world = engine.step(0, engine.number_of(Action(change, arguments=(("Attributes/Cores", 8),)))).world
    after = engine.step(world, read)
    stated = [engine.documents[step.document].body["@Redfish.Settings"]["ETag"] for step in (before, after)]
    assert len(set(stated)) == 2
    assert engine.step(0, read) == before


def test_a_task_and_its_monitor_are_read_anew_as_time_passes() -> None:
    (machine,) = machines(["generated:6"])
    machine.profile = Profile(delays=Delays(update_s=10 * CLOCK_STEP_S))
    engine = Engine(machine, builtin_handlers())
    book = GoalBook(builtin_handlers())
    goal = next(goal for goal in book.goals(engine.reader(0)) if goal.family == "firmware")
    (body, *_), target = book.payloads(goal)["action UpdateService.SimpleUpdate"], goal.target
    lever = (engine.reader(0).get(target) or {})["Actions"]["#UpdateService.SimpleUpdate"]["target"]
    world = engine.step(0, engine.number_of(Action(Request("POST", lever, body), arguments=tuple(body.items())))).world
    (task,) = [uri for uri in engine.reader(world).of_type("Task") if uri in engine.worlds[world].changes]
    read = engine.number_of(Action(Request("GET", task)))
    shown = []
    for _ in range(3):
        shown.append(engine.documents[engine.step(world, read).document].body["PercentComplete"])
        world = engine.step(world, WAIT_ID).world
    assert shown == sorted(set(shown))
    assert len(shown) == 3


def test_equal_states_have_one_number(host: Callable[..., Engine]) -> None:
    engine = host()
    lit = Action(Request("PATCH", SYSTEM, {"IndicatorLED": "Lit"}), arguments=(("IndicatorLED", "Lit"),))
    dark = Action(Request("PATCH", SYSTEM, {"IndicatorLED": "Off"}), arguments=(("IndicatorLED", "Off"),))
    there = engine.step(0, engine.number_of(lit)).world
    assert there != 0
    assert engine.step(there, engine.number_of(dark)).world == 0


def test_the_first_offer_of_a_request_describes_it(host: Callable[..., Engine]) -> None:
    engine = host()
    number = engine.number_of(Action(Request("GET", SYSTEM), relation="Members"))
    assert engine.number_of(Action(Request("GET", SYSTEM), relation="Links/System")) == number
    assert engine.actions[number].relation == "Members"


@pytest.mark.parametrize(
    ("asked_s", "waited_s"), [(None, CLOCK_STEP_S), (5, CLOCK_STEP_S), (90, 90), (1e6, LONGEST_WAIT_S)]
)
def test_a_wait_lasts_as_long_as_the_last_answer_asked_for(
    host: Callable[..., Engine], asked_s: float | None, waited_s: float
) -> None:
    world = host().simulator.world
    if asked_s is not None:
        world.memory[NOT_BEFORE] = world.clock_s + asked_s
    assert patience(world.snapshot()) == waited_s


def test_one_wait_sees_a_restart_of_the_service_through(host: Callable[..., Engine]) -> None:
    engine = host(manager_s=200.0)
    restart = Request("POST", "/redfish/v1/Managers/bmc/Actions/Manager.Reset", {"ResetType": "GracefulRestart"})
    world = engine.step(0, engine.number_of(Action(restart, arguments=(("ResetType", "GracefulRestart"),)))).world
    world = engine.step(world, WAIT_ID).world
    while not is_down(engine.worlds[world]):
        world = engine.step(world, WAIT_ID).world
    refused = engine.step(world, ROOT_ID)
    assert refused.status == 503
    told = engine.step(refused.world, WAIT_ID).world
    assert not is_down(engine.worlds[told])
    assert is_down(engine.worlds[engine.step(world, WAIT_ID).world]), "who did not ask does not know"


def test_waiting_in_a_quiet_world_changes_nothing(host: Callable[..., Engine]) -> None:
    assert host().step(0, WAIT_ID).world == 0


def test_waiting_lets_what_is_under_way_happen(host: Callable[..., Engine]) -> None:
    engine = host(power_s=45.0)
    world = engine.step(0, engine.number_of(reset("GracefulShutdown"))).world
    states = []
    for _ in range(3):
        states.append((engine.reader(world).get(SYSTEM) or {})["PowerState"])
        world = engine.step(world, WAIT_ID).world
    assert states == ["PoweringOff", "PoweringOff", "Off"]
    assert not is_busy(engine.worlds[world])


def test_a_service_that_is_down_answers_no_read_from_memory(host: Callable[..., Engine]) -> None:
    engine = host(manager_s=60.0)
    read = engine.number_of(Action(Request("GET", SYSTEM)))
    assert engine.step(0, read).status == 200
    target = "/redfish/v1/Managers/bmc/Actions/Manager.Reset"
    body = {"ResetType": "GracefulRestart"}
    world = engine.step(0, engine.number_of(Action(Request("POST", target, body), arguments=tuple(body.items())))).world
    assert is_down(engine.worlds[world])
    answer = engine.step(world, read)
    assert (answer.status, answer.document, answer.pending) == (503, 0, True)
    later = engine.step(engine.step(world, WAIT_ID).world, WAIT_ID).world
    assert engine.step(later, read).status == 200


def test_engines_know_where_operations_are_borne(host: Callable[..., Engine]) -> None:
    bearers = host().bearers
    manager = "/redfish/v1/Managers/bmc"
    assert bearers["action ComputerSystem.Reset"] == [SYSTEM]
    assert bearers["action Manager.Reset"] == [manager, f"{manager}/ResetActionInfo"]
