"""Scenarios: a goal, on a machine, from a state in which it is not yet reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.bodies import type_name
from igc_redfish.goals.progress import START
from igc_redfish.goals.resets import resets_counted
from igc_redfish.process import lexicon
from igc_redfish.process.catalogue import distinct, goal_offers
from igc_redfish.process.semantics import is_destructive
from igc_redfish.process.wording import goal_words, operations

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_core.models import AnyGoal
    from igc_core.protocols import Action
    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.goals.progress import Stage
    from igc_redfish.process.engine import Engine
    from igc_redfish.process.notebook import Notebook
    from igc_redfish.process.rows import Rows

#: What each match feature weighs when more candidates are legal than there are slots.
_WEIGHTS = np.asarray([1.0, 1.0, 1.0, 1.0, 0.5, 2.0, 1.0, 1.5, 1.0, 2.0, 3.0], np.float32)

#: Length of ``achieved_goal`` and ``desired_goal``.
GOAL_VALUES = 8


@dataclass(frozen=True, slots=True)
class Offer:
    """What one document offers under one goal.

    Attributes:
        actions: Numbers of the actions, shape ``(n,)``, int32.
        rows: Their rows in the table of candidates, shape ``(n,)``, int32.
        scores: Their rank where slots are scarce, shape ``(n,)``, float32.
        document: The document's row in the table of documents.
        described: The actions as this document offers them.
    """

    actions: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    document: int
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
        words: The goal as the lexicon compares with it.
        payloads: Bodies with the goal's values, by operation.
        goal_row: Row of the goal in the table of goals.
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
    payloads: Mapping[str, Sequence[JsonObject]] = field(init=False)
    goal_row: int = field(init=False)
    wanted: tuple[Mapping[str, Json], ...] = field(init=False)
    desired: tuple[int, ...] = field(init=False)
    operations: tuple[frozenset[str], ...] = field(init=False)
    opening: Notebook | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Derive what all steps need."""
        self.words = goal_words(self.book, self.goal, self.engine)
        self.payloads = self.words.payloads
        tokens = np.asarray(self.words.tokens, np.int32)
        self.goal_row = self.rows.goals.intern(self.words.tokens, {"tokens": tokens})
        self.wanted = tuple(self.book.wanted(part) for part in self.goal.parts)
        self.desired = _tokens(self.wanted)
        self.operations = tuple(operations(self.book, part) for part in self.goal.parts)
        self._offers: dict[int, Offer] = {}
        self._destructive: dict[int, bool] = {}
        self._described: dict[tuple[int, str, str], tuple[int, float]] = {}
        self._twins: dict[int, tuple[int, int, float]] = {}
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

    def describe(self, action: Action) -> tuple[int, float]:
        """Return the row and the score of one action as it was offered."""
        key = (self.engine.number_of(action), action.relation, action.source_type)
        known = self._described.get(key)
        if known is None:
            known = self._described[key] = self._row_of(action)
        return known

    def _row_of(self, action: Action) -> tuple[int, float]:
        tokens = lexicon.candidate_tokens(action, self.words)
        match = lexicon.candidate_match(action, self.words)
        row = self.rows.candidates.intern((tokens.tobytes(), match.tobytes()), {"tokens": tokens, "match": match})
        return row, float(match @ _WEIGHTS)

    def twin(self, action: int) -> tuple[int, int, float]:
        """Return number, row and score of the same request under ``If-Match``."""
        known = self._twins.get(action)
        if known is None:
            number = self.engine.conditional_of(action)
            known = self._twins[action] = (number, *self.describe(self.engine.actions[number]))
        return known

    def is_destructive(self, action: int) -> bool:
        """Tell whether an action destroys something that the goal does not ask for."""
        known = self._destructive.get(action)
        if known is None:
            known = is_destructive(self.engine.actions[action], self.words.operations)
            self._destructive[action] = known
        return known

    def progress(self, world: int, stage: int) -> Progress:
        """Judge a world."""
        known = self._progress.get((world, stage))
        if known is None:
            known = self._progress[world, stage] = self._judge(world, stage)
        return known

    def _describe(self, number: int) -> Offer:
        document = self.engine.documents[number]
        mine = goal_offers(document, self.payloads, self.engine.referrers)
        offered = distinct([*mine, *self.engine.plain_offers(number)])
        described = [self.describe(action) for action in offered]
        return Offer(
            np.asarray([self.engine.number_of(action) for action in offered], np.int32),
            np.asarray([row for row, _ in described], np.int32),
            np.asarray([score for _, score in described], np.float32),
            self._document_row(number),
            tuple(offered),
        )

    def _document_row(self, number: int) -> int:
        document = self.engine.documents[number]
        kind = type_name(document.body)
        tokens = lexicon.document_tokens(document.uri, kind, document.body, self.words)
        flags = lexicon.document_flags(document.uri, kind, document.body, self.words)
        values = {"tokens": tokens, "flags": flags}
        key = (tokens.tobytes(), flags.tobytes())
        if self.rows.encoder is not None:
            values["vector"] = self.rows.encoder.encode([document.body])[0]
            return self.rows.documents.intern((*key, values["vector"].tobytes()), values)
        return self.rows.documents.intern(key, values)

    def _judge(self, world: int, stage: int) -> Progress:
        now, before = self.engine.reader(world), self._before
        resets = resets_counted(now.memory) - resets_counted(before.memory)
        judged = self.book.judge(self.goal, now, before, self._stages[stage], resets=resets)
        parts = self.goal.parts
        observed = [self.book.observe(part, now, before) for part in parts]
        missing = [dict(values) != dict(wanted) for values, wanted in zip(observed, self.wanted, strict=True)]
        ordered = getattr(self.goal, "ordered", False)
        open_parts = range(judged.done, len(parts)) if ordered else np.flatnonzero(missing).tolist()
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
