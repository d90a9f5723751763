"""JSON from hosts that nobody vouches for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from igc_redfish.client.errors import ClientError

if TYPE_CHECKING:
    from igc_core.rest import Json

_MARK = b"\xef\xbb\xbf"  # the byte order mark that some services send
_SHOWN = 60


def parsed(content: bytes, where: str, depth: int = 254) -> Json:
    """Parse the body of an answer.

    Args:
        content: The body, not empty.
        where: Method and address, for messages.
        depth: Levels of nesting that it may have, 254 at most.

    Raises:
        ClientError: It is no JSON, or nested too deeply.
    """
    try:
        value: Any = orjson.loads(content.removeprefix(_MARK))
    except orjson.JSONDecodeError as error:
        raise _not_json(content, where, error) from error
    if content.count(b"{") + content.count(b"[") > depth and _deeper(value, depth):
        raise ClientError(
            f"{where} gave JSON that is nested deeper than {depth} levels",
            code="client-answer",
            hint="no sound service answers that",
        )
    return value  # type: ignore[no-any-return]


def _not_json(content: bytes, where: str, error: orjson.JSONDecodeError) -> ClientError:
    start = content.lstrip()[:_SHOWN].decode("utf-8", "replace")
    if start.casefold().startswith(("<!doctype html", "<html")):
        return ClientError(
            f"{where} gave a page of HTML", code="client-answer", hint="check that a Redfish service answers there"
        )
    reason = error.msg.partition(": line")[0]
    return ClientError(
        f"{where} gave no JSON ({reason}): it begins with {start!r}",
        code="client-answer",
        hint="check that a Redfish service answers there",
    )


def _deeper(value: Any, depth: int) -> bool:
    """Tell whether a value has more levels than ``depth``, one level after the other."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
