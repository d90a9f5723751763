"""What a body is known by: a digest of its text, whatever its depth."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from igc_core.errors import EncodingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.rest import JsonObject

#: Bytes of a digest: so many that no two bodies of all machines on earth share one by chance.
DIGEST_BYTES = 16
_dumps = json.JSONEncoder(separators=(",", ":")).encode


def digest(body: JsonObject) -> bytes:
    """Hash a body; equal texts, the order of properties included, give equal digests.

    Args:
        body: A JSON object of any depth; NaN and lone surrogates are allowed.

    Returns:
        :data:`DIGEST_BYTES` bytes, the same in every process.

    Raises:
        EncodingError: The body holds something that JSON has no word for.
    """
    return hashlib.blake2b(json_text(body).encode("ascii"), digest_size=DIGEST_BYTES).digest()


def json_text(body: JsonObject) -> str:
    """Write a body as compact JSON in ASCII."""
    try:
        return _dumps(body)
    except (RecursionError, TypeError):
        return "".join(_pieces(body))
    except ValueError as error:
        raise EncodingError(f"a resource is no JSON: {error}") from error


def _pieces(body: JsonObject) -> Iterator[str]:
    """Write a body without recursion, and mappings that are no dict: what the standard library cannot."""
    todo: list[Any] = [_Value(body)]
    while todo:
        value = todo.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value.held, Mapping):
            todo += reversed(list(_members(cast("Mapping[str, Any]", value.held))))
        elif isinstance(value.held, Sequence) and not isinstance(value.held, str | bytes | bytearray):
            todo += reversed(list(_items(value.held)))  # pyright: ignore[reportUnknownArgumentType] - bodies are foreign
        else:
            yield _scalar(value.held)


class _Value:
    """A value that is still to be written, as opposed to a piece of text."""

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held


def _members(body: Mapping[str, Any]) -> Iterator[str | _Value]:
    yield "{"
    for place, (key, value) in enumerate(body.items()):
        yield f"{',' if place else ''}{_scalar(key)}:"
        yield _Value(value)
    yield "}"


def _items(values: Sequence[Any]) -> Iterator[str | _Value]:
    yield "["
    for place, value in enumerate(values):
        if place:
            yield ","
        yield _Value(value)
    yield "]"


def _scalar(value: object) -> str:
    try:
        return _dumps(value)
    except TypeError as error:
        raise EncodingError(f"a resource holds a {type(value).__name__}, which is no JSON") from error
