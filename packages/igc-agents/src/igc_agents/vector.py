"""A batched environment as stable-baselines3 wants it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from stable_baselines3.common.vec_env import VecEnv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_core.protocols import BatchedEnvironment

    Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Ended:
    """The episodes that ended in one step.

    Attributes:
        index: Which of the environments, shape ``(n,)``.
        success: Whether the goal was reached.
        length: Requests made.
        shortest: Requests that the planner needs, 0 where unknown.
        family: Index of the goal's family.
        reward: Undiscounted return, float32.
    """

    index: NDArray[np.intp]
    success: NDArray[np.bool_]
    length: NDArray[np.int64]
    shortest: NDArray[np.int64]
    family: NDArray[np.int64]
    reward: NDArray[np.float32]

    @property
    def efficiency(self) -> NDArray[np.float64]:
        """Success weighted by path length (Anderson et al., 2018); plain success where the shortest is unknown."""
        return path_efficiency(self.success, self.length, self.shortest)


@dataclass(frozen=True, slots=True)
class Truncated:
    """The episodes that ran out of requests in one step, for bootstrapping their values.

    Attributes:
        index: Which of the environments, shape ``(n,)``.
        observation: The last observation of each, ``n`` rows.
    """

    index: NDArray[np.intp]
    observation: Arrays


def path_efficiency(
    success: NDArray[np.bool_], length: NDArray[np.int64], shortest: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Weigh success by path length: ``success * shortest / max(length, shortest)`` (Anderson et al., 2018).

    Args:
        success: Whether the goal was reached, shape ``(n,)``.
        length: Requests made.
        shortest: The fewest that reach the goal; where it is not above zero, success counts as it is.

    Returns:
        Shape ``(n,)``, from 0 to 1.
    """
    ratio = np.where(shortest > 0, shortest / np.maximum(np.maximum(length, shortest), 1), 1.0)
    return np.where(success, ratio, 0.0)


class VectorEnvironment(VecEnv):
    """Adapts a :class:`igc_core.protocols.BatchedEnvironment`.

    Attributes:
        batch: The adapted environment.
        ended: The episodes that ended in the last step.
        truncated: Those of them that ran out of requests.
    """

    def __init__(self, batch: BatchedEnvironment) -> None:
        self.batch = batch
        self.render_mode = None
        self.ended: Ended | None = None
        self.truncated: Truncated | None = None
        self._actions: NDArray[Any] = np.zeros(batch.num_envs, np.int64)
        self._returns = np.zeros(batch.num_envs, np.float32)
        self._began = time.perf_counter()
        super().__init__(batch.num_envs, batch.observation_space, batch.action_space)

    def reset(self) -> Arrays:
        """Start every episode, with the seed given last to ``seed``."""
        seed = self._seeds[0]
        self._reset_seeds()
        self._returns[:] = 0
        return self.batch.reset(seed)

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take note of the actions."""
        self._actions = actions

    def step_wait(self) -> tuple[Arrays, NDArray[np.float32], NDArray[np.bool_], list[dict[str, Any]]]:
        """Take the actions noted."""
        observations, rewards, dones = self.advance(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if self.ended is not None:
            self._describe_ended(infos, self.ended)
        return observations, rewards, dones, infos

    def advance(self, actions: NDArray[Any]) -> tuple[Arrays, NDArray[np.float32], NDArray[np.bool_]]:
        """Take one action in each episode, and keep what ended in :attr:`ended` and :attr:`truncated`.

        Args:
            actions: Slots, shape ``(num_envs,)``.

        Returns:
            Observations, rewards ``(num_envs,)`` float32, and whether each episode ended.
        """
        observations, rewards, terminated, truncated, info = self.batch.step(actions)
        dones = terminated | truncated
        self._returns += rewards
        self.ended = self.truncated = None
        if dones.any():
            self.ended = self._ended(np.flatnonzero(dones), info)
            self._returns[dones] = 0
        if "terminal_index" in info and len(info["terminal_index"]):
            self.truncated = Truncated(info["terminal_index"], dict(info["terminal_observation"]))
        return observations, rewards, dones

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(num_envs, slots)``."""
        return self.batch.action_masks()

    def env_method(self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any) -> list[Any]:
        """Call a method of the batch once, and return its result's rows."""
        rows = getattr(self.batch, method_name)(*method_args, **method_kwargs)
        return [rows[index] for index in self._get_indices(indices)]

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the batch, once for each environment."""
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

    def _ended(self, index: NDArray[np.intp], info: Mapping[str, NDArray[Any]]) -> Ended:
        columns = {name: info[name][index] for name in ("success", "length", "shortest", "family")}
        return Ended(index=index, reward=self._returns[index], **columns)

    def _describe_ended(self, infos: list[dict[str, Any]], ended: Ended) -> None:
        """Fill in what Monitor and TimeLimit would say."""
        seconds = round(time.perf_counter() - self._began, 6)
        for place, index in enumerate(ended.index):
            infos[index]["episode"] = {"r": float(ended.reward[place]), "l": int(ended.length[place]), "t": seconds}
            infos[index]["is_success"] = bool(ended.success[place])
            infos[index]["TimeLimit.truncated"] = False
        if self.truncated is not None:
            for place, index in enumerate(self.truncated.index):
                rows = {key: array[place] for key, array in self.truncated.observation.items()}
                infos[index] |= {"TimeLimit.truncated": True, "terminal_observation": rows}
