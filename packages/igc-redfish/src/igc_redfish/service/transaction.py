"""What a rule works with: reads and staged writes that take effect together, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from igc_redfish.bodies import type_name, value_at
from igc_redfish.service.merging import copy_json, merge_object, merged, with_value
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.world import Timer, World, password_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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
        created: Members that were added to collections, in order.
    """

    def __init__(self, world: World, emit: Callable[[Transaction, str, str, dict[str, Any]], None]) -> None:
        self.world = world
        self._emit = emit
        self.created: list[str] = []
        self._staged: dict[str, dict[str, Any] | None] = {}
        #: Staged bodies that share nothing with the world, so that they may be changed in place.
        self._private: set[str] = set()
        self._hidden: dict[str, str] = {}
        self._memory: dict[str, Json] = {}
        self._timers: Sequence[Timer] = world.timers
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
        return timestamp(self.world.clock_s)

    # -- reading -------------------------------------------------------------------------------------------------

    def resolve(self, uri: str) -> str | None:
        """Find the canonical URI of a present resource, or None."""
        if self._staged:
            for spelling in (uri, uri.rstrip("/")):
                if spelling in self._staged:
                    return spelling if self._staged[spelling] is not None else None
        return self.world.resolve(uri)

    def get(self, uri: str) -> JsonObject | None:
        """Return the present body at a URI, staged writes included, or None."""
        if not self._staged:
            return self.world.get(uri)
        canonical = self.resolve(uri)
        return None if canonical is None else self._body(canonical)

    def value(self, uri: str, path: str, default: Any = None) -> Any:
        """Return one property by its path, e.g. ``"Boot/BootSourceOverrideTarget"``."""
        return value_at(self.get(uri), path, default)

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
        canonical = self._present(uri)
        staged = self._staged.get(canonical)
        if staged is None or canonical not in self._private:
            staged = copy_json(self.get(canonical))
            self._staged[canonical] = staged
            self._private.add(canonical)
        return staged

    def set(self, uri: str, path: str, value: Json) -> None:
        """Set one property, making the objects on its path where they are missing."""
        canonical = self._present(uri)
        keys = path.split("/")
        if canonical not in self._private:
            self._staged[canonical] = with_value(self.get(canonical) or {}, keys, value)
            return
        holder: dict[str, Any] = self.edit(canonical)
        for key in keys[:-1]:
            if not isinstance(holder.get(key), dict):
                holder[key] = {}
            holder = holder[key]
        holder[keys[-1]] = value

    def merge(self, uri: str, change: JsonObject) -> None:
        """Merge a change into a resource, objects deeply, arrays as DSP0266 "PATCH on array properties" says."""
        canonical = self._present(uri)
        if canonical in self._private:
            merge_object(self.edit(canonical), change)
        else:
            present = self._staged.get(canonical) or self.world.get(canonical) or {}
            self._staged[canonical] = merged(present, change)

    def put(self, uri: str, body: JsonObject) -> None:
        """Write a whole resource."""
        self._staged[uri] = copy_json(dict(body))
        self._private.add(uri)

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
        members = [*_members(self.get(home) or {}), {"@odata.id": uri}]
        self.set(home, "Members", members)
        self.set(home, "Members@odata.count", len(members))
        self.created.append(uri)
        return uri

    def delete(self, uri: str) -> None:
        """Remove a resource, and its mention in the collection above it."""
        canonical = self.resolve(uri) or uri
        self._staged[canonical] = None
        self._private.discard(canonical)
        collection = self.resolve(canonical.rpartition("/")[0])
        if collection is not None and isinstance((self.get(collection) or {}).get("Members"), list):
            listed = _members(self.get(collection) or {})
            kept = [item for item in listed if self.machine.canonical(item) != canonical]
            self.set(collection, "Members", kept)
            self.set(collection, "Members@odata.count", len(kept))

    def remember(self, key: str, value: Json) -> None:
        """Set a value of the hidden memory; None forgets it."""
        self._memory[key] = value

    def set_password(self, username: str, password: str | None) -> None:
        """Set the password that a simulated account lets in, or None to let nobody in."""
        self.remember(f"password:{username}", None if password is None else password_digest(password))

    def touch(self, uri: str, hidden: str) -> None:
        """Change a resource's ETag for the sake of a value that its body does not show."""
        canonical = self._present(uri)
        self._staged.setdefault(canonical, dict(self.get(canonical) or {}))
        self._hidden[canonical] = hidden

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
        self._timers = [*self._timers, Timer(self.world.clock_s + delay_s, self._serial, effect, uri, text)]

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

    def attempt(self, callback: Callable[[], None]) -> Refusal | None:
        """Run something that may refuse; a refusal undoes what it did, and only that, and is returned."""
        staged = {uri: copy_json(body) if uri in self._private else body for uri, body in self._staged.items()}
        rest = (set(self._private), dict(self._hidden), dict(self._memory), self._timers, list(self.created))
        serial = self._serial
        try:
            callback()
        except Refusal as refusal:
            self._staged, self._serial = staged, serial
            self._private, self._hidden, self._memory, self._timers, self.created = rest
            return refusal
        return None

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
        if self._timers is not self.world.timers:
            self.world.timers = tuple(sorted(self._timers))
        self.world.serial = self._serial

    def _body(self, canonical: str) -> JsonObject | None:
        return self._staged[canonical] if canonical in self._staged else self.world.get(canonical)

    def _present(self, uri: str) -> str:
        canonical = self.resolve(uri)
        if canonical is None:
            raise KeyError(uri)
        return canonical

    def _fresh_id(self, collection: str) -> str:
        """Return an id that no member has, nor had when the machine was captured: a new member is not an old one."""
        captured = self.machine.get(collection) or {}
        taken = {
            self.machine.canonical(item) for body in (captured, self.get(collection) or {}) for item in _members(body)
        }
        number = len(_members(self.get(collection) or {})) + 1
        while f"{collection}/{number}" in taken or self.get(f"{collection}/{number}") is not None:
            number += 1
        return str(number)


def timestamp(clock_s: float) -> str:
    """Write a virtual time as Redfish does (ISO 8601, UTC)."""
    return (EPOCH + timedelta(seconds=clock_s)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _members(collection: JsonObject) -> list[Any]:
    members = collection.get("Members")
    return list(members) if isinstance(members, list) else []
