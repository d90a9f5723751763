"""The batched environment as stable-baselines3 wants it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np
from stable_baselines3.common.vec_env import VecEnv

from igc_mig.batched import rows_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.agent.features import Features
    from igc_mig.batched import BatchedMig

#: Ended episodes that means are over.
_RECENT = 1000


class MigVector(VecEnv):
    """Adapts a :class:`~igc_mig.batched.BatchedMig`.

    Attributes:
        batch: What is adapted.
        recent: Returns and lengths of the episodes that ended last.
    """

    def __init__(self, batch: BatchedMig, features: Features | None = None) -> None:
        """Adapt.

        Args:
            batch: The environment.
            features: Computes the observations of a set policy; None to pass them on as they are.
        """
        self.batch, self._features = batch, features
        self.recent: deque[tuple[float, int]] = deque(maxlen=_RECENT)
        self.render_mode = None
        self._actions: NDArray[Any] = np.zeros(batch.num_envs, np.int64)
        self._returns = np.zeros(batch.num_envs)
        space = batch.observation_space if features is None else space_of(features, batch)
        super().__init__(batch.num_envs, space, batch.action_space)

    def reset(self) -> Any:
        """Start every episode, with the seed given last to ``seed``."""
        seed = self._seeds[0]
        self._reset_seeds()
        self._returns[:] = 0
        return self._seen(self.batch.reset(seed))

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take note of the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Take the actions noted."""
        observations, rewards, terminated, truncated, about = self.batch.step(self._actions)
        self._returns += rewards
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for row, length in zip(about["index"], about.get("length", ()), strict=True):
            self.recent.append((float(self._returns[row]), int(length)))
            self._returns[row] = 0
        if "terminal_index" in about:
            last = self._seen(about["terminal_observation"])
            for place, row in enumerate(about["terminal_index"]):
                infos[row] = {"TimeLimit.truncated": True, "terminal_observation": rows_of(last, place)}
        return self._seen(observations), rewards, terminated | truncated, infos

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Call a method of the batch once, and return its result's rows."""
        rows = getattr(self.batch, method_name)(*method_args, **method_kwargs)
        return [rows[index] for index in self._get_indices(indices)]

    def has_attr(self, attr_name: str) -> bool:
        """Whether the batch has an attribute."""
        return hasattr(self.batch, attr_name)

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the batch, once for each episode."""
        value = self.render_mode if attr_name == "render_mode" else getattr(self.batch, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:  # noqa: ARG002 - they share it
        """Set an attribute of the batch."""
        setattr(self.batch, attr_name, value)

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:  # noqa: ARG002 - by none
        """Tell that no environment is wrapped."""
        return [False for _ in self._get_indices(indices)]

    def close(self) -> None:
        """Do nothing: the batch belongs to whoever made it."""

    def _seen(self, observations: Any) -> Any:
        return observations if self._features is None else self._features(observations)


def space_of(features: Features, batch: BatchedMig) -> gym.spaces.Dict:
    """Space of what a set policy reads."""
    slots = batch.state.shown.shape[1]

    def box(*shape: int) -> gym.spaces.Box:
        return gym.spaces.Box(-np.inf, np.inf, shape, np.float32)

    return gym.spaces.Dict(
        {
            "layout": gym.spaces.Box(0, features.layouts - 1, (1,), np.int64),
            "level": box(1),
            "present": gym.spaces.MultiBinary(slots),
            "rows": box(slots, features.row),
            "whole": box(features.whole),
        }
    )
