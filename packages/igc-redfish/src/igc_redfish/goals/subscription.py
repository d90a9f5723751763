"""Event subscriptions: create and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import as_texts, link_at, members_of, scheme_of, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_create, on_delete, on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Where example subscriptions send events.
EXAMPLE_DESTINATION = "https://192.0.2.20/events"
#: Existing subscriptions that example goals are about, and subscriptions that a service holds, at most.
MAX_EXAMPLES, MAX_SUBSCRIPTIONS = 4, 20
#: Schemes of destinations, for push and for the forwarding protocols of DSP0266.
SCHEMES = ("http", "https", "snmp", "mailto", "syslog")
#: Properties of a new subscription whose values the service names, and where it does.
_CHOICES = {
    "EventTypes": "EventTypesForSubscription",
    "EventFormatType": "EventFormatTypes",
    "RegistryPrefixes": "RegistryPrefixes",
    "ResourceTypes": "ResourceTypes",
}


class SubscriptionFamily(GoalFamily):
    """Wants events sent to a destination, or no longer."""

    family = "subscription"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"create": ("destination",), "delete": ("destination",)}
    made_up: ClassVar[Mapping[str, str]] = {"destination": "url"}
    about: ClassVar[tuple[str, ...]] = ("destination",)
    marks: ClassVar[Mapping[str, str]] = {"destination": "Destination"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Collections of subscriptions."""
        return service.of_type("EventDestinationCollection")

    def goals(self, service: Survey) -> Iterable[Goal]:
        """An example destination, and an end to the subscriptions that exist."""
        for uri in self.targets("create", service):
            shown = (body.get("Destination") for _, body in _subscriptions(service, uri))
            known = list(dict.fromkeys(one for one in shown if isinstance(one, str) and one))
            yield self._goal("create", uri, EXAMPLE_DESTINATION)
            for destination in known[:MAX_EXAMPLES] or [EXAMPLE_DESTINATION]:
                yield self._goal("delete", uri, destination)

    def _goal(self, verb: str, target: str, destination: str) -> Goal:
        return Goal(family=self.family, verb=verb, target=target, arguments={"destination": destination})

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_create("EventDestination")
    def create(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Add a subscription."""
        destination = payload.get("Destination")
        if scheme_of(destination) not in SCHEMES:
            raise Refusal("PropertyValueFormatError", str(destination), "Destination", related=["#/Destination"])
        _check_choices(transaction, uri, payload)
        if payload.get("EventFormatType") == "MetricReport" and "EventTypes" in payload:
            raise Refusal("PropertyValueConflict", "EventTypes", "EventFormatType", related=["#/EventTypes"])
        if len(members_of(transaction.get(uri))) >= MAX_SUBSCRIPTIONS:
            raise Refusal("CreateLimitReachedForResource")
        transaction.create(uri, _new_subscription(payload))

    @on_patch("EventDestination")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Let a client change what the schema says it may (``Context``, retry policy)."""

    @on_delete("EventDestination")
    def delete(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Let a subscription go."""

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Undo what the goal wants."""
        destination = goal.arguments["destination"]
        if goal.verb == "delete":
            transaction.create(goal.target, _new_subscription({"Destination": destination, "Protocol": "Redfish"}))
            return
        for uri, body in _subscriptions(transaction, goal.target):
            if body.get("Destination") == destination:
                transaction.delete(uri)

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The destination, or none."""
        return {"Destination": goal.arguments["destination"] if goal.verb == "create" else None}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """The destination if some subscription shows it."""
        destination = goal.arguments["destination"]
        present = any(body.get("Destination") == destination for _, body in _subscriptions(now, goal.target))
        return {"Destination": destination if present else None}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The subscription as a POST."""
        if goal.verb == "delete":
            return {}
        body: JsonObject = {"Destination": goal.arguments["destination"], "Protocol": "Redfish", "Context": "igc"}
        return {"create EventDestination": [body]}


def _subscriptions(service: Reader | Transaction, collection: str) -> list[tuple[str, JsonObject]]:
    bodies = ((uri, service.get(uri)) for uri in members_of(service.get(collection)))
    return [(uri, body) for uri, body in bodies if body is not None]


def _check_choices(transaction: Transaction, collection: str, payload: Mapping[str, Any]) -> None:
    """Refuse values that the event service does not list."""
    services = [transaction.get(uri) for uri in transaction.of_type("EventService")]
    owner = next(
        (body for body in services if link_at(body, "Subscriptions").casefold() == collection.casefold()), None
    )
    for key, source in _CHOICES.items():
        offered = as_texts(value_at(owner, source))
        given = payload.get(key)
        for value in as_texts(given) or ([given] if isinstance(given, str) else []):
            if offered and value not in offered:
                raise Refusal("PropertyValueNotInList", value, key, related=[f"#/{key}"])


def _new_subscription(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Build a subscription; headers are never shown again, as they may hold secrets (EventDestination schema)."""
    return {
        "@odata.type": "#EventDestination.v1_13_0.EventDestination",
        "Name": "Event Subscription",
        "Context": "",
        "EventFormatType": "Event",
        "SubscriptionType": "RedfishEvent",
        "DeliveryRetryPolicy": "TerminateAfterRetries",
        "Status": {"State": "Enabled", "Health": "OK"},
        **payload,
        "HttpHeaders": [],
    }
