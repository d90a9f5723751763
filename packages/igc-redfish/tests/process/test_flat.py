from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from igc_core.errors import ActionError
from igc_redfish.process.environment import flat_batch
from igc_redfish.process.flat import FlatIndex, FlatTrial
from igc_redfish.process.oracles import PlannerAgent

PoolOf = Callable[..., Any]
SOURCE = "generated:9?manner=terse&size=60"


def test_every_action_of_the_machine_has_one_slot(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    index = FlatIndex(pool.scenarios)
    assert len(set(index.actions)) == len(index.actions) == index.action_space.n
    assert all(index.slot_of[action] == slot for slot, action in enumerate(index.actions))
    assert index.observation_space["state"].shape == (3 * len(index.actions) + len(index.goals) + 2,)


def test_goals_are_told_apart(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    index = FlatIndex(pool.scenarios)
    n = len(index.actions)
    goals = {
        scenario.goal: FlatTrial(scenario, index).observation()["state"][3 * n : -2] for scenario in pool.scenarios
    }
    assert all(row.sum() == 1 for row in goals.values())
    assert len({row.tobytes() for row in goals.values()}) == len(goals)


def test_slots_stay_where_they_are(pool_of: PoolOf) -> None:
    pool, planner = pool_of(SOURCE)
    index = FlatIndex(pool.scenarios)
    agent = PlannerAgent(planner)
    for scenario in pool.scenarios:
        trial = FlatTrial(scenario, index)
        while not trial.reached():
            view, mask = trial.view(), trial.action_masks()
            slot = agent.choose(view)
            assert mask[slot]
            assert view.actions[slot].request == trial.perform(slot).request
            state = trial.observation()["state"]
            assert state in index.observation_space["state"]
            assert state[index.slot_of[index.actions[slot]] + len(index.actions)] == 1, "it counts as tried"
        assert trial.steps == scenario.shortest


def test_an_illegal_slot_sends_nothing(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    trial = FlatTrial(pool.scenarios[0], FlatIndex(pool.scenarios))
    with pytest.raises(ActionError) as caught:
        trial.perform(int(np.flatnonzero(~trial.action_masks())[0]))
    assert (caught.value.code, trial.steps) == ("action-illegal", 0)


def test_one_machine_at_a_time(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6", "generated:4")
    with pytest.raises(ActionError, match="knows one machine, and 2 were given"):
        FlatIndex(pool.scenarios)


def test_the_batch_steps_masks_and_labels(pool_of: PoolOf) -> None:
    pool, planner = pool_of(SOURCE)
    batch = flat_batch(pool.scenarios, 4, planner)
    seen = batch.reset(0)
    assert seen["state"].shape == (4, *batch.observation_space["state"].shape)  # type: ignore[index]
    successes = 0
    for _ in range(40):
        labels, masks = batch.optimal_actions(), batch.action_masks()
        assert not (labels & ~masks).any()
        seen, rewards, terminated, truncated, info = batch.step(labels.argmax(axis=1))
        assert seen["state"].dtype == rewards.dtype == np.float32
        assert not truncated.any()
        assert np.array_equal(info["length"][terminated], info["shortest"][terminated])
        successes += int(terminated.sum())
    assert successes > 10
    assert [attempt.start().steps for attempt in batch.trials(2, 0)] == [0, 0]
