"""Training an autoencoder on cached hidden states, or end to end with the language model's layers."""

from __future__ import annotations

import math
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from igc_encoders.autoencoder.loss import FactLoss, choices, reconstruction, spread
from igc_encoders.autoencoder.model import Decoded, Decoder, Encoder, Summary
from igc_encoders.autoencoder.progress import Progress
from igc_encoders.autoencoder.sizes import BLOCK, POSITIONS, Sizes
from igc_encoders.autoencoder.store import Batch
from igc_encoders.errors import EncoderError
from igc_encoders.lm.processes import precision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from igc_core.interruption import Interruption
    from igc_encoders.autoencoder.checkpoint import Checkpoint
    from igc_encoders.autoencoder.facts import FactBook
    from igc_encoders.autoencoder.recipe import Recipe
    from igc_encoders.autoencoder.states import LanguageStates
    from igc_encoders.autoencoder.store import StateStore

#: Share of the steps in which the step size rises.
_WARM_UP = 0.05
_MAX_GRADIENT = 1.0
#: Updates after which training is kept: a minute or two with the default recipe.
_KEPT_EVERY = 500


def train(
    store: StateStore,
    book: FactBook,
    recipe: Recipe,
    progress: Callable[[Progress], object] = lambda _: None,
    device: str = "cpu",
    *,
    base: Encoder | None = None,
    states: LanguageStates | None = None,
    kept: Checkpoint | None = None,
    interruption: Interruption | None = None,
) -> tuple[Encoder, Progress]:
    """Train an autoencoder; the same store, recipe and number of threads give the same weights, but for a time limit.

    Args:
        store: Hidden states and facts.
        book: What the facts mean.
        recipe: How to train.
        progress: Called after every update.
        device: Where to train, as PyTorch names devices.
        base: Encoder of the recipe's sizes to go on from; it stays as it is.
        states: The language model, for a recipe that tunes it: its layers are changed.
        kept: Where training is kept, and gone on with where it is kept already; nowhere if None.
        interruption: Whether somebody asked to stop.

    Returns:
        The encoder's half, on the CPU, and how training stands.

    Raises:
        EncoderError: The loss became infinite, there was no time for a single step, or what was kept is damaged.
        DataError: What is to be kept cannot be written.
    """
    learner = _Learner(store.states.shape[1], book, recipe, device, base, states if recipe.tune else None)
    stand = kept.restore(learner.modules, learner.optimizer) if kept else Progress()
    batches = batches_of(store.sizes(), recipe.batch_tokens)
    began = time.monotonic() - stand.seconds
    for share, chosen in _schedule(batches, recipe, stand.steps, began):
        if interruption is not None and interruption.requested:
            break
        batch = Batch(*(tensor.to(device) for tensor in store.batch(chosen)))
        stand.stepped(share, learner.update(batch, share))
        stand.seconds = time.monotonic() - began
        _demand_finite(stand)
        progress(stand)
        if kept and stand.steps % _KEPT_EVERY == 0:
            kept.write(learner.modules, learner.optimizer, stand)
    else:
        stand.ended = True
        _demand_steps(stand, recipe)
    if kept:
        kept.write(learner.modules, learner.optimizer, stand)
    return learner.encoder.cpu().eval(), stand


class _Learner:
    """All that is trained, and its optimizer."""

    def __init__(
        self,
        hidden: int,
        book: FactBook,
        recipe: Recipe,
        device: str,
        base: Encoder | None,
        states: LanguageStates | None,
    ) -> None:
        sizes = sizes_of(hidden, recipe)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(recipe.seed)
            self.encoder = Encoder(sizes)
            self._decoder = Decoder(sizes, [len(values) for values in book.values.values()])
        if base is not None:
            self.encoder.load_state_dict(base.state_dict())
        both = nn.ModuleList([self.encoder, self._decoder]).train().to(device)
        groups: list[dict[str, Any]] = [{"params": list(both.parameters()), "largest": recipe.learning_rate}]
        if states is not None:
            groups.append({"params": list(states.module.parameters()), "largest": recipe.tune})
        self.modules = both if states is None else nn.ModuleList([both, states.module])
        self.optimizer = torch.optim.AdamW(groups, lr=recipe.learning_rate, weight_decay=1e-4)
        self._recipe, self._states, self._facts = recipe, states, FactLoss(book, device=device)
        half = precision(recipe.precision, device) == "bf16"
        self._computing = torch.autocast(torch.device(device).type, torch.bfloat16, enabled=half)

    def update(self, batch: Batch, share: float) -> dict[str, float]:
        """Learn from a batch; return the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["largest"] * _step_size(share)
        parts = self._losses(batch)
        total = torch.stack([getattr(self._recipe, name) * part for name, part in parts.items()]).sum()
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.modules.parameters(), _MAX_GRADIENT)
        self.optimizer.step()
        return {name: part.item() for name, part in parts.items()}

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        """Return the terms of the loss by name; the recipe has a weight of the same name for each."""
        with self._computing:
            hidden = batch.hidden if self._states is None else self._states.read(batch.ids)
            summary = self.encoder.summarise(hidden, batch.depths, batch.lengths, batch.contexts)
        latents = self.encoder.merge(Summary(*(part.float() for part in summary)), batch.resources, len(batch.labels))
        with self._computing:
            decoded = self._decoder(latents)
        decoded = Decoded(*(part.float() for part in decoded))
        weights = 1 + (self._recipe.acted - 1) * batch.acted.float()
        first = batch.contexts == 0
        # What is reconstructed are the states as they were: those that are tuned could become easy ones.
        target, there = _beginning(batch.hidden[first], batch.lengths[first])
        return {
            "facts": self._facts(decoded.facts, batch.labels),
            "choices": choices(decoded.choices, batch.pairs, batch.answers, batch.owners, weights),
            "spread": spread(latents),
            "reconstruction": reconstruction(decoded.states, target, there),
        }


def _demand_steps(stand: Progress, recipe: Recipe) -> None:
    if not stand.steps:
        problem = f"no step was taken within {recipe.minutes} minutes"
        raise EncoderError(problem, code="encoder-training", hint="give it more time: --set minutes=8")


def _demand_finite(stand: Progress) -> None:
    for name, loss in stand.losses.items():
        if not math.isfinite(loss):
            raise EncoderError(
                f"the loss of {name} is {loss} in step {stand.steps}",
                code="encoder-training",
                hint="train anew with a lower learning rate: --set learning_rate=0.0005",
            )


def sizes_of(hidden: int, recipe: Recipe) -> Sizes:
    """Tell how large an autoencoder becomes.

    Args:
        hidden: Length of a hidden state.
        recipe: How it is trained.
    """
    return Sizes(
        hidden=hidden, latent=recipe.latent, channels=recipe.channels, heads=recipe.heads, features=recipe.features
    )


def _beginning(hidden: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
    """Mean hidden states of each few tokens at the beginning, normalised, and which of them are there."""
    wanted = POSITIONS * BLOCK
    shown = nn.functional.layer_norm(hidden[:, :wanted], hidden.shape[2:])
    padded = nn.functional.pad(shown, (0, 0, 0, wanted - shown.shape[1]))
    there = torch.arange(POSITIONS, device=lengths.device) * BLOCK + BLOCK <= lengths[:, None]
    return padded.reshape(len(padded), POSITIONS, BLOCK, -1).mean(2), there


def _schedule(
    batches: list[NDArray[np.int64]], recipe: Recipe, done: int, began: float
) -> Iterator[tuple[float, NDArray[np.int64]]]:
    """Yield batches in a new order in each epoch, with the share that is done, by steps or by time; not those done."""
    random, total = np.random.default_rng(recipe.seed), recipe.epochs * len(batches)
    limit = math.inf if recipe.minutes is None else 60 * recipe.minutes
    orders = (place for _ in range(recipe.epochs) for place in random.permutation(len(batches)).tolist())
    for step, place in islice(enumerate(orders), done, None):
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
