"""Keep secrets out of logs, captures, errors and reprs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

#: What stands where a secret stood.
MASK = "<redacted>"

_SECRET_KEY = re.compile(
    r"pass(word|phrase|wd)|secret|token|private_?key|authorization|community|credential|(^|_)pin$|licen[cs]ekey|hash$",
    re.IGNORECASE,
)
#: Settings of passwords and tokens (their age, length, type) are not secrets themselves.
_INNOCENT_KEY = re.compile(
    r"(length|required|expir\w*|history|age|policy|type|uri|count|enabled|supported|timeout\w*|@odata\.\w+)$",
    re.IGNORECASE,
)


def is_secret_key(key: str) -> bool:
    """Tell whether the value under a JSON key, or the header of that name, must not be shown."""
    return bool(_SECRET_KEY.search(key)) and not _INNOCENT_KEY.search(key)


def redact(value: Any) -> Any:
    """Copy a JSON value with every secret string replaced by ``MASK``.

    Args:
        value: Parsed JSON of any shape.

    Returns:
        The same shape. Booleans, numbers and nulls under secret keys stay, as they name settings.
    """
    if isinstance(value, Mapping):
        members: Mapping[str, Any] = value
        return {
            key: MASK if isinstance(item, str) and item and is_secret_key(str(key)) else redact(item)
            for key, item in members.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        items: Sequence[Any] = value
        return [redact(item) for item in items]
    return value
