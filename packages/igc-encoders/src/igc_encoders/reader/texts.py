"""Encoders of short texts, made of what encodes resources."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from igc_encoders.baselines.tfidf import TERMS, TfidfEncoder
from igc_encoders.errors import EncoderError
from igc_encoders.extras import extra
from igc_encoders.hashed import HashedTokenEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import StateEncoder
    from igc_core.rest import JsonObject

#: Where one word of a name in camel case ends: ``BiosSetup``, ``USBStick``.
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"\{\w+\}|[^\W\d_]+|\d+")
#: Letters of the pieces of words that tell words alike that only end differently.
_PIECES = (3, 4)
_WIDTH = 1024
_TFIDF_WIDTH = 256
_MODEL = "model.safetensors"


class TextEncoder(Protocol):
    """Turns short texts into vectors."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text would give another vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts: shape ``(batch, width)``, float32."""
        ...


class WordTexts:
    """Texts as bags of words, pairs of words and pieces of words, for encoders that know resources by their keys."""

    def __init__(self, encoder: StateEncoder) -> None:
        """Take an encoder that counts keys, such as ``hashed-tokens`` and ``tfidf``."""
        self.encoder = encoder

    @property
    def fingerprint(self) -> str:
        """That of the encoder, as far as words are taken alike."""
        return f"words-1-{self.encoder.fingerprint}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts."""
        return self.encoder.encode([bag(text) for text in texts])


class ModelTexts:
    """Texts as the mean of a language model's hidden states, those of all layers side by side."""

    def __init__(self, folder: Path) -> None:
        """Load a model.

        Raises:
            EncoderError: There is none, or it is damaged.
        """
        from igc_encoders import lm  # noqa: PLC0415 - PyTorch

        self._model, self._tokenizer = lm.load(folder)
        self._fingerprint = f"hidden-1-{hashlib.sha256((folder / _MODEL).read_bytes()).hexdigest()[:32]}"

    @property
    def fingerprint(self) -> str:
        """Changes with the weights."""
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts, each by itself: padding would move its vector."""
        return np.stack([self._vector(spaced(text)) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415 - an extra

        from igc_encoders.tokens.encoding import encode_text  # noqa: PLC0415

        limit = int(self._model.config.max_position_embeddings)
        ids = torch.from_numpy(encode_text(self._tokenizer, text or " ")[0][:limit]).long()[None]
        with torch.inference_mode():
            states = self._model(ids, output_hidden_states=True).hidden_states
        found: NDArray[np.float32] = torch.cat([state[0].mean(0) for state in states]).numpy()
        return found


class SentenceTexts:
    """Texts as a sentence-transformer embeds them."""

    def __init__(self, model: str) -> None:
        """Load a model by folder or name.

        Raises:
            EncoderError: There is none, or sentence-transformers is not installed.
        """
        from igc_encoders.baselines.sentence import SentenceTransformerEncoder  # noqa: PLC0415 - PyTorch

        self._encoder = SentenceTransformerEncoder(model)

    @property
    def fingerprint(self) -> str:
        """That of the model."""
        return f"texts-1-{self._encoder.fingerprint}"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts."""
        return self._encoder.encode_texts([spaced(text) for text in texts])


def text_encoder(name: str, known: Iterable[str] = ()) -> TextEncoder:
    """Build an encoder of texts.

    Args:
        name: ``hashed-tokens``; ``tfidf`` to learn the weights of words from ``known``; or a folder: of that encoder as
            it was saved, of a language model, of one with an autoencoder, or of a sentence-transformer.
        known: Texts to learn from.

    Raises:
        EncoderError: There is no such encoder, it cannot be loaded, or a library is missing.
    """
    folder = Path(name)
    if name == "hashed-tokens":
        return WordTexts(HashedTokenEncoder(_WIDTH))
    if name == "tfidf":
        return WordTexts(TfidfEncoder.train([bag(text) for text in known], width=_TFIDF_WIDTH))
    if (folder / TERMS).is_file():
        return WordTexts(TfidfEncoder.load(folder))
    if (folder / "modules.json").is_file():
        return SentenceTexts(str(folder))
    for home in (folder, folder / "lm"):
        if (home / _MODEL).is_file():
            with extra("lm", "language models"):
                return ModelTexts(home)
    raise EncoderError(
        f"there is no encoder of texts called {name!r}",
        code="encoder-missing",
        hint="name hashed-tokens, tfidf, or a folder of a language model or a sentence-transformer",
    )


def spaced(text: str) -> str:
    """Part words in camel case: ``BiosSetup`` gives ``Bios Setup``."""
    return _JOINT.sub(" ", text)


def bag(text: str) -> JsonObject:
    """Write a text as an object whose keys are its words, pairs of words and pieces of words."""
    return dict.fromkeys(_grams(_WORD.findall(spaced(text).lower())))


def _grams(words: Sequence[str]) -> Iterator[str]:
    yield from words
    yield from (f"{one} {other}" for one, other in pairwise(words))
    for word in words:
        if not word.startswith("{"):
            bounded = f"<{word}>"
            yield from (
                f"#{bounded[at : at + size]}" for size in _PIECES for at in range(max(0, len(bounded) - size + 1))
            )
