"""What can be read of a simulated service: the world, or a transaction over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

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
