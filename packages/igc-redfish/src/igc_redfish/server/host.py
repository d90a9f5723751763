"""A simulated machine that is being served: its state, its clock, its subscribers, its answers as bytes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from igc_redfish.bodies import action_target
from igc_redfish.server.answers import Answer, Answers, refusal, written
from igc_redfish.server.clock import Clock
from igc_redfish.server.courier import Courier
from igc_redfish.server.destinations import Destinations
from igc_redfish.server.injection import Injections
from igc_redfish.server.latency import Latency
from igc_redfish.server.streams import Streams, left_over
from igc_redfish.server.subscriber_headers import SubscriberHeaders
from igc_redfish.server.subscribers import Subscribers
from igc_redfish.service.events import EventFeed
from igc_redfish.service.offers import PUSH_URIS, SIMPLE_UPDATE
from igc_redfish.service.payloads import payload_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.rest import Request, Response
    from igc_redfish.server.sealing import Seal
    from igc_redfish.server.store import Store
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import Snapshot
    from igc_redfish.simulator import Simulator

logger = logging.getLogger(__name__)


class Host:
    """One machine behind a port. Used by one thread only, so a request is one step that nothing interrupts.

    Attributes:
        simulator: The machine and its state; its service is this host's own.
        clock: Lets its time pass.
        latency: How long answers take on purpose.
        streams: Its open event streams.
        injections: Faults that wait for their requests.
        stream_paths: Event services by the paths of their streams.
        push_paths: Where an update is asked for, by the paths that take images.
        aside: The paths of both.
    """

    def __init__(
        self,
        simulator: Simulator,
        *,
        clock_factor: float = 1.0,
        latency: Latency | None = None,
        store: Store | None = None,
        destinations: Destinations | None = None,
        seal: Seal | None = None,
    ) -> None:
        """Begin to let time pass.

        Args:
            simulator: The machine.
            clock_factor: Virtual seconds per second; 0 stops the virtual clock.
            latency: How long answers take on purpose.
            store: Where its state is kept; it goes on from the state there.
            destinations: Where its events may be sent.
            seal: Seals what is stored of subscribers' secrets; without one, these end with the process.
        """
        self.simulator = simulator
        self.latency = latency or Latency()
        self._is_faulty = simulator.is_faulty
        self._store = store
        self._answers = Answers()
        self._given = dict(simulator.world.memory)
        self.injections = Injections()
        self._headers = SubscriberHeaders(seal)
        if store is not None:
            self._resume(store.state)
        self.clock = Clock(simulator, factor=clock_factor)
        simulator.world.clock_factor = clock_factor
        services = simulator.of_type("EventService")
        self.stream_paths = {path: uri for uri in services if (path := _path_at(simulator, uri, "ServerSentEventUri"))}
        updates = [(uri, key) for uri in simulator.of_type("UpdateService") for key in PUSH_URIS]
        pushes = [(path, uri) for uri, key in updates if (path := _path_at(simulator, uri, key))]
        self.push_paths = {path: action_target(simulator.get(uri), SIMPLE_UPDATE) or path for path, uri in pushes}
        self.aside = frozenset({*self.stream_paths, *self.push_paths})
        feed = EventFeed()
        simulator.service.rules.add(feed)
        self.streams = Streams(simulator.world, self.change)
        allowed = destinations or Destinations()
        self._courier = Courier(simulator.world, self.clock, self.change, allowed, self._headers)
        self._subscribers = Subscribers(simulator.world, feed, self._courier, self.streams)
        self._noted = simulator.snapshot()
        for uri in left_over(simulator.world):
            self.change(lambda transaction, gone=uri: transaction.delete(gone))  # type: ignore[misc]

    def __repr__(self) -> str:
        """Name the machine."""
        return f"Host({self.name!r})"

    @property
    def name(self) -> str:
        """Name of the machine."""
        return self.simulator.service.machine.name

    def begin(self) -> None:
        """Take note that the machine is served from now on: a state that was to be forgotten is.

        Raises:
            DataError: That cannot be written down.
        """
        if self._store is not None:
            self._store.begin()

    # -- requests ----------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Answer one request at the present time; a change is kept before its answer is given."""
        self.catch_up()
        response = self.simulator.perform(request)
        if request.mutates:
            if not self._settle():
                self.simulator.restore(self._noted)
                return refusal("InsufficientStorage", status=507)
            self._keep_headers(request, response)
            return written(response)
        return self._answers.of(request.uri, response)

    @property
    def is_prompt(self) -> bool:
        """Whether no answer takes longer on purpose."""
        return not (self.injections.waiting or self.latency.high_s or self._is_faulty)

    def takes_image(self, method: str, path: str, headers: Mapping[str, str]) -> bool:
        """Tell whether a request pushes an image; some services take them where a resource takes JSON."""
        if method != "POST" or path not in self.push_paths:
            return False
        return "json" not in headers.get("content-type", "") or self.simulator.world.resolve(path) is None

    def delay_s(self) -> float:
        """Return the real seconds that the last answer is to take: by its latency, or as a fault delayed it."""
        return max(self.latency.draw(), self.clock.owed_s())

    def catch_up(self) -> None:
        """Do what fell due since the last time."""
        self.clock.catch_up()
        if self.simulator.world.timers is not self._noted.timers:
            self._settle()

    # -- control -----------------------------------------------------------------------------------------------------

    def change(self, callback: Callable[[Transaction], None]) -> None:
        """Change the machine outside of any request."""
        self.simulator.apply(callback)
        self._settle()

    def reset(self) -> None:
        """Go back to the capture; event streams end."""
        self.streams.close_all()
        self.simulator.reset()
        self._jumped()

    def snapshot(self) -> Snapshot:
        """Remember the present state."""
        self.catch_up()
        return self.simulator.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a remembered state; event streams end."""
        self.streams.close_all()
        self.simulator.restore(snapshot)
        self._jumped()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass at once.

        Raises:
            ValueError: The time is negative or no number.
        """
        self.catch_up()
        self.simulator.wait(seconds)
        self._jumped()

    def pace(self, factor: float) -> None:
        """Let virtual time pass this much faster than real time from now on; 0 stops it."""
        self.catch_up()
        self.clock.factor = self.simulator.world.clock_factor = factor
        self._jumped()

    async def sync(self) -> None:
        """Have the disk keep what was written."""
        if self._store is not None:
            try:
                await self._store.sync()
            except OSError as error:
                logger.error("%s: its state cannot be kept: %s", self.name, error.strerror)  # noqa: TRY400 - one line

    def stop(self) -> None:
        """End its event streams and deliveries, and keep its state."""
        self.streams.close_all()
        self._courier.close()
        self.catch_up()
        self._settle()
        if self._store is not None:
            self._store.close()
            self._store = None

    def _jumped(self) -> None:
        self.clock.set()
        self._settle()

    def _settle(self) -> bool:
        """Keep what changed and tell of it; tell whether it could be kept."""
        before, after = self._noted, self.simulator.snapshot()
        if self._store is not None:
            try:
                self._store.record(self._kept(after))
            except OSError as error:
                logger.error("%s: its state cannot be kept: %s", self.name, error.strerror)  # noqa: TRY400 - one line
                return False
        self._noted = after
        self._subscribers.note(before, after)
        return True

    def _resume(self, state: Snapshot) -> None:
        """Go on from a stored state; who was let in at the start still is, unless somebody set another password."""
        memory = self._headers.resume(state.memory, self.name)
        self.simulator.restore(state._replace(memory=memory))
        for key, value in self._given.items():
            self.simulator.world.memory.setdefault(key, value)

    def _kept(self, state: Snapshot) -> Snapshot:
        """Leave the credentials given at the start out of what is stored: the next start gives its own."""
        memory = {key: value for key, value in state.memory.items() if self._given.get(key) != value}
        if self._headers:
            self._headers.keep_only(self.simulator.of_type("EventDestination"))
            memory = self._headers.stored(memory)
        return state._replace(memory=memory)

    def _keep_headers(self, request: Request, response: Response) -> None:
        """Remember what a subscriber wants to be sent along, which the machine itself neither stores nor shows."""
        if not isinstance(request.body, bytes) or b"HttpHeaders" not in request.body or not response.ok:
            return
        uri = response.headers.get("Location") or self.simulator.world.resolve(request.uri)
        if uri is not None and self._headers.keep(uri, payload_of(request.body).get("HttpHeaders")):
            self._settle()


def _path_at(simulator: Simulator, uri: str, key: str) -> str:
    """Return the path that a resource names; another host's is none."""
    stated = (simulator.get(uri) or {}).get(key)
    return stated if isinstance(stated, str) and stated.startswith("/") else ""
