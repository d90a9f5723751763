"""MaskablePPO of sb3-contrib over the batched environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from sb3_contrib import MaskablePPO
from stable_baselines3.common.logger import Logger, TensorBoardOutputFormat

from igc_core.errors import DataError
from igc_mig.agent.features import Features
from igc_mig.batched import BatchedMig
from igc_mig.training.policy import SetPolicy
from igc_mig.training.recipe import SET
from igc_mig.training.vector import MigVector

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from igc_mig.training.recipe import Recipe

#: Share of the first learning rate that is left at the end.
_LAST_RATE = 0.05


class Learner(MaskablePPO):
    """Collects steps and learns from them, one update at a time.

    Attributes:
        vector: The environment.
        features: What a set policy is told, None for the reference's versions.
    """

    def __init__(self, recipe: Recipe, tensorboard: Path | None = None) -> None:
        """Build environment, network and optimiser.

        Args:
            recipe: How to train.
            tensorboard: Folder for TensorBoard; None for no records.

        Raises:
            DataError: The device cannot be used.
        """
        self._recipe = recipe
        batch = BatchedMig(recipe.envs, **recipe.batched())
        self.features = Features(batch.gpu) if recipe.version == SET else None
        self.vector = MigVector(batch, self.features)
        options: dict[str, Any] = {"net_arch": {"pi": [recipe.width] * 2, "vf": [recipe.width] * 2}}
        if self.features is not None:
            options = {"features": self.features, "width": recipe.width, "context": recipe.context}
        super().__init__(
            SetPolicy if self.features is not None else "MlpPolicy",
            self.vector,
            learning_rate=lambda left: recipe.learning_rate * (_LAST_RATE + (1 - _LAST_RATE) * left),
            n_steps=recipe.rollout,
            batch_size=min(recipe.batch_size, recipe.envs * recipe.rollout),
            n_epochs=recipe.epochs,
            gamma=1.0,
            gae_lambda=recipe.gae_lambda,
            ent_coef=recipe.entropy_at(0.0),
            vf_coef=recipe.value_weight,
            policy_kwargs=options,
            seed=recipe.seed % 2**32,  # what numpy takes
            device=device_of(recipe.device),
        )
        formats = [] if tensorboard is None else [TensorBoardOutputFormat(str(tensorboard))]
        self.set_logger(Logger(None, list(formats)))
        _, self._quiet = self._setup_learn(recipe.num_steps)

    def restart(self, seed: int) -> None:
        """Begin every episode anew, and draw everything from a seed."""
        self.set_random_seed(seed)
        self.vector.seed(seed)
        self._last_obs = self.vector.reset()
        self._last_episode_starts = self.vector.batch.state.started == 0

    def update(self, progress: float) -> None:
        """Collect steps, and learn from them.

        Args:
            progress: Share of the training that is done, which learning rate and entropy bonus follow.
        """
        assert self.env is not None  # noqa: S101 - narrows the type
        self.collect_rollouts(self.env, self._quiet, self.rollout_buffer, self.n_steps, use_masking=True)
        self._current_progress_remaining = 1.0 - progress
        self.ent_coef = self._recipe.entropy_at(progress)
        self.train()

    @property
    def updates(self) -> int:
        """Passes over collected steps so far."""
        return int(self._n_updates)

    @updates.setter
    def updates(self, count: int) -> None:
        self._n_updates = count

    def weights(self) -> dict[str, Tensor]:
        """All that was learned, the critic too."""
        return {name: value.detach().cpu().contiguous() for name, value in self._module.state_dict().items()}

    def actor(self) -> dict[str, NDArray[np.float32]]:
        """What deciding needs."""
        critic = ("judge.", "worth.", "value_net.", "mlp_extractor.value_net.")
        return {name: value.numpy() for name, value in self.weights().items() if not name.startswith(critic)}

    def set_weights(self, weights: dict[str, Tensor]) -> None:
        """Take over what :meth:`weights` gave.

        Raises:
            RuntimeError: Names or shapes differ.
        """
        self._module.load_state_dict(weights)

    @property
    def _module(self) -> torch.nn.Module:
        return self.policy.network if isinstance(self.policy, SetPolicy) else self.policy


def device_of(name: str) -> str:
    """Translate the reference's name of a device.

    Raises:
        DataError: There is no such device here.
    """
    wanted = {"gpu": "cuda"}.get(name, name)
    if wanted not in ("cpu", "cuda") or (wanted == "cuda" and not torch.cuda.is_available()):
        raise DataError(
            f"the field device is {name!r}, which this machine cannot use",
            code="data-invalid",
            hint="give cpu, or gpu where PyTorch finds one",
        )
    return wanted
