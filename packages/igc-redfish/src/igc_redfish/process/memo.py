"""Integer tables over engines and scenarios, read in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.catalogue import WAIT_ACTION
from igc_redfish.process.hashing import IntegerIndex, Pool
from igc_redfish.process.scenario import GOAL_VALUES
from igc_redfish.process.semantics import is_destructive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from igc_redfish.process.engine import Engine
    from igc_redfish.process.scenario import Scenario

# A key packs (machine, world, action), (scenario, document) or (scenario, world, stage) into 63 bits.
_ACTION_BITS, _WORLD_BITS, _STAGE_BITS, _DOCUMENT_BITS = 20, 28, 12, 28


@dataclass(frozen=True, slots=True)
class Steps:
    """Transitions of many episodes; see :class:`igc_redfish.process.engine.Step`."""

    world: NDArray[np.int64]
    status: NDArray[np.int16]
    document: NDArray[np.int32]
    pending: NDArray[np.bool_]
    mutates: NDArray[np.bool_]
    destructive: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Offers:
    """Where the offers of many documents lie in the pools."""

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    row: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Judgements:
    """Progress of many episodes; see :class:`igc_redfish.process.scenario.Progress`."""

    stage: NDArray[np.int64]
    share: NDArray[np.float32]
    reached: NDArray[np.bool_]
    achieved: NDArray[np.int32]


class Pools:
    """Offers of all documents, one after the other."""

    def __init__(self) -> None:
        self._action, self._row, self._score = Pool(np.int32), Pool(np.int32), Pool(np.float32)

    @property
    def action(self) -> NDArray[np.int32]:
        """Numbers of the actions offered."""
        return self._action.array

    @property
    def row(self) -> NDArray[np.int32]:
        """Their rows in the table of candidates."""
        return self._row.array

    @property
    def score(self) -> NDArray[np.float32]:
        """Their ranks where slots are scarce."""
        return self._score.array

    def add(self, actions: NDArray[Any], rows: NDArray[Any], scores: NDArray[Any]) -> int:
        """Append one document's offers and return where they begin."""
        self._row.extend(rows)
        self._score.extend(scores)
        return self._action.extend(actions)


class Memo:
    """Transitions, offers and judgements of all scenarios.

    Worlds keep the numbers that their engine gave them.

    Attributes:
        starts: First world of each scenario.
        wait_rows: Row of the wait in the table of candidates, for each scenario.
        pools: The offers.
    """

    def __init__(self, scenarios: Sequence[Scenario]) -> None:
        self._scenarios = list(scenarios)
        engines: dict[int, int] = {}
        self._engines: list[Engine] = []
        for scenario in self._scenarios:
            if id(scenario.engine) not in engines:
                engines[id(scenario.engine)] = len(self._engines)
                self._engines.append(scenario.engine)
        self._engine_of = np.asarray([engines[id(item.engine)] for item in self._scenarios], np.int64)
        operations: dict[frozenset[str], int] = {}
        self._operations_of = np.asarray(
            [operations.setdefault(item.words.operations, len(operations)) for item in self._scenarios], np.int64
        )
        self._operations = list(operations)
        self.starts = np.asarray([item.start for item in self._scenarios], np.int64)
        self.wait_rows = np.asarray([item.describe(WAIT_ACTION)[0] for item in self._scenarios], np.int32)
        self.pools = Pools()
        self._step_index, self._steps = IntegerIndex(1 << 16), Pool(np.int64, 6)
        self._offer_index, self._offers = IntegerIndex(1 << 14), Pool(np.int64, 3)
        self._judge_index, self._judged = IntegerIndex(1 << 14), Pool(np.float64, 3 + GOAL_VALUES)
        self._risk_index, self._risks = IntegerIndex(1 << 14), Pool(np.bool_)

    def step(self, scenarios: NDArray[np.int64], worlds: NDArray[np.int64], actions: NDArray[Any]) -> Steps:
        """Look up one transition per episode."""
        wide = actions.astype(np.int64)
        engines = self._engine_of[scenarios]
        keys = (((engines << _WORLD_BITS) | worlds) << _ACTION_BITS) | wide
        rows = self._step_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            rows[index] = self._add_step(int(keys[index]), int(engines[index]), int(worlds[index]), int(wide[index]))
        found = self._steps.array[rows]
        risk = self._risk(scenarios, engines, wide)
        return Steps(
            found[:, 0],
            found[:, 1].astype(np.int16),
            found[:, 2].astype(np.int32),
            found[:, 3].astype(np.bool_),
            found[:, 4].astype(np.bool_),
            risk,
        )

    def offer(self, scenarios: NDArray[np.int64], documents: NDArray[np.int32]) -> Offers:
        """Look up what one document per episode offers."""
        keys = (scenarios << _DOCUMENT_BITS) | documents
        rows = self._offer_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            rows[index] = self._add_offer(int(keys[index]), int(scenarios[index]), int(documents[index]))
        found = self._offers.array[rows]
        return Offers(found[:, 0], found[:, 1], found[:, 2].astype(np.int32))

    def judge(self, scenarios: NDArray[np.int64], worlds: NDArray[np.int64], stages: NDArray[np.int64]) -> Judgements:
        """Look up how far each episode's goal is reached."""
        keys = (((scenarios << _WORLD_BITS) | worlds) << _STAGE_BITS) | stages
        rows = self._judge_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            scenario = self._scenarios[int(scenarios[index])]
            values = _judged(scenario, int(worlds[index]), int(stages[index]))
            rows[index] = self._add(self._judge_index, self._judged, int(keys[index]), values)
        found = self._judged.array[rows]
        return Judgements(
            found[:, 0].astype(np.int64),
            found[:, 1].astype(np.float32),
            found[:, 2].astype(np.bool_),
            found[:, 3:].astype(np.int32),
        )

    def _risk(
        self, scenarios: NDArray[np.int64], engines: NDArray[np.int64], actions: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        operations = self._operations_of[scenarios]
        keys = (((operations << 20) | engines) << _ACTION_BITS) | actions
        rows = self._risk_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            action = self._engines[int(engines[index])].actions[int(actions[index])]
            risky = is_destructive(action, self._operations[int(operations[index])])
            rows[index] = self._add(self._risk_index, self._risks, int(keys[index]), risky)
        return self._risks.array[rows]

    def _add_step(self, key: int, engine: int, world: int, action: int) -> int:
        step = self._engines[engine].step(world, action)
        mutates = self._engines[engine].actions[action].request.mutates
        values = (step.world, step.status, step.document, step.pending, mutates, 0)
        return self._add(self._step_index, self._steps, key, values)

    def _add_offer(self, key: int, scenario: int, document: int) -> int:
        offer = self._scenarios[scenario].offer(document)
        start = self.pools.add(offer.actions, offer.rows, offer.scores)
        return self._add(self._offer_index, self._offers, key, (start, len(offer.actions), offer.document))

    @staticmethod
    def _add(index: IntegerIndex, pool: Pool[Any], key: int, value: ArrayLike) -> int:
        # The same key may be missing twice in one batch.
        known = int(index.find(np.asarray([key], np.int64))[0])
        if known >= 0:
            return known
        index.add(key)
        return pool.append(value)


def _judged(scenario: Scenario, world: int, stage: int) -> tuple[float, ...]:
    progress = scenario.progress(world, stage)
    return (progress.stage, progress.share, progress.reached, *progress.achieved)
