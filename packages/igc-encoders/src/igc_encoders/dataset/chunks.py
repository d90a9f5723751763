"""Long resources in pieces that fit a model's window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Sized


def chunked(ids: Sized, length: int, overlap: int = 0) -> list[slice]:
    """Cut a sequence into chunks that overlap, so that nothing of it is lost.

    Each chunk but the last has the full length, and begins ``length - overlap`` behind the one before it.

    Args:
        ids: Whatever has a length.
        length: Tokens of a chunk.
        overlap: Tokens that a chunk shares with the one before it.

    Returns:
        One slice for each chunk; none for an empty sequence.

    Raises:
        EncoderError: The overlap leaves no progress.
    """
    if not 0 <= overlap < length:
        raise EncoderError(
            f"chunks of {length} tokens cannot overlap by {overlap}",
            code="encoder-options",
            hint="the overlap is at least 0, and less than the length",
        )
    total, step = len(ids), length - overlap
    starts = range(0, max(total - overlap, min(total, 1)), step)
    return [slice(start, min(start + length, total)) for start in starts]
