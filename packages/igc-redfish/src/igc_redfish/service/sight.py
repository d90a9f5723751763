"""What can be read of a simulated service: the world, or a transaction over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from igc_redfish.bodies import type_name

if TYPE_CHECKING:
    from igc_core.rest import JsonObject


class Sight(Protocol):
    """Reads of one moment."""

    def resolve(self, uri: str) -> str | None:
        """Find the canonical URI of a present resource, or None."""
        ...

    def get(self, uri: str) -> JsonObject | None:
        """Return the present body at a URI, or None."""
        ...


class Subject(NamedTuple):
    """A present resource that a request is about, as it was found: nobody after that looks for it again.

    Attributes:
        uri: Canonical URI.
        body: What it holds.
        kind: Its type, without namespace and version.
    """

    uri: str
    body: JsonObject
    kind: str


def subject_at(sight: Sight, uri: str) -> Subject:
    """Find what is at a canonical URI; nothing counts as an empty resource."""
    body = sight.get(uri) or {}
    return Subject(uri, body, type_name(body))
