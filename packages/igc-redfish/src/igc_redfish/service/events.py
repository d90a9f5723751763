"""Redfish events, sans I/O: raised by what changes in a world, held until somebody takes them (DSP0266, "Eventing").

Nothing here sends anything: whoever serves a machine takes the records and brings them to the subscribers.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import as_object, as_objects, as_texts, link_at, type_name, value_at
from igc_redfish.service.messages import extended
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.rules import marked_rules, on_action
from igc_redfish.service.transaction import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.rules import Rule
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import Snapshot

#: Events held for whoever takes them; the oldest are dropped.
HELD: Final = 1000
_EVENT_TYPE: Final = "#Event.v1_7_0.Event"
_KINDS: Final = {"ResourceCreated": "ResourceAdded", "ResourceRemoved": "ResourceRemoved"}


class EventFeed:
    """The events of one world, in order."""

    def __init__(self) -> None:
        self._records: deque[JsonObject] = deque(maxlen=HELD)
        self._count = 0

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that this handler answers."""
        return marked_rules(self)

    @on_action("EventService.SubmitTestEvent")
    def submit(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Raise the event that a client describes."""
        if transaction.value(uri, "ServiceEnabled") is False:
            raise Refusal("ServiceDisabled", uri, status=503)
        origin = payload.get("OriginOfCondition") or uri
        severity = payload.get("MessageSeverity") or payload.get("Severity") or "OK"
        told = {
            "MessageId": payload.get("MessageId") or "ResourceEvent.1.4.TestMessage",
            "Message": payload.get("Message") or "Test message.",
            "MessageArgs": as_texts(payload.get("MessageArgs")),
            "MessageSeverity": severity,
            "Severity": severity,
        }
        named = {key: payload[key] for key in ("EventId", "EventTimestamp") if payload.get(key)}
        kind = payload.get("EventType") or "Alert"
        self._append(transaction.now, kind, str(origin), {**told, **named})

    def note(self, machine: Machine, before: Snapshot, after: Snapshot) -> None:
        """Raise the events of a change.

        Args:
            machine: What both states are of.
            before: The state that was noted last.
            after: The present state.
        """
        now = timestamp(after.clock_s)
        for uri, old, new in _differences(machine, before, after):
            for kind, told in _told(old, new):
                self._append(now, kind, uri, told)

    def take(self) -> list[JsonObject]:
        """Hand out what was raised since the last time."""
        if not self._records:
            return []
        taken = list(self._records)
        self._records.clear()
        return taken

    def _append(self, now: str, kind: str, origin: str, told: Mapping[str, Any]) -> None:
        self._count += 1
        record = {"EventType": kind, "EventId": str(self._count), "EventTimestamp": now, **told}
        self._records.append({**record, "OriginOfCondition": {"@odata.id": origin}})


def wanted_by(subscription: JsonObject, record: JsonObject, origin_type: str) -> bool:
    """Tell whether a subscription asks for an event (the filters of the EventDestination schema).

    Args:
        subscription: Body of the EventDestination.
        record: The event.
        origin_type: Type of the resource that it is about, e.g. ``"ComputerSystem"``.
    """
    if value_at(subscription, "Status/State") == "Disabled" or subscription.get("EventFormatType") == "MetricReport":
        return False
    message = _without_version(str(record["MessageId"]))
    registry, origin = message.partition(".")[0], link_at(record, "OriginOfCondition")
    named = [_without_version(text) for text in as_texts(subscription.get("MessageIds"))]
    barred = [_without_version(text) for text in as_texts(subscription.get("ExcludeMessageIds"))]
    return (
        message not in barred
        and registry not in as_texts(subscription.get("ExcludeRegistryPrefixes"))
        and _asks(named, message)
        and _asks(as_texts(subscription.get("RegistryPrefixes")), registry)
        and _asks(as_texts(subscription.get("EventTypes")), str(record["EventType"]))
        and _asks(as_texts(subscription.get("ResourceTypes")), origin_type)
        and _asks(as_texts(subscription.get("Severities")), str(record.get("MessageSeverity")))
        and _is_from(subscription, origin)
    )


def event_of(records: Iterable[JsonObject], *, number: int, context: str = "") -> dict[str, Any]:
    """Put event records into one message to one subscriber (the Event schema).

    Args:
        records: At least one.
        number: Id of the message.
        context: What the subscriber wants to be told with each.
    """
    listed = [{"MemberId": str(place), **record} for place, record in enumerate(records)]
    body = {"@odata.type": _EVENT_TYPE, "Id": str(number), "Name": "Event Array", "Events": listed}
    return {**body, "Context": context} if context else body


def _differences(
    machine: Machine, before: Snapshot, after: Snapshot
) -> Iterator[tuple[str, JsonObject | None, JsonObject | None]]:
    """Yield what became different, with its bodies; whatever is the same object did not change."""
    for uri, version in after.changes.items():
        old = before.changes.get(uri)
        if old is not version:
            yield uri, old.body if old is not None else machine.get(uri), version.body
    for uri in before.changes.keys() - after.changes.keys():
        yield uri, before.changes[uri].body, machine.get(uri)


def _told(old: JsonObject | None, new: JsonObject | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Say what an event about a change tells, with the kind of the event; collections are told of by their members."""
    kind = type_name(new or old or {})
    if kind.endswith("Collection") or (old is None and new is None):
        return
    if kind == "Task" and new is not None:
        known = len(as_objects((old or {}).get("Messages")))
        for message in as_objects(new.get("Messages"))[known:]:
            yield "Other", _shown(message)
    elif kind == "LogEntry" and old is None and new is not None and new.get("MessageId"):
        yield "Alert", _shown(new)
    elif value_at(old, "Status/Health") != value_at(new, "Status/Health") and old is not None and new is not None:
        health = str(value_at(new, "Status/Health"))
        key = f"ResourceEvent.ResourceStatusChanged{health}"
        yield "StatusChange", _shown(extended(Complaint(key, (str(new.get("Name", "")), health))))
    else:
        key = "ResourceCreated" if old is None else "ResourceRemoved" if new is None else "ResourceChanged"
        yield _KINDS.get(key, "ResourceUpdated"), _shown(extended(Complaint(f"ResourceEvent.{key}")))


def _shown(message: Mapping[str, Any]) -> dict[str, Any]:
    """Take the message out of whatever bears one: a log entry, a task's message, an extended message."""
    severity = str(message.get("MessageSeverity") or message.get("Severity") or "OK")
    return {
        "MessageId": str(message["MessageId"]),
        "Message": str(message.get("Message", "")),
        "MessageArgs": as_texts(message.get("MessageArgs")),
        "MessageSeverity": severity,
        "Severity": severity,
    }


def _asks(chosen: list[str], value: str) -> bool:
    return not chosen or value in chosen


def _is_from(subscription: JsonObject, origin: str) -> bool:
    links = [item.get("@odata.id") for item in map(as_object, as_objects(subscription.get("OriginResources")))]
    roots = [link.rstrip("/") for link in links if isinstance(link, str)]
    below = subscription.get("SubordinateResources") is True
    return not roots or any(origin == root or (below and origin.startswith(f"{root}/")) for root in roots)


def _without_version(message_id: str) -> str:
    """Name a message by registry and key alone: ``"Base.1.8.Success"`` and ``"Base.Success"`` are one."""
    registry, _, rest = message_id.partition(".")
    return f"{registry}.{rest.rpartition('.')[2]}"
