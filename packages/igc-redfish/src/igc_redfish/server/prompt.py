"""Simple requests are answered at once, without a task of their own.

ASGI makes a task, an event and two awaited messages of each request, which costs more than most answers do. A request
that is whole when it is parsed, and whose answer waits for nothing, needs none of that: it is answered where it is
parsed, in one write. All others (streams, uploads, latency, faults, a log, several at once) go the way of ASGI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from igc_redfish.server.content import WITHOUT_CONTENT, Refused, headers_of
from igc_redfish.server.protocol import GuardedProtocol

if TYPE_CHECKING:
    import httptools
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from igc_redfish.server.door import Door
    from igc_redfish.server.host import Host
    from igc_redfish.server.limits import Limits

#: Headers of requests whose content comes in another way than in one piece.
_UNUSUAL = frozenset({"expect", "transfer-encoding", "content-encoding"})


class PromptProtocol(GuardedProtocol):
    """One connection.

    Attributes:
        door: Who answers.
    """

    door: ClassVar[Door]
    #: Whose request is arriving that will be answered at once; None for one that goes the way of ASGI.
    _host: Host | None = None
    _named: dict[str, str]
    _content = b""

    def on_message_begin(self) -> None:
        """Begin a request; which way it goes is seen when its head is whole."""
        self._host, self._content, self._quiet_s = None, b"", None
        self.url, self.headers = b"", []
        self._since_s = self.loop.time()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; what it means to uvicorn is seen when a request goes the way of ASGI."""
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Choose the way of a request."""
        self._end_head()
        self._host = self._host_at_once(self._parsed)
        if self._host is not None:
            return
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url = url
        for name, value in headers:
            super().on_header(name, value)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take content."""
        if self._host is None:
            super().on_body(body)
        else:
            self._content = self._content + body if self._content else body

    def on_message_complete(self) -> None:
        """Answer, or leave that to ASGI."""
        host = self._host
        if host is None:
            super().on_message_complete()
            return
        self._host, self._since_s, self._in_head = None, None, True
        parser = self._parsed
        method = parser.get_method().decode("ascii")
        content = None if method in WITHOUT_CONTENT else self._content or None
        answer = self.door.answer_at_once(host, method, self.url, self._named, content)
        closing = answer.closes or not parser.should_keep_alive()
        self.transport.write(self._wire(answer, closing=closing, without_body=method == "HEAD"))
        self.server_state.total_requests += 1
        self._quiet_s = self.loop.time()
        if closing:
            self.transport.close()

    @property
    def _parsed(self) -> httptools.HttpRequestParser:
        """The parser, which uvicorn takes away when the connection is lost."""
        return self.parser  # pyright: ignore[reportReturnType]

    def _host_at_once(self, parser: httptools.HttpRequestParser) -> Host | None:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        if cycle is not None and not cycle.response_complete:
            return None
        if self.flow.write_paused:
            return None
        if parser.should_upgrade() or parser.get_http_version() != "1.1":
            return None
        if self.server is None or not self._is_short():
            return None
        return self.door.host_at_once(cast("int", self.server[1]), self.url)

    def _is_short(self) -> bool:
        """Tell whether the headers are clear, and the content is plain, of stated length and within bounds."""
        try:
            named = self._named = headers_of(self.headers)
        except Refused:
            return False
        if not _UNUSUAL.isdisjoint(named):
            return False
        stated = named.get("content-length", "0")
        return stated.isdecimal() and int(stated) <= self.limits.content_bytes


def protocol_of(door: Door, limits: Limits) -> type[PromptProtocol]:
    """Make the protocol of a server, with its own door and bounds."""
    return type("PromptProtocol", (PromptProtocol,), {"door": door, "limits": limits})
