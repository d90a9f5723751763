"""Maskable PPO, fed by a batched environment without detours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from sb3_contrib import MaskablePPO

from igc_agents.policy import AnyPolicy, policy_class
from igc_agents.rollout import Rollout
from igc_agents.shape import shape_of, spaces_of
from igc_agents.vector import Truncated, VectorEnvironment

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from igc_agents.recipe import Recipe
    from igc_agents.vector import Arrays, Ended
    from igc_core.protocols import BatchedEnvironment
    from igc_core.tables import Layout

    #: Told of the episodes that ended in a step.
    Follower = Callable[[Ended], None]
    #: Given what the policy chose, returns what is done and which slots are optimal.
    Correction = Callable[[NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.bool_]]]


class Learner(MaskablePPO):
    """MaskablePPO of sb3-contrib with its own way of collecting steps; the update is that of sb3-contrib.

    Attributes:
        vector: The environment.
    """

    policy: AnyPolicy  # pyright: ignore[reportIncompatibleVariableOverride]
    rollout_buffer: Rollout  # type: ignore[assignment] # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, recipe: Recipe, environment: BatchedEnvironment, *, device: str = "cpu") -> None:
        """Build the network and the optimiser.

        Args:
            recipe: How to train.
            environment: What to train on.
            device: Where the network lives.

        Raises:
            AgentError: No policy reads the environment's observations.
        """
        shape = shape_of(environment)
        self.vector = VectorEnvironment(environment)
        super().__init__(
            policy_class(shape),
            self.vector,
            learning_rate=lambda left: recipe.learning_rate * _decay(left, recipe.learning_rate_end),
            n_steps=recipe.n_steps,
            batch_size=recipe.batch_of_each,
            n_epochs=recipe.epochs,
            gamma=recipe.gamma,
            gae_lambda=recipe.gae_lambda,
            clip_range=recipe.clip_range,
            ent_coef=recipe.entropy,
            vf_coef=recipe.value_weight,
            max_grad_norm=recipe.max_gradient,
            rollout_buffer_class=Rollout,  # type: ignore[arg-type]
            rollout_buffer_kwargs={"seed": recipe.seed},
            policy_kwargs={"shape": shape, "size": recipe.network, "layout": getattr(environment, "layout", None)},
            seed=recipe.seed,
            device=device,
        )
        self._recipe = recipe
        self._layout: Layout | None = getattr(environment, "layout", None)
        self._seen: Arrays = {}
        self._starts = np.ones(environment.num_envs, np.bool_)

    @property
    def progress(self) -> float:
        """Share of training that is done, from 0 to 1; learning rate and entropy bonus follow it."""
        return 1.0 - self._current_progress_remaining

    @progress.setter
    def progress(self, share: float) -> None:
        self._current_progress_remaining = left = 1.0 - min(max(share, 0.0), 1.0)
        self.ent_coef = self._recipe.entropy * _decay(left, self._recipe.entropy_end)

    def set_learning_rate(self, rate: float) -> None:
        """Set Adam's step size until the next update of PPO, which sets its own."""
        for group in self.policy.optimizer.param_groups:
            group["lr"] = rate

    def empty_rollout(self, steps: int) -> Rollout:
        """Allocate a rollout of another length."""
        return Rollout(steps, *spaces_of(self.vector.batch), self.device, self.gae_lambda, self.gamma, self.n_envs)

    @property
    def updates(self) -> int:
        """Passes of PPO over its steps so far."""
        return self._n_updates

    @updates.setter
    def updates(self, count: int) -> None:
        self._n_updates = count

    def rebind(self) -> bool:
        """Take the tables that the environment has now, and tell whether they are others than before."""
        layout: Layout | None = getattr(self.vector.batch, "layout", None)
        if layout is None or layout is self._layout:
            return False
        self.policy.bind(layout)
        self._layout = layout
        return True

    def restart(self, seed: int) -> None:
        """Begin every episode anew."""
        self.vector.seed(seed)
        self._seen = self.vector.reset()
        self._starts = np.ones(self.n_envs, np.bool_)

    def collect(self, rollout: Rollout, follow: Follower, correct: Correction | None = None) -> None:
        """Fill a rollout with steps of the policy.

        Args:
            rollout: What to fill.
            follow: Told of every episode that ends.
            correct: Replaces some of the policy's actions and labels the steps.
        """
        self.policy.set_training_mode(False)
        cut: list[tuple[int, Truncated]] = []
        for step in range(rollout.buffer_size):
            masks = self.vector.action_masks()
            rollout.see(step, self._seen, masks, self._starts)
            with torch.no_grad():
                chosen, values, log_probs = self.policy(self._tensors(self._seen), action_masks=masks)
            actions: NDArray[Any] = chosen.numpy(force=True)
            if correct is not None:
                actions, rollout.labels[step] = correct(actions)
            self._seen, rewards, self._starts = self.vector.advance(actions)
            rollout.record(step, actions, rewards, values, log_probs)
            if self.vector.truncated is not None:
                cut.append((step, self.vector.truncated))
            if self.vector.ended is not None:
                follow(self.vector.ended)
        self._bootstrap(rollout, cut)
        rollout.finish(self._values(self._seen), self._starts)
        self.num_timesteps += len(rollout)

    def _bootstrap(self, rollout: Rollout, cut: list[tuple[int, Truncated]]) -> None:
        """Add what episodes cut short would still have earned (Pardo et al., 2018), all in one pass."""
        if not cut:
            return
        keys = rollout.observations
        values = self._values({key: np.concatenate([found.observation[key] for _, found in cut]) for key in keys})
        steps = np.concatenate([np.full(len(found.index), step) for step, found in cut])
        index = np.concatenate([found.index for _, found in cut])
        rollout.rewards[steps, index] += self.gamma * values.flatten().numpy(force=True)

    def _values(self, observations: Arrays) -> Tensor:
        with torch.no_grad():
            return self.policy.predict_values(self._tensors(observations))

    def _tensors(self, observations: Arrays) -> dict[str, Tensor]:
        return {key: torch.from_numpy(array).to(self.device) for key, array in observations.items()}


def _decay(left: float, end: float) -> float:
    """Fall in a straight line from 1 to ``end`` as what is left of training falls from 1 to 0."""
    return end + (1.0 - end) * left
