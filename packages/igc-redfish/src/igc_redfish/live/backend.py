"""A real Redfish service as a backend."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from igc_core.rest import Request, Response
from igc_redfish.bodies import as_object, link_at
from igc_redfish.client.credentials import Credentials
from igc_redfish.client.errors import ClientError
from igc_redfish.client.pace import retry_after_s
from igc_redfish.crawl.pages import gathered, is_log, next_page
from igc_redfish.live.errors import NotReadyError
from igc_redfish.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.client.transport import Transport

_ACCEPTED, _FORBIDDEN, _FAILED = 202, 403, 500
#: Pause between two looks at a task whose service does not say when to come back, in seconds.
_LOOK_S = 2.0
#: Pages that are put together at most, and entries of a log that are enough.
_MOST_PAGES, _LOG_ENTRIES = 100, 100
#: Longest pause between two looks, whatever the service says.
_LONGEST_LOOK_S = 30.0


class LiveBackend:
    """One host, asked for one thing at a time. Implements ``Backend``, and knows whether credentials let somebody in.

    It is the bare host: what changes it must come through :class:`igc_redfish.live.guarded.GuardedBackend`. Sessions,
    time-outs, the rate, and the repetition of safe requests are the transport's.
    """

    def __init__(
        self,
        transport: Transport,
        knock: Callable[[Credentials | None], Transport] | None = None,
        *,
        halt: threading.Event | None = None,
    ) -> None:
        """Take over a transport, which :meth:`close` closes.

        Args:
            transport: The way to the host.
            knock: Makes another way to the same host, with other credentials or none; without it nobody is let in.
            halt: Once it is set, nothing more is sent, and nobody waits.
        """
        self._transport, self._knock = transport, knock
        self._halt = halt or threading.Event()
        self._lock = threading.Lock()
        self._monitors: dict[str, float] = {}

    def perform(self, request: Request) -> Response:
        """Send a request.

        Raises:
            ClientError: No usable answer came; ``unsure`` tells whether the host may have acted on a change.
            LiveError: The run is to end.
        """
        self._insist_on_going_on()
        with self._lock:
            response = self._whole(request, self._transport.send(request))
        monitor = response.headers.get("Location")
        if response.status == _ACCEPTED and monitor:
            self._monitors[monitor] = time.monotonic() + _pause(response)
        return response

    def wait(self, seconds: float) -> None:
        """Let real time pass: at most so many seconds, less where all tasks under way end before.

        Task monitors are looked at as often as ``Retry-After`` says (DSP0266, "Asynchronous operations").

        Raises:
            LiveError: The run is to end.
        """
        until = time.monotonic() + seconds
        watched = bool(self._monitors)
        while (left := until - time.monotonic()) > 0:
            if watched and not self._monitors:
                return
            soonest = min(self._monitors.values(), default=until)
            self._halt.wait(max(0.0, min(left, soonest - time.monotonic())))
            self._insist_on_going_on()
            for monitor in [uri for uri, due in self._monitors.items() if due <= time.monotonic()]:
                self._look(monitor)

    def close(self) -> None:
        """Close the session and the connections."""
        self._transport.close()

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether the host lets these credentials in; a host that lets everybody in tells nothing, so False.

        Raises:
            ClientError: The host could not be reached.
        """
        if self._knock is None:
            return False
        place = self._guarded_place()
        with self._knock(None) as nobody:
            if nobody.send(Request("GET", place)).ok:
                return False
        with self._knock(Credentials(username, SecretStr(password))) as other:
            try:
                answer = other.send(Request("GET", place))
            except ClientError as error:
                if error.code == "client-login":
                    return False
                raise
            # A role that may see nothing there has logged in all the same.
            known = other.login is not None and other.login.method == "session"
            return answer.ok or (answer.status == _FORBIDDEN and known)

    def _insist_on_going_on(self) -> None:
        if self._halt.is_set():
            raise NotReadyError("the run was stopped", code="live-stopped", hint="run it again to go on")

    def _whole(self, request: Request, response: Response) -> Response:
        """Put the pages of a collection together: agents, guards and goals judge by all its members."""
        body = as_object(response.body)
        if request.method != "GET" or "?" in request.uri or not next_page(body):
            return response
        most = _LOG_ENTRIES if is_log(body, request.uri) else None
        return Response(response.status, gathered(body, self._page, _MOST_PAGES, most), response.headers)

    def _page(self, uri: str) -> dict[str, Any] | None:
        answer = self._transport.send(Request("GET", uri)) if uri.startswith("/") else None
        return as_object(answer.body) if answer is not None and answer.ok else None

    def _look(self, monitor: str) -> None:
        """Ask a task monitor; one that does not answer is asked again later."""
        try:
            response = self.perform(Request("GET", monitor))
        except ClientError as error:
            self._monitors.pop(monitor, None)
            if error.transient:
                self._monitors[monitor] = time.monotonic() + _LOOK_S
            return
        if response.status == _ACCEPTED or response.status >= _FAILED:
            self._monitors[monitor] = time.monotonic() + _pause(response)
        else:
            self._monitors.pop(monitor, None)

    def _guarded_place(self) -> str:
        """Find a resource that takes credentials: the accounts, else the systems."""
        root = as_object(self.perform(Request("GET", ROOT)).body)
        return link_at(root, "AccountService") or link_at(root, "Systems") or ROOT


def _pause(response: Response) -> float:
    asked = retry_after_s(response.headers.get("Retry-After"))
    return _LOOK_S if asked is None else min(max(asked, 0.1), _LONGEST_LOOK_S)
