"""Encoders on disk: a language model with its tokenizer, the autoencoder's weights, and what belongs together.

A folder holds ``lm/`` (which plain transformers reads), ``autoencoder.safetensors``, ``autoencoder.json`` and
``manifest.json``. None of them can carry code. The manifest is written last, and names the hash of every other file.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import safetensors.torch
from pydantic import Field, JsonValue, ValidationError
from safetensors import SafetensorError

from igc_core.errors import DataError
from igc_core.files import sha256, write_atomically
from igc_core.models import Model
from igc_encoders import lm
from igc_encoders.autoencoder.model import Encoder
from igc_encoders.autoencoder.sizes import Sizes
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor, nn
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

LANGUAGE_MODEL: Final = "lm"
WEIGHTS, SETTINGS, MANIFEST = "autoencoder.safetensors", "autoencoder.json", "manifest.json"
_FORMAT: Final = "igc-encoder"
#: Changes whenever the same folder would give other vectors.
_VERSION: Final = 2


class Settings(Model):
    """What an autoencoder is.

    Attributes:
        sizes: How large it is.
        layer: Layer of the language model whose states it reads.
        training: Summary of its training.
    """

    sizes: Sizes
    layer: int = Field(ge=1)
    training: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedEncoder:
    """An encoder that was loaded.

    Attributes:
        model: The language model.
        tokenizer: Its tokenizer.
        encoder: The encoder's half of the autoencoder.
        settings: What it is.
        fingerprint: Changes with every file.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    encoder: Encoder
    settings: Settings
    fingerprint: str


def save(
    folder: Path,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    encoder: nn.Module,
    settings: Settings,
) -> None:
    """Write an encoder into a folder, which is made where it is missing; one that is there is replaced.

    Args:
        folder: Where.
        model: The language model, whole.
        tokenizer: Its tokenizer.
        encoder: The encoder's half of the autoencoder.
        settings: What it is.

    Raises:
        EncoderError: The folder cannot be written.
        DataError: Likewise.
    """
    (folder / MANIFEST).unlink(missing_ok=True)
    lm.save(folder / LANGUAGE_MODEL, model, tokenizer)
    weights: Mapping[str, Tensor] = encoder.state_dict()
    write_atomically(folder / WEIGHTS, safetensors.torch.save({key: one.contiguous() for key, one in weights.items()}))
    write_atomically(folder / SETTINGS, settings.model_dump_json(indent=2) + "\n")
    stated = {"format": _FORMAT, "version": _VERSION, "files": _hashes(folder)}
    write_atomically(folder / MANIFEST, json.dumps(stated, indent=2) + "\n")


def demand_replaceable(folder: Path) -> None:
    """Make sure that a folder holds nothing that an encoder would destroy.

    Raises:
        EncoderError: It has the manifest of something else, such as the run of a training.
    """
    try:
        stated: Any = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict) or cast("dict[str, Any]", stated).get("format") != _FORMAT:
        raise EncoderError(
            f"{folder} holds something else than an encoder, which would be lost",
            code="encoder-options",
            hint="choose another folder",
        )


def load(folder: Path) -> SavedEncoder:
    """Load an encoder.

    Raises:
        EncoderError: There is none, its files are damaged, or they do not belong together.
    """
    stated = _manifest(folder)
    for name, digest in stated["files"].items():
        try:
            found = sha256(folder / name)
        except DataError as error:
            raise _corrupt(folder, error.message) from error
        if found != digest:
            raise _corrupt(folder, f"{name} is not the file that {MANIFEST} speaks of")
    settings = read_settings(folder)
    model, tokenizer = lm.load(folder / LANGUAGE_MODEL)
    encoder = Encoder(settings.sizes)
    try:
        encoder.load_state_dict(safetensors.torch.load((folder / WEIGHTS).read_bytes()))
    except (OSError, SafetensorError) as error:
        raise _corrupt(folder, f"{WEIGHTS} cannot be read") from error
    except RuntimeError as error:
        raise EncoderError(
            f"the weights in {folder / WEIGHTS} are not of the shapes that {SETTINGS} states",
            code="encoder-incompatible",
            hint="take all files from one folder, or train it anew",
        ) from error
    width: Any = model.config.hidden_size
    if width != settings.sizes.hidden:
        raise EncoderError(
            f"the autoencoder in {folder} reads states of width {settings.sizes.hidden}, "
            f"and its language model has {width}",
            code="encoder-incompatible",
            hint="take both from one folder, or train the autoencoder anew",
        )
    digest = hashlib.sha256(json.dumps(stated["files"], sort_keys=True).encode()).hexdigest()
    return SavedEncoder(model, tokenizer, encoder.eval(), settings, f"language-model-{_VERSION}-{digest[:32]}")


def read_settings(folder: Path) -> Settings:
    """Read what an encoder is.

    Raises:
        EncoderError: There is none, or its file is damaged.
    """
    try:
        return Settings.model_validate_json((folder / SETTINGS).read_bytes())
    except OSError as error:
        raise _missing(folder, error) from error
    except ValidationError as error:
        raise _corrupt(folder, f"{SETTINGS}: {error.errors()[0]['msg']}") from error


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        stated: Any = json.loads((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise _missing(folder, error) from error
    except (ValueError, RecursionError) as error:
        raise _corrupt(folder, f"{MANIFEST} is not JSON") from error
    found = cast("dict[str, Any]", stated) if isinstance(stated, dict) else {}
    if not found:
        raise _corrupt(folder, f"{MANIFEST} says nothing")
    if found.get("format") != _FORMAT:
        raise EncoderError(
            f"there is no encoder in {folder}: its {MANIFEST} is of something else",
            code="encoder-missing",
            hint=f"if it is a language model, train an autoencoder on it: igc encoder train autoencoder {folder}",
        )
    if not isinstance(found.get("files"), dict):
        raise _corrupt(folder, f"{MANIFEST} names no files")
    if found.get("version") != _VERSION:
        problem = f"the encoder {folder} is of version {found.get('version')!r}, and this one reads {_VERSION}"
        raise EncoderError(problem, code="encoder-incompatible", hint="train it anew")
    return found


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    kept = [path for path in files if path.parent == folder / LANGUAGE_MODEL or path.name in {WEIGHTS, SETTINGS}]
    return {path.relative_to(folder).as_posix(): sha256(path) for path in kept}


def _missing(folder: Path, error: OSError) -> EncoderError:
    return EncoderError(
        f"there is no encoder in {folder}: {error.strerror}",
        code="encoder-missing",
        hint="train one: igc encoder train lm, then igc encoder train autoencoder",
    )


def _corrupt(folder: Path, problem: str) -> EncoderError:
    return EncoderError(
        f"the encoder in {folder} is damaged: {problem}", code="encoder-corrupt", hint="copy or train it anew"
    )
