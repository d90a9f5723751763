"""What a rule works with: reads and staged writes that take effect together, or not at all."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from igc_redfish.service.world import Timer, World, password_digest, type_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Json, JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.profile import Profile

#: Virtual time zero, in every timestamp that the simulator writes.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Transaction:
    """Reads see the staged writes; :meth:`commit` applies them to the world.

    Attributes:
        world: The state before the transaction.
        emit: ``emit(event, uri, payload)`` runs the rules of every handler for an event, within this transaction.
    """

    def __init__(self, world: World, emit: Callable[[Transaction, str, str, dict[str, Any]], None]) -> None:
        self.world = world
        self._emit = emit
        self._staged: dict[str, dict[str, Any] | None] = {}
        self._hidden: dict[str, str] = {}
        self._memory: dict[str, Json] = {}
        self._timers: list[Timer] = list(world.timers)
        self._serial = world.serial

    @property
    def machine(self) -> Machine:
        """What all worlds of this machine share."""
        return self.world.machine

    @property
    def profile(self) -> Profile:
        """The machine's quirks and delays."""
        return self.world.machine.profile

    @property
    def now(self) -> str:
        """The virtual time, as Redfish writes it (ISO 8601, UTC)."""
        moment = EPOCH + timedelta(seconds=self.world.clock_s)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    # -- reading -------------------------------------------------------------------------------------------------

    def resolve(self, uri: str) -> str | None:
        """Find the canonical URI of a present resource, or None."""
        for spelling in (uri, uri.rstrip("/")):
            if spelling in self._staged:
                return spelling if self._staged[spelling] is not None else None
        return self.world.resolve(uri)

    def get(self, uri: str) -> JsonObject | None:
        """Return the present body at a URI, staged writes included, or None."""
        canonical = self.resolve(uri)
        if canonical is None:
            return None
        return self._staged[canonical] if canonical in self._staged else self.world.get(canonical)

    def value(self, uri: str, path: str, default: Any = None) -> Any:
        """Return one property by its path, e.g. ``"Boot/BootSourceOverrideTarget"``."""
        found: Any = self.get(uri)
        for key in path.split("/"):
            if not isinstance(found, dict) or key not in found:
                return default
            found = found[key]
        return found

    def of_type(self, name: str) -> list[str]:
        """List the present, reachable resources of a type."""
        listed = [uri for uri in self.world.of_type(name) if self._staged.get(uri, True) is not None]
        created = (uri for uri, body in self._staged.items() if body is not None and type_name(body) == name)
        return listed + [uri for uri in created if uri not in listed]

    def recall(self, key: str, default: Json = None) -> Any:
        """Return a value of the hidden memory."""
        return self._memory[key] if key in self._memory else self.world.memory.get(key, default)

    # -- writing -------------------------------------------------------------------------------------------------

    def edit(self, uri: str) -> dict[str, Any]:
        """Return a private copy of a resource that may be changed in place; it is written at commit.

        Raises:
            KeyError: There is no such resource.
        """
        canonical = self.resolve(uri)
        if canonical is None:
            raise KeyError(uri)
        staged = self._staged.get(canonical)
        if staged is None:
            staged = copy.deepcopy(dict(self.world.get(canonical) or {}))
            self._staged[canonical] = staged
        return staged

    def set(self, uri: str, path: str, value: Json) -> None:
        """Set one property, making the objects on its path where they are missing."""
        holder: dict[str, Any] = self.edit(uri)
        *parents, last = path.split("/")
        for key in parents:
            if not isinstance(holder.get(key), dict):
                holder[key] = {}
            holder = holder[key]
        holder[last] = value

    def merge(self, uri: str, change: JsonObject) -> None:
        """Merge a change into a resource, objects deeply, arrays as DSP0266 "PATCH on array properties" says."""
        merge_object(self.edit(uri), change)

    def put(self, uri: str, body: JsonObject) -> None:
        """Write a whole resource."""
        self._staged[uri] = copy.deepcopy(dict(body))

    def create(self, collection: str, body: JsonObject, *, member_id: str = "") -> str:
        """Add a member to a collection.

        Args:
            collection: URI of the collection.
            body: The member, without ``@odata.id`` and ``Id``.
            member_id: Its id; a fresh one where empty.

        Returns:
            The member's URI.
        """
        home = self.resolve(collection) or collection
        if not member_id:
            member_id = self._fresh_id(home)
        uri = f"{home}/{member_id}"
        self.put(uri, {**body, "@odata.id": uri, "Id": member_id})
        listing = self.edit(home)
        members = [*_members(listing), {"@odata.id": uri}]
        listing["Members"], listing["Members@odata.count"] = members, len(members)
        return uri

    def delete(self, uri: str) -> None:
        """Remove a resource, and its mention in the collection above it."""
        canonical = self.resolve(uri) or uri
        self._staged[canonical] = None
        collection = self.resolve(canonical.rpartition("/")[0])
        if collection is not None and isinstance((self.get(collection) or {}).get("Members"), list):
            listing = self.edit(collection)
            kept = [item for item in _members(listing) if self.machine.canonical(item) != canonical]
            listing["Members"], listing["Members@odata.count"] = kept, len(kept)

    def remember(self, key: str, value: Json) -> None:
        """Set a value of the hidden memory; None forgets it."""
        self._memory[key] = value

    def set_password(self, username: str, password: str | None) -> None:
        """Set the password that a simulated account lets in, or None to let nobody in."""
        self.remember(f"password:{username}", None if password is None else password_digest(password))

    def touch(self, uri: str, hidden: str) -> None:
        """Change a resource's ETag for the sake of a value that its body does not show."""
        self.edit(uri)
        self._hidden[self.resolve(uri) or uri] = hidden

    # -- time and events -----------------------------------------------------------------------------------------

    def emit(self, event: str, uri: str, payload: dict[str, Any] | None = None) -> None:
        """Tell every handler that something happened, now and within this transaction."""
        self._emit(self, event, uri, payload or {})

    def later(self, delay_s: float, effect: str, uri: str, payload: JsonObject | None = None) -> None:
        """Have an effect happen after a virtual delay; a delay of zero happens now."""
        if delay_s <= 0:
            self.emit(effect, uri, dict(payload or {}))
            return
        self._serial += 1
        text = orjson.dumps(payload or {}, option=orjson.OPT_SORT_KEYS).decode()
        self._timers.append(Timer(self.world.clock_s + delay_s, self._serial, effect, uri, text))

    def cancel(self, effect: str, uri: str) -> bool:
        """Drop the pending effects of one name on one resource; tell whether there were any."""
        kept = [timer for timer in self._timers if (timer.effect, timer.uri) != (effect, uri)]
        dropped = len(kept) < len(self._timers)
        self._timers = kept
        return dropped

    def pending(self, effect: str, uri: str) -> bool:
        """Tell whether an effect is due on a resource."""
        return any((timer.effect, timer.uri) == (effect, uri) for timer in self._timers)

    def next_serial(self) -> int:
        """Return a number that this world has not used."""
        self._serial += 1
        return self._serial

    def commit(self) -> None:
        """Apply everything to the world."""
        for uri, body in self._staged.items():
            current = self.world.get(uri)
            if body != current or uri in self._hidden:
                self.world.write(uri, body, hidden=self._hidden.get(uri, ""))
        for key, value in self._memory.items():
            if value is None:
                self.world.memory.pop(key, None)
            else:
                self.world.memory[key] = value
        self.world.timers = tuple(sorted(self._timers))
        self.world.serial = self._serial

    def _fresh_id(self, collection: str) -> str:
        taken = {self.machine.canonical(item) for item in _members(self.get(collection) or {})}
        number = len(taken) + 1
        while f"{collection}/{number}" in taken or self.get(f"{collection}/{number}") is not None:
            number += 1
        return str(number)


def merge_object(target: dict[str, Any], change: JsonObject) -> None:
    """Merge ``change`` into ``target`` in place (DSP0266, "PATCH (update)")."""
    for key, value in change.items():
        present = target.get(key)
        if isinstance(value, dict) and isinstance(present, dict):
            merge_object(present, value)
        elif isinstance(value, list) and isinstance(present, list):
            target[key] = merge_array(present, value)
        else:
            target[key] = copy.deepcopy(value)


def merge_array(present: list[Any], change: list[Any]) -> list[Any]:
    """Merge an array: ``{}`` keeps an element, ``null`` removes it, an object merges, the rest replaces.

    A shorter change truncates (DSP0266, "PATCH on array properties").
    """
    merged: list[Any] = []
    for index, item in enumerate(change):
        old = present[index] if index < len(present) else None
        if item is None:
            continue
        if isinstance(item, dict) and isinstance(old, dict):
            element = copy.deepcopy(old)
            merge_object(element, item)
            merged.append(element)
        elif item != {}:
            merged.append(copy.deepcopy(item))
    return merged


def _members(collection: JsonObject) -> list[Any]:
    members = collection.get("Members")
    return list(members) if isinstance(members, list) else []
