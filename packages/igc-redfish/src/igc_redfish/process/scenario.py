"""Scenarios: a goal, on a machine, from a state in which it is not yet reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import AgentError
from igc_redfish.goals.progress import START
from igc_redfish.process import lexicon
from igc_redfish.process.belief import bit, bits
from igc_redfish.process.engine import Engine
from igc_redfish.process.offering import Offering
from igc_redfish.process.shield import strays
from igc_redfish.process.wording import goal_words, operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.models import AnyGoal, Goal
    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.goals.progress import Stage
    from igc_redfish.process.ground import Ground
    from igc_redfish.process.notebook import Notebook
    from igc_redfish.process.offering import Offer
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.rows import Rows

#: Length of ``achieved_goal`` and ``desired_goal``.
GOAL_VALUES = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a goal is reached in one world.

    Attributes:
        stage: Number of what an ordered goal must remember; to be handed to the next judgement.
        share: Share of the sub-goals that count as reached, in [0, 1].
        reached: Whether the whole goal is.
        achieved: Present values of the goal's property paths as token ids, like ``Scenario.desired``; equal to that
            exactly where the goal is reached.
        open: Places of the sub-goals that are still to be reached.
        failed: Whether the goal cannot be reached any more.
    """

    stage: int
    share: float
    reached: bool
    achieved: tuple[int, ...]
    open: tuple[int, ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Terms:
    """A goal as the lexicon compares with it: its sub-goals taken together, and each by itself."""

    whole: lexicon.GoalWords
    parts: tuple[lexicon.GoalWords, ...]


@dataclass
class Scenario:
    """One goal on one machine.

    Attributes:
        engine: The machine, simulated or real.
        goal: The bound goal.
        book: Understands the goal.
        start: Number of the world at the beginning.
        rows: Where descriptions are kept.
        shortest: Requests of the shortest solution, 0 where it is not known.
        planner: Who measured that, or None.
        words: The goal as the lexicon compares with it, its sub-goals taken together.
        parts: The same for each sub-goal by itself.
        every: Bits of all sub-goals.
        staged: Bits of those whose values take a restart.
        spent: Bits of those that a start of the host undoes, unless it is to come after them.
        made: Bits of those that want something new.
        payloads: Bodies with the goal's values, by operation.
        wanted: Wanted values of each sub-goal, by property path.
        desired: The same as token ids.
        operations: Operations that may serve each sub-goal.
        opening: What every trial begins with, kept by the first one.
    """

    engine: Ground
    goal: AnyGoal
    book: GoalBook
    start: int
    rows: Rows
    shortest: int = 0
    planner: Planner | None = None
    words: lexicon.GoalWords = field(init=False)
    parts: tuple[lexicon.GoalWords, ...] = field(init=False)
    every: int = field(init=False)
    staged: int = field(init=False)
    spent: int = field(init=False)
    made: int = field(init=False)
    payloads: Mapping[str, Sequence[JsonObject]] = field(init=False)
    wanted: tuple[Mapping[str, Json], ...] = field(init=False)
    desired: tuple[int, ...] = field(init=False)
    operations: tuple[frozenset[str], ...] = field(init=False)
    opening: Notebook | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Derive what all steps need."""
        goals = self.goal.parts
        self.parts = tuple(goal_words(self.book, part, self.engine) for part in goals)
        self.words = self.parts[0] if len(goals) == 1 else goal_words(self.book, self.goal, self.engine)
        self.payloads = self.words.payloads
        self.every = bits(range(len(goals)))
        handled = [(place, part.verb, self.book.handler(part.family)) for place, part in enumerate(goals)]
        self.staged = bits(place for place, _, handler in handled if handler.requires)
        transient = bits(place for place, verb, handler in handled if verb in handler.transient)
        self.spent = 0 if self.ordered else transient
        self.made = bits(place for place, verb, handler in handled if verb in handler.creates)
        self._goal_rows: dict[int, int] = {}
        self.wanted = tuple(self.book.wanted(part) for part in self.goal.parts)
        self.desired = _tokens(self.wanted)
        self.operations = tuple(operations(self.book, part, self.engine) for part in self.goal.parts)
        self._offering = Offering(self.engine, self.rows, self.parts, self.payloads, self._required)
        self._strays: dict[tuple[int, int], bool] = {}
        self._progress: dict[tuple[int, int], Progress] = {}
        self._stages: list[Stage] = [START]
        self._stage_numbers: dict[Stage, int] = {START: 0}
        self._before = self.engine.reader(self.start)

    @cached_property
    def simulated(self) -> Engine:
        """The simulated machine, for who looks at its truth or tries what may come.

        Raises:
            AgentError: The machine is real.
        """
        if not isinstance(self.engine, Engine):
            hint = "run it on a capture"
            raise AgentError("this needs a simulated machine", code="agent-incompatible", hint=hint)
        return self.engine

    @cached_property
    def terms(self) -> Terms:
        """The goal in the words of this system."""
        return Terms(self.words, self.parts)

    @property
    def family(self) -> str:
        """Name of the goal's family; ``composite`` for several."""
        return self.goal.parts[0].family if len(self.goal.parts) == 1 else "composite"

    def offer(self, document: int) -> Offer:
        """Return what a document offers, by its number."""
        return self._offering.of(document)

    @property
    def wait(self) -> Offer:
        """The wait, which no document offers."""
        return self._offering.wait

    def twin(self, action: int, origin: int) -> Offer:
        """Return an action under ``If-Match``, as the document that offered it would offer it."""
        return self._offering.twin(action, origin)

    @cached_property
    def ceiling(self) -> float:
        """The best SPL that can be expected of who cannot tell look-alikes apart, nan where no planner is known."""
        from igc_redfish.process.ceiling import Ceiling  # noqa: PLC0415 - a ceiling tries episodes of a scenario

        return Ceiling(self.planner).of(self) if self.planner is not None else nan

    @cached_property
    def ordered(self) -> bool:
        """Whether the sub-goals must be reached in their order."""
        return getattr(self.goal, "ordered", False)

    @cached_property
    def max_resets(self) -> int | None:
        """The most host resets that may happen, or None for any number."""
        return getattr(self.goal, "max_resets", None)

    def goal_row(self, parts: int) -> int:
        """Return the row in the table of goals of some of the sub-goals, given as bits."""
        known = self._goal_rows.get(parts)
        if known is None:
            tokens = [token for place, part in enumerate(self.parts) if parts & bit(place) for token in part.tokens]
            cut = np.asarray(tokens[: lexicon.GOAL_TOKENS], np.int32)
            known = self._goal_rows[parts] = self.rows.goals.intern(cut.tobytes(), {"tokens": cut})
        return known

    def strays(self, world: int, action: int) -> bool:
        """Tell by the machine's truth whether an action changes something that the goal does not mean."""
        known = self._strays.get((world, action))
        if known is None:
            described = self.engine.actions[action]
            known = strays(described, self.engine.reader(world), self._authority)
            self._strays[world, action] = known
        return known

    @cached_property
    def _authority(self) -> list[tuple[Goal, lexicon.GoalWords]]:
        return list(zip(self.goal.parts, self.parts, strict=True))

    def progress(self, world: int, stage: int) -> Progress:
        """Judge a world."""
        known = self._progress.get((world, stage))
        if known is None:
            known = self._progress[world, stage] = self._judge(world, stage)
        return known

    @cached_property
    def _required(self) -> list[frozenset[str]]:
        """Operations of the families that each sub-goal's family requires."""
        return [
            frozenset(
                name for family in self.book.handler(part.family).requires for name in self.book.operations(family)
            )
            for part in self.goal.parts
        ]

    def _judge(self, world: int, stage: int) -> Progress:
        now, before = self.engine.reader(world), self._before
        resets = self.engine.resets(world) - self.engine.resets(self.start)
        judged = self.book.judge(self.goal, now, before, self._stages[stage], resets=resets)
        parts = self.goal.parts
        observed = [self.book.observe(part, now, before) for part in parts]
        missing = [dict(values) != dict(wanted) for values, wanted in zip(observed, self.wanted, strict=True)]
        open_parts = range(judged.done, len(parts)) if self.ordered else np.flatnonzero(missing).tolist()
        return Progress(
            self._stage_number(judged.stage),
            judged.done / len(parts),
            judged.reached,
            self.desired if judged.reached else _unlike(self.desired, _tokens(observed)),
            tuple(open_parts),
            judged.failed,
        )

    def _stage_number(self, stage: Stage) -> int:
        if stage not in self._stage_numbers:
            self._stage_numbers[stage] = len(self._stages)
            self._stages.append(stage)
        return self._stage_numbers[stage]


def _tokens(values: Iterable[Mapping[str, Json]]) -> tuple[int, ...]:
    """Number the values of property paths, at most ``GOAL_VALUES`` of them; 0 is padding."""
    pairs = [(path, value) for part in values for path, value in sorted(part.items())]
    found = [lexicon.token(path, lexicon.literal(value)) for path, value in pairs[:GOAL_VALUES]]
    return (*found, *[0] * (GOAL_VALUES - len(found)))


def _unlike(desired: tuple[int, ...], achieved: tuple[int, ...]) -> tuple[int, ...]:
    """Tell two equal texts of values apart: more than the values may be missing (an order, a limit of resets)."""
    return achieved if achieved != desired else (lexicon.token("reached", "no"), *achieved[1:])
