"""The client of one host: requests in, responses out, whatever the host does in between."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

import orjson

from igc_core.rest import Json, Request, Response
from igc_redfish.client.bounds import Bounds
from igc_redfish.client.errors import ClientError
from igc_redfish.client.login import Login, Method
from igc_redfish.client.origin import Origin
from igc_redfish.client.pace import BUSY_STATUSES, Pace, Patience, retry_after_s
from igc_redfish.client.payload import parsed
from igc_redfish.client.trust import Trust
from igc_redfish.client.wire import Answer, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from igc_redfish.client.credentials import Credentials

_METHOD = re.compile(r"[A-Z]+")
#: Sent with every request; the caller's own headers come on top.
_HEADERS: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "OData-Version": "4.0",
    "User-Agent": "igc-redfish",
}
#: Only the transport says who it is and to whom it talks.
_RESERVED = frozenset({"authorization", "connection", "content-length", "host", "transfer-encoding", "x-auth-token"})
_UNAUTHORIZED = 401
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERRORS_FROM = 400


class Transport:
    """Talks to one Redfish service over HTTP; safe for as many threads as it has connections.

    Only safe requests are repeated when they fail; whether a change that failed was carried out is what
    :attr:`ClientError.unsure <igc_redfish.client.errors.ClientError>` says. A session is opened at the first request,
    renewed when it runs out, and deleted by :meth:`close`, so a transport belongs into a ``with``.

    Args:
        url: Address of the service: ``https://host``, or only the host.
        credentials: User and password, or None to ask without any.
        trust: How the host proves who it is.
        login: By session, by basic authentication, or by what there is.
        bounds: Time and size that one exchange may take.
        patience: How often a safe request is repeated.
        connections: Requests under way at once; more wait.
        rate: Requests a second at most; 0 for no bound.

    Attributes:
        origin: The service's address.
        pace: Spaces the requests of all threads.

    Raises:
        ClientError: The address is none, or plain http to another machine.
    """

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials | None = None,
        trust: Trust | None = None,
        login: Method = "auto",
        bounds: Bounds | None = None,
        patience: Patience | None = None,
        connections: int = 1,
        rate: float = 0.0,
    ) -> None:
        self.origin = Origin.parse(url)
        self.pace = Pace(rate)
        self._bounds = bounds or Bounds()
        self._patience = patience or Patience()
        self._wire = Wire(self.origin, trust or Trust(), self._bounds, connections)
        self._login = Login(credentials, self.origin, self._raw, self._last, login) if credentials else None

    def __repr__(self) -> str:
        """Name the host."""
        return f"Transport({str(self.origin)!r})"

    def __enter__(self) -> Self:
        """Return the transport."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session and the connections, whatever has happened."""
        self.close()

    @property
    def login(self) -> Login | None:
        """Who we are to the host; None where it is asked without credentials."""
        return self._login

    def send(self, request: Request) -> Response:
        """Send one request and read its answer.

        A safe request is repeated with growing pauses while the host is busy (429, 502 to 504) or drops it, as long
        as :class:`~igc_redfish.client.pace.Patience` allows; ``Retry-After`` is honoured.

        Args:
            request: Its URI is a path, or a URL of this very service.

        Returns:
            The answer, whatever its status. The body is parsed JSON; it is None where there is none, and in errors
            (status 400 and above) that are no JSON. Headers are found whatever their case.

        Raises:
            ClientError: No usable answer came, or the request must not be sent.
        """
        if not _METHOD.fullmatch(request.method):
            raise _refused(f"{request.method[:40]!r} is no HTTP method")
        if not _RESERVED.isdisjoint(name.casefold() for name in request.headers):
            raise _refused("a header of the request is the transport's own", "leave out authorization and framing")
        path = self.origin.local(request.uri)
        answer = self._redirected(request, self._persistently(request, path))
        return Response(answer.status, self._body(answer, f"{request.method} {self.origin}{path}"), answer.headers)

    def close(self) -> None:
        """Delete the session on the host and close all connections. Requests that wait are given up."""
        self.pace.stop()
        if self._login is not None:
            self._login.leave()
        self._wire.close()

    def _persistently(self, request: Request, path: str) -> Answer:
        """Send a request, and a safe one again while that may help; a change only while the login fails before it."""
        for attempt in range(1, self._patience.attempts + 1):
            last = attempt == self._patience.attempts or self.pace.stopped
            try:
                answer = self._authorised(request, path)
            except ClientError as error:
                asked = self._held(error.retry_after_s)
                if last or not error.transient or (request.mutates and not error.at_login) or self._is_too_long(asked):
                    raise
            else:
                busy = answer.status in BUSY_STATUSES
                asked = self._held(retry_after_s(answer.headers.get("Retry-After")) if busy else None)
                if last or not busy or request.mutates or self._is_too_long(asked):
                    return answer
            if not self.pace.rest(self._patience.pause_s(attempt) if asked is None else asked):
                break
        raise self._given_up(request.method, path)

    def _held(self, asked_s: float | None) -> float | None:
        """Let everybody wait as long as a busy host asks, unless that is too long; return what it asks."""
        if asked_s is not None and not self._is_too_long(asked_s):
            self.pace.hold(asked_s)
        return asked_s

    def _is_too_long(self, asked_s: float | None) -> bool:
        return (asked_s or 0) > self._patience.longest_s

    def _authorised(self, request: Request, path: str) -> Answer:
        """Send a request as who we are; once more where the session has run out, as nothing was carried out then."""
        content = None if request.body is None else orjson.dumps(request.body)
        headers = {"Content-Type": "application/json"} if content is not None else {}
        headers |= request.headers
        if self._login is None:
            return self._raw(request.method, path, headers, content)
        proof = self._login.headers()
        answer = self._raw(request.method, path, headers | dict(proof), content)
        if answer.status == _UNAUTHORIZED and self._login.renew(proof):
            answer = self._raw(request.method, path, headers | dict(self._login.headers()), content)
        return answer

    def _redirected(self, request: Request, answer: Answer) -> Answer:
        """Follow the redirects of a safe request, on this service only."""
        for _ in range(self._bounds.redirects):
            target = answer.headers.get("Location", "")
            if answer.status not in _REDIRECTS or request.mutates or not target:
                return answer
            answer = self._persistently(request, self.origin.local(target))
        if answer.status in _REDIRECTS and not request.mutates:
            raise ClientError(
                f"{self.origin}{request.uri} redirects more than {self._bounds.redirects} times",
                code="client-answer",
                hint="the service redirects in circles",
            )
        return answer

    def _raw(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        self.pace.wait()
        if self.pace.stopped:  # the session is being deleted: whoever sent now would open another one
            raise self._given_up(method, path)
        return self._wire.exchange(method, path, {**_HEADERS, **headers}, content)

    def _last(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        return self._wire.exchange(method, path, {**_HEADERS, **headers}, content, urgent=True)

    def _given_up(self, method: str, path: str) -> ClientError:
        return ClientError(f"{method} {self.origin}{path} was given up", code="client-unreachable")

    def _body(self, answer: Answer, where: str) -> Json:
        if not answer.content:
            return None
        try:
            return parsed(answer.content, where, self._bounds.depth)
        except ClientError:
            if answer.status >= _ERRORS_FROM:
                return None
            raise


def _refused(message: str, hint: str = "") -> ClientError:
    return ClientError(message, code="client-request", hint=hint)
