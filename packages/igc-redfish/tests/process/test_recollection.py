"""What one episode on a machine leaves to the next."""

from __future__ import annotations

import numpy as np
import pytest

from igc_redfish.process.environment import build_pool, make_batched
from igc_redfish.process.planner import Planner
from igc_redfish.process.recollection import Recollection
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.trial import Trial


@pytest.fixture(scope="module")
def planner() -> Planner:
    return Planner()


@pytest.fixture(scope="module")
def scenario(planner: Planner) -> Scenario:
    pool = build_pool(["generated:6"], families=["bios", "log", "account"], per_family=4, planner=planner)
    return max(pool.scenarios, key=lambda item: item.shortest)


def follow(trial: Trial, planner: Planner) -> int:
    """Reach the goal by a planner that may use all that is known, and count the requests."""
    while not trial.reached():
        best = planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
        trial.perform(int(np.flatnonzero(np.isin(trial.slot_actions(), list(best)))[0]))
    return trial.steps


def test_the_next_episode_goes_straight_to_what_was_found(scenario: Scenario, planner: Planner) -> None:
    memory = Recollection()
    first = follow(Trial(scenario, memory=memory), planner)
    again = follow(Trial(scenario, memory=memory), planner)
    assert first == scenario.shortest
    assert again < first


def test_only_reads_are_remembered_so_that_nothing_is_changed_on_old_news(scenario: Scenario, planner: Planner) -> None:
    memory = Recollection()
    follow(Trial(scenario, memory=memory), planner)
    fresh, remembering = Trial(scenario), Trial(scenario, memory=memory)
    more = remembering.view().actions[len(fresh.view().actions) :]
    assert more
    assert all(action.request.method == "GET" for action in more)


def test_nothing_is_remembered_unless_asked_for(scenario: Scenario, planner: Planner) -> None:
    follow(Trial(scenario), planner)
    assert len(Trial(scenario).view().actions) == len(Trial(scenario, memory=Recollection()).view().actions)


def test_episodes_of_an_environment_share_what_they_learn_of_a_machine() -> None:
    options = {"families": ["log"], "per_family": 1, "num_envs": 2}
    taken = {}
    for remember in (False, True):
        environment = make_batched(["generated:6"], remember=remember, **options)
        environment.reset(0)
        lengths: list[int] = []
        while len(lengths) < 6:
            labels = environment.optimal_actions()
            _, _, terminated, truncated, info = environment.step(labels.argmax(axis=1))
            lengths += info["length"][terminated | truncated].tolist()
        taken[remember] = lengths
    assert min(taken[True]) < min(taken[False])
    assert taken[True][:2] == taken[False][:2]
