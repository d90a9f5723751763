"""Scenarios: a goal, on a machine, from a state in which it is not yet reached."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.bodies import type_name
from igc_redfish.goals.progress import START
from igc_redfish.goals.resets import resets_counted
from igc_redfish.process import lexicon
from igc_redfish.process.belief import bit, effect
from igc_redfish.process.catalogue import WAIT_ACTION, conditional, distinct, goal_offers
from igc_redfish.process.matching import (
    candidate_match,
    candidate_score,
    carries,
    document_fit,
    document_flags,
    speaks_of,
    with_source,
)
from igc_redfish.process.shield import HOST_RESETS, is_risky, permits, strays
from igc_redfish.process.wording import goal_words, operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.models import AnyGoal, Goal
    from igc_core.protocols import Action
    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.goals.progress import Stage
    from igc_redfish.process.catalogue import Document
    from igc_redfish.process.engine import Engine
    from igc_redfish.process.notebook import Notebook
    from igc_redfish.process.rows import Rows

#: Length of ``achieved_goal`` and ``desired_goal``.
GOAL_VALUES = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """What one document offers under one goal. ``parts`` is the number of sub-goals.

    Attributes:
        actions: Numbers of the actions, shape ``(n,)``, int32.
        rows: Their rows in the table of candidates, compared with each sub-goal, shape ``(n, parts)``, int32.
        scores: How well they fit each sub-goal, shape ``(n, parts)``, float32.
        effects: What they do once accepted, see :func:`igc_redfish.process.belief.effect`, shape ``(n,)``, int32.
        mutates: Whether they change something, shape ``(n,)``, bool.
        documents: The document's row in the table of documents, compared with each sub-goal, shape ``(parts,)``, int32.
        fits: How well it fits each sub-goal, shape ``(parts,)``, float32.
        confirms: Bits of the sub-goals that the document shows to be reached.
        refutes: Bits of those that it shows not to be.
        described: The actions as this document offers them.
    """

    actions: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    effects: NDArray[np.int32]
    mutates: NDArray[np.bool_]
    documents: NDArray[np.int32]
    fits: NDArray[np.float32]
    confirms: int
    refutes: int
    described: tuple[Action, ...]


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


@dataclass
class Scenario:
    """One goal on one machine.

    Attributes:
        engine: The machine.
        goal: The bound goal.
        book: Understands the goal.
        start: Number of the world at the beginning.
        rows: Where descriptions are kept.
        shortest: Requests of the shortest solution, 0 where it is not known.
        words: The goal as the lexicon compares with it, its sub-goals taken together.
        parts: The same for each sub-goal by itself.
        every: Bits of all sub-goals.
        staged: Bits of those whose values take a restart.
        payloads: Bodies with the goal's values, by operation.
        wanted: Wanted values of each sub-goal, by property path.
        desired: The same as token ids.
        operations: Operations that may serve each sub-goal.
        opening: What every trial begins with, kept by the first one.
    """

    engine: Engine
    goal: AnyGoal
    book: GoalBook
    start: int
    rows: Rows
    shortest: int = 0
    words: lexicon.GoalWords = field(init=False)
    parts: tuple[lexicon.GoalWords, ...] = field(init=False)
    every: int = field(init=False)
    staged: int = field(init=False)
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
        self.every = self._bits(range(len(goals)))
        self.staged = self._bits(place for place, part in enumerate(goals) if self.book.handler(part.family).requires)
        self._goal_rows: dict[int, int] = {}
        self.wanted = tuple(self.book.wanted(part) for part in self.goal.parts)
        self.desired = _tokens(self.wanted)
        self.operations = tuple(operations(self.book, part) for part in self.goal.parts)
        self._offers: dict[int, Offer] = {}
        self._strays: dict[tuple[int, int], bool] = {}
        self._described: dict[tuple[int, str, str], list[tuple[NDArray[np.int32], NDArray[np.float32]]]] = {}
        self._twins: dict[tuple[int, int], Offer] = {}
        self._progress: dict[tuple[int, int], Progress] = {}
        self._stages: list[Stage] = [START]
        self._stage_numbers: dict[Stage, int] = {START: 0}
        self._before = self.engine.reader(self.start)

    @property
    def family(self) -> str:
        """Name of the goal's family; ``composite`` for several."""
        return self.goal.parts[0].family if len(self.goal.parts) == 1 else "composite"

    def offer(self, document: int) -> Offer:
        """Return what a document offers."""
        known = self._offers.get(document)
        if known is None:
            known = self._offers[document] = self._describe(document)
        return known

    @cached_property
    def wait(self) -> Offer:
        """The wait, which no document offers."""
        return self._offered([WAIT_ACTION], [None] * len(self.parts))

    @property
    def ordered(self) -> bool:
        """Whether the sub-goals must be reached in their order."""
        return getattr(self.goal, "ordered", False)

    @property
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

    def twin(self, action: int, origin: int) -> Offer:
        """Return the same request under ``If-Match``, as the document that offered it would offer it."""
        known = self._twins.get((action, origin))
        if known is None:
            offer = self.offer(origin)
            place = int(np.flatnonzero(offer.actions == action)[0])
            described = conditional(offer.described[place])
            known = self._twins[action, origin] = self._offered([described], self._flags(origin))
        return known

    def strays(self, world: int, action: int) -> bool:
        """Tell by the machine's truth whether an action destroys something that the goal does not mean."""
        known = self._strays.get((world, action))
        if known is None:
            described = self.engine.actions[action]
            known = is_risky(described) and strays(described, self.engine.reader(world), self._authority)
            self._strays[world, action] = known
        return known

    @cached_property
    def _authority(self) -> list[tuple[Goal, frozenset[str], frozenset[str]]]:
        about = [part.about for part in self.parts]
        return list(zip(self.goal.parts, self.operations, about, strict=True))

    def progress(self, world: int, stage: int) -> Progress:
        """Judge a world."""
        known = self._progress.get((world, stage))
        if known is None:
            known = self._progress[world, stage] = self._judge(world, stage)
        return known

    def _describe(self, number: int) -> Offer:
        document = self.engine.documents[number]
        mine = goal_offers(document, self.payloads, self.engine.referrers)
        listed = distinct([*mine, *self.engine.plain_offers(number)])
        offered = [action for action in listed if permits(action, document, self.parts)]
        flags = self._flags(number)
        rows = [self._document_row(document, *pair) for pair in zip(self.parts, flags, strict=True)]
        told = [speaks_of(document, *pair) for pair in zip(self.parts, flags, strict=True)]
        return replace(
            self._offered(offered, flags),
            documents=np.asarray(rows, np.int32),
            fits=np.asarray([document_fit(mine) for mine in flags], np.float32),
            confirms=self._bits(place for place, reached in enumerate(told) if reached is True),
            refutes=self._bits(place for place, reached in enumerate(told) if reached is False),
        )

    def _offered(self, offered: Sequence[Action], flags: Sequence[NDArray[np.float32] | None]) -> Offer:
        """Describe actions, given the flags for each sub-goal of the document that offers them."""
        compared = [self._compare(action, flags) for action in offered]
        shape, parts = (len(offered), len(self.parts)), len(self.parts)
        return Offer(
            actions=np.asarray([self.engine.number_of(action) for action in offered], np.int32),
            rows=np.asarray([rows for rows, _ in compared], np.int32).reshape(shape),
            scores=np.asarray([scores for _, scores in compared], np.float32).reshape(shape),
            effects=np.asarray([self._effect(action) for action in offered], np.int32),
            mutates=np.asarray([action.request.mutates for action in offered], np.bool_),
            documents=np.zeros(parts, np.int32),
            fits=np.zeros(parts, np.float32),
            confirms=0,
            refutes=0,
            described=tuple(offered),
        )

    def _flags(self, number: int) -> list[NDArray[np.float32]]:
        """Compare a document with each sub-goal."""
        return [document_flags(self.engine.documents[number], part) for part in self.parts]

    def _compare(self, action: Action, flags: Sequence[NDArray[np.float32] | None]) -> tuple[list[int], list[float]]:
        """Return row and score of an action for each sub-goal, given the flags of the document that offers it."""
        rows: list[int] = []
        scores: list[float] = []
        for (tokens, own), source in zip(self._own(action), flags, strict=True):
            match = with_source(own, source)
            key = (tokens.tobytes(), match.tobytes())
            rows.append(self.rows.candidates.intern(key, {"tokens": tokens, "match": match}))
            scores.append(candidate_score(match))
        return rows, scores

    def _own(self, action: Action) -> list[tuple[NDArray[np.int32], NDArray[np.float32]]]:
        """Tokens and match features of an action for each sub-goal, whichever document of a type offers it."""
        key = (self.engine.number_of(action), action.relation, action.source_type)
        known = self._described.get(key)
        if known is None:
            known = [(lexicon.candidate_tokens(action, part), candidate_match(action, part)) for part in self.parts]
            self._described[key] = known
        return known

    def _effect(self, action: Action) -> int:
        if not action.request.mutates:
            return 0
        operation = lexicon.operation_of(action)
        asks = [place for place, part in enumerate(self.parts) if self._asks(place, action, part)]
        puts = [place for place in range(len(self.parts)) if operation in self._required[place]]
        return effect(self._bits(asks), self._bits(puts), resets=operation in HOST_RESETS)

    def _asks(self, place: int, action: Action, part: lexicon.GoalWords) -> bool:
        return lexicon.operation_of(action) not in self._required[place] and carries(action, part)

    @cached_property
    def _required(self) -> list[frozenset[str]]:
        """Operations of the families that each sub-goal's family requires."""
        return [
            frozenset(
                name for family in self.book.handler(part.family).requires for name in self.book.operations(family)
            )
            for part in self.goal.parts
        ]

    def _document_row(self, document: Document, part: lexicon.GoalWords, flags: NDArray[np.float32]) -> int:
        tokens = lexicon.document_tokens(document.uri, type_name(document.body), document.body, part)
        values = {"tokens": tokens, "flags": flags}
        key = (tokens.tobytes(), flags.tobytes())
        if self.rows.encoder is not None:
            values["vector"] = self.rows.encoder.encode([document.body])[0]
            return self.rows.documents.intern((*key, values["vector"].tobytes()), values)
        return self.rows.documents.intern(key, values)

    @staticmethod
    def _bits(places: Iterable[int]) -> int:
        return reduce(or_, map(bit, places), 0)

    def _judge(self, world: int, stage: int) -> Progress:
        now, before = self.engine.reader(world), self._before
        resets = resets_counted(now.memory) - resets_counted(before.memory)
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
