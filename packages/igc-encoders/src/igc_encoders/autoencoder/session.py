"""From a language model and captures to an encoder in a folder."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from igc_core.files import demand_writable, sha256
from igc_encoders import lm
from igc_encoders.autoencoder import folder as saved
from igc_encoders.autoencoder.material import gather
from igc_encoders.autoencoder.states import LanguageStates
from igc_encoders.autoencoder.store import fill
from igc_encoders.autoencoder.training import sizes_of, train

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_encoders.autoencoder.recipe import Recipe
    from igc_encoders.corpus import Corpus

#: Folder of the hidden states, beside the encoder; it may be removed at any time.
STATES = "states"


def train_encoder(
    language_model: Path,
    corpus: Corpus,
    recipe: Recipe,
    out: Path,
    *,
    device: str = "cpu",
    watch: Callable[[str, float], object] = lambda _what, _share: None,
) -> saved.Settings:
    """Train an autoencoder on the hidden states of a language model, and keep both as one encoder.

    The hidden states are kept below ``out`` and used again by the next training on the same material. The encoder is
    written at the end, so that one which is there stays until then.

    Args:
        language_model: Folder of the language model.
        corpus: Machines to learn from.
        recipe: How to train.
        out: Folder of the encoder; made where it is missing.
        device: Where to train, as PyTorch names devices.
        watch: Called with what is going on, and the share of it that is done.

    Returns:
        What became of it.

    Raises:
        EncoderError: There is no language model, or the captures are too few or damaged.
        DataError: The folder cannot be written.
    """
    out.mkdir(parents=True, exist_ok=True)
    demand_writable(out / saved.MANIFEST)
    began = time.monotonic()
    watch("reading captures", 0.0)
    model, tokenizer = lm.load(language_model)
    material = gather(corpus.records(), tokenizer, recipe)
    states = LanguageStates(model.to(device), recipe.layer)  # type: ignore[arg-type]
    # What the hidden states depend on.
    weights = "".join(sha256(path) for path in sorted(language_model.glob("*.safetensors")))
    identity = hashlib.sha256(f"{weights}{states.layer}{material.fingerprint}".encode()).hexdigest()[:16]
    store = fill(
        out / STATES / identity, material.ids, material.labels, states, lambda share: watch("hidden states", share)
    )
    read = time.monotonic()
    trained, stand = train(store, material.book, recipe, lambda now: watch(_worded(now.losses), now.share), device)
    settings = saved.Settings(
        sizes=sizes_of(states.width, recipe),
        layer=states.layer,
        training={
            "recipe": recipe.model_dump(mode="json"),
            "machines": list(corpus.machines),
            "corpus": corpus.fingerprint(),
            "resources": len(store),
            "tokens": int(store.starts[-1]),
            "properties": len(material.book.values),
            "steps": stand.steps,
            "losses": {name: round(value, 4) for name, value in stand.losses.items()},
            "seconds_reading": round(read - began, 1),
            "seconds_training": round(time.monotonic() - read, 1),
        },
    )
    whole, _ = lm.load(language_model)
    saved.save(out, whole, tokenizer, trained, settings)
    return settings


def _worded(losses: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
