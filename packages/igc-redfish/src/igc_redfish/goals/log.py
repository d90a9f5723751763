"""Logs: clear one. Also writes the entries that other families' events call for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_redfish.bodies import action_target, as_array, as_objects, link_at, members_of, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.service.rules import on_action, on_event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.models import Goal
    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

CLEAR = "LogService.ClearLog"
COUNT = "Members@odata.count"
#: Words in a log's id, most telling first, by which events find their log; logs with none of them are not for events.
EVENT_LOGS = ("event", "sel", "iml", "log")
#: Logs that hold dumps, boot progress or debugging output, though their ids may say "log".
OTHER_LOGS = ("dump", "postcode", "journal", "fault", "audit", "host", "fdr", "debug", "security")
#: Records that a log keeps where it does not say how many.
DEFAULT_RECORDS = 1000


class LogFamily(GoalFamily):
    """Wants a log without entries."""

    family = "log"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"clear": ()}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Logs that offer the action and show their entries."""
        bodies = ((uri, service.get(uri)) for uri in service.of_type("LogService"))
        return [uri for uri, body in bodies if action_target(body, CLEAR) and service.get(link_at(body, "Entries"))]

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_action(CLEAR)
    def clear(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Delete all entries."""
        entries = link_at(transaction.get(uri), "Entries")
        listing = transaction.get(entries)
        if listing is None:
            return
        transaction.merge(entries, {"Members": [], COUNT: 0})
        for member in members_of(listing):
            if transaction.get(member) is not None:
                transaction.delete(member)

    @on_event("log")
    def write(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Write an entry about an origin to the log that fits it."""
        log = _log_of(transaction, uri)
        if log:
            _append(transaction, log, uri, payload)

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Give the log an entry to clear."""
        about = {"MessageId": "Event.1.0.Informational", "Message": "The log was opened.", "Severity": "OK"}
        _append(transaction, goal.target, goal.target, about)

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:  # noqa: ARG002
        """No entries."""
        return {COUNT: 0}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """How many entries the log has."""
        listing = now.get(link_at(now.get(goal.target), "Entries")) or {}
        return {COUNT: max(len(as_array(listing.get("Members"))), _as_count(listing.get(COUNT)))}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:  # noqa: ARG002
        """The action needs no parameters."""
        return {f"action {CLEAR}": [{}]}


def _as_count(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _log_of(transaction: Transaction, origin: str) -> str:
    """Find the log for events of a resource: its own, its manager's, or any that takes events."""
    body = transaction.get(origin)
    managers = [item.get("@odata.id") for item in as_objects(value_at(body, "Links/ManagedBy"))]
    for owner in [origin, *managers]:
        collection = link_at(transaction.get(str(owner)), "LogServices")
        best = _best(members_of(transaction.get(collection)))
        if best and transaction.get(best) is not None:
            return best
    return _best(transaction.of_type("LogService"))


def _best(logs: Sequence[str]) -> str:
    ranked = [(rank, uri) for uri in logs if (rank := _rank(uri)) is not None]
    return min(ranked, key=lambda item: item[0])[1] if ranked else ""


def _rank(uri: str) -> int | None:
    name = uri.rpartition("/")[2].lower()
    if any(word in name for word in OTHER_LOGS):
        return None
    return next((index for index, word in enumerate(EVENT_LOGS) if word in name), None)


def _append(transaction: Transaction, log: str, origin: str, payload: Mapping[str, Any]) -> None:
    body = transaction.get(log)
    entries = link_at(body, "Entries")
    listing = transaction.get(entries)
    if listing is None:
        return
    members = members_of(listing)
    limit = _as_count(value_at(body, "MaxNumberOfRecords")) or DEFAULT_RECORDS
    if len(members) >= limit:
        if value_at(body, "OverWritePolicy") == "NeverOverWrites":
            return
        transaction.delete(_oldest(members))
    numbers = [int(name) for uri in members if (name := uri.rpartition("/")[2]).isdecimal()]
    number = max(numbers, default=0) + 1
    entry: dict[str, Any] = {
        "@odata.type": "#LogEntry.v1_15_0.LogEntry",
        "Name": f"Log Entry {number}",
        "EntryType": "Event",
        "Created": transaction.now,
        "Severity": "OK",
        "MessageArgs": [],
        **payload,
        "Links": {"OriginOfCondition": {"@odata.id": origin}},
    }
    transaction.create(entries, entry, member_id=str(number))


def _oldest(members: Sequence[str]) -> str:
    """Return the entry with the least number; the first one where ids are no numbers."""
    numbered = [uri for uri in members if uri.rpartition("/")[2].isdecimal()]
    return min(numbered, key=lambda uri: int(uri.rpartition("/")[2])) if numbered else members[0]
