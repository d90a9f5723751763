"""One event stream: from the request for it to its end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from igc_core.rest import Request
from igc_redfish.server.answers import Answer, refusal

if TYPE_CHECKING:
    from igc_redfish.server.content import Receive, Send
    from igc_redfish.server.host import Host
    from igc_redfish.server.limits import Limits

_START: Final = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream;charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"odata-version", b"4.0"),
        (b"connection", b"close"),
    ],
}


async def send_events(
    host: Host, service: str, headers: dict[str, str], receive: Receive, send: Send, limits: Limits
) -> Answer | None:
    """Send events until the client goes or the subscription is deleted.

    Whoever may read the event service may have its events: that read is what the client is answered where it fails.

    Args:
        host: The machine.
        service: URI of its event service.
        headers: The request's.
        receive: Tells when the client goes.
        send: Takes the stream.
        limits: How many streams there may be.

    Returns:
        What to answer instead of a stream, or None after one.
    """
    asked = {name: value for name, value in headers.items() if not name.startswith("if-")}
    answer = host.answer(Request("GET", service, None, asked))
    if answer.status != 200:  # noqa: PLR2004 - RFC 9110: OK
        return answer
    if len(host.streams) >= limits.streams:
        return refusal("EventSubscriptionLimitExceeded", status=503)
    subscription = host.streams.open(service)
    gone = asyncio.create_task(_gone(receive))
    try:
        await send(_START)
        await send({"type": "http.response.body", "body": b": open\n\n", "more_body": True})
        async for text in host.streams.texts(subscription, gone):
            await send({"type": "http.response.body", "body": text, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        host.streams.close(subscription)
    return None


async def _gone(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
