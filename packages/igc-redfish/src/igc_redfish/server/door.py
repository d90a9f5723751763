"""The ASGI application: HTTP on one side, the service core on the other."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Final

from igc_core.rest import Request
from igc_redfish.server.answers import Answer, json_answer, refusal
from igc_redfish.server.content import WITHOUT_CONTENT, Refused, content_of, headers_of, uri_of
from igc_redfish.server.control import PREFIX
from igc_redfish.server.streaming import send_events
from igc_redfish.server.uploads import update_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.server.content import Receive, Scope, Send
    from igc_redfish.server.control import Control
    from igc_redfish.server.host import Host
    from igc_redfish.server.injection import Injection
    from igc_redfish.server.limits import Limits
    from igc_redfish.server.request_log import RequestLog

logger = logging.getLogger(__name__)

_HEALTHY: Final = json_answer(200, {"status": "ok"})


class Door:
    """Hands each request to the host of the port it came to."""

    def __init__(
        self,
        hosts: Mapping[int, Host],
        limits: Limits,
        *,
        control: Control | None = None,
        log: RequestLog | None = None,
    ) -> None:
        self._hosts = hosts
        self._limits = limits
        self._control = control
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        began_s = time.perf_counter()
        answer = await self._answered(scope, receive, send)
        if answer is not None:
            try:
                for message in answer.messages:
                    await send(message)
            except RuntimeError:
                # uvicorn notices that a client has gone only for the last of several requests that came at once.
                if not scope["igc.connection"].transport.is_closing():
                    raise
        if self._log is not None:
            status, size = (answer.status, answer.size) if answer is not None else (0, 0)
            self._log.note(scope, status, size, time.perf_counter() - began_s)

    def host_at_once(self, port: int, url: bytes) -> Host | None:
        """Find the host of a request whose answer needs no waiting; None for all others.

        Args:
            port: Where the request came to.
            url: Its target, as it was sent.
        """
        host = self._hosts[port]
        if self._log is not None or not url.startswith(b"/redfish") or not url.isascii() or not host.is_prompt:
            return None
        path = url.partition(b"?")[0].decode("ascii")
        return None if "%" in path or "#" in path or path in host.aside else host

    def answer_at_once(
        self, host: Host, method: str, url: bytes, headers: dict[str, str], content: bytes | None
    ) -> Answer:
        """Answer a request that is whole, and for whose host :meth:`host_at_once` was asked."""
        try:
            asked = "GET" if method == "HEAD" else method
            return host.answer(Request(asked, url.decode("ascii"), content, headers))
        except Exception:
            logger.exception("the server failed at %s %r", method, url)
            return _failed()

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        """Find the answer; None where there is nothing more to send."""
        try:
            return await self._answer(scope, receive, send)
        except Refused as refused:
            return refused.answer
        except Exception:
            logger.exception("the server failed at %s %r", scope["method"], scope["raw_path"])
            return _failed()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> Answer | None:
        host = self._hosts[scope["server"][1]]
        method: str = scope["method"]
        path: str = scope["path"]
        if path == "/healthz":
            return _HEALTHY
        headers = headers_of(scope["headers"])
        if method in WITHOUT_CONTENT:
            if path in host.stream_paths and method == "GET":
                return await send_events(host, host.stream_paths[path], headers, receive, send, self._limits)
            # A HEAD is answered like a GET, so that its Content-Length is right; its content is not sent.
            request = Request("GET" if method == "HEAD" else method, uri_of(scope), None, headers)
        elif host.takes_image(method, path, headers):
            body = await update_of(receive, headers, self._limits)
            request = Request(method, host.push_paths[path], body, {**headers, "content-type": "application/json"})
        else:
            content = await content_of(receive, headers, self._limits.content_bytes)
            if self._control is not None and path.startswith(PREFIX):
                return self._control.answer(host, method, path, headers, content)
            request = Request(method, uri_of(scope), content, headers)
        if host.injections:
            fault = host.injections.take(method, path)
            if fault is not None:
                return await _spoilt(fault, host, request, scope)
        answer = host.answer(request)
        delay_s = host.delay_s()
        if delay_s > 0:
            await asyncio.sleep(delay_s)
        return answer


def _failed() -> Answer:
    """Tell of an error of the server itself."""
    return refusal("InternalError", status=500, closing=True)


async def _spoilt(fault: Injection, host: Host, request: Request, scope: Scope) -> Answer | None:
    """Answer as somebody wanted it who tests a client."""
    await asyncio.sleep(fault.latency_s)
    if fault.drop:
        scope["igc.connection"].drop()
        return None
    if fault.status:
        return refusal("GeneralError", status=fault.status)
    return host.answer(request)
