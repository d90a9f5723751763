"""What subscribers want to be sent along with their events (``HttpHeaders``): it may be secret.

The machine neither stores nor shows these headers. On disk they are sealed, or, without a key, only the fact that
there were some is noted, so that the next start can tell whose events go without.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import as_object, as_objects

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from igc_core.rest import Json
    from igc_redfish.server.sealing import Seal

logger = logging.getLogger(__name__)

_KEY: Final = "subscriber-headers:"
#: Stands for headers that were not kept.
_NOT_KEPT: Final = ""


class SubscriberHeaders:
    """The headers of one machine's subscribers, by subscription."""

    def __init__(self, seal: Seal | None = None) -> None:
        """Begin without any.

        Args:
            seal: Seals what goes to disk; without one nothing does.
        """
        self._seal = seal
        self._open: dict[str, dict[str, str]] = {}
        self._sealed: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._sealed)

    def of(self, subscription: str) -> Mapping[str, str]:
        """Return a subscriber's headers."""
        return self._open.get(subscription, {})

    def keep(self, subscription: str, wanted: Any) -> bool:
        """Remember the headers that a subscriber wants (a list of objects); tell whether there are any."""
        pairs = [(name, value) for item in as_objects(wanted) for name, value in item.items() if isinstance(value, str)]
        if not pairs:
            return False
        found = self._open[subscription] = dict(pairs)
        self._sealed[subscription] = self._seal.close(found) if self._seal is not None else _NOT_KEPT
        return True

    def keep_only(self, subscriptions: Collection[str]) -> None:
        """Forget those of subscriptions that are no longer there."""
        for gone in self._sealed.keys() - set(subscriptions):
            del self._sealed[gone]
            self._open.pop(gone, None)

    def stored(self, memory: Mapping[str, Json]) -> dict[str, Json]:
        """Add what goes to disk to what is stored of a world."""
        return {**memory, **{f"{_KEY}{uri}": sealed for uri, sealed in self._sealed.items()}}

    def resume(self, memory: Mapping[str, Json], machine: str) -> dict[str, Json]:
        """Take the headers out of what was stored of a world, and warn of each subscriber whose are not there.

        What cannot be opened stays sealed, for a start with the right key.
        """
        rest: dict[str, Json] = {}
        for key, value in memory.items():
            if not key.startswith(_KEY):
                rest[key] = value
                continue
            uri, sealed = key.removeprefix(_KEY), str(value)
            self._sealed[uri] = sealed
            found = as_object(self._seal.open(sealed)) if self._seal is not None and sealed else {}
            if found:
                self._open[uri] = found
            else:
                why = "another key sealed them" if sealed else "no key was there to seal them"
                logger.warning("%s: %s gets its events without its HttpHeaders: %s", machine, uri, why)
        return rest
