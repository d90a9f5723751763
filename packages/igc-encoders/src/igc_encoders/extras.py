"""Libraries that only parts of the package need."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def extra(name: str, purpose: str) -> Generator[None]:
    """Say how to install what an import asks for in vain.

    Args:
        name: Extra of igc-encoders that brings it.
        purpose: What needs it, as the subject of a sentence in the plural.

    Raises:
        EncoderError: Something that is imported within is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in {"", "igc_core", "igc_encoders"}:
            raise
        raise EncoderError(
            f"{purpose} need {missing}, which is not installed",
            code="encoder-extra-missing",
            hint=f"pip install 'igc-encoders[{name}]'",
        ) from error
