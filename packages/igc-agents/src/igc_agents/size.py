"""How large a network is, and what it does without."""

from __future__ import annotations

from pydantic import Field

from igc_core.models import Model

_LARGEST = 8192


class NetworkSize(Model):
    """Widths of a network.

    Attributes:
        width: Length of the embedding of a row, and of hidden layers.
        token_width: Length of the embedding of a token.
        slot_width: Length of a candidate's representation when it is scored.
        without: Inputs that are blanked, to measure what they are good for: keys of an observation (``document``,
            ``history``, ``values``), or columns of its tables (``candidates.match``, ``documents.tokens``).
    """

    width: int = Field(default=64, ge=1, le=_LARGEST)
    token_width: int = Field(default=16, ge=1, le=_LARGEST)
    slot_width: int = Field(default=32, ge=1, le=_LARGEST)
    without: tuple[str, ...] = ()
