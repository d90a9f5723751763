"""From names in the catalogue to a verified goal, across all packages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from igc_core import Goal, IgcError, Outcome, PluginManager, Session, hookimpl, run_episode
from igc_core.plugins import PluginRecord
from igc_redfish.episodes import begin
from igc_redfish.process.trial import Trial

GOALS = [
    "power off",
    "led off and power off",
    "power off then power on",
    "boot once source=Pxe then power restart",
    "volume create raid=RAID1",
    "account delete user=svc-deploy",
]


@pytest.mark.parametrize(
    ("agent", "goal"), [*(("planner", goal) for goal in GOALS), ("script", GOALS[0]), ("script", GOALS[-2])]
)
def test_named_agent_reaches_a_goal_on_a_generated_machine(agent: str, goal: str, plugins: PluginManager) -> None:
    session = begin(goal, "generated:3", plugins=plugins)
    assert isinstance(session, Session)
    outcome = run_episode(plugins.build("agent", agent), session, plugins=plugins, seed=1)
    assert outcome.success
    assert session.reached()


@pytest.mark.parametrize("goal", GOALS)
def test_planner_needs_no_more_requests_than_the_script(goal: str, plugins: PluginManager) -> None:
    def requests(agent: str) -> int:
        outcome = run_episode(plugins.build("agent", agent), begin(goal, "generated:3", plugins=plugins))
        return len(outcome.steps)  # up to the horizon, where the goal was not reached

    assert requests("planner") <= requests("script")


def test_environment_of_the_catalogue_agrees_with_the_episodes_of_the_planner(plugins: PluginManager) -> None:
    environment: gym.Env[Any, Any] = plugins.build(
        "environment", "redfish", sources=["generated:3"], families=["power", "led", "boot"], plan=True
    )
    planner = plugins.build("agent", "planner")
    scenarios = environment.get_wrapper_attr("pool").scenarios
    assert len(scenarios) > 3
    for index, scenario in enumerate(scenarios):
        trial = Trial(scenario)
        environment.reset(seed=1, options={"scenario": index})
        rewards, terminated = [], False
        while not terminated:
            slot = planner.choose(trial.view())
            assert environment.get_wrapper_attr("action_masks")()[slot]
            _, reward, terminated, truncated, _ = environment.step(slot)
            rewards.append(reward)
            assert reward == pytest.approx(trial.perform(slot).reward)
            assert not truncated
        assert len(rewards) == scenario.shortest
        assert sum(rewards) == pytest.approx(1 - 0.05 * len(rewards))


def test_encoder_of_the_catalogue_joins_the_environment(plugins: PluginManager) -> None:
    encoder = plugins.build("encoder", "hashed-tokens", width=16)
    environment = plugins.build("environment", "redfish", sources=["generated:3"], families=["led"], encoder=encoder)
    observation, _ = environment.reset(seed=3)
    vectors = environment.pool.rows.documents.array("vector")
    assert vectors.shape[1] == 16
    assert np.linalg.norm(vectors[observation["document"][0]]) == pytest.approx(1.0, abs=1e-4)


def test_same_seed_gives_the_same_episode(plugins: PluginManager) -> None:
    def play() -> list[Any]:
        session = begin("account delete user=svc-deploy", "generated:3", plugins=plugins)
        outcome = run_episode(plugins.build("agent", "random"), session, plugins=plugins, seed=11, max_steps=12)
        return [(step.request, step.status, step.reward) for step in outcome.steps]

    assert play() == play()


def test_guard_of_a_plugin_stops_a_request_before_the_machine_sees_it(plugins: PluginManager) -> None:
    @hookimpl(tryfirst=True)
    def igc_veto(action: Any) -> str | None:
        return "reading only" if action.request.mutates else None

    guarded = PluginManager([SimpleNamespace(__name__="guard", igc_veto=igc_veto)])
    session = begin("power off", "generated:3", plugins=plugins)
    with pytest.raises(IgcError, match="reading only") as refused:
        run_episode(plugins.build("agent", "planner"), session, plugins=guarded)
    assert refused.value.code == "action-vetoed"
    assert not session.reached()


def test_plugins_follow_an_episode_from_its_beginning_to_its_end(plugins: PluginManager) -> None:
    told: list[Any] = []

    @hookimpl
    def igc_episode_started(episode: Any) -> None:
        told.append(episode.agent)

    @hookimpl
    def igc_episode_ended(outcome: Outcome) -> None:
        told.append(outcome.success)

    hooks = {"igc_episode_started": igc_episode_started, "igc_episode_ended": igc_episode_ended}
    listening = PluginManager([SimpleNamespace(__name__="listener", **hooks)])
    run_episode(
        plugins.build("agent", "planner"), begin("power off", "generated:3", plugins=plugins), plugins=listening
    )
    assert told == ["PlannerAgent", True]


def test_plugin_that_understands_freer_words_is_asked_for_what_no_family_claims(plugins: PluginManager) -> None:
    @hookimpl(trylast=True)
    def igc_parse_goal(text: str) -> Goal | None:
        return Goal(family="power", verb="off") if text == "lights out" else None

    plugins.register(
        SimpleNamespace(igc_parse_goal=igc_parse_goal), PluginRecord(name="free-words", module="free_words")
    )
    assert begin("lights out", "generated:3", plugins=plugins).scenario.goal.parts[0].verb == "off"
    with pytest.raises(IgcError, match="did you mean 'power'"):
        begin("pwer off", "generated:3", plugins=plugins)


def test_password_of_a_goal_is_nowhere_in_the_outcome(plugins: PluginManager) -> None:
    goal = "account create user=ops password=Xy7-secret-Zz role=Operator"
    outcome = run_episode(plugins.build("agent", "planner"), begin(goal, "generated:3", plugins=plugins))
    assert outcome.success
    assert "Xy7-secret-Zz" not in f"{outcome!r} {outcome.as_json()}"
