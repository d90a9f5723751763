"""Errors of the encoders.

    IgcError
    ├── EncodingError        (igc-core) a state cannot be encoded
    └── EncoderError         an encoder cannot be trained, loaded or kept

Each raise states a stable ``code``, documented in ``docs/reference/errors.md``.
"""

from __future__ import annotations

from igc_core.errors import IgcError


class EncoderError(IgcError):
    """An encoder cannot be trained, loaded or kept."""

    codes = (
        "encoder-corpus",
        "encoder-missing",
        "encoder-corrupt",
        "encoder-incompatible",
        "encoder-extra-missing",
        "encoder-options",
        "encoder-training",
    )


def reason_of(error: Exception) -> str:
    """Say why a file cannot be read, without the path that the message names anyway."""
    return getattr(error, "strerror", None) or str(error)
