"""Sight of a real host, for judging whether a goal is reached."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol, TypeVar

from igc_core.errors import BackendError
from igc_redfish.live.errors import UnobservableError
from igc_redfish.live.reading import resource

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.protocols import Backend
    from igc_core.rest import JsonObject

Answered = TypeVar("Answered")


class LetsIn(Protocol):
    """Who can tell whether credentials let somebody in."""

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether the host lets these credentials in."""
        ...


class LiveSight:
    """What a host shows between two changes: every resource is read once. Implements ``Reader``.

    Once the host has moved on, a sight is frozen: it shows what it showed, and reads nothing any more.
    """

    def __init__(
        self,
        backend: Backend,
        door: LetsIn | None,
        known: Mapping[str, JsonObject],
        see: Callable[[str, JsonObject], None] | None = None,
    ) -> None:
        """Begin with nothing read.

        Args:
            backend: Reads.
            door: Tells whether credentials let somebody in; nobody is let in without one.
            known: What was read last of each resource, for sights that are frozen.
            see: Told of whatever is read.
        """
        self._backend, self._door = backend, door
        self._known, self._see = known, see
        self._bodies: dict[str, JsonObject | None] = {}
        self._verdicts: dict[bytes, bool] = {}
        self._frozen = False

    @property
    def uris(self) -> tuple[str, ...]:
        """What was looked at."""
        return tuple(self._bodies)

    def get(self, uri: str) -> JsonObject | None:
        """Return the body at a URI, or None where the host has no such resource.

        Raises:
            UnobservableError: The host does not tell.
        """
        key = uri.rstrip("/")
        if key not in self._bodies:
            self._bodies[key] = self._known.get(key) if self._frozen else self._read(key)
        return self._bodies[key]

    def authenticate(self, username: str, password: str) -> bool:
        """Tell whether the host lets these credentials in; asked once, as hosts lock out who knocks too often.

        Raises:
            UnobservableError: The host does not tell.
        """
        key = hashlib.sha256(f"{username}\0{password}".encode()).digest()
        door = self._door
        if key not in self._verdicts and not self._frozen and door is not None:
            self._verdicts[key] = self._asked(lambda: door.authenticate(username, password))
        return self._verdicts.get(key, False)

    def note(self, uri: str, body: JsonObject) -> bool:
        """Take in a resource that was read by the way; tell whether it is other than this sight showed it."""
        before = self._bodies.get(uri.rstrip("/"))
        self._bodies.setdefault(uri.rstrip("/"), body)
        return before is not None and before != body

    def keep_verdicts_of(self, other: LiveSight) -> None:
        """Take over who is let in: nothing was changed since."""
        self._verdicts.update(other._verdicts)

    def freeze(self, known: Mapping[str, JsonObject]) -> None:
        """Show from now on only what was seen, and for the rest what was known by then."""
        self._frozen, self._known = True, known

    def _read(self, uri: str) -> JsonObject | None:
        body, _ = self._asked(lambda: resource(self._backend, uri))
        if body is None:
            return None
        if self._see is not None:
            self._see(uri, body)
        return body

    @staticmethod
    def _asked(ask: Callable[[], Answered]) -> Answered:
        try:
            return ask()
        except BackendError as error:
            raise UnobservableError(error.message, hint=error.hint) from error
