"""The ASGI application: HTTP on one side, the service core on the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from igc_core.rest import Request
from igc_redfish.server.answers import Answer, encoded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from igc_redfish.server.host import Host

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

#: Methods whose requests have no content.
_WITHOUT_CONTENT: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_HEALTHY: Final = Answer(200, [(b"content-type", b"application/json"), (b"content-length", b"15")], b'{"status":"ok"}')


class Door:
    """Hands each request to the host of the port it came to."""

    def __init__(self, hosts: Mapping[int, Host]) -> None:
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI 3)."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/healthz":
            answer = _HEALTHY
        else:
            body = None if scope["method"] in _WITHOUT_CONTENT else await _content(receive)
            request = Request(scope["method"], _uri(scope), body, _headers(scope))
            answer = encoded(self._hosts[scope["server"][1]].perform(request))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})


def _uri(scope: Scope) -> str:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


async def _content(receive: Receive) -> bytes | None:
    content = b""
    while True:
        message = await receive()
        content += message.get("body", b"")
        if not message.get("more_body"):
            return content or None
