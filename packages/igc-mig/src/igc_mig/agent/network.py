"""The network in numpy: deciding needs no PyTorch.

Each task becomes a vector; mean and maximum of all, with what is known of the GPU, become the context; from a task and
the context comes how good it is to start it now on an instance of each size. Deep sets (Zaheer et al., 2017): the order
of the tasks does not matter, nor does their number. :mod:`igc_mig.training.policy` holds the same network for training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium as gym
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_mig.agent.features import Features

    Weights = Mapping[str, NDArray[np.float32]]


_HIDDEN = "mlp_extractor.policy_net."


class SetNetwork:
    """Scores actions.

    Attributes:
        features: What it is told.
    """

    def __init__(self, features: Features, weights: Weights) -> None:
        self.features = features
        self._weights = weights

    def logits(self, observation: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Score the actions of many states.

        Args:
            observation: As the environment's, of the kind ``"set"``.

        Returns:
            Shape ``(B, actions)``; those of actions that are not legal mean nothing.
        """
        seen = self.features(observation)
        row, slot = np.nonzero(seen["present"])
        batch, slots = seen["present"].shape
        embedded = _relu(self._linear("embed", seen["rows"][row, slot]))
        total, largest = np.zeros((2, batch, embedded.shape[1]), np.float32)
        np.add.at(total, row, embedded)
        np.maximum.at(largest, row, embedded)
        mean = total / np.maximum(seen["present"].sum(1, keepdims=True), 1)
        context = _relu(self._linear("gather", np.concatenate([seen["whole"], mean, largest], 1)))
        context = _relu(self._linear("think", context))
        mixed = _relu(self._linear("mix", embedded) + self._linear("tell", context)[row])
        scores = np.zeros((batch, slots, self.features.sizes), np.float32)
        scores[row, slot] = self._linear("score", _relu(self._linear("weigh", mixed)))
        layout = seen["layout"][:, 0]
        column, places = self.features.column[layout], self.features.places[layout]
        starts = np.take_along_axis(scores, column[:, None], 2)
        starts += np.take_along_axis(self._linear("place", context), places, 1)[:, None]
        return np.concatenate([self._linear("other", context), starts.reshape(batch, -1)], 1)

    def demand_complete(self) -> None:
        """Make sure that every weight is there and of the right shape.

        Raises:
            KeyError: One is missing.
            ValueError: One is of another shape.
        """
        features = self.features
        width, context = (self._weights[f"{name}.bias"].shape[0] for name in ("embed", "think"))
        expected = {
            "embed": (width, features.row),
            "gather": (context, features.whole + 2 * width),
            "think": (context, context),
            "mix": (width, width),
            "tell": (width, context),
            "weigh": (width, width),
            "score": (features.sizes, width),
            "place": (features.placements, context),
            "other": (1 + features.layouts, context),
        }
        for name, shape in expected.items():
            if self._weights[f"{name}.weight"].shape != shape or self._weights[f"{name}.bias"].shape != shape[:1]:
                raise ValueError(f"the field {name} is not of shape {shape}")

    def _linear(self, name: str, values: NDArray[np.float32]) -> NDArray[np.float32]:
        return values @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]


class MlpNetwork:
    """A multi-layer perceptron over one vector, as stable-baselines3 builds it for the reference's versions."""

    def __init__(self, space: gym.Space[Any], weights: Weights) -> None:
        """Take over weights.

        Args:
            space: Of the observations: a box, or categories that are encoded in one-hot form.
            weights: As stable-baselines3 names them.

        Raises:
            KeyError: One is missing.
        """
        self._categories = space.nvec.tolist() if isinstance(space, gym.spaces.MultiDiscrete) else None
        numbers = sorted({int(name.split(".")[2]) for name in weights if name.startswith(_HIDDEN)})
        names = [*(f"{_HIDDEN}{number}" for number in numbers), "action_net"]
        self._layers = [(weights[f"{name}.weight"].T, weights[f"{name}.bias"]) for name in names]

    def logits(self, observation: NDArray[Any]) -> NDArray[np.float32]:
        """Score the actions of many states, shape ``(B, actions)``."""
        values = observation.astype(np.float32)
        if self._categories is not None:
            ones = [np.eye(size, dtype=np.float32)[observation[:, at]] for at, size in enumerate(self._categories)]
            values = np.concatenate(ones, 1)
        for weight, bias in self._layers[:-1]:
            values = np.tanh(values @ weight + bias)
        weight, bias = self._layers[-1]
        return np.asarray(values @ weight + bias, np.float32)


def _relu(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.maximum(values, 0)
