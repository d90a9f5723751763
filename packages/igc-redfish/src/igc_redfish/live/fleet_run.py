"""One goal on the hosts of a fleet: rehearsed, approved once, performed."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from igc_core.redaction import mask
from igc_redfish.live.access import opened
from igc_redfish.live.approval import PLAN_HOLDS_S
from igc_redfish.live.errors import NotPermittedError, NotReadyError
from igc_redfish.live.fleet import Change, HostResult, failure
from igc_redfish.live.ground import Times
from igc_redfish.live.guards import Allowance, Budget, Destructive
from igc_redfish.live.lock import only_writer
from igc_redfish.live.performing import Performance, rehearse, secrets_of
from igc_redfish.live.risk import Risk
from igc_redfish.process.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from igc_core.episode import Outcome
    from igc_core.models import AnyGoal
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent
    from igc_redfish.crawl.engine import Engine as Crawl
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.access import OpenHost
    from igc_redfish.live.fleet import State
    from igc_redfish.live.guarded import Log
    from igc_redfish.live.guards import Guard
    from igc_redfish.live.inventory import FleetHost
    from igc_redfish.live.performing import Rehearsal


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRails:
    """Guard rails of each host of a fleet; see the options of ``igc fleet run``."""

    allow: Sequence[str] = ()
    max_writes: int = 10
    max_resets: int = 2
    write_interval_s: float = 5.0
    plan_holds_s: float = PLAN_HOLDS_S
    times: Times = field(default_factory=Times)


class FleetRun:
    """What is done on each host.

    Attributes:
        rehearsals: What each host's twin did, by the host's name.
    """

    def __init__(
        self,
        wanted: AnyGoal,
        book: GoalBook,
        agent: Callable[[], Agent],
        rails: FleetRails,
        folder: Path,
        *,
        plugins: PluginManager | None = None,
        seed: int = 0,
    ) -> None:
        """Get ready.

        Args:
            wanted: The goal, not bound yet: every host has resources of its own.
            book: The goal handlers.
            agent: Makes an agent; called once for each thread.
            rails: The guard rails.
            folder: Where hosts are crawled to whose inventory names no capture.
            plugins: Whose hooks guard and follow the episodes.
            seed: Seed of the agents' choices.
        """
        self.rehearsals: dict[str, Rehearsal] = {}
        self._wanted, self._book, self._rails, self._folder = wanted, book, rails, folder
        self._agent, self._plugins, self._seed = agent, plugins, seed
        self._local, self._making = threading.local(), threading.Lock()
        self._secrets = secrets_of(wanted)
        # A wrong entry, and one that is missing, are told before any host hears of it.
        Allowance(rails.allow, book).demand(part.family for part in wanted.parts)

    def rehearse(self, host: FleetHost, halt: threading.Event) -> HostResult:
        """Run on a host's twin; the host is only read.

        Raises:
            LiveError: The plan destroys something, which is nothing for a fleet.
            IgcError: The host cannot be read, or cannot express the goal.
        """
        with self._opened(host, halt) as there:
            goal = self._bound(there)
            found = rehearse(there, goal, self._book, self._own_agent(), plugins=self._plugins, seed=self._seed)
        _refuse_destruction(found)
        self.rehearsals[host.name] = found
        return _result(host, found.outcome)

    def perform(self, host: FleetHost, approval: Guard, journal: Log, halt: threading.Event) -> HostResult:
        """Run on a host.

        Raises:
            IgcError: The host cannot be read, or cannot express the goal. Whatever goes wrong later is in the result,
                with what had left for the host by then.
        """
        with self._opened(host, halt) as there, only_writer(there.url):
            guards = list(self._guards(approval, halt))
            performance = Performance(there, self._bound(there), self._book, guards, journal, times=self._rails.times)
            try:
                outcome = performance.run(self._own_agent(), plugins=self._plugins, seed=self._seed)
            except Exception as error:  # noqa: BLE001 - told of in the result, with what was sent
                found = failure(host, error)
                problem = str(mask(found.problem, self._secrets))
                return found.model_copy(update={"problem": problem, "sent": _changes(performance)})
            return _result(host, outcome).model_copy(update={"sent": _changes(performance)})

    def _opened(self, host: FleetHost, halt: threading.Event) -> AbstractContextManager[OpenHost]:
        def watch(_: Crawl) -> None:
            if halt.is_set():
                raise NotReadyError("the crawl was stopped", code="live-stopped", hint="run it again to go on")

        capture = Path(host.capture) if host.capture else self._folder / f"{host.name}.igc.jsonl.gz"
        return opened(host.access, capture=capture, watch=watch, halt=halt)

    def _guards(self, approval: Guard, halt: threading.Event) -> Iterator[Guard]:
        rails = self._rails
        limit = getattr(self._wanted, "max_resets", None)
        yield Allowance(rails.allow, self._book)
        yield approval
        resets = rails.max_resets if limit is None else min(limit, rails.max_resets)
        # What wakes it early stops the read before the change.
        interval_s, sleep = rails.write_interval_s, halt.wait
        yield Budget(writes=rails.max_writes, resets=resets, interval_s=interval_s, sleep=sleep)
        yield Destructive()

    def _bound(self, host: OpenHost) -> AnyGoal:
        return self._book.bind(self._wanted, Engine(host.machine, list(self._book)).reader(0))

    def _own_agent(self) -> Agent:
        """Return this thread's agent; agents hold state."""
        if not hasattr(self._local, "agent"):
            with self._making:
                self._local.agent = self._agent()
        return self._local.agent  # type: ignore[no-any-return]


def _result(host: FleetHost, outcome: Outcome) -> HostResult:
    state: State = "reached" if outcome.success else "not reached"
    return HostResult(name=host.name, url=host.url, state=state, requests=len(outcome.steps))


def _changes(performance: Performance) -> tuple[Change, ...]:
    return tuple(Change(method=item.method, uri=item.uri, status=item.status) for item in performance.sent)


def _refuse_destruction(rehearsal: Rehearsal) -> None:
    worst = max(rehearsal.intents, key=lambda intent: intent.risk, default=None)
    if worst is not None and worst.risk >= Risk.R3:
        raise NotPermittedError(
            f"{worst.request.method} {worst.request.uri} destroys something or may lock people out",
            code="live-destructive",
            hint="that is for one host at a time: igc run --target",
        )
