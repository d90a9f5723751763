"""The contract of an environment."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar, cast

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray


class EnvironmentContract(Contract):
    """An environment is Gymnasium's, with legal slots told by ``action_masks()``.

    Fill in the fixture ``env``.

    Attributes:
        steps: Random legal steps to take in each check.
    """

    steps: ClassVar[int] = 50

    @pytest.fixture
    def env(self) -> gym.Env[Any, Any]:
        """Build the environment, unwrapped or not."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'env'")

    def test_gymnasium_accepts_it(self, env: gym.Env[Any, Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about spaces; what is wrong raises
            check_env(env.unwrapped, skip_render_check=True)

    def test_masks_leave_a_legal_slot(self, env: gym.Env[Any, Any]) -> None:
        for mask in self._masks(env):
            assert mask.shape == (_slots(env),)
            assert mask.dtype == np.bool_
            assert mask.any()

    def test_observations_are_members_of_the_space(self, env: gym.Env[Any, Any]) -> None:
        for observation, *_ in _walk(env, 0, self.steps):
            assert observation in env.observation_space

    def test_same_seed_gives_the_same_episode(self, env: gym.Env[Any, Any]) -> None:
        first, second = (list(_walk(env, 3, self.steps)) for _ in range(2))
        assert len(first) == len(second)
        for (one, *told), (other, *retold) in zip(first, second, strict=True):
            assert _equal(one, other)
            assert told == retold

    def test_illegal_slot_is_answered(self, env: gym.Env[Any, Any]) -> None:
        env.reset(seed=0)
        mask = _mask(env)
        if mask.all():
            pytest.skip("every slot is legal at the start")
        observation, reward, *_ = env.step(int(np.flatnonzero(~mask)[0]))
        assert observation in env.observation_space
        assert float(reward) <= 0, "an illegal slot is rewarded"
        assert _mask(env).any()

    def test_ends_are_told_apart(self, env: gym.Env[Any, Any]) -> None:
        assert not any(terminated and truncated for _, _, terminated, truncated in _walk(env, 1, self.steps))

    def test_reward_agrees_with_the_goals(self, env: gym.Env[Any, Any]) -> None:
        space = env.observation_space
        if not (isinstance(space, gym.spaces.Dict) and "achieved_goal" in space.spaces):
            pytest.skip("not goal-conditioned")
        compute: Any = env.get_wrapper_attr("compute_reward")
        observation, _ = env.reset(seed=2)
        achieved, desired = [observation["achieved_goal"]], [observation["desired_goal"]]
        infos: list[dict[str, Any]] = [{}]
        rewards = [compute(achieved[0], desired[0], infos[0])]
        for slot in _legal(env, self.steps):
            observation, reward, terminated, truncated, info = env.step(slot)
            assert compute(observation["achieved_goal"], observation["desired_goal"], info) == pytest.approx(reward)
            achieved.append(observation["achieved_goal"])
            desired.append(observation["desired_goal"])
            rewards.append(reward)
            infos.append(info)
            if terminated or truncated:
                break
        batch = compute(np.stack(achieved), np.stack(desired), np.array(infos, dtype=object))
        np.testing.assert_allclose(batch, rewards, rtol=1e-5, err_msg="a batch is judged unlike its members")

    def _masks(self, env: gym.Env[Any, Any]) -> Iterator[NDArray[np.bool_]]:
        for _ in _walk(env, 0, self.steps):
            yield _mask(env)


def _walk(env: gym.Env[Any, Any], seed: int, steps: int) -> Iterator[tuple[Any, float, bool, bool]]:
    """Take random legal steps in one episode."""
    observation, _ = env.reset(seed=seed)
    yield observation, 0.0, False, False
    for slot in _legal(env, steps, seed):
        observation, reward, terminated, truncated, _ = env.step(slot)
        yield observation, float(reward), terminated, truncated
        if terminated or truncated:
            return


def _legal(env: gym.Env[Any, Any], steps: int, seed: int = 0) -> Iterator[int]:
    generator = np.random.default_rng(seed)
    for _ in range(steps):
        yield int(generator.choice(np.flatnonzero(_mask(env))))


def _mask(env: gym.Env[Any, Any]) -> NDArray[np.bool_]:
    return np.array(env.get_wrapper_attr("action_masks")())


def _slots(env: gym.Env[Any, Any]) -> int:
    assert isinstance(env.action_space, gym.spaces.Discrete)
    return int(env.action_space.n)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        members = cast("dict[str, Any]", one)
        return members.keys() == other.keys() and all(_equal(member, other[key]) for key, member in members.items())
    return bool(np.array_equal(one, other))
