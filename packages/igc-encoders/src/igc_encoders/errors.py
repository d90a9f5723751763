"""Errors of the encoders.

    IgcError
    ├── EncodingError        (igc-core) a state cannot be encoded
    └── EncoderError         an encoder cannot be trained, loaded or kept

Each raise states a stable ``code``, documented in ``docs/reference/errors.md``.
"""

from __future__ import annotations

import importlib
from typing import Any

from igc_core.errors import IgcError


class EncoderError(IgcError):
    """An encoder cannot be trained, loaded or kept."""

    codes = (
        "encoder-missing",
        "encoder-corrupt",
        "encoder-incompatible",
        "encoder-library-missing",
        "encoder-options",
        "encoder-training",
    )


def library(module: str, extra: str) -> Any:
    """Import a library that an extra of igc-encoders brings.

    Args:
        module: What to import, e.g. ``"transformers"``.
        extra: The extra, e.g. ``"lm"``.

    Raises:
        EncoderError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise EncoderError(
            f"this needs {error.name}, which is not installed",
            code="encoder-library-missing",
            hint=f"pip install 'igc-encoders[{extra}]'",
        ) from error
