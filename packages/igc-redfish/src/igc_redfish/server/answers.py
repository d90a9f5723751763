"""Answers as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

if TYPE_CHECKING:
    from igc_core.rest import Response


class Answer(NamedTuple):
    """A response as it goes over the wire.

    Attributes:
        status: HTTP status.
        headers: Lower-case names and values.
        body: Content; empty for none.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def encoded(response: Response) -> Answer:
    """Write a response of the service core as bytes."""
    body = _content(response)
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]
    if response.status not in {204, 304}:
        headers.append((b"content-length", b"%d" % len(body)))
    return Answer(response.status, headers, body)


def _content(response: Response) -> bytes:
    if response.body is None:
        return b""
    if isinstance(response.body, str):
        return response.body.encode()
    return orjson.dumps(response.body)
