"""The mutable state of one simulated machine: what differs from its capture, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import unquote

import orjson

from igc_redfish.bodies import type_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.rest import Json, JsonObject
    from igc_redfish.machine import Machine


#: Types of resources that say who may do what.
STANDING: Final = frozenset({"ManagerAccount", "Role", "SessionService", "AccountService"})


class Version(NamedTuple):
    """One state of one resource.

    Attributes:
        body: The resource, or None where it was deleted.
        digest: Identifies the content, write-only values included.
    """

    body: JsonObject | None
    digest: str


@dataclass(frozen=True, slots=True, order=True)
class Timer:
    """An effect that is due later.

    Attributes:
        due_s: Virtual time at which it happens.
        order: Ties are broken by age.
        effect: Name that a rule answers to.
        uri: The resource it is about.
        arguments: Canonical JSON text, so that timers can be compared, hashed and stored.
    """

    due_s: float
    order: int
    effect: str
    uri: str
    arguments: str

    @property
    def payload(self) -> dict[str, Any]:
        """The arguments, parsed afresh."""
        return orjson.loads(self.arguments)  # type: ignore[no-any-return]


class Snapshot(NamedTuple):
    """A world at one moment. Costs what had changed, shares all bodies."""

    changes: dict[str, Version]
    memory: dict[str, Json]
    timers: tuple[Timer, ...]
    clock_s: float
    serial: int


class World:
    """Copy-on-write state over an immutable machine.

    Bodies and memory values are replaced, never changed in place, so snapshots and readers may keep them.

    Attributes:
        machine: What all worlds of a machine share.
        changes: Resources that differ from the capture, by canonical URI.
        memory: State that no resource shows (passwords, staged settings), by name; JSON values only.
        timers: Effects that are due, soonest first.
        clock_s: Virtual seconds since the world began.
        clock_factor: Virtual seconds per second of the clients, who are told when to come again by their own clock.
        serial: Counts what was created, for unique ids.
        standing: What was concluded from accounts, roles and their services; forgotten when one of these is written.
    """

    __slots__ = ("changes", "clock_factor", "clock_s", "machine", "memory", "serial", "standing", "timers")

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.changes: dict[str, Version] = {}
        self.memory: dict[str, Json] = {}
        self.timers: tuple[Timer, ...] = ()
        self.clock_s = 0.0
        self.clock_factor = 1.0
        self.serial = 0
        self.standing: dict[str, Any] = {}

    def resolve(self, uri: str) -> str | None:
        """Find the canonical URI of an existing resource, however it is spelt, or None."""
        if uri in self.changes:
            return uri if self.changes[uri].body is not None else None
        trimmed = uri.rstrip("/") or uri
        if trimmed in self.changes:
            return trimmed if self.changes[trimmed].body is not None else None
        found = self.machine.resolve(uri)
        if found is None:
            return self._resolve_created(trimmed)
        return None if found in self.changes and self.changes[found].body is None else found

    def _resolve_created(self, uri: str) -> str | None:
        """Find a resource that the capture does not have by another spelling of its URI."""
        folded = {uri.casefold(), unquote(uri).casefold()}
        present = (known for known, version in self.changes.items() if version.body is not None)
        return next((known for known in present if known.casefold() in folded), None)

    def get(self, uri: str) -> JsonObject | None:
        """Return the present body at a URI, or None."""
        version = self.changes.get(uri)
        if version is not None:
            return version.body
        if not uri.endswith("/"):
            body = self.machine.get(uri)
            if body is not None:
                return body
        canonical = self.resolve(uri)
        if canonical is None:
            return None
        version = self.changes.get(canonical)
        return version.body if version is not None else self.machine.get(canonical)

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether these credentials were set in this world; credentials of the captured host are unknown."""
        known = self.memory.get(f"password:{username}")
        return bool(username) and isinstance(known, str) and compare_digest(known, password_digest(password))

    def uris(self) -> Iterator[str]:
        """Yield the URIs of all present resources."""
        for uri in self.machine.uris():
            version = self.changes.get(uri)
            if version is None or version.body is not None:
                yield uri
        for uri, version in self.changes.items():
            if version.body is not None and self.machine.get(uri) is None:
                yield uri

    def of_type(self, name: str) -> list[str]:
        """List the present, reachable resources of a type."""
        kept = [uri for uri in self.machine.of_type(name) if self.get(uri) is not None]
        known = set(kept)
        for uri, version in self.changes.items():
            if version.body is None or uri in known or self.machine.get(uri) is not None:
                continue
            if type_name(version.body) == name:
                kept.append(uri)
        return kept

    def write(self, uri: str, body: JsonObject | None, *, hidden: str = "") -> None:
        """Replace a resource; one that is as it was captured does not count as changed.

        The ``@odata.etag`` of a body that bears one follows its digest (DSP0266, "ETags").

        Args:
            uri: Canonical URI.
            body: The new body, or None to delete it.
            hidden: Anything that shall change the digest (and ETag) though the body does not show it.
        """
        captured = self.machine.get(uri)
        if self.standing and type_name(body or self.get(uri) or {}) in STANDING:
            self.standing.clear()
        if body is not None and "@odata.etag" in body:
            content = {key: value for key, value in body.items() if key != "@odata.etag"}
            digest = digest_of(content, hidden)
            body = {**body, "@odata.etag": f'W/"{digest}"'}
            unchanged = captured is not None and {**body, "@odata.etag": captured.get("@odata.etag")} == captured
        else:
            digest = digest_of(body, hidden)
            unchanged = body == captured
        if unchanged and not hidden:
            self.changes.pop(uri, None)
        else:
            self.changes[uri] = Version(body, digest)

    def snapshot(self) -> Snapshot:
        """Remember the present state."""
        return Snapshot(dict(self.changes), dict(self.memory), self.timers, self.clock_s, self.serial)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a remembered state."""
        self.changes = dict(snapshot.changes)
        self.memory = dict(snapshot.memory)
        self.timers = snapshot.timers
        self.clock_s = snapshot.clock_s
        self.serial = snapshot.serial
        self.standing.clear()

    def reset(self) -> None:
        """Go back to the capture."""
        self.restore(Snapshot({}, {}, (), 0.0, 0))

    def key(self) -> bytes:
        """Identify the state: equal keys mean equal behaviour from here on."""
        content = [
            sorted((uri, version.digest) for uri, version in self.changes.items()),
            sorted(self.memory.items()),
            [(timer.due_s, timer.effect, timer.uri, timer.arguments) for timer in self.timers],
            self.clock_s,
            self.serial,
        ]
        return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def digest_of(body: JsonObject | None, hidden: str = "") -> str:
    """Hash a body's content (16 hexadecimal digits)."""
    text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS) + hidden.encode()
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def password_digest(password: str) -> str:
    """Hash a password of a simulated account, so that no world, snapshot or state file holds one."""
    return hashlib.blake2b(password.encode(), digest_size=16, person=b"igc-account").hexdigest()
