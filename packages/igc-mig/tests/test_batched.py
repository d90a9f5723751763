from __future__ import annotations

import importlib.util
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from igc_core.errors import ActionError, DataError
from igc_core.plugins import PluginManager
from igc_mig.batched import BatchedMig
from igc_mig.environment import MigEnvironment
from igc_mig.replay import replay

VARIANTS: dict[str, dict[str, Any]] = {
    "set": {},
    "float": {"observation": "float", "levels": 14, "exchange": True, "cut_flag": True},
    "onehot": {"observation": "onehot", "levels": 14, "exchange": True, "reconfiguration": "idle-only"},
    "online": {
        "observation": "float",
        "levels": 35,
        "exchange": True,
        "reconfiguration": "flat",
        "slots": 5,
        "tasks": 12,
        "workload": "mix_scaling_online",
    },
    "arrivals": {"load": 0.8, "tasks": 7},
    "arrivals in a window": {"load": 2.0, "slots": 3, "tasks": 7, "reconfiguration": "idle-only"},
    "arrivals with exchanges": {"load": 0.8, "tasks": 12, "exchange": True},
    "arrivals with flat costs": {"load": 0.8, "tasks": 12, "reconfiguration": "flat"},
    "a30": {"gpu": "a30", "slots": 3, "tasks": 8},
}
BACKENDS = [False, *([True] if importlib.util.find_spec("numba") else [])]


def pick(legal: Any, random: np.random.Generator) -> Any:
    return (random.random(legal.shape) * legal).argmax(1)


def row_of(observations: Any, row: int) -> Any:
    return (
        {name: array[row] for name, array in observations.items()}
        if isinstance(observations, dict)
        else observations[row]
    )


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_allclose(one[name], other[name], atol=1e-5)
    else:
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("compiled", BACKENDS)
@pytest.mark.parametrize("variant", list(VARIANTS))
def test_every_episode_is_that_of_the_single_environment(variant: str, compiled: bool) -> None:
    options, random = VARIANTS[variant], np.random.default_rng(1)
    batch = BatchedMig(6, compiled=compiled, **options)
    seen = batch.reset(3)
    singles = [MigEnvironment(**options) for _ in range(6)]
    for row, single in enumerate(singles):
        given = {"durations": batch.episodes.seconds[row]}
        if "load" in options:
            given["arrivals"] = batch.episodes.arrivals_s[row]
        first, _ = single.reset(options=given)
        assert_same(row_of(seen, row), first)
    running = set(range(6))
    for step in range(400):
        legal = batch.action_masks()
        actions = pick(legal, random)
        if step % 9 == 4:
            actions[:2] = -7, 10**6  # illegal
        for row in running:
            assert (singles[row].action_masks() == legal[row]).all()
        plans = dict.fromkeys(running)
        seen, rewards, terminated, truncated, _ = batch.step(actions)
        for row in list(plans):
            other, reward, done, cut, _ = singles[row].step(actions[row])
            assert reward == pytest.approx(rewards[row], abs=1e-5)
            assert (done, cut) == (terminated[row], truncated[row])
            if done or cut:
                running.discard(row)
            else:
                assert_same(row_of(seen, row), other)
                assert batch.plan(row) == singles[row].plan
        if not running:
            break
    assert not running


@pytest.mark.parametrize("compiled", BACKENDS)
def test_seeds_repeat_and_differ(compiled: bool) -> None:
    def walk(seed: int) -> list[float]:
        batch, random = BatchedMig(4, tasks=(3, 9), compiled=compiled), np.random.default_rng(0)
        batch.reset(seed)
        return [float(batch.step(pick(batch.action_masks(), random))[1].sum()) for _ in range(60)]

    assert walk(5) == walk(5)
    assert walk(5) != walk(6)


def test_it_is_the_batched_environment_of_the_catalogue() -> None:
    plugins = PluginManager.from_environment()
    spec = plugins.specs("environment")["mig"]
    assert spec.batched == "igc_mig.batched:BatchedMig"


def test_given_batches_of_several_sizes_are_scheduled() -> None:
    seconds = np.zeros((2, 4, 5))
    seconds[0], seconds[1, :2] = 10.0, 20.0
    batch = BatchedMig(2, tasks=4, compiled=False)
    batch.load(seconds, np.array([4, 2]))
    random, running = np.random.default_rng(0), np.ones(2, np.bool_)
    while running.any():
        batch.look()
        _, over = batch.advance(np.where(running, pick(batch.action_masks(), random), -1))
        running &= ~over
    assert [len(batch.plan(row)) for row in range(2)] == [4, 2]
    assert replay(batch.gpu, seconds[1, :2], batch.plan(1), "none").makespan_s >= 20


def test_truncated_episodes_tell_their_last_observation() -> None:
    batch = BatchedMig(3, tasks=4, horizon=2)
    batch.reset(0)
    illegal = np.full(3, -1)
    batch.step(illegal)
    _, rewards, terminated, truncated, info = batch.step(illegal)
    assert truncated.all()
    assert not terminated.any()
    assert (rewards == np.float32(-0.01)).all()
    assert info["terminal_index"].tolist() == [0, 1, 2]
    assert info["terminal_observation"]["tasks"].shape == (3, 4, 6)


@pytest.mark.parametrize("levels", [None, 14])
def test_a_random_start_is_busy(levels: int | None) -> None:
    observation = "set" if levels is None else "float"
    batch = BatchedMig(32, observation=observation, levels=levels, random_start=True)
    batch.reset(0)
    assert len(set(batch.state.layout.tolist())) > 5
    assert (batch.state.remaining > 0).any()
    assert batch.action_masks().any(1).all()
    env = MigEnvironment(observation=observation, levels=levels, random_start=True)
    firsts = [env.reset(seed=seed)[0] for seed in range(4)]
    assert len({str(first) for first in firsts}) == 4


def test_wrong_input_is_told() -> None:
    with pytest.raises(ActionError, match="of shape"):
        BatchedMig(3).advance(np.zeros(2, np.int64))
    env = gym.make("igc_mig.gym:igc/MIG-v0", tasks=2).unwrapped
    for durations, problem in (
        ([[1.0] * 5, [1, 2, np.nan, 1, 1]], "task 1: the field t3 is nan"),
        ([[1.0] * 5, [1, 2, 3, 1, -1]], "task 1: the field t7 is -1.0"),
        ([[1.0] * 4], "the field durations is of shape"),
        ([], "the field durations is of shape"),
        ("x", "the field durations is no table"),
    ):
        with pytest.raises(DataError, match=problem):
            env.reset(options={"durations": durations})
