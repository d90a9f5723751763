"""Readers on disk: their weights as safetensors, and what they are as JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from igc_core.files import write_atomically
from igc_encoders.baselines.tfidf import TfidfEncoder
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.folders import make_folder
from igc_encoders.reader.head import Head
from igc_encoders.reader.texts import WordTexts, text_encoder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_encoders.reader.texts import TextEncoder

#: The files, and the folder of an encoder that was trained with the reader.
STATED, WEIGHTS, OWN = "reader.json", "reader.safetensors", "words"
_FORMAT, _VERSION = "igc-reader", 1


@dataclass(frozen=True, slots=True)
class Saved:
    """A reader as its folder holds it.

    Attributes:
        head: The weights.
        encoder: What encodes the texts.
        confidence: Least probability that is sure enough.
        stated: All that ``reader.json`` says.
    """

    head: Head
    encoder: TextEncoder
    confidence: float
    stated: Mapping[str, Any]


def save(
    folder: Path, head: Head, encoder: TextEncoder, name: str, confidence: float, about: Mapping[str, Any]
) -> None:
    """Write a reader into a folder, which is made where it is missing.

    Args:
        folder: The folder.
        head: The weights.
        encoder: What encodes the texts; one that learned from the same examples is written, too.
        name: Name or folder of the encoder; a folder has to stay where it is.
        confidence: Least probability that is sure enough.
        about: What else shall be known of the reader.

    Raises:
        DataError: The files cannot be written.
    """
    with extra("baselines", "goal readers"):
        from safetensors.numpy import save as pack  # noqa: PLC0415 - an extra

    make_folder(folder, STATED)
    content = pack(head.tensors())
    if isinstance(encoder, WordTexts) and isinstance(encoder.encoder, TfidfEncoder):
        encoder.encoder.save(folder / OWN)
        name = OWN
    elif Path(name).is_dir():
        name = str(Path(name).resolve())
    stated = {
        "format": _FORMAT,
        "version": _VERSION,
        "sha256": hashlib.sha256(content).hexdigest(),
        "encoder": {"name": name, "fingerprint": encoder.fingerprint},
        "confidence": confidence,
        **about,
    }
    write_atomically(folder / WEIGHTS, content)
    write_atomically(folder / STATED, json.dumps(stated, indent=2))


def load(folder: Path) -> Saved:
    """Load a reader and its encoder.

    Raises:
        EncoderError: There is none, its files are damaged, or its encoder is missing or another one by now.
    """
    with extra("baselines", "goal readers"):
        from safetensors import SafetensorError  # noqa: PLC0415 - an extra
        from safetensors.numpy import load as unpack  # noqa: PLC0415
    try:
        content, stated = (folder / WEIGHTS).read_bytes(), _stated(folder)
    except OSError as error:
        raise EncoderError(
            f"there is no goal reader in {folder}: {error.strerror}",
            code="encoder-missing",
            hint="train one: igc encoder train reader",
        ) from error
    if stated.get("sha256") != hashlib.sha256(content).hexdigest():
        raise _corrupt(folder, f"{WEIGHTS} is not the file that {STATED} speaks of")
    try:
        head = Head(**unpack(content))
        named, confidence = dict(stated["encoder"]), float(stated["confidence"])
        name, fingerprint = str(named["name"]), str(named["fingerprint"])
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise _corrupt(folder, "a part of it is missing") from error
    encoder = text_encoder(str(folder / OWN) if name == OWN else name)
    if encoder.fingerprint != fingerprint:
        raise EncoderError(
            f"the goal reader in {folder} learned with the encoder {name} as {fingerprint}, "
            f"which is now {encoder.fingerprint}",
            code="encoder-incompatible",
            hint="bring back the encoder that it was trained with, or train the reader anew",
        )
    return Saved(head, encoder, confidence, stated)


def _stated(folder: Path) -> dict[str, Any]:
    try:
        found = json.loads((folder / STATED).read_bytes())
    except (ValueError, RecursionError) as error:
        raise _corrupt(folder, f"{STATED} is not JSON") from error
    stated = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    if stated.get("format") != _FORMAT or stated.get("version") != _VERSION:
        raise _corrupt(folder, f"{STATED} is of another kind")
    return stated


def _corrupt(folder: Path, problem: str) -> EncoderError:
    return EncoderError(f"the goal reader in {folder} is damaged: {problem}", code="encoder-corrupt")
