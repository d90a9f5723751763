"""Brings events to subscribers: one at a time, in order, again where that fails (DSP0266, "Eventing")."""

from __future__ import annotations

import asyncio
import http.client
import logging
import ssl
from typing import TYPE_CHECKING, Any, Final

import orjson

from igc_redfish.bodies import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.server.clock import Clock
    from igc_redfish.server.destinations import Destination, Destinations
    from igc_redfish.server.subscriber_headers import SubscriberHeaders
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import World

logger = logging.getLogger(__name__)

#: Events that wait for one subscriber; the oldest are dropped.
_WAITING: Final = 256
_POST_S: Final = 5.0
#: What an event service does that does not say.
_ATTEMPTS, _INTERVAL_S = 3, 60.0
#: Longest pause between two attempts, in virtual seconds.
_LONGEST_S: Final = 3600.0


class Courier:
    """Delivers to the destinations of one machine's subscriptions."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        change: Callable[[Callable[[Transaction], None]], None],
        destinations: Destinations,
        headers: SubscriberHeaders,
    ) -> None:
        """Begin without subscribers.

        Args:
            world: Where the subscriptions are.
            clock: Whose virtual seconds pauses between attempts are.
            change: Changes the machine, as a subscription that fails too often is ended.
            destinations: What may be reached.
            headers: What subscribers want to be sent along.
        """
        self._headers = headers
        self._world = world
        self._clock = clock
        self._change = change
        self._destinations = destinations
        self._routes: dict[str, tuple[asyncio.Queue[bytes], asyncio.Task[None]]] = {}

    def send(self, subscription: str, event: Mapping[str, Any]) -> None:
        """Have an event delivered."""
        body = self._world.get(subscription)
        if self._destinations.find((body or {}).get("Destination")) is None:
            logger.debug("%s: its destination is not allowed", subscription)
            return
        if subscription not in self._routes:
            queue: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
            self._routes[subscription] = queue, asyncio.create_task(self._run(subscription, queue))
        queue, _ = self._routes[subscription]
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(orjson.dumps(event))

    def keep_only(self, subscriptions: Collection[str]) -> None:
        """Forget the subscriptions that are no longer there; others may come to have their addresses."""
        self._headers.keep_only(subscriptions)
        for gone in self._routes.keys() - set(subscriptions):
            self._routes.pop(gone)[1].cancel()

    def close(self) -> None:
        """Stop delivering."""
        for _, task in self._routes.values():
            task.cancel()
        self._routes.clear()

    async def _run(self, subscription: str, queue: asyncio.Queue[bytes]) -> None:
        while True:
            event = await queue.get()
            failures = 0
            while not await self._deliver(subscription, event):
                failures += 1
                pause_s = self._pause(subscription, failures)
                if pause_s is None:
                    self._give_up(subscription)
                    return
                await asyncio.sleep(pause_s / (self._clock.factor or 1.0))

    async def _deliver(self, subscription: str, event: bytes) -> bool:
        """Try once; a subscription that is gone or leads nowhere any more counts as served."""
        body = self._world.get(subscription)
        found = self._destinations.find((body or {}).get("Destination"))
        if body is None or found is None:
            return True
        headers = {"Content-Type": "application/json", "OData-Version": "4.0", **self._headers.of(subscription)}
        verified = body.get("VerifyCertificate") is not False
        try:
            status = await asyncio.to_thread(_post, found, event, headers, verified=verified)
        except (OSError, http.client.HTTPException, ValueError) as error:
            logger.info("%s: not delivered (%s)", subscription, type(error).__name__)
            return False
        return 200 <= status < 300  # noqa: PLR2004 - RFC 9110: 2xx is success

    def _pause(self, subscription: str, failures: int) -> float | None:
        """Return the virtual seconds until the next attempt, or None where there is none."""
        service = _event_service(self._world)
        attempts, interval = service.get("DeliveryRetryAttempts"), service.get("DeliveryRetryIntervalSeconds")
        base_s = float(interval) if isinstance(interval, int | float) else _INTERVAL_S
        policy = (self._world.get(subscription) or {}).get("DeliveryRetryPolicy")
        if policy == "RetryForeverWithBackoff":
            return float(min(base_s * 2.0 ** min(failures - 1, 16), _LONGEST_S))
        if policy != "RetryForever" and failures > (attempts if isinstance(attempts, int) else _ATTEMPTS):
            return None
        return base_s

    def _give_up(self, subscription: str) -> None:
        """End a subscription, or suspend it, as its policy says."""
        self._routes.pop(subscription, None)
        body = self._world.get(subscription)
        if body is None:
            return
        logger.warning("%s: given up, its destination does not take events", subscription)
        if body.get("DeliveryRetryPolicy") == "SuspendRetries":
            self._change(lambda transaction: transaction.set(subscription, "Status/State", "Disabled"))
        else:
            self._change(lambda transaction: transaction.delete(subscription))


def _event_service(world: World) -> JsonObject:
    services = world.of_type("EventService")
    return as_object(world.get(services[0])) if services else {}


def _post(to: Destination, content: bytes, headers: Mapping[str, str], *, verified: bool) -> int:
    """Send one POST; redirects are not followed. Blocks."""
    if to.scheme == "https":
        context = ssl.create_default_context()
        if not verified:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            to.host, to.port, timeout=_POST_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(to.host, to.port, timeout=_POST_S)
    try:
        connection.request("POST", to.path, body=content, headers=dict(headers))
        return connection.getresponse().status
    finally:
        connection.close()
