"""Learning from an expert that labels every step with all optimal actions, before learning from rewards.

DAgger (Ross et al., 2011): the expert's share of the actions falls as the policy learns, and the expert labels what the
policy gets itself into. The loss is the negative logarithm of the probability of doing anything optimal, so that the
policy need not copy the expert's choice among equals. The value is fitted to the returns on the way, so that the first
advantages of PPO do not undo what was learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch.nn import functional

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from igc_agents.learner import Learner
    from igc_agents.rollout import Rollout


@runtime_checkable
class Labeller(Protocol):
    """A batched environment that knows what is best."""

    def optimal_actions(self) -> NDArray[np.bool_]:
        """Every optimal slot of each episode, shape ``(num_envs, slots)``; all false where unknown."""
        ...


class Expert:
    """Takes a share of the actions, and labels all steps.

    Attributes:
        share: Probability that the expert acts where it knows what to do.
    """

    def __init__(self, labeller: Labeller, random: np.random.Generator, share: float = 1.0) -> None:
        self._labeller, self._random = labeller, random
        self.share = share

    def __call__(self, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Replace some of the chosen slots by optimal ones.

        Args:
            chosen: What the policy chose, shape ``(num_envs,)``.

        Returns:
            The slots to take, and the labels, shape ``(num_envs, slots)``.
        """
        labels = self._labeller.optimal_actions()
        best = any_of(labels, self._random)
        acts = labels.any(1) & (self._random.random(len(chosen)) < self.share)
        return np.where(acts, best, chosen), labels


class Demonstrations:
    """The labelled steps seen last."""

    def __init__(self, capacity: int) -> None:
        """Remember at most ``capacity`` steps."""
        self._capacity = capacity
        self._columns: dict[str, NDArray[Any]] = {}

    def __len__(self) -> int:
        """Number of steps remembered."""
        return len(self._columns["labels"]) if self._columns else 0

    def add(self, rollout: Rollout) -> None:
        """Remember the steps of a rollout, and forget the oldest."""
        new = {f"seen/{key}": array for key, array in rollout.observations.items()}
        new |= {"masks": rollout.masks, "labels": rollout.labels, "returns": rollout.returns}
        flat = {key: array.reshape(-1, *array.shape[2:]) for key, array in new.items()}
        old = self._columns or {key: array[:0] for key, array in flat.items()}
        self._columns = {key: np.concatenate([old[key], array])[-self._capacity :] for key, array in flat.items()}

    def clear(self) -> None:
        """Forget all steps."""
        self._columns = {}

    def sample(self, size: int, random: np.random.Generator) -> dict[str, Tensor]:
        """Draw steps at random: ``seen/<key>``, ``masks``, ``labels`` and ``returns`` of ``size`` of them."""
        index = torch.from_numpy(random.integers(len(self), size=size))
        return {key: torch.from_numpy(column).index_select(0, index) for key, column in self._columns.items()}


def imitate(
    learner: Learner, demonstrations: Demonstrations, updates: int, random: np.random.Generator
) -> dict[str, float]:
    """Fit policy and value to demonstrations.

    Args:
        learner: Whose policy to fit.
        demonstrations: What to fit it to.
        updates: Number of gradient steps, each on a minibatch of the learner's size.
        random: Draws the minibatches.

    Returns:
        Means over the updates: ``loss``, ``agreement`` (probability of doing what is optimal), ``value_loss``.
    """
    policy, optimizer = learner.policy, learner.policy.optimizer
    policy.set_training_mode(True)
    assert learner.batch_size is not None  # noqa: S101 - narrows the type
    records: list[tuple[float, float, float]] = []
    for _ in range(updates):
        drawn = demonstrations.sample(min(learner.batch_size, len(demonstrations)), random)
        batch = {key: column.to(learner.device) for key, column in drawn.items()}
        seen = {key.removeprefix("seen/"): column for key, column in batch.items() if key.startswith("seen/")}
        log_probabilities, values = policy.judge(seen, batch["masks"])
        miss, agreement = imitation_loss(log_probabilities, batch["labels"])
        value_loss = functional.mse_loss(values.flatten(), batch["returns"])
        loss = miss + learner.vf_coef * value_loss
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(policy.parameters(), learner.max_grad_norm)
        optimizer.step()
        records.append((miss.item(), agreement.item(), value_loss.item()))
    means = np.mean(records, axis=0)
    return {name: float(mean) for name, mean in zip(("loss", "agreement", "value_loss"), means, strict=True)}


def imitation_loss(log_probabilities: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Measure how far a policy is from doing something optimal.

    Args:
        log_probabilities: Shape ``(batch, slots)``.
        labels: Optimal slots, bool, likewise; steps without any do not count.

    Returns:
        Mean of ``-log p(optimal)``, and mean of ``p(optimal)``.
    """
    known = labels.any(1)
    optimal = torch.where(labels, log_probabilities, -torch.inf)[known].logsumexp(1)
    if not len(optimal):
        return log_probabilities.new_zeros(()), log_probabilities.new_zeros(())
    return -optimal.mean(), optimal.detach().exp().mean()


def any_of(labels: NDArray[np.bool_], random: np.random.Generator) -> NDArray[np.int64]:
    """Pick one of the true slots of each row at random; slot 0 where there is none."""
    picked: NDArray[np.int64] = (labels * (1.0 - random.random(labels.shape))).argmax(1)
    return picked
