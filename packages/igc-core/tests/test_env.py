from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from numpy.typing import NDArray

from igc_core.env import Codec, GoalEnvironment
from igc_core.models import Goal
from igc_core.protocols import View
from igc_core.testing import EnvironmentContract
from igc_core.testing.fakes import FakeSession, ModeHandler, Thermostats

SLOTS = 12
MODES = ("Off", "Heat", "Cool")


class TableCodec:
    """Which documents are known, and the mode of each zone."""

    observation_space = gym.spaces.MultiDiscrete([5, 5])
    action_space = gym.spaces.Discrete(SLOTS)

    def encode(self, view: View) -> tuple[Any, NDArray[np.bool_]]:
        zones = [view.documents.get(f"/api/zones/{zone}") for zone in ("hall", "attic")]
        modes = [0 if zone is None else 1 + MODES.index(str(zone["Mode"])) for zone in zones]
        return np.array(modes), np.arange(SLOTS) < len(view.actions)


class ModeGoalCodec(TableCodec):
    """The same, with goals."""

    observation_space = gym.spaces.Dict(  # type: ignore[assignment]
        {name: gym.spaces.MultiDiscrete([5]) for name in ("observation", "achieved_goal", "desired_goal")}
    )

    def encode(self, view: View) -> tuple[Any, NDArray[np.bool_]]:
        modes, mask = super().encode(view)
        desired = 1 + MODES.index(str(view.goal.parts[0].arguments["mode"]))
        return {"observation": modes[1:], "achieved_goal": modes[:1], "desired_goal": np.array([desired])}, mask

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        reached = (np.asarray(achieved_goal) == np.asarray(desired_goal)).all(axis=-1)
        return reached * 1.0 - 0.05


def session(seed: int, options: Mapping[str, Any]) -> FakeSession:
    """Begin with any goal that does not hold."""
    service = Thermostats()
    goals = [goal for goal in ModeHandler().goals(service) if goal.arguments["mode"] != "Off"]
    return FakeSession(options.get("goal", goals[seed % len(goals)]), service, horizon=options.get("horizon", 20))


def cool(_: int, __: Mapping[str, Any]) -> FakeSession:
    return FakeSession(Goal(family="thermostat-mode", verb="set", target="hall", arguments={"mode": "Cool"}))


class TestGoalEnvironment(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        return GoalEnvironment(session, TableCodec(), horizon=30)


class TestGoalConditionedEnvironment(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        return GoalEnvironment(cool, ModeGoalCodec())


@pytest.fixture
def env() -> GoalEnvironment:
    return GoalEnvironment(cool, TableCodec(), horizon=5, render_mode="ansi")


def test_reaching_the_goal_terminates(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    assert env.step(0)[2:] == (False, False, {"status": 200, "illegal": False, "is_success": False})
    assert env.step(np.int64(4))[1:] == (0.95, True, False, {"status": 200, "illegal": False, "is_success": True})


def test_horizon_truncates(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    ends = [env.step(0)[2:4] for _ in range(5)]
    assert ends == [(False, False)] * 4 + [(False, True)]


def test_reaching_the_goal_at_the_horizon_is_not_truncation(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    for _ in range(4):
        env.step(0)
    assert env.step(4)[2:4] == (True, False)


def test_session_may_truncate() -> None:
    env = GoalEnvironment(session, TableCodec())
    env.reset(seed=0, options={"horizon": 1})
    assert env.step(0)[2:4] == (False, True)


@pytest.mark.parametrize("slot", [-1, SLOTS - 1, SLOTS])
def test_illegal_slot_sends_nothing(env: GoalEnvironment, slot: int) -> None:
    env.reset(seed=0)
    masks = env.action_masks()
    _, reward, terminated, truncated, info = env.step(slot)
    assert (reward, terminated, truncated) == (-0.1, False, False)
    assert info == {"status": 0, "illegal": True, "is_success": False}
    np.testing.assert_array_equal(env.action_masks(), masks)


def test_illegal_slots_alone_still_end_the_episode(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    assert [env.step(SLOTS)[3] for _ in range(5)] == [False] * 4 + [True]


def test_mask_follows_what_was_read(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    assert env.action_masks().sum() == 3
    env.step(0)
    assert env.action_masks().sum() == 6


def test_options_reach_the_session() -> None:
    goal = Goal(family="thermostat-mode", verb="set", target="attic", arguments={"mode": "Off"})
    _, info = GoalEnvironment(session, TableCodec()).reset(options={"goal": goal})
    assert info == {"is_success": True}


def test_episodes_differ_under_one_seed() -> None:
    env = GoalEnvironment(session, TableCodec(), render_mode="ansi")
    env.reset(seed=1)
    goals = set()
    for _ in range(20):
        goals.add(str(env.render()).splitlines()[0])
        env.reset()
    assert len(goals) == 4


def test_rendering_tells_the_last_request(env: GoalEnvironment) -> None:
    env.reset(seed=0)
    assert "request" not in str(env.render())
    env.step(0)
    assert "request  GET /api/zones/hall -> 200" in str(env.render())
    env.step(4)
    text = str(env.render())
    assert "request  PATCH /api/zones/hall {'Mode': 'Cool'} -> 200" in text
    assert "legal    6 of 12" in text


def test_nothing_is_rendered_without_a_mode() -> None:
    env = GoalEnvironment(cool, TableCodec())
    env.reset(seed=0)
    assert env.render() is None


def test_use_before_reset_is_told() -> None:
    env = GoalEnvironment(cool, TableCodec())
    with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
        env.step(0)


def test_codec_without_goals_has_no_reward_of_its_own(env: GoalEnvironment) -> None:
    assert isinstance(TableCodec(), Codec)
    with pytest.raises(TypeError, match="TableCodec is no goal codec"):
        env.compute_reward(0, 0, {})
