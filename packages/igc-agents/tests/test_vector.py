from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sb3_contrib.common.maskable.utils import get_action_masks, is_masking_supported

from igc_agents.corridor import OPEN, SING, Corridor
from igc_agents.vector import VectorEnvironment, path_efficiency

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sing(seen: Any) -> NDArray[np.int64]:
    slots: NDArray[np.int64] = (seen["candidates"] == SING).argmax(1)
    return slots


def test_masks_come_in_one_call_and_are_those_of_the_batch() -> None:
    vector = VectorEnvironment(Corridor(num_envs=4))
    assert is_masking_supported(vector)
    np.testing.assert_array_equal(get_action_masks(vector), vector.batch.action_masks())
    np.testing.assert_array_equal(vector.env_method("action_masks", indices=[2])[0], vector.batch.action_masks()[2])


def test_seed_decides_the_first_observation() -> None:
    vector = VectorEnvironment(Corridor(num_envs=4))
    vector.seed(5)
    first = vector.reset()
    second = vector.reset()
    vector.seed(5)
    np.testing.assert_array_equal(vector.reset()["goal"], first["goal"])
    assert any(not np.array_equal(first[key], second[key]) for key in first)


def test_truncated_episodes_show_their_own_last_observation() -> None:
    vector = VectorEnvironment(Corridor(num_envs=3, horizon=4))
    seen: Any = vector.reset()
    rooms = seen["document"].copy()
    goals = seen["goal"].copy()
    for _ in range(3):
        seen, _, dones, infos = vector.step(sing(seen))
        assert not dones.any()
        assert infos == [{}, {}, {}]
    _, _, dones, infos = vector.step(sing(seen))
    assert dones.all()
    for row, info in enumerate(infos):
        assert info["TimeLimit.truncated"]
        assert info["is_success"] is False
        assert info["terminal_observation"]["document"] == rooms[row]  # singing moves nobody
        assert info["terminal_observation"]["goal"] == goals[row]
        assert info["episode"]["l"] == 4
        assert info["episode"]["r"] == pytest.approx(-0.2)


def test_reached_episodes_are_told_from_truncated_ones() -> None:
    vector = VectorEnvironment(Corridor(num_envs=8, families=["here"]))
    seen: Any = vector.reset()
    _, rewards, dones, infos = vector.step((seen["candidates"] == OPEN).argmax(1))
    assert dones.all()
    assert all(info["is_success"] and not info["TimeLimit.truncated"] for info in infos)
    assert all("terminal_observation" not in info for info in infos)
    np.testing.assert_allclose(rewards, 0.95)
    assert vector.ended is not None
    assert vector.ended.efficiency.tolist() == [1.0] * 8
    assert vector.truncated is None


def test_returns_begin_anew_with_each_episode() -> None:
    vector = VectorEnvironment(Corridor(num_envs=2, horizon=2))
    seen: Any = vector.reset()
    found: list[float] = []
    for _ in range(6):
        seen, _, _, infos = vector.step(sing(seen))
        found += [info["episode"]["r"] for info in infos if info]
    np.testing.assert_allclose(found, [-0.1] * 6, atol=1e-6)


def test_attributes_are_those_of_the_batch() -> None:
    vector = VectorEnvironment(Corridor(num_envs=2))
    assert vector.get_attr("rooms") == [6, 6]
    vector.set_attr("horizon", 5)
    assert vector.get_attr("horizon", indices=0) == [5]
    assert vector.get_attr("render_mode") == [None, None]
    assert vector.env_is_wrapped(object) == [False, False]
    vector.close()


def test_path_efficiency_weighs_success_by_length() -> None:
    success = np.array([True, True, False, True, True])
    length, shortest = np.array([4, 8, 4, 3, 5]), np.array([4, 4, 4, 4, 0])
    assert path_efficiency(success, length, shortest).tolist() == [1.0, 0.5, 0.0, 1.0, 1.0]
