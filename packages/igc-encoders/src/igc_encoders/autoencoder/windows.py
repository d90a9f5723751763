"""Where a resource is cut into chunks: by its content, so that a change moves only the chunks around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from igc_encoders.autoencoder.sizes import STRIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Tokens before a chunk that the language model reads as its context; a multiple of :data:`STRIDE`.
CONTEXT = 64
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_SPAN = 4


class Window(NamedTuple):
    """A chunk of tokens.

    Attributes:
        start: First token, of the context.
        end: Token behind the last.
        context: Tokens at the beginning that are pooled in the chunk before.
    """

    start: int
    end: int
    context: int


def windows(ids: NDArray[np.int32], length: int) -> list[Window]:
    """Cut tokens into chunks.

    A chunk ends where a hash of the last few tokens is least, among the places in the second half of the longest chunk
    that fits. After an insertion the same places are found again, so what lies behind it is cut as before.

    Args:
        ids: Tokens, shape ``(n,)``.
        length: Tokens of a chunk at most, context included.
    """
    most = min(CONTEXT, length // 16 * STRIDE)
    found = [Window(0, min(length, len(ids)), 0)]
    if len(ids) <= length:
        return found
    hashes = _hashes(ids)
    begin = 0
    found = list[Window]()
    while begin < len(ids):
        context = min(most, begin)
        furthest = begin - context + length
        if furthest >= len(ids):
            end = len(ids)
        else:
            earliest = (begin + furthest) // 2
            end = earliest + 1 + int(hashes[earliest:furthest].argmin())
        found.append(Window(begin - context, end, context))
        begin = end
    return found


def _hashes(ids: NDArray[np.int32]) -> NDArray[np.uint64]:
    """Hash each token with the few before it."""
    mixed = (ids.astype(np.uint64) + np.uint64(1)) * _MIXER
    total = mixed.copy()
    for back in range(1, _SPAN):
        total[back:] = total[back:] * np.uint64(31) + mixed[:-back]
    return (total ^ (total >> np.uint64(29))) * _MIXER
