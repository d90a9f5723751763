"""Keep secrets out of logs, captures, errors and reprs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

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


def mentions_secret(text: str) -> bool:
    """Tell whether a text speaks of a password or the like, and so may hold one."""
    return any(is_secret_key(word) for word in re.findall(r"\w+", text))


def redact(value: Any) -> Any:
    """Copy a JSON value with every secret string replaced by ``MASK``.

    Args:
        value: Parsed JSON of any shape.

    Returns:
        The same shape. Booleans, numbers and nulls under secret keys stay, as they name settings.
    """
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {
            key: MASK if isinstance(item, str) and item and is_secret_key(str(key)) else redact(item)
            for key, item in members.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [redact(item) for item in cast("Sequence[object]", value)]
    return value


def secrets_in(value: Any) -> frozenset[str]:
    """Collect the secret strings of a JSON value, so that :func:`mask` can find them where no key gives them away."""
    if isinstance(value, Mapping):
        found: set[str] = set()
        for key, item in cast("Mapping[str, object]", value).items():
            if isinstance(item, str) and item and is_secret_key(str(key)):
                found.add(item)
            found |= secrets_in(item)
        return frozenset(found)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return frozenset[str]().union(*map(secrets_in, cast("Sequence[object]", value)))
    return frozenset()


def mask(value: Any, secrets: frozenset[str] = frozenset()) -> Any:
    """Copy a JSON value with known secrets masked wherever they stand, on top of what :func:`redact` finds.

    Args:
        value: Parsed JSON of any shape.
        secrets: Texts that must not be shown, even inside a longer text.
    """
    if isinstance(value, str):
        for secret in sorted(secrets, key=len, reverse=True):
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", redact(value))
        return {key: mask(item, secrets) for key, item in members.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [mask(item, secrets) for item in cast("Sequence[object]", value)]
    return value
