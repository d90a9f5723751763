"""Who is told of what happens on one machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.bodies import link_at, type_name
from igc_redfish.service.events import EventFeed, event_of, wanted_by

if TYPE_CHECKING:
    from igc_core.rest import JsonObject
    from igc_redfish.server.courier import Courier
    from igc_redfish.server.streams import Streams
    from igc_redfish.service.world import Snapshot, World


class Subscribers:
    """Sorts events by subscription, and hands them to whoever brings them there."""

    def __init__(self, world: World, feed: EventFeed, courier: Courier, streams: Streams) -> None:
        self._world = world
        self._feed = feed
        self._courier = courier
        self._streams = streams
        self._number = 0
        #: The subscriptions; looked for again when a resource comes or goes.
        self._listed: list[str] | None = None

    def note(self, before: Snapshot, after: Snapshot) -> None:
        """Tell of a change."""
        if self._listed is None or before.changes.keys() != after.changes.keys():
            self._listed = self._world.of_type("EventDestination")
            self._courier.keep_only(self._listed)
            self._streams.keep_only(self._listed)
        if not self._listed:
            self._feed.take()
            return
        self._feed.note(self._world.machine, before, after)
        records = self._feed.take()
        for uri in self._listed if records else ():
            body = self._world.get(uri)
            if body is None:  # a captured one was deleted
                continue
            wanted = [record for record in records if wanted_by(body, record, self._origin_type(record))]
            if wanted:
                self._send(uri, body, wanted)

    def _send(self, uri: str, body: JsonObject, records: list[JsonObject]) -> None:
        self._number += 1
        event = event_of(records, number=self._number, context=str(body.get("Context") or ""))
        if self._streams.sends(uri):
            self._streams.send(uri, event)
        elif body.get("Protocol", "Redfish") == "Redfish":
            self._courier.send(uri, event)

    def _origin_type(self, record: JsonObject) -> str:
        origin = link_at(record, "OriginOfCondition")
        return type_name(self._world.get(origin) or self._world.machine.get(origin) or {})
