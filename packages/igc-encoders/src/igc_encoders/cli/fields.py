"""Fields of a recipe, out of a file and of options."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from igc_encoders.errors import EncoderError, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def recipe_fields(path: Path | None, settings: Iterable[str]) -> dict[str, Any]:
    """Read the fields of a recipe.

    Args:
        path: TOML file of fields; none if None.
        settings: Further ones, ``NAME=VALUE``, which win; values as JSON, and what is none as a text.

    Raises:
        EncoderError: The file cannot be read, or a setting has another form.
    """
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text("utf-8")) if path else {}
    except (OSError, ValueError, RecursionError) as error:
        raise EncoderError(f"cannot read the recipe {path}: {reason_of(error)}", code="encoder-options") from error
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not equals:
            raise EncoderError(f"{setting!r} is not of the form NAME=VALUE", code="encoder-options")
        fields[name] = _value(value)
    return fields


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
