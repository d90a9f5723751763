from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest

from igc_core.episode import Episode, Outcome, Session, Transition, run_episode
from igc_core.errors import ActionError, BackendError
from igc_core.hookspecs import hookimpl
from igc_core.models import CompositeGoal, Goal
from igc_core.plugins import PluginManager
from igc_core.protocols import Action, View
from igc_core.rest import Request, Response
from igc_core.testing.fakes import FakeSession, RandomAgent, ScriptedAgent

HEAT = Goal(family="thermostat-mode", verb="set", target="hall", arguments={"mode": "Heat"})
OFF = HEAT.model_copy(update={"arguments": {"mode": "Off"}})
SECRET = {"password": "hunter2"}


class Recorder:
    """Keeps what the runner tells."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    @hookimpl
    def igc_episode_started(self, episode: Episode) -> None:
        self.told.append(episode)

    @hookimpl
    def igc_episode_ended(self, episode: Episode, outcome: Outcome) -> None:
        self.told += [episode, outcome]


class Chooser:
    """Always chooses the same index."""

    def __init__(self, index: int) -> None:
        self.index = index

    def start(self, seed: int) -> None: ...

    def choose(self, view: View) -> int:
        return self.index


def test_scripted_agent_reaches_the_goal() -> None:
    outcome = run_episode(ScriptedAgent(), FakeSession(HEAT))
    assert outcome.success
    assert not outcome.truncated
    assert [step.request.method for step in outcome.steps] == ["GET", "PATCH", "WAIT", "WAIT"]
    assert outcome.refused == 0
    assert outcome.reward == pytest.approx(1 - 4 * 0.05)
    assert outcome.seconds >= sum(step.seconds for step in outcome.steps) > 0


def test_fake_session_is_a_session() -> None:
    assert isinstance(FakeSession(HEAT), Session)


def test_goal_that_holds_already_costs_no_request() -> None:
    outcome = run_episode(RandomAgent(), FakeSession(OFF))
    assert (outcome.success, outcome.steps) == (True, ())


def test_session_out_of_requests_is_truncated() -> None:
    outcome = run_episode(Chooser(0), FakeSession(HEAT, horizon=3))
    assert (outcome.success, outcome.truncated, len(outcome.steps)) == (False, True, 3)


def test_caller_may_allow_fewer_requests() -> None:
    assert len(run_episode(Chooser(0), FakeSession(HEAT), max_steps=2).steps) == 2
    assert run_episode(ScriptedAgent(), FakeSession(HEAT), max_steps=4).success


def test_same_seed_gives_the_same_episode() -> None:
    runs = [run_episode(RandomAgent(), FakeSession(HEAT), seed=5) for _ in range(2)]
    assert [step.request for step in runs[0].steps] == [step.request for step in runs[1].steps]


def test_vetoed_action_is_not_sent() -> None:
    class Guard:
        @hookimpl(tryfirst=True)
        def igc_veto(self, action: Action) -> str | None:
            return "it is summer" if action.request.mutates else None

    session, recorder = FakeSession(HEAT), Recorder()
    with pytest.raises(ActionError, match="PATCH /api/zones/hall was vetoed: it is summer") as caught:
        run_episode(ScriptedAgent(), session, plugins=PluginManager([Guard(), recorder]))
    assert caught.value.code == "action-vetoed"
    assert session.backend.service.get("/api/zones/hall")["Mode"] == "Off"  # type: ignore[index]
    outcome = recorder.told[-1]
    assert outcome.problem.startswith("ActionError: PATCH")
    assert [step.request.method for step in outcome.steps] == ["GET"]


@pytest.mark.parametrize("index", [-1, 3])
def test_index_out_of_range_is_refused(index: int) -> None:
    with pytest.raises(ActionError, match=f"the agent Chooser chose action {index} of 3") as caught:
        run_episode(Chooser(index), FakeSession(HEAT))
    assert caught.value.code == "action-illegal"


def test_wrapper_sees_result_and_exception() -> None:
    seen: list[str] = []

    class Tracer:
        @hookimpl(wrapper=True)
        def igc_perform(self, action: Action) -> Generator[None, Transition, Transition]:
            try:
                done = yield
            except BackendError as error:
                seen.append(error.code)
                raise
            seen.append(f"{action.request.method} {done.response.status}")
            return done

    class Cut(FakeSession):
        def perform(self, index: int) -> Transition:
            if self.view().actions[index].request.mutates:
                raise BackendError("the cable is cut")
            return super().perform(index)

    with pytest.raises(BackendError):
        run_episode(ScriptedAgent(), Cut(HEAT), plugins=PluginManager([Tracer()]))
    assert seen == ["GET 200", "backend-unreachable"]


def test_plugin_may_answer_in_place_of_the_session() -> None:
    class Replay:
        @hookimpl
        def igc_perform(self, action: Action) -> Transition:
            return Transition(0.0, False, True, action.request, Response(503))

    session = FakeSession(HEAT)
    outcome = run_episode(ScriptedAgent(), session, plugins=PluginManager([Replay()]))
    assert (outcome.refused, outcome.truncated, session.view().steps) == (1, True, 0)


def test_start_and_end_are_told() -> None:
    recorder = Recorder()
    outcome = run_episode(ScriptedAgent(), FakeSession(HEAT), plugins=PluginManager([recorder]), seed=4)
    started, ended, told = recorder.told
    assert started is ended
    assert told is outcome
    assert (started.agent, started.seed, started.goal.family) == ("ScriptedAgent", 4, "thermostat-mode")


def test_interrupt_is_told_and_passed_on() -> None:
    class Tired(Chooser):
        def choose(self, view: View) -> int:
            raise KeyboardInterrupt

    recorder = Recorder()
    with pytest.raises(KeyboardInterrupt):
        run_episode(Tired(0), FakeSession(HEAT), plugins=PluginManager([recorder]))
    assert recorder.told[-1].problem.startswith("KeyboardInterrupt")
    assert not recorder.told[-1].success


def test_end_is_told_where_the_goal_can_no_longer_be_verified() -> None:
    class Lost(FakeSession):
        ended = False

        def perform(self, index: int) -> Transition:
            done = super().perform(index)
            self.ended = done.terminated
            return done

        def reached(self) -> bool:
            if self.ended:
                raise BackendError("gone")
            return super().reached()

    recorder = Recorder()
    with pytest.raises(BackendError):
        run_episode(ScriptedAgent(), Lost(HEAT), plugins=PluginManager([recorder]))
    assert recorder.told[-1].problem == "BackendError: gone"
    assert not recorder.told[-1].success
    assert recorder.told[-1].steps


@pytest.mark.parametrize("composite", [False, True])
def test_secrets_are_masked_in_the_trace(composite: bool) -> None:
    secret = HEAT.model_copy(update={"arguments": {**HEAT.arguments, **SECRET}})
    goal = CompositeGoal(goals=(HEAT, secret)) if composite else secret

    class Leaky(FakeSession):
        def view(self) -> View:
            return replace(super().view(), goal=goal)

        def perform(self, index: int) -> Transition:
            if self.view().steps:
                raise BackendError("cannot connect with hunter2")
            sent = Request("PUT", "/a?key=hunter2", {"Value": "hunter2", "Token": "t0ken"}, {"X-Auth-Token": "t0ken"})
            return replace(super().perform(index), request=sent)

    recorder = Recorder()
    with pytest.raises(BackendError):
        run_episode(Chooser(0), Leaky(HEAT), plugins=PluginManager([recorder]))
    shown = f"{recorder.told} {recorder.told[0].goal.model_dump_json()} {json.dumps(recorder.told[-1].as_json())}"
    assert "/a?key=<redacted>" in shown
    assert "hunter2" not in shown
    assert "t0ken" not in shown


def test_outcome_is_plain_json() -> None:
    told = json.loads(json.dumps(run_episode(ScriptedAgent(), FakeSession(HEAT)).as_json()))
    assert told["requests"] == len(told["steps"]) == 4
    assert told["steps"][1]["body"] == {"Mode": "Heat"}
    assert (told["success"], told["refused"], told["problem"]) == (True, 0, "")
