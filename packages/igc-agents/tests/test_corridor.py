from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from igc_agents.corridor import OPEN, Corridor
from igc_agents.corridor_session import CorridorSession, environment
from igc_core.episode import Session
from igc_core.errors import ActionError, GoalError, SettingsError
from igc_core.testing import EnvironmentContract

if TYPE_CHECKING:
    import gymnasium as gym


class TestEnvironment(EnvironmentContract):
    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        return environment()


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_walking_by_the_labels_takes_the_shortest_way(codec: str) -> None:
    corridor = Corridor(num_envs=16, codec=codec)
    corridor.reset(3)
    lengths: list[int] = []
    for _ in range(60):
        labels = corridor.optimal_actions()
        assert (labels.sum(1) == 1).all()
        assert not (labels & ~corridor.action_masks()).any()
        _, rewards, terminated, truncated, info = corridor.step(labels.argmax(1))
        assert not truncated.any()
        assert (info["length"] == info["shortest"])[terminated].all()
        assert (rewards[terminated] > 0.9).all()
        lengths += info["length"][terminated].tolist()
    assert set(lengths) == set(range(1, 7))


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_observations_are_members_of_the_space(codec: str) -> None:
    corridor = Corridor(num_envs=4, codec=codec)
    observations = corridor.reset(0)
    random = np.random.default_rng(0)
    for _ in range(30):
        for row in range(4):
            assert corridor.observation_space.contains({key: array[row] for key, array in observations.items()})
        masks = corridor.action_masks()
        observations, *_ = corridor.step((masks * random.random(masks.shape)).argmax(1))


def test_opening_the_wrong_door_is_refused_and_costs_more() -> None:
    corridor = Corridor(num_envs=64)
    observations = corridor.reset(0)
    doors = observations["candidates"] == OPEN
    wrong = corridor.room != corridor.goal
    _, rewards, terminated, _, info = corridor.step(doors.argmax(1))
    assert (terminated == ~wrong).all()
    np.testing.assert_allclose(rewards[wrong], -0.1)
    assert (info["refused"] == wrong).all()


def test_families_limit_the_goals() -> None:
    corridor = Corridor(num_envs=64, families=["right"])
    assert (corridor.goal > corridor.room).all()


def test_a_family_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(GoalError, match="no family of goals 'power'; it has left, here, right"):
        Corridor(families=["power"])


@pytest.mark.parametrize(
    "options",
    [{"rooms": 0}, {"rooms": 1}, {"rooms": "x"}, {"rooms": 2**40}, {"horizon": 0}, {"num_envs": True}, {"codec": "x"}],
)
def test_options_that_make_no_corridor_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match=f"the option '{next(iter(options))}' cannot be .*; it takes"):
        Corridor(**options)


def test_session_is_one_episode() -> None:
    session = CorridorSession(0)
    assert isinstance(session, Session)
    ended = [_walk(session) for _ in range(session.shortest)]
    assert ended == [False] * (len(ended) - 1) + [True]
    assert session.reached()
    with pytest.raises(ActionError, match="there is no action"):
        session.perform(0)


def _walk(session: CorridorSession) -> bool:
    """Take a step of the shortest way, and tell whether it was the last."""
    view = session.view()
    room, goal = (int(uri.rpartition("/")[2]) for uri in (view.current, view.goal.parts[0].target))
    wanted = "left" if goal < room else "right" if goal > room else "open"
    return session.perform([action.relation for action in view.actions].index(wanted)).terminated
