"""Integer tables over engines and scenarios, read in bulk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.hashing import IntegerIndex, Pool
from igc_redfish.process.scenario import GOAL_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from igc_redfish.process.engine import Engine
    from igc_redfish.process.offering import Offer
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
    """Where the offers of many documents lie in the pools, and what the documents tell.

    ``rows`` and ``fits`` have shape ``(n, most sub-goals)``; see :class:`igc_redfish.process.scenario.Offer`.
    """

    start: NDArray[np.int64]
    length: NDArray[np.int64]
    confirms: NDArray[np.int32]
    refutes: NDArray[np.int32]
    rows: NDArray[np.int32]
    fits: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Judgements:
    """Progress of many episodes; see :class:`igc_redfish.process.scenario.Progress`."""

    stage: NDArray[np.int64]
    share: NDArray[np.float32]
    reached: NDArray[np.bool_]
    achieved: NDArray[np.int32]


class Pools:
    """Offers of all documents, one after the other.

    Attributes:
        action: Numbers of the actions offered, int32.
        row: Their rows in the table of candidates for each sub-goal, int32.
        score: How well they fit each sub-goal, float32; minus infinity where there is no such sub-goal.
        effect: What they do once accepted, int32.
        mutates: Whether they change something, bool.
    """

    def __init__(self, parts: int) -> None:
        self.parts = parts
        self._action, self._effect, self._mutates = Pool(np.int32), Pool(np.int32), Pool(np.bool_)
        self._row, self._score = Pool(np.int32, parts), Pool(np.float32, parts)

    @property
    def action(self) -> NDArray[np.int32]:
        """See the class."""
        return self._action.array

    @property
    def row(self) -> NDArray[np.int32]:
        """See the class."""
        return self._row.array.reshape(-1, self.parts)

    @property
    def score(self) -> NDArray[np.float32]:
        """See the class."""
        return self._score.array.reshape(-1, self.parts)

    @property
    def effect(self) -> NDArray[np.int32]:
        """See the class."""
        return self._effect.array

    @property
    def mutates(self) -> NDArray[np.bool_]:
        """See the class."""
        return self._mutates.array

    def add(self, offer: Offer) -> int:
        """Append one document's offers and return where they begin."""
        if len(offer.actions):
            self._row.extend(widened(offer.rows, self.parts, 0))
            self._score.extend(widened(offer.scores, self.parts, -np.inf))
        self._effect.extend(offer.effects)
        self._mutates.extend(offer.mutates)
        return self._action.extend(offer.actions)


def widened(array: NDArray[Any], parts: int, fill: float) -> NDArray[Any]:
    """Fill up the last axis for sub-goals that are not there."""
    if array.shape[-1] == parts:
        return array
    wide = np.full((*array.shape[:-1], parts), fill, array.dtype)
    wide[..., : array.shape[-1]] = array
    return wide


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
            if id(scenario.simulated) not in engines:
                engines[id(scenario.simulated)] = len(self._engines)
                self._engines.append(scenario.simulated)
        self._engine_of = np.asarray([engines[id(item.simulated)] for item in self._scenarios], np.int64)
        self.starts = np.asarray([item.start for item in self._scenarios], np.int64)
        self.wait_rows = np.asarray([item.wait.rows[0, 0] for item in self._scenarios], np.int32)
        parts = max(len(item.parts) for item in self._scenarios)
        self.pools = Pools(parts)
        self._step_index, self._steps = IntegerIndex(1 << 16), Pool(np.int64, 5)
        self._offer_index, self._offers = IntegerIndex(1 << 14), Pool(np.float64, 4 + 2 * parts)
        self._judge_index, self._judged = IntegerIndex(1 << 14), Pool(np.float64, 3 + GOAL_VALUES)

    def step(self, scenarios: NDArray[np.int64], worlds: NDArray[np.int64], actions: NDArray[Any]) -> Steps:
        """Look up one transition per episode."""
        wide = actions.astype(np.int64)
        engines = self._engine_of[scenarios]
        keys = (((engines << _WORLD_BITS) | worlds) << _ACTION_BITS) | wide
        rows = self._step_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            rows[index] = self._add_step(int(keys[index]), int(engines[index]), int(worlds[index]), int(wide[index]))
        found = self._steps.array[rows]
        return Steps(
            found[:, 0],
            found[:, 1].astype(np.int16),
            found[:, 2].astype(np.int32),
            found[:, 3].astype(np.bool_),
            found[:, 4].astype(np.bool_),
            self._strays(scenarios, worlds, wide, found[:, 4] != 0),
        )

    def offer(self, scenarios: NDArray[np.int64], documents: NDArray[np.int32]) -> Offers:
        """Look up what one document per episode offers."""
        keys = (scenarios << _DOCUMENT_BITS) | documents
        rows = self._offer_index.find(keys)
        for index in np.flatnonzero(rows < 0).tolist():
            rows[index] = self._add_offer(int(keys[index]), int(scenarios[index]), int(documents[index]))
        found, parts = self._offers.array[rows], self.pools.parts
        return Offers(
            found[:, 0].astype(np.int64),
            found[:, 1].astype(np.int64),
            found[:, 2].astype(np.int32),
            found[:, 3].astype(np.int32),
            found[:, 4 : 4 + parts].astype(np.int32),
            found[:, 4 + parts :].astype(np.float32),
        )

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

    def _strays(
        self,
        scenarios: NDArray[np.int64],
        worlds: NDArray[np.int64],
        actions: NDArray[np.int64],
        changes: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        for index in np.flatnonzero(changes).tolist():
            changes[index] = self._scenarios[int(scenarios[index])].strays(int(worlds[index]), int(actions[index]))
        return changes

    def _add_step(self, key: int, engine: int, world: int, action: int) -> int:
        step = self._engines[engine].step(world, action)
        described = self._engines[engine].actions[action]
        values = (step.world, step.status, step.document, step.pending, described.request.mutates)
        return self._add(self._step_index, self._steps, key, values)

    def _add_offer(self, key: int, scenario: int, document: int) -> int:
        offer, parts = self._scenarios[scenario].offer(document), self.pools.parts
        start = self.pools.add(offer)
        told = (start, len(offer.actions), offer.confirms, offer.refutes)
        values = (*told, *widened(offer.documents, parts, 0), *widened(offer.fits, parts, -np.inf))
        return self._add(self._offer_index, self._offers, key, values)

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
