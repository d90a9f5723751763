"""Which links are still to be followed: each once, whatever its spelling."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from igc_redfish.capture.uri import canonical, folded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_redfish.crawl.facts import Link

#: Other spellings that are kept in case the first one is answered by 404.
_MOST_SPELLINGS = 4


def place_of(target: str) -> str:
    """Return what all spellings of a URI have in common: case, slashes and percent signs aside."""
    return folded(canonical(target))


class _Place:
    """All that is known about the spellings of one URI."""

    __slots__ = ("closed", "missing", "others", "tried")

    def __init__(self, target: str) -> None:
        self.tried = {target}
        self.others: deque[Link] = deque()
        self.missing = False
        self.closed = False


class Frontier:
    """The links found and not yet followed, first come, first served; for one thread at a time.

    Services misspell their own links. Where the first spelling leads nowhere, the next one is tried.
    """

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}
        self._queue: deque[Link] = deque()
        self._under_way = 0

    def __len__(self) -> int:
        """Number of links to follow, without those under way."""
        return len(self._queue)

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left to follow, and nothing under way could add to it."""
        return not self._queue and not self._under_way

    def close(self, target: str) -> None:
        """Regard a URI as done, in every spelling."""
        self._places.setdefault(place_of(target), _Place(target)).closed = True

    def add(self, links: Iterable[Link]) -> None:
        """Take note of links."""
        for link in links:
            key = place_of(link.target)
            place = self._places.get(key)
            if place is None:
                self._places[key] = _Place(link.target)
                self._queue.append(link)
            elif not place.closed and link.target not in place.tried and len(place.tried) < _MOST_SPELLINGS:
                place.tried.add(link.target)
                (self._queue if place.missing else place.others).append(link)

    def take(self) -> Link | None:
        """Return the next link to follow, which must then be given to :meth:`finish`; None where there is none now."""
        while self._queue:
            link = self._queue.popleft()
            if not self._places[place_of(link.target)].closed:
                self._under_way += 1
                return link
        return None

    def finish(self, link: Link, *, missing: bool) -> bool:
        """Take note that a link was followed.

        Args:
            link: What :meth:`take` gave.
            missing: Whether nothing was there.

        Returns:
            Whether another spelling is tried now.
        """
        self._under_way -= 1
        place = self._places[place_of(link.target)]
        if missing and place.others:
            self._queue.append(place.others.popleft())
            return True
        place.missing = missing
        place.others.clear()
        return False
