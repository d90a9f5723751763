"""The terms of a resource, as a bag of words sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.rest import JsonObject

#: Characters of a text that are looked at.
_TEXT = 64
#: Items of a list that are looked at.
_ITEMS = 256


def terms(body: JsonObject) -> Iterator[str]:
    """Yield the terms of a body: each key, each key below its parent's, and each key with its value.

    Links count by the words of their path, everything else as it is. Walks without recursion.

    Args:
        body: A JSON object of any depth.
    """
    todo: list[tuple[str, Mapping[str, Any]]] = [("", body)]
    while todo:
        parent, found = todo.pop()
        for key, value in found.items():
            yield key
            yield f"{parent}/{key}"
            if isinstance(value, Mapping):
                todo.append((key, cast("JsonObject", value)))
            elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
                items = cast("Sequence[object]", value)[:_ITEMS]
                todo += ((key, cast("JsonObject", item)) for item in items if isinstance(item, Mapping))
                for item in items:
                    yield from _valued(key, item)
            else:
                yield from _valued(key, value)


def _valued(key: str, value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith("/"):
        yield from (f"{key}={word}" for word in value[:_TEXT].split("/") if word)
    elif isinstance(value, str):
        yield f"{key}={value[:_TEXT]}"
    elif isinstance(value, bool | None):
        yield f"{key}={value}"
    elif isinstance(value, int | float):
        yield f"{key}={value:.4g}" if isinstance(value, float) else f"{key}={_shortened(value)}"


def _shortened(number: int) -> str:
    # Python refuses to write integers of thousands of digits.
    return str(number) if number.bit_length() < 1 << 10 else f"2^{number.bit_length()}"
