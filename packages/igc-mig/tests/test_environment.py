from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from igc_core.testing import EnvironmentContract
from igc_mig.environment import PRESETS, MigEnvironment, preset
from igc_mig.errors import MigError


class TestSet(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        return MigEnvironment(tasks=6)


class TestA30(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        return MigEnvironment(gpu="a30", tasks=6, slots=3, reconfiguration="idle-only")


class TestPresets(EnvironmentContract):
    @pytest.fixture(params=list(PRESETS))
    def env(self, request: pytest.FixtureRequest) -> gym.Env[Any, Any]:
        return preset(request.param, workload="wide_times", tasks=8)


def play(env: MigEnvironment, seed: int, **options: Any) -> tuple[float, dict[str, Any]]:
    random, total = np.random.default_rng(seed), 0.0
    env.reset(seed=seed, options=options or None)
    while True:
        action = random.choice(np.flatnonzero(env.action_masks()))
        _, reward, terminated, truncated, info = env.step(action)
        total += reward
        if terminated or truncated:
            return total, info


def test_return_is_minus_the_makespan_over_the_bound() -> None:
    env = MigEnvironment(tasks=6, cost="none", horizon=10_000)
    for seed in range(5):
        total, info = play(env, seed)
        # In order, nothing waits longer than it did in the episode.
        assert 1.0 <= info["ratio"] <= -total + 1e-9


def test_a_given_batch_is_scheduled() -> None:
    env = MigEnvironment(tasks=3, horizon=10_000)
    durations = [[30.0, 16, 11, 9, 6], [40, 21, 15, 12, 8], [50, 26, 18, 15, 10]]
    _, info = play(env, 1, durations=durations)
    assert info["makespan_s"] >= 23
    assert sorted(step.task for step in env.plan) == [0, 1, 2]


def test_the_observation_of_the_reference_is_its_vector(bench: dict[str, Any]) -> None:
    for trace in bench["traces"]:
        if trace["version"] == "online":
            continue
        env = preset(trace["version"])
        batches = bench["batches"][f"offline/{trace['workload']}"]
        tasks = next(batch["tasks"] for batch in batches if batch["seed"] == trace["seed"])
        observation, _ = env.reset(options={"durations": tasks})
        assert observation == pytest.approx(trace["first_obs"], abs=1e-5)


def test_one_hot_tells_states_apart() -> None:
    env = preset("one_hot", tasks=5)
    seen = {tuple(env.reset(seed=seed)[0].tolist()) for seed in range(5)}
    assert len(seen) == 5


def test_a_hopeless_episode_is_truncated() -> None:
    env = MigEnvironment(tasks=3, horizon=4)
    env.reset(seed=0)
    assert [env.step(0)[2:4] for _ in range(4)] == [(False, False)] * 3 + [(False, True)]


def test_wrong_options_are_told() -> None:
    with pytest.raises(MigError, match="needs levels"):
        MigEnvironment(observation="float")
    with pytest.raises(MigError, match="did you mean 'float'"):
        preset("floa")
    with pytest.raises(gym.error.ResetNeeded):
        MigEnvironment().action_masks()
