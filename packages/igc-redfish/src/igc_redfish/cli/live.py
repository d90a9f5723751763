"""``igc run --target``: one goal on one real host."""

from __future__ import annotations

import sys
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer

from igc_core.cli import show_json
from igc_core.cli.output import warn
from igc_core.cli.trace import ending, print_outcome
from igc_core.errors import SettingsError
from igc_core.redaction import mask
from igc_redfish.cli.certificates import showing_certificate
from igc_redfish.cli.choices import Approve
from igc_redfish.cli.speaking import Speaker
from igc_redfish.cli.termination import ending_in_order
from igc_redfish.episodes import understood
from igc_redfish.identity import identity_of
from igc_redfish.live.access import opened
from igc_redfish.live.approval import ApprovedPlan, AskEach, ByPolicy
from igc_redfish.live.errors import NotPermittedError
from igc_redfish.live.ground import Times
from igc_redfish.live.guards import Allowance, Budget, Destructive, Preview
from igc_redfish.live.journal import Journal
from igc_redfish.live.lock import only_writer
from igc_redfish.live.performing import Performance, condition, rehearse
from igc_redfish.live.policy import Policy
from igc_redfish.process.engine import Engine
from igc_redfish.process.memory_file import MemoryStore
from igc_redfish.reading.reading import MachineReader, told
from igc_redfish.sources import goal_book

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from igc_core.episode import Outcome
    from igc_core.models import AnyGoal
    from igc_core.plugins import PluginManager
    from igc_core.protocols import Agent, GoalReader
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.access import Access, OpenHost
    from igc_redfish.live.guards import Guard
    from igc_redfish.live.performing import Rehearsal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rails:
    """The guard rails of a run, as they were asked for.

    Attributes:
        allow: Families and paths that may be changed.
        approve: Who approves.
        policy: Policy file, for ``Approve.POLICY``.
        max_writes: The most changes.
        max_resets: The most resets of hosts among these.
        write_interval_s: Least time between two changes.
        destructive: Names of hosts, each good for one request that destroys.
        journal: The audit journal.
        times: How long to wait for what.
    """

    allow: Sequence[str] = ()
    approve: Approve = Approve.ASK
    policy: Path | None = None
    max_writes: int = 10
    max_resets: int = 2
    write_interval_s: float = 5.0
    destructive: Sequence[str] = ()
    journal: Path = Path("igc-journal.jsonl")
    times: Times = field(default_factory=Times)

    def demand_consistency(self) -> None:
        """Refuse options that contradict each other.

        Raises:
            SettingsError: A policy is asked for and not given, or the other way round.
        """
        if (self.approve is Approve.POLICY) != (self.policy is not None):
            hint = "give both --approve policy and --policy FILE, or neither"
            raise SettingsError("a policy is asked for and not given, or given and not asked for", hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run is to do.

    Attributes:
        goal: The goal as a text.
        agent: Who acts.
        agent_name: The agent as it was asked for.
        reader: Reads goals that are worded freely, or None.
        seed: Seed of its choices.
        memory: File of what was learned about the host.
    """

    goal: str
    agent: Agent
    agent_name: str
    reader: GoalReader | None = None
    seed: int = 0
    memory: Path | None = None


class LiveCommand:
    """One run of the command, from the options to the exit code."""

    def __init__(self, wish: Wish, access: Access, rails: Rails, plugins: PluginManager, *, as_json: bool) -> None:
        """Check everything that can be checked before the host hears of it.

        Raises:
            IgcError: An option, the goal or the policy is wrong, or the journal cannot be written.
        """
        rails.demand_consistency()
        self._wish, self._access, self._rails, self._plugins, self._as_json = wish, access, rails, plugins, as_json
        self._speaker = Speaker(sys.stderr if as_json else sys.stdout)
        self._book: GoalBook = goal_book(plugins)
        self._wanted: AnyGoal | None = understood(wish.goal, self._book, plugins, freely=wish.reader is not None)
        self._allowance = Allowance(rails.allow, self._book)
        self._policy = Policy.read(rails.policy) if rails.policy else None

    def dry_run(self, capture: Path | None) -> None:
        """Run on the twin, and show what would be sent; the host is only read.

        Raises:
            typer.Exit: The goal is not reached on the twin.
        """
        with ending_in_order(), self._opened(capture) as host:
            rehearsal = self._rehearse(host)
        if self._as_json:
            show_json({**self._about(host, rehearsal.outcome), "dry_run": True, "plan": _plan(rehearsal)})
        else:
            self._speaker.show_plan(rehearsal.intents, host.url)
            self._speaker.say(f"{ending(rehearsal.outcome)}, on the twin; nothing was sent to {host.url}")
        if not rehearsal.outcome.success:
            raise typer.Exit(1)

    def run(self, capture: Path | None) -> None:
        """Run on the host.

        Raises:
            typer.Exit: The goal is not reached.
        """
        if self._wanted is not None:
            self._demand_allowed(self._wanted)
        journal = Journal(self._rails.journal)
        with (
            ending_in_order(),
            self._stating_condition() as begun,
            self._opened(capture) as host,
            only_writer(host.url),
        ):
            goal = self._bound(host) if self._wanted is not None else self._approved_reading(host)
            guards = self._guards(host)
            performance = Performance(host, goal, self._book, guards, journal, times=self._rails.times)
            begun.append(performance)
            outcome = performance.run(
                self._wish.agent, plugins=self._plugins, seed=self._wish.seed, memory=self._memory(host)
            )
        self._report(host, outcome, performance)
        if not outcome.success:
            raise typer.Exit(1)

    # -- steps -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _opened(self, capture: Path | None) -> Generator[OpenHost]:
        from rich.console import Console  # noqa: PLC0415 - help does without

        from igc_redfish.crawl.progress import CrawlProgress  # noqa: PLC0415

        with ExitStack() as kept:
            with showing_certificate(self._access.url), CrawlProgress(Console(stderr=True)) as bar:
                host = kept.enter_context(opened(self._access, capture=capture, warn=warn, watch=bar.update))
            yield host

    def _bound(self, host: OpenHost) -> AnyGoal:
        service = Engine(host.machine, list(self._book)).reader(0)
        if self._wanted is not None:
            return self._book.bind(self._wanted, service)
        reading = MachineReader(cast("GoalReader", self._wish.reader), self._book, service).read(self._wish.goal)
        self._speaker.say(told(reading, self._book))
        self._wanted = reading.goal
        return reading.goal

    def _approved_reading(self, host: OpenHost) -> AnyGoal:
        """Read a goal in free words, and have a person say that it is meant: nothing else approves a reading."""
        goal = self._bound(host)
        self._demand_allowed(goal)
        if not self._speaker.is_person or not self._speaker.agrees("is that what you want?"):
            problem = "nobody said that the text was taken for the right goal"
            hint = f"nothing was sent; state the goal in its own words: {self._book.shown(goal)}"
            raise NotPermittedError(problem, code="live-not-approved", hint=hint)
        return goal

    def _demand_allowed(self, goal: AnyGoal) -> None:
        self._allowance.demand(part.family for part in goal.parts)

    def _memory(self, host: OpenHost) -> MemoryStore | None:
        path = self._wish.memory
        return MemoryStore(path, identity_of(host.machine.get) or host.url) if path is not None else None

    def _rehearse(self, host: OpenHost) -> Rehearsal:
        wish = self._wish
        return rehearse(
            host,
            self._bound(host),
            self._book,
            wish.agent,
            plugins=self._plugins,
            seed=wish.seed,
            memory=self._memory(host),
        )

    def _guards(self, host: OpenHost) -> list[Guard]:
        rails, speaker = self._rails, self._speaker
        limit = getattr(self._wanted, "max_resets", None)
        budget = Budget(
            writes=rails.max_writes,
            resets=rails.max_resets if limit is None else min(limit, rails.max_resets),
            interval_s=rails.write_interval_s,
        )
        word = Destructive(rails.destructive, speaker.word_asker())
        return [self._allowance, Preview(speaker.show), self._approval(host), budget, word]

    def _approval(self, host: OpenHost) -> Guard:
        if self._policy is not None:
            return ByPolicy(self._policy)
        if self._rails.approve is Approve.PLAN:
            return self._approved_plan(host)
        return AskEach(self._speaker.asker(), self._speaker.person)

    def _approved_plan(self, host: OpenHost) -> ApprovedPlan:
        """Rehearse on the twin, and have the whole plan approved."""
        rehearsal = self._rehearse(host)
        self._speaker.show_plan(rehearsal.intents, host.url)
        if rehearsal.intents and not self._speaker.is_person:
            hint = "run it in a terminal, or approve beforehand with a policy file"
            raise NotPermittedError("nobody is there to approve the plan", code="live-not-approved", hint=hint)
        if rehearsal.intents and not self._speaker.agrees(f"send this plan to {host.url}?"):
            hint = "nothing was sent"
            raise NotPermittedError("the plan was not approved", code="live-not-approved", hint=hint)
        return ApprovedPlan(rehearsal.keys, self._speaker.person)

    @contextmanager
    def _stating_condition(self) -> Generator[list[Performance]]:
        """Where a run is stopped, say in what condition it leaves the host.

        Yields:
            A list that takes the performance once it has begun.
        """
        begun: list[Performance] = []
        try:
            yield begun
        except BaseException as error:
            if begun or isinstance(error, KeyboardInterrupt):
                with suppress(OSError):  # the terminal was closed; the journal tells the same
                    for line in condition(self._access.url, begun[0].sent if begun else ()):
                        print(line, file=sys.stderr)  # noqa: T201 - the output of a command
            raise

    def _report(self, host: OpenHost, outcome: Outcome, performance: Performance) -> None:
        if self._as_json:
            sent = [{"method": item.method, "uri": item.uri, "status": item.status} for item in performance.sent]
            show_json({**self._about(host, outcome), "dry_run": False, "sent": sent})
            return
        print_outcome(outcome, title=f"{self._shown}  on {host.url}, by {self._wish.agent_name}")
        for line in condition(host.url, performance.sent):
            self._speaker.say(line)

    @property
    def _shown(self) -> str:
        return self._book.shown(self._wanted) if self._wanted is not None else ""

    def _about(self, host: OpenHost, outcome: Outcome) -> dict[str, object]:
        return {"goal": self._shown, "target": host.url, "agent": self._wish.agent_name, **outcome.as_json()}


def _plan(rehearsal: Rehearsal) -> list[dict[str, object]]:
    """Give the requests of a plan as JSON, secrets masked."""
    return [
        {
            "method": intent.request.method,
            "uri": mask(intent.request.uri, intent.secrets),
            "body": mask(intent.request.body, intent.secrets),
            "operation": intent.operation,
            "risk": intent.risk.name,
            "expected": mask([asdict(change) for change in intent.prediction.changes], intent.secrets),
        }
        for intent in rehearsal.intents
    ]
