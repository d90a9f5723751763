"""The network: hidden states of a language model to a latent, and back to what they said.

The encoder is a masked 1-D convolution, whose features are pooled by maximum at each token, and after a second, strided
convolution by attention (Lin et al., 2017). A maximum tells whether something is said anywhere, however much is said
besides; attention keeps a trace of all there is.

Both pool over all chunks of a resource together: a chunk gives partial sums that merge exactly (Milakov and Gimelshein,
2018), so a latent does not depend on how many chunks are in memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from igc_encoders.autoencoder.choices import BUCKETS
from igc_encoders.autoencoder.reading import LISTS, OBJECTS
from igc_encoders.autoencoder.sizes import POSITIONS, STRIDE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_encoders.autoencoder.sizes import Sizes


class Summary(NamedTuple):
    """What pooling knows of each of ``n`` chunks.

    Attributes:
        peaks: Largest attention score of each head, shape ``(n, heads)``.
        weights: Sum of the exponentials of the scores below the peak, shape ``(n, heads)``.
        sums: Values weighted likewise, shape ``(n, heads, channels / heads)``.
        maxima: Largest activation of each feature, shape ``(n, features)``.
    """

    peaks: Tensor
    weights: Tensor
    sums: Tensor
    maxima: Tensor


class Decoded(NamedTuple):
    """What a decoder makes of ``n`` latents.

    Attributes:
        facts: Logits of the values of all properties, one after the other, shape ``(n, values)``.
        choices: Logits of pairs of property and value, shape ``(n, BUCKETS)``.
        states: Mean hidden states of each :data:`BLOCK` tokens, shape ``(n, POSITIONS, hidden)``.
    """

    facts: Tensor
    choices: Tensor
    states: Tensor


class Encoder(nn.Module):
    """Hidden states to latents."""

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self._heads = sizes.heads
        self.norm = nn.LayerNorm(sizes.hidden)
        self.depth = nn.Embedding(OBJECTS * LISTS, sizes.hidden)
        self.first = nn.Conv1d(sizes.hidden, sizes.channels, 3, padding=1)
        self.second = nn.Conv1d(sizes.channels, sizes.channels, 3, stride=STRIDE, padding=1)
        self.scores = nn.Linear(sizes.channels, sizes.heads)
        self.values = nn.Linear(sizes.channels, sizes.channels)
        self.features = nn.Linear(sizes.channels, sizes.features)
        self.latent = nn.Linear(sizes.channels + sizes.features, sizes.latent)

    def summarise(self, hidden: Tensor, depths: Tensor, lengths: Tensor, context: Tensor) -> Summary:
        """Pool chunks.

        Args:
            hidden: Hidden states, shape ``(n, tokens, hidden)``, float32; what is beyond a chunk's length is ignored.
            depths: Of each token, see :class:`~igc_encoders.autoencoder.reading.Reading`, shape ``(n, tokens)``, int64.
            lengths: Tokens of each chunk, shape ``(n,)``.
            context: Tokens at its beginning that are only context and are pooled in another chunk, shape ``(n,)``.
        """
        places = torch.arange(hidden.shape[1], device=hidden.device)
        there = places < lengths[:, None]
        states = ((self.norm(hidden) + self.depth(depths)) * there[..., None]).transpose(1, 2)
        states = functional.gelu(self.first(states)) * there[:, None]
        pooled = there & (places >= context[:, None])
        found = functional.relu(self.features(states.transpose(1, 2)))
        maxima = found.masked_fill(~pooled[..., None], 0.0).amax(1)
        states = functional.gelu(self.second(states)).transpose(1, 2)
        scores = self.scores(states).masked_fill(~pooled[:, ::STRIDE, None], -torch.inf)
        peaks = scores.amax(1)
        weights = torch.exp(scores - peaks[:, None])
        values = self.values(states).unflatten(-1, (self._heads, -1))
        return Summary(peaks, weights.sum(1), torch.einsum("nth,nthc->nhc", weights, values), maxima)

    def merge(self, chunks: Summary, resource: Tensor, count: int) -> Tensor:
        """Turn the summaries of chunks into latents.

        Args:
            chunks: Summaries of ``n`` chunks.
            resource: Number of the resource that each belongs to, shape ``(n,)``.
            count: Number of resources; each has a chunk.

        Returns:
            Latents of unit length, shape ``(count, latent)``.
        """
        peaks = _largest(chunks.peaks, resource, count)
        scale = torch.exp(chunks.peaks - peaks[resource])
        weights = torch.zeros_like(peaks).index_add(0, resource, chunks.weights * scale)
        none = chunks.sums.new_zeros((count, *chunks.sums.shape[1:]))
        sums = none.index_add(0, resource, chunks.sums * scale[..., None])
        maxima = _largest(chunks.maxima, resource, count)
        pooled = torch.cat([(sums / weights[..., None]).flatten(1), maxima], 1)
        return functional.normalize(self.latent(pooled), dim=1)


class Decoder(nn.Module):
    """Latents to what resources say, and to the hidden states at their beginning."""

    def __init__(self, sizes: Sizes, values: Sequence[int]) -> None:
        super().__init__()
        self._scale = sizes.latent**0.5
        self.facts = nn.Linear(sizes.latent, sum(values))
        self.choices = nn.Linear(sizes.latent, BUCKETS)
        self.seeds = nn.Linear(sizes.latent, POSITIONS // 16 * sizes.channels)
        self.first = nn.ConvTranspose1d(sizes.channels, sizes.channels, 4, stride=4)
        self.second = nn.ConvTranspose1d(sizes.channels, sizes.hidden, 4, stride=4)

    def forward(self, latents: Tensor) -> Decoded:
        """Decode latents."""
        scaled = latents * self._scale
        seeds = self.seeds(scaled).unflatten(1, (-1, POSITIONS // 16))
        states = self.second(functional.gelu(self.first(seeds))).transpose(1, 2)
        return Decoded(self.facts(scaled), self.choices(scaled), states)


def _largest(values: Tensor, resource: Tensor, count: int) -> Tensor:
    """Take the maximum over the rows of each resource."""
    lowest = values.new_full((count, values.shape[1]), -torch.inf)
    return lowest.scatter_reduce(0, resource[:, None].expand_as(values), values, "amax")
