"""What igc-encoders offers. Light: no encoder is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import EncoderSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def igc_encoders() -> Iterable[EncoderSpec]:
    """Offer the encoder that needs no training."""
    yield EncoderSpec(
        name="hashed-tokens",
        factory="igc_encoders.hashed:HashedTokenEncoder",
        summary="Hash a resource's keys and values into a vector; no training, no vocabulary.",
    )
