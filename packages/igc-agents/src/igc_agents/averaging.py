"""An average of the weights over the last updates, which varies less than the weights of the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from igc_agents.policy import AnyPolicy


class AveragedWeights:
    """Exponential moving average of a policy's weights (Polyak and Juditsky, 1992), one value each update.

    Early on fewer updates count, as ``1 / (n + 1)``, so that the weights of the beginning are soon forgotten.

    Attributes:
        updates: Updates taken in.
        tensors: The averages by name; empty before the first update, and where ``decay`` is 0.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self.updates = 0
        self.tensors: dict[str, Tensor] = {}

    def add(self, policy: AnyPolicy) -> None:
        """Take the weights of an update in."""
        if not self._decay:
            return
        kept = min(self._decay, self.updates / (self.updates + 1))
        for name, weight in policy.weights().items():
            average = self.tensors.setdefault(name, torch.zeros_like(weight))
            average.lerp_(weight, 1 - kept)
        self.updates += 1

    def restore(self, tensors: Mapping[str, Tensor], updates: int) -> None:
        """Go on from averages of earlier."""
        self.tensors, self.updates = dict(tensors), updates

    def give(self, policy: AnyPolicy) -> None:
        """Put the averages, if any, in the place of a policy's weights."""
        if self.tensors:
            policy.set_weights(self.tensors)
