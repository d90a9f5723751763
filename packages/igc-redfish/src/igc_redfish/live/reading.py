"""Reads that do not give up at the first failure: guards and judgements stand on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.rest import Request
from igc_redfish.live.errors import UnobservableError

if TYPE_CHECKING:
    from igc_core.protocols import Backend
    from igc_core.rest import JsonObject, Response

_NOT_FOUND = frozenset({404, 410})
_FAILED = 500
_ATTEMPTS, _PAUSE_S = 4, 1.0


def steadily(backend: Backend, uri: str) -> Response:
    """Read a resource; again, up to three times, while the host answers that it failed."""
    response = backend.perform(Request("GET", uri))
    for attempt in range(1, _ATTEMPTS):
        if response.status < _FAILED:
            break
        backend.wait(_PAUSE_S * attempt)
        response = backend.perform(Request("GET", uri))
    return response


def resource(backend: Backend, uri: str) -> tuple[JsonObject | None, str]:
    """Read a resource and its tag; None where the host has no such resource.

    Raises:
        UnobservableError: The host does not tell.
    """
    response = steadily(backend, uri)
    if response.status in _NOT_FOUND:
        return None, ""
    if not response.ok or not isinstance(response.body, dict):
        raise UnobservableError(
            f"{uri} cannot be read: the host answers {response.status}",
            hint="wait until the host answers, and check the rights of the account",
        )
    body: JsonObject = response.body
    tag = response.headers.get("ETag") or response.headers.get("etag") or body.get("@odata.etag")
    return body, tag if isinstance(tag, str) else ""
