"""How well a language model predicts the resources of machines."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from igc_encoders.rendering import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from transformers import PreTrainedModel

    from igc_encoders.dataset import Batch, Batches, Chunk


@dataclass(frozen=True, slots=True)
class Figures:
    """How well tokens were predicted.

    Attributes:
        bits: Bits that they cost, all together.
        bytes: Bytes of the text that they are.
        tokens: How many they were, end tokens included.
        hits: How many of each kind were the model's first choice, int64, by :class:`~igc_encoders.rendering.Kind`.
        counts: How many there were of each kind, int64, likewise.
    """

    bits: float
    bytes: int
    tokens: int
    hits: NDArray[np.int64] = field(repr=False)
    counts: NDArray[np.int64] = field(repr=False)

    @classmethod
    def nothing(cls) -> Figures:
        """Return the figures of no token."""
        return cls(0.0, 0, 0, np.zeros(len(Kind), np.int64), np.zeros(len(Kind), np.int64))

    def __add__(self, other: Figures) -> Figures:
        """Take figures together."""
        return Figures(
            self.bits + other.bits,
            self.bytes + other.bytes,
            self.tokens + other.tokens,
            self.hits + other.hits,
            self.counts + other.counts,
        )

    @property
    def bits_per_byte(self) -> float:
        """Bits that a byte of text costs."""
        return self.bits / self.bytes if self.bytes else math.nan

    @property
    def perplexity_per_byte(self) -> float:
        """Perplexity for each byte of text."""
        return math.exp2(self.bits_per_byte)

    @property
    def perplexity_per_token(self) -> float:
        """Perplexity for each token."""
        return math.exp2(self.bits / self.tokens) if self.tokens else math.nan

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of tokens that were the model's first choice, by kind in lower case, and of ``all``."""
        found = {kind.name.lower(): _share(self.hits[kind], self.counts[kind]) for kind in Kind}
        return found | {"all": _share(self.hits.sum(), self.counts.sum())}


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part) / float(whole) if whole else math.nan


@torch.inference_mode()
def measure(
    model: PreTrainedModel,
    batches: Batches,
    *,
    plan: Sequence[Sequence[Chunk]] | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> dict[str, Figures]:
    """Measure a model on the machines of a store, each resource by itself.

    Args:
        model: The model; it is put into evaluation mode for the time.
        batches: The machines' resources.
        plan: Which batches to take; all chunks by default.
        watch: Told how many batches are done, and how many there are.

    Returns:
        Figures of each machine, by its name.
    """
    plan = batches.every() if plan is None else plan
    owners = batches.store.owners
    figures = {name: Figures.nothing() for name in batches.store.machines}
    training = model.training
    model.train(False)
    for done, chunks in enumerate(plan):
        batch = batches.batch(chunks)
        bits, hits = _judge(model, batch)
        for row, resource in enumerate(batch.resources):
            name = batches.store.machines[owners[resource]]
            figures[name] += _figures(batch, row, bits[row], hits[row])
        if watch:
            watch(done + 1, len(plan))
    model.train(training)
    return figures


def _judge(model: PreTrainedModel, batch: Batch) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the bits that each target cost, and whether it was the first choice."""
    device = next(model.parameters()).device
    logits = model(input_ids=torch.from_numpy(batch.inputs).to(device), use_cache=False).logits.float()
    targets = torch.from_numpy(batch.targets).to(device)
    losses = functional.cross_entropy(logits.transpose(1, 2), targets, reduction="none") / math.log(2)
    return losses.cpu().numpy(), (logits.argmax(-1) == targets).cpu().numpy()


def _figures(batch: Batch, row: int, bits: NDArray[np.float32], hits: NDArray[np.bool_]) -> Figures:
    counted = batch.weights[row] > 0
    kinds = batch.kinds[row][counted]
    return Figures(
        float(bits[counted].sum(dtype=np.float64)),
        int(batch.sizes[row].sum()),
        int(counted.sum()),
        np.bincount(kinds[hits[counted]], minlength=len(Kind)).astype(np.int64),
        np.bincount(kinds, minlength=len(Kind)).astype(np.int64),
    )
