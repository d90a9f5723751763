"""Training an autoencoder on cached hidden states."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from igc_encoders.autoencoder.loss import FactLoss, reconstruction, spread
from igc_encoders.autoencoder.model import Decoder, Encoder
from igc_encoders.autoencoder.sizes import BLOCK, POSITIONS, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from igc_encoders.autoencoder.facts import FactBook
    from igc_encoders.autoencoder.recipe import Recipe
    from igc_encoders.autoencoder.store import StateStore

#: Share of the steps in which the step size rises.
_WARM_UP = 0.05
_MAX_GRADIENT = 1.0


@dataclass
class Progress:
    """How training stands.

    Attributes:
        share: Done so far, in [0, 1].
        steps: Updates so far.
        losses: Means of the parts of the loss over the last updates, by name.
    """

    share: float = 0.0
    steps: int = 0
    losses: dict[str, float] = field(default_factory=dict[str, float])


def train(
    store: StateStore,
    book: FactBook,
    recipe: Recipe,
    progress: Callable[[Progress], object] = lambda _: None,
    device: str = "cpu",
) -> tuple[Encoder, Progress]:
    """Train an autoencoder; the same store, recipe and number of threads give the same weights, but for a time limit.

    Args:
        store: Hidden states and facts.
        book: What the facts mean.
        recipe: How to train.
        progress: Called after every update.
        device: Where to train, as PyTorch names devices.

    Returns:
        The encoder's half, on the CPU, and how training ended.
    """
    sizes = sizes_of(store.states.shape[1], recipe)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        encoder, decoder = Encoder(sizes), Decoder(sizes, [len(values) for values in book.values.values()])
    both = nn.ModuleList([encoder, decoder]).train().to(device)
    optimizer = torch.optim.AdamW(both.parameters(), lr=recipe.learning_rate, weight_decay=1e-4)
    facts, stand = FactLoss(book, device=device), Progress()
    batches = batches_of(store.sizes(), recipe.batch_tokens)
    for share, chosen in _schedule(batches, recipe):
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * _step_size(share)
        batch = tuple(tensor.to(device) for tensor in store.batch(chosen))
        parts = _losses(encoder, decoder, facts, batch)
        total = parts["facts"] + recipe.spread * parts["spread"] + recipe.reconstruction * parts["reconstruction"]
        optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(both.parameters(), _MAX_GRADIENT)
        optimizer.step()
        stand.share, stand.steps = share, stand.steps + 1
        for name, part in parts.items():
            stand.losses[name] = 0.98 * stand.losses.get(name, part.item()) + 0.02 * part.item()
        progress(stand)
    return encoder.cpu().eval(), stand


def sizes_of(hidden: int, recipe: Recipe) -> Sizes:
    """Tell how large an autoencoder becomes.

    Args:
        hidden: Length of a hidden state.
        recipe: How it is trained.
    """
    return Sizes(
        hidden=hidden, latent=recipe.latent, channels=recipe.channels, heads=recipe.heads, features=recipe.features
    )


def _losses(encoder: Encoder, decoder: Decoder, facts: FactLoss, batch: tuple[Tensor, ...]) -> dict[str, Tensor]:
    hidden, lengths, contexts, resources, labels = batch
    latents = encoder.merge(encoder.summarise(hidden, lengths, contexts), resources, len(labels))
    logits, states = decoder(latents)
    first = contexts == 0
    target, there = _beginning(hidden[first], lengths[first])
    return {
        "facts": facts(logits, labels),
        "spread": spread(latents),
        "reconstruction": reconstruction(states, target, there),
    }


def _beginning(hidden: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Mean hidden states of each few tokens at the beginning, normalised, and which of them are there."""
    wanted = POSITIONS * BLOCK
    shown = nn.functional.layer_norm(hidden[:, :wanted], hidden.shape[2:])
    padded = nn.functional.pad(shown, (0, 0, 0, wanted - shown.shape[1]))
    there = torch.arange(POSITIONS, device=lengths.device) * BLOCK + BLOCK <= lengths[:, None]
    return padded.reshape(len(padded), POSITIONS, BLOCK, -1).mean(2), there


def _schedule(batches: list[NDArray[np.int64]], recipe: Recipe) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Yield batches in a new order in each epoch, with the share that is done, by steps or by time."""
    random = np.random.default_rng(recipe.seed)
    began, total = time.monotonic(), recipe.epochs * len(batches)
    limit = math.inf if recipe.minutes is None else 60 * recipe.minutes
    orders = (place for _ in range(recipe.epochs) for place in random.permutation(len(batches)).tolist())
    for step, place in enumerate(orders):
        share = max(step / total, (time.monotonic() - began) / limit)
        if share >= 1:
            return
        yield share, batches[place]


def _step_size(share: float) -> float:
    if share < _WARM_UP:
        return share / _WARM_UP + 1e-3
    return 0.5 * (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) + 1e-3


def batches_of(sizes: NDArray[np.int64], most: int) -> list[NDArray[np.int64]]:
    """Part resources of like size into batches, ascending within each.

    Args:
        sizes: Tokens of each resource.
        most: Tokens of a batch, as if all of it were as large as the largest; a larger resource is alone.
    """
    found: list[list[int]] = [[]]
    for place in np.argsort(sizes, kind="stable").tolist():
        if found[-1] and (len(found[-1]) + 1) * sizes[place] > most:
            found.append([])
        found[-1].append(place)
    return [np.sort(np.asarray(one, np.int64)) for one in found if one]
