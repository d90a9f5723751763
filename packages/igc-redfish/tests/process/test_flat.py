from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from igc_core.errors import ActionError, GoalError
from igc_redfish.process.environment import flat_batch, make_batched
from igc_redfish.process.flat import FlatTrial
from igc_redfish.process.flat_index import FlatIndex
from igc_redfish.process.oracles import PlannerAgent

PoolOf = Callable[..., Any]
SOURCE = "generated:9?manner=terse&size=60"


def test_goals_are_told_apart(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    index = FlatIndex(pool.scenarios)
    n = len(index.actions)
    goals = {
        scenario.goal: FlatTrial(scenario, index).observation()["state"][3 * n : -3] for scenario in pool.scenarios
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
            assert np.array_equal(view.observation["action_mask"], mask)
            assert view.actions[slot].request == trial.perform(slot).request
            state = trial.observation()["state"]
            assert state in index.observation_space["state"]
            assert state[slot + len(index.actions)] == 1, "it counts as tried"
        assert trial.steps == scenario.shortest


def test_an_illegal_slot_sends_nothing(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    trial = FlatTrial(pool.scenarios[0], FlatIndex(pool.scenarios))
    with pytest.raises(ActionError) as caught:
        trial.perform(int(np.flatnonzero(~trial.action_masks())[0]))
    assert (caught.value.code, trial.steps) == ("action-illegal", 0)


def test_a_goal_that_the_index_does_not_know_is_refused(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE)
    with pytest.raises(GoalError, match="knows 1 goals, and this one is not among them"):
        FlatTrial(pool.scenarios[1], FlatIndex(pool.scenarios[:1]))


def test_an_index_of_two_machines_solves_the_goals_of_both(pool_of: PoolOf) -> None:
    pool, planner = pool_of("generated:6", "generated:4")
    index = FlatIndex(pool.scenarios)
    agent = PlannerAgent(planner)
    engines = {scenario.engine for scenario in pool.scenarios}
    assert len(engines) == 2
    assert all((index.numbering(engine).numbers < 0).any() for engine in engines), "each lacks some of the other's"
    for scenario in pool.scenarios:
        trial = FlatTrial(scenario, index)
        while not trial.reached():
            trial.perform(agent.choose(trial.view()))
        assert trial.steps == scenario.shortest


def test_slots_and_actions_of_a_machine_lead_to_each_other(pool_of: PoolOf) -> None:
    pool, _ = pool_of("generated:6", "generated:4")
    index = FlatIndex(pool.scenarios)
    assert [index.slot(action) for action in index.actions] == list(range(index.action_space.n))
    for engine in {scenario.engine for scenario in pool.scenarios}:
        numbering = index.numbering(engine)
        slots = np.flatnonzero(numbering.numbers >= 0)
        assert np.array_equal(numbering.slots[numbering.numbers[slots]], slots)
        assert all(engine.actions[numbering.numbers[slot]].request == index.actions[slot].request for slot in slots)


def test_parts_of_a_composite_share_the_places_of_single_goals(pool_of: PoolOf) -> None:
    pool, _ = pool_of(SOURCE, composites=6)
    index = FlatIndex(pool.scenarios)
    composites = [scenario.goal for scenario in pool.scenarios if len(scenario.goal.parts) > 1]
    assert composites
    for goal in composites:
        marks = index.place(goal)
        places = [index.goals[part] for part in goal.parts]
        turns = [1 / (1 + turn) for turn in range(len(places))] if goal.ordered else [1.0] * len(places)
        assert marks[places] == pytest.approx(turns)
        assert np.count_nonzero(marks) == len(places)


def test_who_is_tried_and_who_is_also_known_does_not_change_the_slots() -> None:
    one, other = "generated:6?size=60", "generated:4?size=60"

    def build(source: str, *also: str, **options: Any) -> Any:
        return make_batched(source, num_envs=2, codec="flat", also=also, **options)

    batch = build(one, other)
    others = [build(other, one), build(one, other, per_family=4, seed=3), build(one, other, varied_starts=True)]
    for found in others:
        assert found.codec_fingerprint == batch.codec_fingerprint
        assert found.observation_space == batch.observation_space
        assert found.action_space == batch.action_space
    assert build(one).codec_fingerprint != batch.codec_fingerprint
    assert batch.machines != others[0].machines


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
