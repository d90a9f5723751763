"""One exchange of bytes with one host, on connections that are kept: the only module that knows urllib3.

urllib3 reads neither proxies nor credentials nor certificates from the environment, pins fingerprints, and costs half
of what requests does (250 against 530 us of CPU for one GET of 1 kB), which is why it stands here alone.
"""

from __future__ import annotations

import http.client
import time
from contextlib import nullcontext
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    InsecureRequestWarning,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from igc_redfish.client.errors import ClientError
from igc_redfish.client.watchdog import Watchdog, guarded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urllib3.response import BaseHTTPResponse

    from igc_redfish.client.bounds import Bounds
    from igc_redfish.client.origin import Origin
    from igc_redfish.client.trust import Trust

_CHUNK_BYTES = 1 << 16
#: How long the end of a session may take: somebody may be waiting for the prompt.
_URGENT_S = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire.

    Attributes:
        status: HTTP status.
        headers: By name, whatever its case.
        content: The body, decompressed.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes


class Wire:
    """Keep-alive connections to one origin; safe for threads.

    Args:
        origin: Where to connect to.
        trust: What is demanded of the certificate.
        bounds: Time and size that one exchange may take.
        connections: How many requests may be under way at once; more wait.

    Raises:
        ClientError: The origin is not encrypted, or the certificates cannot be read.
    """

    def __init__(self, origin: Origin, trust: Trust, bounds: Bounds, connections: int) -> None:
        trust.demand(origin)
        self._origin = origin
        self._bounds = bounds
        self._watchdog = Watchdog()
        self._room = BoundedSemaphore(connections)
        size = connections + 1  # one is left for what is urgent
        host = f"[{origin.host}]" if "%" in origin.host else origin.host  # urllib3 reads zones within brackets alone
        if origin.encrypted:
            if trust.blind:
                urllib3.disable_warnings(InsecureRequestWarning)
            context = trust.context()
            self._pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
                host,
                origin.port,
                maxsize=size,
                ssl_context=context,
                cert_reqs=context.verify_mode,
                assert_hostname=None if context.check_hostname else False,
                assert_fingerprint=trust.fingerprint or None,
            )
        else:
            self._pool = urllib3.HTTPConnectionPool(host, origin.port, maxsize=size)
        self._pool.ConnectionCls = guarded(self._pool.ConnectionCls, self._watchdog, bounds.total_s)

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None, *, urgent: bool = False
    ) -> Answer:
        """Send one request and read the whole answer.

        Args:
            method: HTTP method.
            path: Path and query.
            headers: All headers.
            content: The body, or None.
            urgent: Wait for no other request, and only a short while for the answer.

        Raises:
            ClientError: No usable answer came; the message says what came instead.
        """
        where = f"{method} {self._origin}{path}"
        try:
            with nullcontext() if urgent else self._room:
                return self._exchanged(method, path, headers, content, urgent=urgent)
        except HTTPError as error:
            raise _explained(error, where) from error
        except (http.client.InvalidURL, UnicodeError, ValueError) as error:
            raise ClientError(
                f"{where} cannot be sent: {error}", code="client-request", hint="check the path and the headers"
            ) from error

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()
        self._watchdog.stop()

    def _exchanged(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, *, urgent: bool
    ) -> Answer:
        bounds = self._bounds
        longest = _URGENT_S if urgent else bounds.total_s
        deadline = time.monotonic() + longest
        response = self._pool.urlopen(
            method,
            path,
            body,
            dict(headers),
            retries=False,
            redirect=False,
            timeout=urllib3.Timeout(connect=min(bounds.connect_s, longest), read=min(bounds.read_s, longest)),
            preload_content=False,
        )
        try:
            content = self._read(response, method, f"{method} {self._origin}{path}", deadline)
            return Answer(response.status, response.headers, content)
        except BaseException:
            response.close()
            raise
        finally:
            response.release_conn()

    def _read(self, response: BaseHTTPResponse, method: str, where: str, deadline: float) -> bytes:
        limit = self._bounds.body_bytes
        announced = response.headers.get("Content-Length", "")
        if method != "HEAD" and announced.isdecimal() and int(announced) > limit:
            raise _too_large(where, f"{int(announced) >> 20} MiB", limit)
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read1(_CHUNK_BYTES):
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                raise _too_large(where, "more", limit)
            if time.monotonic() > deadline:
                raise _too_slow(where)
        if method == "GET" and not size and _is_endless(response):
            raise _cut_off(where, "the connection ended before the body")
        return b"".join(chunks)


def _too_large(where: str, what: str, limit: int) -> ClientError:
    return ClientError(
        f"{where} answered {what} than is read: the limit is {limit >> 20} MiB"
        if what == "more"
        else f"{where} announced {what}; the limit is {limit >> 20} MiB",
        code="client-too-large",
        hint="raise the limit if the answer is sound",
    )


def _too_slow(where: str) -> ClientError:
    return ClientError(
        f"{where} did not end in time",
        code="client-timeout",
        hint="ask again later, or allow more time",
        transient=True,
        unsure=True,
    )


def _explained(error: HTTPError, where: str) -> ClientError:
    """Say in our terms what urllib3 ran into."""
    cause = _cause(error)
    if isinstance(error, SSLError):
        return _not_trusted(where, cause)
    if isinstance(error, NewConnectionError):
        return ClientError(
            f"{where} reached nobody: {cause}",
            code="client-unreachable",
            hint="check the address, and whether the host is up",
            transient=True,
        )
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        connected = isinstance(error, ReadTimeoutError)
        return ClientError(
            f"{where} was not {'answered' if connected else 'connected'} in time",
            code="client-timeout",
            hint="ask again later, or allow more time",
            transient=True,
            unsure=connected,
        )
    if isinstance(error, DecodeError) or _is_no_http(error):
        return ClientError(
            f"{where} gave an answer that cannot be read: {cause}",
            code="client-answer",
            hint="check that a Redfish service listens there",
            unsure=True,
        )
    return _cut_off(where, cause)


def _cut_off(where: str, cause: str) -> ClientError:
    return ClientError(
        f"{where} was cut off: {cause}",
        code="client-unreachable",
        hint="ask again later",
        transient=True,
        unsure=True,
    )


def _is_endless(response: BaseHTTPResponse) -> bool:
    """Tell whether only the end of the connection ends an answer: a host that dies within its headers leaves such."""
    framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    return response.status == http.client.OK and not framed


def _cause(error: BaseException) -> str:
    """Return the innermost reason, on one line."""
    while True:
        inner = error.__cause__ or next((part for part in error.args if isinstance(part, BaseException)), None)
        if inner is None or inner is error:
            reason = getattr(error, "strerror", None) or getattr(error, "reason", None) or str(error)
            return " ".join(str(reason).split()) or type(error).__name__
        error = inner


def _is_no_http(error: HTTPError) -> bool:
    inner = next((part for part in error.args if isinstance(part, BaseException)), None)
    kinds = (http.client.BadStatusLine, http.client.LineTooLong, http.client.UnknownProtocol)
    if isinstance(inner, http.client.RemoteDisconnected):  # a BadStatusLine by descent, a drop by meaning
        return False
    return isinstance(inner, kinds) or type(inner) is http.client.HTTPException


def _not_trusted(where: str, cause: str) -> ClientError:
    if "certificate" in cause.casefold() or "fingerprint" in cause.casefold() or "hostname" in cause.casefold():
        return ClientError(
            f"{where} was not sent, as the host's certificate is not trusted: {cause}",
            code="client-untrusted",
            hint="name its authority (--ca) or its --fingerprint; trust no fingerprint that you did not compare",
        )
    return ClientError(
        f"{where} was not sent: no TLS with that host, {cause}",
        code="client-unreachable",
        hint="check the port, and whether it speaks https",
    )
