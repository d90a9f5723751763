"""Answers as bytes, and the memory of those that can be sent again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from igc_redfish.service.messages import refused
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import Json, Response

#: Most answers remembered, and most bytes of them; who asks in ever new spellings empties the memory.
_REMEMBERED: Final = 8192
_REMEMBERED_BYTES: Final = 64 << 20
#: Characters that end a header or have no place in one (RFC 9110, section 5.5).
_UNFIT: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_STATUSES: Final = frozenset(HTTPStatus)
#: Statuses that have no content (RFC 9110, section 6.4.1).
_WITHOUT_CONTENT: Final = frozenset({204, 304})


@dataclass(slots=True)
class Answer:
    """A response as it goes over the wire; it may be sent any number of times.

    Attributes:
        status: HTTP status.
        headers: By name; no value holds what has no place in a header.
        body: The content.
        closes: Whether the connection ends with this answer.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    closes: bool = False
    _head: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.body)

    @property
    def head(self) -> bytes:
        """Status line and headers, without the empty line after them."""
        if not self._head:
            lines = [f"{name}: {value}\r\n" for name, value in self.headers.items()]
            if self.status not in _WITHOUT_CONTENT:
                lines.append(f"Content-Length: {len(self.body)}\r\n")
            if self.closes:
                lines.append("Connection: close\r\n")
            self._head = _status_line(self.status) + "".join(lines).encode("latin-1", errors="replace")
        return self._head

    @property
    def messages(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The same for ASGI: start and content."""
        lines = [line.partition(b": ") for line in self.head.splitlines()[1:]]
        fields = [(name.lower(), value) for name, _, value in lines]
        start = {"type": "http.response.start", "status": self.status, "headers": fields}
        return start, {"type": "http.response.body", "body": self.body}


class _Known(NamedTuple):
    """What an answer was made of; the same objects give the same answer."""

    body: object
    headers: object
    answer: Answer


class Answers:
    """Writes responses of the service core as bytes, each version of a resource once."""

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._bytes = 0

    def of(self, uri: str, response: Response) -> Answer:
        """Write the response to a request for a URI."""
        known = self._known.get(uri)
        if known is not None and known.body is response.body and known.headers is response.headers:
            return known.answer
        answer = written(response)
        if response.status == 200 and "ETag" in response.headers and "?" not in uri:  # noqa: PLR2004 - RFC 9110: OK
            self._remember(uri, _Known(response.body, response.headers, answer))
        return answer

    def _remember(self, uri: str, known: _Known) -> None:
        old = self._known.get(uri)
        self._bytes += known.answer.size - (old.answer.size if old is not None else 0)
        self._known[uri] = known
        if len(self._known) > _REMEMBERED or self._bytes > _REMEMBERED_BYTES:
            self._known.clear()
            self._bytes = 0


def written(response: Response) -> Answer:
    """Write a response as bytes; what clients brought into a header and cannot stand in one is left out."""
    headers = response.headers
    if not "".join(headers.values()).isprintable():
        headers = {name: _UNFIT.sub("", value) for name, value in headers.items()}
    return Answer(response.status, headers, _content(response.body))


def json_answer(status: int, value: Any) -> Answer:
    """Make an answer that is no Redfish resource."""
    return Answer(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, orjson.dumps(value))


def refusal(key: str, *arguments: str, status: int, closing: bool = False) -> Answer:
    """Refuse a request before the service core sees it, with a message of the Base registry.

    Args:
        key: The message.
        arguments: The message's own.
        status: HTTP status.
        closing: Whether the connection ends with this answer, as what follows cannot be told from this request.
    """
    answer = written(refused(Refusal(key, *arguments, status=status)))
    answer.closes = closing
    return answer


@lru_cache(maxsize=1024)
def _status_line(status: int) -> bytes:
    phrase = HTTPStatus(status).phrase if status in _STATUSES else ""
    return b"HTTP/1.1 %d %s\r\n" % (status, phrase.encode())


def _content(body: Json) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else orjson.dumps(body)
