from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from igc_core.errors import DataError, IgcError
from igc_core.testing import EnvironmentContract
from igc_mig.batched import BatchedMig
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


def test_a_larger_batch_that_is_given_has_more_steps() -> None:
    env = MigEnvironment(tasks=2)
    durations = [[30.0, 16, 11, 9, 6]] * 12
    env.reset(options={"durations": durations})
    cuts = [env.step(10_000)[3] for _ in range(240)]
    assert cuts == [False] * 239 + [True]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"tasks": 0}, "the field tasks is 0"),
        ({"slots": 0}, "the field slots is 0"),
        ({"levels": 0}, "the field levels is 0"),
        ({"horizon": 0}, "the field horizon is 0"),
        ({"observation": "sett"}, "the field observation is 'sett'"),
        ({"reconfiguration": "idle"}, "the field reconfiguration is 'idle'"),
        ({"workload": "wide"}, "no workload named 'wide'"),
        ({"gpu": "v100"}, "no GPU named 'v100'"),
    ],
)
def test_wrong_options_are_told_by_both_environments(options: dict[str, Any], problem: str) -> None:
    for build in (MigEnvironment, BatchedMig):
        with pytest.raises(IgcError, match=problem):
            build(**options)


def test_options_of_one_environment_alone_are_told_too() -> None:
    with pytest.raises(MigError, match="the field cost is 'dear'"):
        MigEnvironment(cost="dear")  # type: ignore[arg-type]
    for options, problem in (({"tasks": (5, 3)}, r"tasks is \(5, 3\)"), ({"num_envs": 0}, "num_envs is 0")):
        with pytest.raises(DataError, match=problem):
            BatchedMig(**options)


@pytest.mark.parametrize("version", ["", "float"])
def test_a_batch_that_is_still_to_arrive_is_not_seen(version: str) -> None:
    env = preset(version, tasks=3) if version else MigEnvironment(tasks=3)
    env.reset(seed=0)  # whose tasks must not be taken for those of the next batch
    durations = [[30.0, 16, 11, 9, 6]] * 3
    observation, _ = env.reset(options={"durations": durations, "arrivals": [5.0, 6.0, 7.0]})
    assert not np.any(observation if version else observation["tasks"])


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
