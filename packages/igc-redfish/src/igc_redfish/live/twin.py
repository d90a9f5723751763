"""The simulated twin of a host, made of its capture: names what a request does, and predicts what will change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_array, as_object, type_name
from igc_redfish.facts import facts
from igc_redfish.service.core import Service
from igc_redfish.service.offers import Offers
from igc_redfish.service.transaction import EPOCH
from igc_redfish.service.world import World
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from igc_core.protocols import Reader
    from igc_core.rest import Json, JsonObject, Request
    from igc_redfish.machine import Machine
    from igc_redfish.service.rules import RuleSource
    from igc_redfish.service.world import Snapshot

#: Virtual seconds within which every effect of a change is in force; the delays of all profiles are shorter.
_SETTLED_S = 3600.0
#: Changes of one prediction that are kept.
_MOST_CHANGES = 24
#: What changes with every write and tells nothing.
_NOISE = frozenset({"@odata.etag", "Members@odata.count", "LastStateTime"})
_LOGS = frozenset({"LogEntry", "LogEntryCollection"})


@dataclass(frozen=True, slots=True)
class Change:
    """One value that a request is expected to change, or was seen to change.

    Attributes:
        uri: The resource.
        path: Property path, e.g. ``"Boot/BootSourceOverrideTarget"``; empty for the resource as a whole.
        old: The value before.
        new: The value after.
    """

    uri: str
    path: str
    old: Json
    new: Json


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the twin answers to a request.

    Attributes:
        status: Its status.
        changes: What changes, at most 24 values.
    """

    status: int
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Deed:
    """What a request does.

    Attributes:
        operation: E.g. ``"action ComputerSystem.Reset"``, ``"patch Bios"``, ``"create Volume"``, ``"delete Session"``.
        source: The resource that it is about: of an action the one that bears it.
    """

    operation: str
    source: str


class Twin:
    """A host's simulated twin, kept as the host was last seen.

    Attributes:
        machine: The host as it was captured.
    """

    def __init__(self, machine: Machine, handlers: Sequence[RuleSource]) -> None:
        self.machine = machine
        self._service = Service(machine, handlers)
        self._offers = Offers(machine)
        self._twin = Simulator(self._service)

    def see(self, uri: str, body: JsonObject) -> None:
        """Take in how the host shows a resource now."""
        place = self._twin.world.resolve(uri) or uri.rstrip("/")
        if self._twin.world.get(place) != body:
            self._twin.world.write(place, body)

    def allowed(self, uri: str) -> tuple[str, ...]:
        """List the methods that a resource serves: as its capture recorded them, else as its schema allows them."""
        return self._service.allowed(self._twin.world, uri)

    def deed(self, request: Request) -> Deed:
        """Name what a request does."""
        uri = request.uri.rstrip("/")
        world = self._twin.world
        if request.method == "POST":
            offer = self._offers.find(world, request.uri)
            if offer is not None:
                return Deed(f"action {offer.name}", offer.uri)
            owner, joint, name = uri.partition("/Actions/")
            if joint:
                return Deed(f"action {name.replace('/', '.')}", owner)
        kind = type_name(world.get(uri) or {})
        if request.method == "POST":
            return Deed(f"create {facts().member_type(kind) or kind}", uri)
        return Deed(f"{request.method.lower()} {kind}", uri)

    def predict(self, request: Request) -> Prediction:
        """Send a request to the twin, and see what it changes once everything has settled.

        What the request is about comes first. The twin does not keep the change: only what the host is seen to show
        counts.
        """
        before, after, status = self._tried(request)
        touched = {uri for uri in after.changes if after.changes[uri] != before.changes.get(uri)}
        touched |= before.changes.keys() - after.changes.keys()
        found: list[Change] = []
        about = self.deed(request).source
        for uri in sorted(touched, key=lambda uri: (uri != about, uri)):
            old = self._twin.world.get(uri)
            new = after.changes[uri].body if uri in after.changes else self.machine.get(uri)
            if type_name(new or old or {}) not in _LOGS:
                found += differences(uri, old, new)
        return Prediction(status, tuple(found[:_MOST_CHANGES]))

    def after(self, request: Request) -> Reader:
        """Return sight of what the twin would show once a request was answered and everything has settled."""
        view = World(self.machine)
        view.restore(self._tried(request)[1])
        return view

    def _tried(self, request: Request) -> tuple[Snapshot, Snapshot, int]:
        """Send a request and take it back; return the states before and after, and the status."""
        before = self._twin.snapshot()
        try:
            response = self._twin.perform(replace(request, headers={}))
            self._twin.wait(_SETTLED_S)
            return before, self._twin.snapshot(), response.status
        finally:
            self._twin.restore(before)


def differences(uri: str, old: JsonObject | None, new: JsonObject | None) -> list[Change]:
    """List the values in which two states of a resource differ."""
    if old is None or new is None:
        return [] if old == new else [Change(uri, "", _presence(old), _presence(new))]
    return list(_differing(uri, "", old, new))


def _presence(body: JsonObject | None) -> str:
    return "absent" if body is None else "present"


def _differing(uri: str, path: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = as_object(old), as_object(new)
        for key in [*before, *(key for key in after if key not in before)]:
            if key not in _NOISE:
                yield from _differing(uri, f"{path}/{key}" if path else key, before.get(key), after.get(key))
    elif old != new:
        yield Change(uri, path, _shortened(old), _told(new))


def _told(value: Any) -> Json:
    """Replace a moment of the twin's own clock, which nobody can predict."""
    if isinstance(value, str) and value.startswith(f"{EPOCH.year}-") and value.endswith("Z"):
        return "a later time"
    return _shortened(value)


def _shortened(value: Any) -> Json:
    """Count what is too long to be shown."""
    if isinstance(value, list) and len(as_array(value)) > 4:  # noqa: PLR2004 - what fits a line
        return f"{len(as_array(value))} items"
    return value  # type: ignore[no-any-return]
