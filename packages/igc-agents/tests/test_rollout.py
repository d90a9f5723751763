from __future__ import annotations

import numpy as np
import pytest
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer

from igc_agents.rollout import Rollout

STEPS, ENVS, SLOTS = 5, 3, 4


def rollout(seed: int = 0) -> Rollout:
    space = spaces.Dict({"row": spaces.Box(0, 1000, (1,), np.int32), "value": spaces.Box(0, 1, (2,), np.float32)})
    return Rollout(STEPS, space, spaces.Discrete(SLOTS), "cpu", 0.9, 0.95, ENVS, seed=seed)


def fill(found: Rollout) -> None:
    random = np.random.default_rng(0)
    for step in range(STEPS):
        seen = {
            "row": np.arange(ENVS, dtype=np.int32)[:, None] + 10 * step,
            "value": random.random((ENVS, 2), np.float32),
        }
        found.see(step, seen, random.random((ENVS, SLOTS)) < 0.5, random.random(ENVS) < 0.3)
        seen["row"][:] = -1  # an environment may use its arrays again
        rewards = random.random(ENVS).astype(np.float32)
        values, log_probs = torch.from_numpy(random.random((2, ENVS), np.float32))
        found.record(step, np.arange(ENVS), rewards, values.unsqueeze(1), log_probs)


def test_advantages_are_those_of_stable_baselines() -> None:
    ours = rollout()
    fill(ours)
    last_values, last_starts = torch.tensor([[0.1], [0.2], [0.3]]), np.array([True, False, False])
    ours.finish(last_values, last_starts)
    theirs = RolloutBuffer(STEPS, spaces.Box(0, 1, (1,)), spaces.Discrete(SLOTS), "cpu", 0.9, 0.95, ENVS)
    theirs.rewards, theirs.values = ours.rewards.copy(), ours.values.copy()
    theirs.episode_starts = ours.starts.astype(np.float32)
    theirs.compute_returns_and_advantage(last_values, last_starts)
    np.testing.assert_allclose(ours.advantages, theirs.advantages, rtol=1e-5)
    np.testing.assert_allclose(ours.returns, theirs.returns, rtol=1e-5)


def test_minibatches_hold_every_step_once_with_its_own_columns() -> None:
    found = rollout()
    fill(found)
    found.finish(torch.zeros(ENVS), np.zeros(ENVS, np.bool_))
    rows: list[int] = []
    for batch in found.get(4):
        assert batch.observations["row"].dtype == torch.int32
        assert batch.action_masks.dtype == torch.bool
        for place, row in enumerate(batch.observations["row"].flatten().tolist()):
            step, env = divmod(row, 10)
            assert batch.returns[place] == found.returns[step, env]
            assert batch.old_log_prob[place] == found.log_probs[step, env]
            assert batch.actions[place] == env
            rows.append(row)
    assert sorted(rows) == sorted(10 * step + env for step in range(STEPS) for env in range(ENVS))


def test_seed_decides_the_minibatches() -> None:
    def order(seed: int) -> list[int]:
        found = rollout(seed)
        fill(found)
        return [row for batch in found.get(4) for row in batch.observations["row"].flatten().tolist()]

    assert order(0) == order(0) != order(1)


@pytest.mark.parametrize(("batch_size", "sizes"), [(7, [7, 8]), (14, [15]), (5, [5, 5, 5]), (4, [4, 4, 4, 3])])
def test_no_minibatch_is_a_single_step(batch_size: int, sizes: list[int]) -> None:
    found = rollout()
    fill(found)
    assert [len(batch.actions) for batch in found.get(batch_size)] == sizes


def test_all_steps_are_one_batch_by_default() -> None:
    found = rollout()
    fill(found)
    assert [len(batch.actions) for batch in found.get()] == [len(found)]
