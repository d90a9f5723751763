"""The encoders that learn, as the catalogue builds them: with a cache of vectors where encoding is slow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from igc_encoders.cached import CachedEncoder
from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from igc_core.protocols import StateEncoder
    from igc_encoders.baselines.tfidf import TfidfEncoder

#: Asks for the usual folder of the cache.
USUAL = "usual"


def usual_cache() -> Path:
    """Folder of the cache where none is named: ``igc/vectors`` in ``$XDG_CACHE_HOME``, by default ``~/.cache``."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "igc" / "vectors"


def language_model(folder: str | Path, *, cache: str | Path = USUAL, device: str = "cpu") -> StateEncoder:
    """Load a language model with its autoencoder.

    Args:
        folder: What ``igc encoder train autoencoder`` wrote.
        cache: Folder of a cache of vectors, ``"usual"`` for :func:`usual_cache`, or ``""`` for none.
        device: Where it runs, as PyTorch names devices.

    Raises:
        EncoderError: There is no encoder, its files are damaged, or a library is missing.
        DataError: The cache cannot be made.
    """
    _demand_texts(folder=folder, cache=cache, device=device)
    from igc_encoders.latent import LanguageModelEncoder  # noqa: PLC0415 - PyTorch

    return _cached(LanguageModelEncoder(folder, device=device), cache)


def tfidf(folder: str | Path) -> TfidfEncoder:
    """Load a TF-IDF encoder.

    Args:
        folder: What ``igc encoder train tfidf`` wrote.

    Raises:
        EncoderError: There is no encoder, its files are damaged, or a library is missing.
    """
    _demand_texts(folder=folder)
    from igc_encoders.baselines.tfidf import TfidfEncoder  # noqa: PLC0415 - only where it is asked for

    return TfidfEncoder.load(folder)


def sentence_transformer(
    model: str, *, cache: str | Path = USUAL, device: str = "cpu", download: bool = False
) -> StateEncoder:
    """Load a sentence-transformer.

    Args:
        model: Folder of a model, or its name.
        cache: As for :func:`language_model`.
        device: Where it runs, as PyTorch names devices.
        download: Whether a model that is not on this machine may be fetched from its hub.

    Raises:
        EncoderError: There is no such model, or sentence-transformers is not installed.
        DataError: The cache cannot be made.
    """
    _demand_texts(model=model, cache=cache, device=device)
    from igc_encoders.baselines.sentence import SentenceTransformerEncoder  # noqa: PLC0415 - PyTorch

    return _cached(SentenceTransformerEncoder(model, device=device, download=download), cache)


def _demand_texts(**options: object) -> None:
    """Refuse options of another type: they may come from a command line or a file."""
    for name, value in options.items():
        if not isinstance(value, str | Path):
            problem = f"the option {name} of an encoder cannot be {value!r}"
            raise EncoderError(problem, code="encoder-options", hint="give a text")


def _cached(encoder: StateEncoder, cache: str | Path) -> StateEncoder:
    if not str(cache):
        return encoder
    return CachedEncoder(encoder, usual_cache() if str(cache) == USUAL else cache)
