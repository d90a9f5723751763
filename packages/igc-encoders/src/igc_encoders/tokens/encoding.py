"""Texts to tokens and back, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_encoders.rendering import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from transformers import PreTrainedTokenizerFast

    from igc_encoders.rendering import Rendered

#: Characters that are tokenized at once; longer texts are cut there, so that memory stays bounded.
BLOCK = 1 << 18


@dataclass(frozen=True, slots=True)
class Encoded:
    """Tokens of a rendered resource.

    Attributes:
        ids: Tokens, int32, of shape ``(n,)``.
        kinds: :class:`~igc_encoders.rendering.Kind` of each, uint8, likewise: that of the last character of a token
            that is not structure.
        starts: Character of the text at which each begins, int64, likewise.
    """

    ids: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    starts: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the tokens."""
        return len(self.ids)


def encode(tokenizer: PreTrainedTokenizerFast, rendered: Rendered) -> Encoded:
    """Tokenize a rendered resource, without special tokens; what looks like one in the text is text.

    Args:
        tokenizer: A byte-level tokenizer.
        rendered: The resource as text.
    """
    ids, starts, ends = encode_text(tokenizer, rendered.text)
    return Encoded(ids, _kinds(rendered, starts, ends), starts)


def encode_text(
    tokenizer: PreTrainedTokenizerFast, text: str
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Tokenize a text.

    Returns:
        Tokens, and the characters at which they begin and end.
    """
    backend: Any = tokenizer.backend_tokenizer
    backend.encode_special_tokens = True
    ids: list[NDArray[np.int32]] = [np.zeros(0, np.int32)]
    offsets: list[NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(text), BLOCK):
        found = backend.encode(text[start : start + BLOCK], add_special_tokens=False)
        ids.append(np.asarray(found.ids, np.int32))
        offsets.append(np.asarray(found.offsets, np.int64).reshape(-1, 2) + start)
    bounds = np.concatenate(offsets)
    return np.concatenate(ids), bounds[:, 0], bounds[:, 1]


def decode(tokenizer: PreTrainedTokenizerFast, ids: Sequence[int] | NDArray[np.int32]) -> str:
    """Return the text of tokens, exactly."""
    backend: Any = tokenizer.backend_tokenizer
    text: str = backend.decode(np.asarray(ids).tolist(), skip_special_tokens=False)
    return text


def _kinds(rendered: Rendered, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    if not len(starts):
        return np.zeros(0, np.uint8)
    kinds = np.asarray([span.kind for span in rendered.spans], np.uint8)
    lengths = np.asarray([span.end - span.start for span in rendered.spans], np.int64)
    of_character = np.repeat(kinds, lengths)
    places = np.where(of_character == Kind.STRUCTURE, -1, np.arange(len(of_character)))
    last = np.maximum.accumulate(places)[np.maximum(ends, starts + 1) - 1]
    return np.where(last >= starts, of_character[last], np.uint8(Kind.STRUCTURE))
