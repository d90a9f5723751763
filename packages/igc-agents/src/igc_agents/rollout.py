"""The steps that one update learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sb3_contrib.common.maskable.buffers import MaskableDictRolloutBufferSamples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gymnasium import spaces
    from numpy.typing import NDArray
    from torch import Tensor

    Arrays = Mapping[str, NDArray[Any]]


class Rollout:
    """Fixed-size arrays over ``(steps, environments)``, filled anew for each update.

    Takes the place of sb3-contrib's ``MaskableDictRolloutBuffer``: nothing is allocated, transposed or converted
    between updates, and minibatches are drawn by a generator of its own.

    Attributes:
        observations: What was seen, by key, ``(steps, environments, ...)``.
        masks: Which slots were legal, ``(steps, environments, slots)``.
        labels: Which slots were optimal, likewise; all false where unknown.
        actions: The slots chosen, int64, ``(steps, environments)``.
        rewards: float32, likewise, as are the following.
        starts: Whether the step was an episode's first.
        values: Value of what was seen, as estimated then.
        log_probs: Log-probability of the action then.
        advantages: Generalised advantage estimates.
        returns: Targets for the value.
        random: Draws the minibatches.
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Dict,
        action_space: spaces.Discrete,
        device: torch.device | str = "cpu",
        gae_lambda: float = 1.0,
        gamma: float = 0.99,
        n_envs: int = 1,
        seed: int = 0,
    ) -> None:
        """Allocate the arrays; the arguments are those that MaskablePPO passes."""
        shape = (buffer_size, n_envs)
        self.buffer_size, self.n_envs = shape
        self.device, self.gae_lambda, self.gamma = device, gae_lambda, gamma
        self.observations: dict[str, NDArray[Any]] = {
            key: np.zeros((*shape, *(space.shape or ())), space.dtype) for key, space in observation_space.items()
        }
        self.masks = np.zeros((*shape, int(action_space.n)), np.bool_)
        self.labels = np.zeros_like(self.masks)
        self.actions = np.zeros(shape, np.int64)
        self.starts = np.zeros(shape, np.bool_)
        self.rewards = np.zeros(shape, np.float32)
        self.values = np.zeros_like(self.rewards)
        self.log_probs = np.zeros_like(self.rewards)
        self.advantages = np.zeros_like(self.rewards)
        self.returns = np.zeros_like(self.rewards)
        self.random = np.random.default_rng(seed)

    def __len__(self) -> int:
        """Number of steps, of all environments together."""
        return self.buffer_size * self.n_envs

    def see(self, step: int, observation: Arrays, masks: NDArray[np.bool_], starts: NDArray[np.bool_]) -> None:
        """Copy what is known before a step."""
        for key, array in self.observations.items():
            array[step] = observation[key]
        self.masks[step] = masks
        self.starts[step] = starts

    def record(
        self, step: int, actions: NDArray[Any], rewards: NDArray[Any], values: Tensor, log_probs: Tensor
    ) -> None:
        """Copy what happened in a step."""
        self.actions[step] = actions
        self.rewards[step] = rewards
        self.values[step] = values.flatten().numpy(force=True)
        self.log_probs[step] = log_probs.numpy(force=True)

    def finish(self, last_values: Tensor, last_starts: NDArray[np.bool_]) -> None:
        """Estimate advantages and returns (Schulman et al., 2016).

        Args:
            last_values: Values of what is seen after the last step, ``environments`` of them.
            last_starts: Whether new episodes begin there.
        """
        following, starts = last_values.flatten().numpy(force=True), last_starts
        advantage = np.zeros(self.n_envs, np.float32)
        for step in reversed(range(self.buffer_size)):
            goes_on = np.float32(self.gamma) * ~starts
            surprise = self.rewards[step] + goes_on * following - self.values[step]
            advantage = surprise + np.float32(self.gae_lambda) * goes_on * advantage
            self.advantages[step] = advantage
            following, starts = self.values[step], self.starts[step]
        np.add(self.advantages, self.values, out=self.returns)

    def get(self, batch_size: int | None = None) -> Iterator[MaskableDictRolloutBufferSamples]:
        """Yield all steps once, in random minibatches; a single step that would be left over joins the last one."""
        flat = {key: _flat(array) for key, array in self.observations.items()}
        columns: list[NDArray[Any]] = [
            self.actions,
            self.values,
            self.log_probs,
            self.advantages,
            self.returns,
            self.masks,
        ]
        order = torch.from_numpy(self.random.permutation(len(self)))
        for index in _minibatches(order, batch_size or len(self)):
            yield MaskableDictRolloutBufferSamples(
                {key: array.index_select(0, index).to(self.device) for key, array in flat.items()},
                *(_flat(column).index_select(0, index).to(self.device) for column in columns),
            )


def _minibatches(order: Tensor, size: int) -> Iterator[Tensor]:
    """Split an order into parts of some size, none of a single entry: its advantage could not be normalised."""
    *parts, last = torch.split(order, size)
    if parts and len(last) == 1:
        last = torch.cat([parts.pop(), last])
    yield from (*parts, last)


def _flat(array: NDArray[Any]) -> Tensor:
    """Share an array of ``(steps, environments, ...)`` as a tensor of ``(steps * environments, ...)``."""
    return torch.from_numpy(array).flatten(0, 1)
