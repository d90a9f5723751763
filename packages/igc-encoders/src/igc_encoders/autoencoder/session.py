"""From a language model and captures to an encoder in a folder."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import torch

from igc_core.files import sha256
from igc_core.interruption import interruptible
from igc_encoders import lm
from igc_encoders.autoencoder import folder as saved
from igc_encoders.autoencoder.checkpoint import Checkpoint
from igc_encoders.autoencoder.material import gather
from igc_encoders.autoencoder.states import LanguageStates
from igc_encoders.autoencoder.store import fill
from igc_encoders.autoencoder.training import sizes_of, train
from igc_encoders.device import demand_device
from igc_encoders.errors import EncoderError
from igc_encoders.folders import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from transformers import PreTrainedModel

    from igc_core.interruption import Interruption
    from igc_encoders.autoencoder.model import Encoder
    from igc_encoders.autoencoder.progress import Progress
    from igc_encoders.autoencoder.recipe import Recipe
    from igc_encoders.corpus import Corpus

#: Folder of the hidden states, beside the encoder; it may be removed at any time.
STATES = "states"


class Outcome(NamedTuple):
    """What came of a training.

    Attributes:
        settings: What the encoder is; None where training was stopped before its end.
        progress: How training stands.
    """

    settings: saved.Settings | None
    progress: Progress


def train_encoder(
    language_model: Path,
    corpus: Corpus,
    recipe: Recipe,
    out: Path,
    *,
    device: str = "cpu",
    watch: Callable[[str, float], object] = lambda _what, _share: None,
    interruption: Interruption | None = None,
) -> Outcome:
    """Train an autoencoder on the hidden states of a language model, and keep both as one encoder.

    The hidden states are kept below ``out`` and used again by the next training on the same material. So is a training
    that was stopped: the same call goes on with it, bit for bit. The encoder is written at the end, so that one which
    is there stays until then.

    Args:
        language_model: Folder of the language model.
        corpus: Machines to learn from.
        recipe: How to train.
        out: Folder of the encoder; made where it is missing.
        device: Where to train, as PyTorch names devices.
        watch: Called with what is going on, and the share of it that is done.
        interruption: Whether somebody asked to stop.

    Raises:
        EncoderError: There is no language model or no such device, the captures are too few, something is damaged, or
            the folder holds something else than an encoder.
        DataError: The folder cannot be written.
        KeyboardInterrupt: Somebody asked to stop before the first update.
    """

    def told(what: str, share: float) -> None:
        watch(what, share)
        if interruption is not None and interruption.requested:
            raise KeyboardInterrupt

    demand_device(device)
    make_folder(out, saved.MANIFEST)
    saved.demand_replaceable(out)
    began = time.monotonic()
    told("reading captures", 0.0)
    model, tokenizer = lm.load(language_model)
    whole, _ = lm.load(language_model)
    states = LanguageStates(model.to(device), recipe.layer)  # type: ignore[arg-type]
    base = _base(recipe, whole, states)
    material = gather(corpus.records(), tokenizer, recipe, lambda share: told("resources", share))
    # What the hidden states depend on.
    weights = "".join(sha256(path) for path in sorted(language_model.glob("*.safetensors")))
    identity = _digest(weights, str(states.layer), material.fingerprint)
    store = fill(
        out / STATES / identity, material.readings, material.told, states, lambda share: told("hidden states", share)
    )
    read = time.monotonic()
    kept = Checkpoint(out / f"checkpoint-{_digest(identity, recipe.model_dump_json())}.safetensors")
    trained, stand = train(
        store,
        material.book,
        recipe,
        lambda now: watch(_worded(now.losses), now.share),
        device,
        base=base,
        states=states,
        kept=kept,
        interruption=interruption,
    )
    if not stand.ended:
        return Outcome(None, stand)
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
            "seconds_training": round(stand.seconds, 1),
        },
    )
    if recipe.tune:
        whole.base_model.load_state_dict(states.module.cpu().state_dict(), strict=False)
    with interruptible():  # half of an encoder would be of no use, and the one that was there would be lost
        saved.save(out, whole, tokenizer, trained, settings)
    kept.drop()
    return Outcome(settings, stand)


def _digest(*parts: str) -> str:
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


def _base(recipe: Recipe, model: PreTrainedModel, states: LanguageStates) -> Encoder | None:
    """Load the encoder to go on from, which has to read the same states as the new one will, and be as large."""
    if not recipe.base:
        return None
    found = saved.load(Path(recipe.base))
    own, other = model.state_dict(), found.model.state_dict()
    same = own.keys() == other.keys() and all(torch.equal(own[name], other[name]) for name in own)
    if same and (found.settings.sizes, found.settings.layer) == (sizes_of(states.width, recipe), states.layer):
        return found.encoder
    what = "of other sizes, or reads another layer" if same else "of another language model"
    raise EncoderError(
        f"the encoder in {recipe.base} cannot be gone on from: it is {what}",
        code="encoder-incompatible",
        hint="name one of the same language model and recipe, or begin anew",
    )


def _worded(losses: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
