"""What the autoencoder is trained by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from igc_encoders.autoencoder.facts import TYPE

if TYPE_CHECKING:
    from torch import Tensor

    from igc_encoders.autoencoder.facts import FactBook

#: Latents that a variance is told from.
_FEWEST = 8
#: Weight of the type of a resource among the properties that it has.
_TYPE = 6.0


class FactLoss:
    """Cross-entropy of the value of each property that a resource has.

    That a property is absent counts as a value, of little weight: most are absent from most resources. The type, which
    has far more values than any other, counts as :data:`_TYPE` properties.
    """

    def __init__(self, book: FactBook, absent: float = 0.02, device: str = "cpu") -> None:
        """Note which logits belong together.

        Args:
            book: The properties.
            absent: Weight of an absent property.
            device: Where logits will be.
        """
        sizes = [len(values) for values in book.values.values()]
        self._absent = absent
        self._weights = torch.tensor([_TYPE if path == TYPE else 1.0 for path in book.values], device=device)
        self._group = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes)).to(device)
        self._first = (torch.tensor(sizes).cumsum(0) - torch.tensor(sizes)).to(device)

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy.

        Args:
            logits: Shape ``(n, values of all properties)``.
            labels: Number of the value of each property, shape ``(n, properties)``; -1 is not counted.
        """
        # No logit of a trained model comes near 80, where float32 exponentials end.
        exponentials = logits.clamp(-60, 60).exp()
        totals = exponentials.new_zeros(labels.shape).index_add(1, self._group, exponentials)
        chosen = logits.clamp(-60, 60).gather(1, labels.clamp(min=0) + self._first)
        weights = torch.where(labels > 0, self._weights, self._absent) * (labels >= 0)
        return ((totals.log() - chosen) * weights).sum() / weights.sum()


def choices(logits: Tensor, pairs: Tensor, answers: Tensor, owners: Tensor, weights: Tensor) -> Tensor:
    """Mean cross-entropy of what properties say among what they could say.

    A value is as likely as the logits of its pairs add up to; a wrong one of the same property is what it has to beat,
    so that nothing is gained by knowing which values are frequent.

    Args:
        logits: Shape ``(n, buckets)``.
        pairs: Buckets of the pairs of each value, shape ``(m, values, pairs)``; -1 where a property has fewer values.
        answers: Number of the value that each property has, shape ``(m,)``.
        owners: Resource of each, shape ``(m,)``.
        weights: Weight of each in the mean, shape ``(m,)``.
    """
    if not len(answers):
        return logits.sum() * 0
    scores = logits[owners[:, None, None], pairs.clamp(min=0)].sum(2)
    losses = functional.cross_entropy(scores.masked_fill(pairs[..., 0] < 0, -torch.inf), answers, reduction="none")
    mean: Tensor = (losses * weights).sum() / weights.sum()
    return mean


def spread(latents: Tensor) -> Tensor:
    """Variance and covariance terms against collapse (Bardes et al., 2022, equations 1 to 4).

    Args:
        latents: Of unit length, shape ``(n, latent)``; scaled here so that coordinates can have variance 1. A
            few say nothing about a distribution, and count nothing.
    """
    count, width = latents.shape
    if count < _FEWEST:
        return latents.sum() * 0
    centred = (latents - latents.mean(0)) * width**0.5
    deviation = torch.sqrt(centred.var(0) + 1e-4)
    covariance = centred.T @ centred / max(count - 1, 1)
    off_diagonal = covariance - torch.diag(covariance.diagonal())
    total: Tensor = functional.relu(1 - deviation).mean() + 0.04 * off_diagonal.pow(2).sum() / width
    return total


def reconstruction(states: Tensor, target: Tensor, there: Tensor) -> Tensor:
    """Mean squared error of hidden states, over the positions that are there.

    Args:
        states: Shape ``(n, positions, hidden)``.
        target: Likewise.
        there: Shape ``(n, positions)``, bool.
    """
    error = (states - target).pow(2).mean(2)
    return (error * there).sum() / there.sum().clamp(min=1)
