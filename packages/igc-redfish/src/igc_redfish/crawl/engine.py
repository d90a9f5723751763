"""Walks a service with several threads that share one frontier."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from igc_redfish.client.errors import ClientError
from igc_redfish.crawl.facts import Link, Note, Visit
from igc_redfish.crawl.frontier import Frontier, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from igc_redfish.capture import Resource
    from igc_redfish.crawl.facts import Failure
    from igc_redfish.crawl.options import CrawlOptions

#: How often the main thread looks up: only it hears Ctrl-C.
_LOOK_S = 0.1
_UNANSWERED = frozenset({"client-unreachable", "client-timeout"})


class Engine:
    """The state of one crawl.

    Args:
        visit: Follows one link; called by several threads.
        keep: Stores what came of it; called by one thread at a time.
        alive: Tells whether the host still answers at all; asked when many links in a row got no answer.
        options: Bounds.

    Attributes:
        resources: What was read, by :func:`~igc_redfish.crawl.frontier.place_of`.
        failures: What could not be read, by the same.
        notes: What else is to be told.
    """

    def __init__(
        self,
        visit: Callable[[Link], Visit],
        keep: Callable[[Visit], None],
        alive: Callable[[], bool],
        options: CrawlOptions,
    ) -> None:
        self.resources: dict[str, Resource] = {}
        self.failures: dict[str, Failure] = {}
        self.notes: list[Note] = []
        self._visit = visit
        self._keep = keep
        self._alive = alive
        self._options = options
        self._frontier = Frontier()
        self._changed = threading.Condition(threading.RLock())
        self._over = threading.Event()
        self._fatal: BaseException | None = None
        self._silent = 0

    @property
    def waiting(self) -> int:
        """Number of links that are known and not yet followed."""
        return len(self._frontier)

    def resume(self, visits: Iterable[Visit], links_of: Callable[[Resource], list[Link]]) -> None:
        """Take over what an earlier run has read; what it could not read is tried again, unless the host said no.

        Args:
            visits: From the journal.
            links_of: Lists the links of a resource.
        """
        taken, incomplete = _parted(visits)
        for visit in taken:
            for uri in [visit.link.target, *(resource.uri for resource in visit.resources)] if visit.resources else []:
                self._frontier.close(uri)
            self._store(visit)
        again = {place: failure for place, failure in self.failures.items() if not failure.final}
        for place in again:
            del self.failures[place]
        for failure in self.failures.values():
            self._frontier.close(failure.uri)
        for visit in taken:
            for resource in visit.resources:
                self._frontier.add(links_of(resource))
        self._frontier.add(incomplete)
        self._frontier.add(Link(failure.uri, failure.source) for failure in again.values() if not failure.is_page)

    def run(self, start: Link, watch: Callable[[], None]) -> None:
        """Walk until nothing is left.

        Args:
            start: Where to begin.
            watch: Called several times a second by this thread.

        Raises:
            ClientError: The host lets nobody in, or is gone.
            CaptureError: What was read cannot be stored.
            KeyboardInterrupt: Stopped from the keyboard; what was read is stored.
        """
        self._frontier.add([start])
        threads = [
            threading.Thread(target=self._work, name=f"igc-crawl-{number}", daemon=True)
            for number in range(self._options.concurrency)
        ]
        for thread in threads:
            thread.start()
        try:
            while not self._over.wait(_LOOK_S):
                watch()
        finally:
            self._end()
        for thread in threads:
            thread.join()
        if self._fatal is not None:
            raise self._fatal

    def _work(self) -> None:
        while (link := self._next()) is not None:
            try:
                visit = self._visit(link)
                self._finish(link, visit)
                if self._silence_of(visit) and not self._alive():
                    raise _gone(visit.failures[-1])  # noqa: TRY301 - told to the main thread like all others
            except BaseException as error:  # noqa: BLE001 - the main thread raises it
                self._end(error)

    def _next(self) -> Link | None:
        """Wait for a link to follow; None when all has ended."""
        with self._changed:
            while not self._over.is_set():
                if len(self.resources) + len(self.failures) >= self._options.most_resources:
                    self.notes.append(Note("bound-reached", "", f"ended after {self._options.most_resources} links"))
                    break
                link = self._frontier.take()
                if link is not None:
                    return link
                if self._frontier.exhausted:
                    break
                self._changed.wait()
            self._end()
            return None

    def _finish(self, link: Link, visit: Visit) -> None:
        with self._changed:
            if self._over.is_set():
                return
            missing = not visit.resources
            another = self._frontier.finish(link, missing=missing)
            if another:
                visit = Visit(link, notes=visit.notes)
            for resource in visit.resources:
                self._frontier.close(resource.uri)
            self._frontier.add(visit.links)
            self._store(visit)
            self._keep(visit)
            if self._frontier.exhausted:
                self._changed.notify_all()
            else:
                self._changed.notify(len(self._frontier))

    def _silence_of(self, visit: Visit) -> bool:
        """Tell whether so many links in a row got no answer that the host may be gone."""
        answered = visit.resources or not any(failure.code in _UNANSWERED for failure in visit.failures)
        with self._changed:
            self._silent = 0 if answered else self._silent + 1
            if self._silent < self._options.silence:
                return False
            self._silent = 0
            return True

    def _store(self, visit: Visit) -> None:
        for resource in visit.resources:
            self.resources.setdefault(place_of(resource.uri), resource)
        for failure in visit.failures:
            self.failures[place_of(failure.uri)] = failure
        self.notes += visit.notes

    def _end(self, error: BaseException | None = None) -> None:
        with self._changed:
            self._over.set()
            self._fatal = self._fatal or error
            self._changed.notify_all()


def _parted(visits: Iterable[Visit]) -> tuple[list[Visit], list[Link]]:
    """Leave out collections of which a page could not be read; return what else there is, and links to those."""
    known = list(visits)
    failures = [failure for visit in known for failure in visit.failures]
    broken = {place_of(failure.source) for failure in failures if failure.is_page and not failure.final}
    kept: list[Visit] = []
    incomplete: list[Link] = []
    for visit in known:
        about = [resource.uri for resource in visit.resources] + [note.uri for note in visit.notes]
        if broken.isdisjoint(map(place_of, about)):
            kept.append(visit)
        elif visit.resources:
            incomplete.append(visit.link)
    return kept, incomplete


def _gone(last: Failure) -> ClientError:
    return ClientError(
        f"the host stopped answering: {last.message}",
        code="client-unreachable",
        hint="the same command goes on from there",
    )
