"""What one episode knows of its actions; the ledger of many episodes is :mod:`igc_redfish.process.ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.semantics import STATUS_CLASSES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import Action

_NEVER = -1
_COLUMNS = 6


class Notebook:
    """Discovered actions in order of discovery; place 0 is the wait. All arrays are longer than ``count``.

    Attributes:
        count: Number of actions known.
        actions: Their numbers, int32.
        rows: Their rows in the table of candidates, int32.
        tried: Epoch in which each was tried last, int32.
        codes: How each fared, as :data:`~igc_redfish.process.semantics.FARED` reads it, int32.
        born: Step at which each was discovered, int32.
        offered: Step at which each was offered last, int32.
        scores: Their ranks where slots are scarce, float32.
        described: The actions as this episode met them, ``count`` of them.
    """

    actions: NDArray[np.int32]
    rows: NDArray[np.int32]
    tried: NDArray[np.int32]
    codes: NDArray[np.int32]
    born: NDArray[np.int32]
    offered: NDArray[np.int32]
    __slots__ = (
        "_places",
        "_table",
        "actions",
        "born",
        "codes",
        "count",
        "described",
        "offered",
        "rows",
        "scores",
        "tried",
    )

    def __init__(self, actions: int, capacity: int = 128) -> None:
        self.count = 0
        self.described: list[Action] = []
        self.scores = np.zeros(capacity, np.float32)
        self._places = np.zeros(actions, np.int16)
        self._hold(np.zeros((_COLUMNS, capacity), np.int32))

    def copy(self) -> Notebook:
        """Make an independent copy."""
        twin = Notebook.__new__(Notebook)
        twin.count = self.count
        twin.described = self.described.copy()
        twin.scores = self.scores.copy()
        twin._places = self._places.copy()  # noqa: SLF001 - of the same class
        twin._hold(self._table.copy())  # noqa: SLF001 - as above
        return twin

    def learn(
        self,
        actions: NDArray[np.int32],
        rows: NDArray[np.int32],
        scores: NDArray[np.float32],
        described: Sequence[Action],
        step: int,
        most: int,
    ) -> None:
        """Add actions that are new, and note that all were offered now.

        Args:
            actions: Numbers of the actions, without repetition.
            rows: Their rows in the table of candidates.
            scores: Their ranks.
            described: The actions as they are offered now.
            step: Requests made so far.
            most: A number above that of every action.
        """
        if not len(actions):
            return
        if most > len(self._places):
            self._places = np.concatenate([self._places, np.zeros(most, np.int16)])
        places = self._places[actions]
        fresh = (places == 0).nonzero()[0]
        if fresh.size:
            first, last = self.count, self.count + len(fresh)
            self._make_room(last)
            added = actions[fresh]
            self.actions[first:last], self.rows[first:last] = added, rows[fresh]
            self.scores[first:last] = scores[fresh]
            self.tried[first:last], self.born[first:last] = _NEVER, step
            self.described += [described[index] for index in fresh.tolist()]
            self._places[added] = places[fresh] = np.arange(first + 1, last + 1)
            self.count = last
        self.offered[places - 1] = step

    def record(self, place: int, status: int, epoch: int) -> None:
        """Note that an action was tried, its status class, and the epoch until which it is barred."""
        again = self.codes[place] > 0
        self.codes[place] = status + (1 + again) * STATUS_CLASSES
        self.tried[place] = epoch

    def untried(self, epoch: int) -> NDArray[np.bool_]:
        """Tell which of the known actions were not tried in the present epoch, shape ``(count,)``."""
        return self.tried[: self.count] < epoch

    def _make_room(self, count: int) -> None:
        while count > len(self.scores):
            self.scores = np.concatenate([self.scores, np.zeros_like(self.scores)])
            self._hold(np.concatenate([self._table, np.zeros_like(self._table)], axis=1))

    def _hold(self, table: NDArray[np.int32]) -> None:
        self._table = table
        self.actions, self.rows, self.tried, self.codes, self.born, self.offered = table
