"""uvicorn's HTTP protocol, with bounds on what a client may cost and Redfish's own words for malformed requests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, ClassVar, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from igc_redfish.server.answers import Answer, refusal
from igc_redfish.server.limits import Limits

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

#: Seconds that a client is asked to wait where there are too many connections.
_CROWDED_S = 1


class GuardedProtocol(HttpToolsProtocol):
    """One connection.

    Attributes:
        limits: Bounds of the server.
    """

    limits: ClassVar[Limits] = Limits()
    #: When the request that is arriving began, or the connection; None while none is arriving.
    _since_s: float | None = None
    #: When the client was first seen to take no bytes.
    _stalled_s: float | None = None
    #: When the last request was answered at once; None while uvicorn looks after the connection.
    _quiet_s: float | None = None
    #: Headers of all answers, and the same as they go over the wire.
    _usual: tuple[list[tuple[bytes, bytes]], bytes] = ([], b"")
    _head_bytes = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, or refuse it where there are too many."""
        super().connection_made(transport)
        self._since_s = self.loop.time()
        if len(self.connections) > self.limits.connections:
            self._refuse(refusal("ServiceTemporarilyUnavailable", str(_CROWDED_S), status=503))

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless the request's head becomes too long."""
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > self.limits.head_bytes and b"\r\n\r\n" not in data[: self.limits.head_bytes]:
                self._refuse(refusal("HeaderInvalid", "too long", status=431))
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["igc.connection"] = self  # type: ignore[typeddict-unknown-key]
        self._since_s = self.loop.time()

    def on_headers_complete(self) -> None:
        """Begin to answer, as the request's head is here."""
        self._end_head()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End a request; the next one's head may follow."""
        self._since_s = None
        self._in_head = True
        super().on_message_complete()

    def _end_head(self) -> None:
        """Note that a head is whole.

        Raises:
            ValueError: It has too many headers, or follows a request that ended the connection.
        """
        if self.transport.is_closing():
            raise ValueError("nothing follows the last request")
        self._in_head = False
        self._head_bytes = 0
        if len(self.headers) > self.limits.headers:
            raise ValueError("too many headers")

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        """Answer what is no HTTP, or a method that nobody knows (RFC 9110, section 9.1), and end the connection."""
        unknown = isinstance(sys.exception(), httptools.HttpParserInvalidMethodError)
        self._refuse(refusal("OperationNotAllowed", status=501) if unknown else refusal("GeneralError", status=400))

    def look(self, now_s: float) -> None:
        """End the connection where its client takes too long; asked now and then.

        Args:
            now_s: Time of the event loop.
        """
        if self._since_s is not None and now_s - self._since_s > self.limits.request_s:
            self._since_s = None
            self._refuse(refusal("OperationTimeout", status=408))
        if self._quiet_s is not None and now_s - self._quiet_s > self.limits.idle_s:
            self.transport.close()
        if not self.flow.write_paused:
            self._stalled_s = None
        elif self._stalled_s is None:
            self._stalled_s = now_s
        elif now_s - self._stalled_s > self.limits.stalled_s:
            self.drop()

    def drop(self) -> None:
        """End the connection at once, without an answer."""
        self._leave()
        self.transport.abort()

    def _refuse(self, answer: Answer) -> None:
        """Answer without the application, and end the connection, unless it is ending already."""
        if self.transport.is_closing():
            return
        self.transport.write(self._wire(answer, closing=True))
        self._leave()
        self.transport.close()

    def _wire(self, answer: Answer, *, closing: bool, without_body: bool = False) -> bytes:
        """Write an answer as it goes over the wire, in one piece."""
        close = b"connection: close\r\n" if closing and not answer.closes else b""
        return b"".join([answer.head, self._usual_lines(), close, b"\r\n", b"" if without_body else answer.body])

    def _usual_lines(self) -> bytes:
        """Write the headers of all answers, with the date; uvicorn replaces their list each second."""
        headers = self.server_state.default_headers
        if self._usual[0] is not headers:
            self._usual = headers, b"".join([b"%s: %s\r\n" % header for header in headers])
        return self._usual[1]

    def _leave(self) -> None:
        """Let the application send no more, as uvicorn does when it learns that the connection is gone."""
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
