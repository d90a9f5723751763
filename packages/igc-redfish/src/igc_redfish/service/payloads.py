"""Bodies of requests: what may be one, and a copy of it that is the service's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import orjson

from igc_redfish.bodies import as_array, as_object
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from igc_core.rest import Json

#: Deepest nesting of a payload; Redfish itself needs about ten.
DEEPEST: Final = 64
_JSON: Final = "application/json"


def demand_json(headers: Mapping[str, str]) -> None:
    """Check the media type of a body.

    Raises:
        Refusal: 415.
    """
    stated = headers.get("content-type", _JSON)
    if stated != _JSON and (media := stated.partition(";")[0].strip().lower()) != _JSON:
        raise Refusal("HeaderInvalid", f"Content-Type: {media}", status=415)


def payload_of(body: Json) -> dict[str, Any]:
    """Read the body of a PATCH or POST; the result is the caller's own.

    Args:
        body: Parsed JSON, or the bytes of a JSON text.

    Raises:
        Refusal: It is no JSON, nested too deep, or no object.
    """
    try:
        text = body if isinstance(body, bytes) else orjson.dumps(body, default=_plain)
        payload = orjson.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise Refusal("MalformedJSON") from None
    if not isinstance(payload, dict):
        raise Refusal("MalformedJSON" if payload is None else "UnrecognizedRequestBody")
    if len(text) > 2 * DEEPEST and _depth(payload) > DEEPEST:
        raise Refusal("MalformedJSON")
    return as_object(payload)


def _plain(value: Any) -> Any:
    """Make an object of a mapping that is no dict."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    raise TypeError(type(value).__name__)


def _depth(value: Any) -> int:
    """Count the levels of a JSON value, level by level, so that depth is no danger."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [part for item in level for part in (*as_object(item).values(), *as_array(item))]
    return depth
