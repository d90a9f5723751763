"""Runs on a real host, and their rehearsals on its twin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from igc_core.episode import run_episode
from igc_core.redaction import secrets_in
from igc_redfish.live.ground import LiveGround, Times
from igc_redfish.live.guarded import GuardedBackend
from igc_redfish.live.guards import Preview
from igc_redfish.live.reading import resource
from igc_redfish.live.scenario import begin_live
from igc_redfish.live.twin import Twin
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.episode import Outcome
    from igc_core.models import AnyGoal
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.access import OpenHost
    from igc_redfish.live.guarded import Log, Sent
    from igc_redfish.live.guards import Guard
    from igc_redfish.live.intent import Intent
    from igc_redfish.process.memory_file import MemoryStore


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a run would do, as far as the twin can tell.

    Attributes:
        outcome: How it ends on the twin.
        intents: The changes that it would send, in order, with what they are expected to change.
    """

    outcome: Outcome
    intents: tuple[Intent, ...]

    @property
    def keys(self) -> Counter[str]:
        """How often each request stands in the plan, by :attr:`igc_redfish.live.intent.Intent.key`."""
        return Counter(intent.key for intent in self.intents)


class _Nowhere:
    """A journal for what reaches no host."""

    def write(self, event: str, details: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> None:
        """Keep nothing."""


def rehearse(
    host: OpenHost,
    goal: AnyGoal,
    book: GoalBook,
    agent: Agent,
    *,
    plugins: PluginManager | None = None,
    seed: int = 0,
    memory: MemoryStore | None = None,
) -> Rehearsal:
    """Run an agent on the twin. The host is only read: what the goal is about is brought up to date first.

    Args:
        host: The host.
        goal: A goal bound on its capture.
        book: The goal handlers.
        agent: Who acts.
        plugins: Whose hooks guard and follow the episode.
        seed: Seed of the agent's choices.
        memory: Where it is kept what earlier episodes learned; it is not added to.

    Raises:
        LiveError: The twin does not do what it accepts, either.
        ActionError: A plugin vetoed a request.
    """
    twin, simulated = Twin(host.machine, list(book)), Simulator(host.machine, list(book))
    for part in goal.parts:
        body, _ = resource(host.backend, part.target)
        if body is not None:
            simulated.world.write(simulated.world.resolve(part.target) or part.target, body)
    intents: list[Intent] = []
    guards = [Preview(intents.append)]
    backend = GuardedBackend(
        simulated, twin, guards, _Nowhere(), host=host.url, user=host.user, secrets=host.secrets | secrets_of(goal)
    )
    ground = LiveGround(twin, backend, door=simulated, clock=lambda: simulated.world.clock_s)
    trial = begin_live(goal, ground, book, memory=memory.recall(ground) if memory else None)
    return Rehearsal(run_episode(agent, trial, plugins=plugins, seed=seed), tuple(intents))


class Performance:
    """One goal on one real host.

    Attributes:
        sent: Changes that left for the host so far, in order.
    """

    def __init__(
        self,
        host: OpenHost,
        goal: AnyGoal,
        book: GoalBook,
        guards: Sequence[Guard],
        journal: Log,
        *,
        times: Times | None = None,
    ) -> None:
        """Get ready; the host is read, and nothing is sent.

        Args:
            host: The host.
            goal: A goal bound on its capture.
            book: The goal handlers.
            guards: The guard rails, in the order in which a request passes them.
            journal: Where everything is written down first.
            times: How long to wait for what.

        Raises:
            BackendError: The host cannot be read.
        """
        self._goal, self._book, self._journal = goal, book, journal
        self._host, self._secrets = host, host.secrets | secrets_of(goal)
        twin = Twin(host.machine, list(book))
        self._guarded = GuardedBackend(
            host.backend, twin, guards, journal, host=host.url, user=host.user, secrets=self._secrets
        )
        self._ground = LiveGround(twin, self._guarded, door=host.backend, times=times)

    @property
    def sent(self) -> Sequence[Sent]:
        """See the class."""
        return self._guarded.sent

    @property
    def identity(self) -> str:
        """What the host says of itself."""
        return self._guarded.identity

    def run(
        self,
        agent: Agent,
        *,
        plugins: PluginManager | None = None,
        seed: int = 0,
        memory: MemoryStore | None = None,
    ) -> Outcome:
        """Let an agent act until the goal is reached, or cannot be.

        Args:
            agent: Who acts.
            plugins: Whose hooks guard and follow the episode.
            seed: Seed of the agent's choices.
            memory: Where it is kept what earlier episodes learned, and this one.

        Raises:
            LiveError: A guard stopped a request, or the host does not do what it accepts.
            ActionError: A plugin vetoed a request.
            BackendError: The host could not be reached.
        """
        self._write("start", agent=type(agent).__name__)
        try:
            recalled = memory.recall(self._ground) if memory else None
            trial = begin_live(self._goal, self._ground, self._book, memory=recalled)
            outcome = run_episode(agent, trial, plugins=plugins, seed=seed)
        except BaseException as error:
            self._write_end(problem=f"{type(error).__name__}: {error}")
            raise
        self._write_end(success=outcome.success)
        if memory and recalled is not None:
            memory.keep(recalled, self._ground, self._secrets)
        return outcome

    def _write_end(self, *, success: bool = False, problem: str = "") -> None:
        sent = [{"method": item.method, "uri": item.uri, "status": item.status} for item in self.sent]
        self._write("end", success=success, problem=problem, sent=sent)

    def _write(self, event: str, **details: Any) -> None:
        about = {"host": self._host.url, "identity": self.identity, "user": self._host.user}
        self._journal.write(event, {**about, "goal": self._book.shown(self._goal), **details}, self._secrets)


def secrets_of(goal: AnyGoal) -> frozenset[str]:
    """Collect the secrets that a goal states."""
    return frozenset[str]().union(*(secrets_in(part.arguments) for part in goal.parts))


def condition(host: str, sent: Sequence[Sent]) -> list[str]:
    """Say in lines what left for a host, and what became of it."""
    if not sent:
        return [f"nothing was changed on {host}: no change was sent"]
    lines = [f"sent to {host}:"]
    for item in sent:
        told = str(item.status) if item.status else "outcome unknown: read the resource before anything is repeated"
        lines.append(f"  {item.method} {item.uri}  {told}")
    return lines
