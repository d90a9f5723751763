"""Server-sent events: a subscription for as long as a connection lasts (DSP0266, "Server-sent events")."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import orjson

from igc_redfish.bodies import link_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import World

#: Seconds without an event after which a comment is sent, so that a broken connection is noticed.
QUIET_S: Final = 15.0
_WAITING: Final = 256
_END: Final = b""
_COMMENT: Final = b": nothing new\n\n"


class Streams:
    """The open event streams of one machine, each with a subscription of its own."""

    def __init__(self, world: World, change: Callable[[Callable[[Transaction], None]], None]) -> None:
        """Begin without streams.

        Args:
            world: Where the subscriptions are.
            change: Changes the machine.
        """
        self._world = world
        self._change = change
        self._open: dict[str, asyncio.Queue[bytes]] = {}

    def __len__(self) -> int:
        """Count the open streams."""
        return len(self._open)

    def sends(self, subscription: str) -> bool:
        """Tell whether a subscription is that of an open stream."""
        return subscription in self._open

    def open(self, service: str) -> str:
        """Begin a stream of an event service; return the URI of its subscription."""
        made: list[str] = []
        self._change(lambda transaction: made.append(_subscribe(transaction, service)))
        self._open[made[0]] = asyncio.Queue(_WAITING)
        return made[0]

    async def texts(self, subscription: str, gone: asyncio.Task[None]) -> AsyncIterator[bytes]:
        """Yield what goes over the wire; a comment now and then where nothing happens.

        Args:
            subscription: Of the stream, which lasts until that is ended.
            gone: Done when the client has gone, which ends the stream too.
        """
        queue = self._open[subscription]
        gone.add_done_callback(lambda _: _end(queue))
        while True:
            try:
                text = await asyncio.wait_for(queue.get(), QUIET_S)
            except TimeoutError:
                text = _COMMENT
            if text == _END:
                return
            yield text

    def send(self, subscription: str, event: Mapping[str, Any]) -> None:
        """Send an event; one that a slow client has no place for is lost to it."""
        queue = self._open[subscription]
        if not queue.full():
            queue.put_nowait(b"id: %s\ndata: %s\n\n" % (str(event["Id"]).encode(), orjson.dumps(event)))

    def keep_only(self, subscriptions: Iterable[str]) -> None:
        """End the streams whose subscriptions are no longer there."""
        for gone in self._open.keys() - set(subscriptions) if self._open else ():
            _end(self._open.pop(gone))

    def close(self, subscription: str) -> None:
        """End a stream; its subscription goes with it."""
        queue = self._open.pop(subscription, None)
        if queue is not None:
            _end(queue)
        if self._world.resolve(subscription) is not None:
            self._change(lambda transaction: transaction.delete(subscription))

    def close_all(self) -> None:
        """End every stream."""
        for subscription in list(self._open):
            self.close(subscription)


def left_over(world: World) -> list[str]:
    """List the subscriptions of streams that a server before this one did not end."""
    uris = world.of_type("EventDestination")
    return [uri for uri in uris if uri in world.changes and (world.get(uri) or {}).get("SubscriptionType") == "SSE"]


def _subscribe(transaction: Transaction, service: str) -> str:
    collection = link_at(transaction.get(service), "Subscriptions") or f"{service}/Subscriptions"
    body = {
        "@odata.type": "#EventDestination.v1_13_0.EventDestination",
        "Name": "Event Stream",
        "Context": "",
        "Destination": None,
        "EventFormatType": "Event",
        "Protocol": "Redfish",
        "SubscriptionType": "SSE",
        "Status": {"State": "Enabled", "Health": "OK"},
    }
    return transaction.create(collection, body)


def _end(queue: asyncio.Queue[bytes]) -> None:
    while queue.full():
        queue.get_nowait()
    queue.put_nowait(_END)
