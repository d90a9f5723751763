"""What one episode knows of its actions; the ledger of many episodes is :mod:`igc_redfish.process.ledger`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.semantics import FAILED, MOST_TRIES, NEVER_AGAIN, STATUS_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_core.protocols import Action
    from igc_redfish.process.offering import Offer

_NEVER = -1
_COLUMNS = 8


class Notebook:
    """Discovered actions in order of discovery; place 0 is the wait. All arrays are longer than ``count``.

    Attributes:
        count: Number of actions known.
        actions: Their numbers, int32.
        origins: Numbers of the documents that offer them, int32.
        effects: What they do once accepted, see :func:`igc_redfish.process.belief.effect`, int32.
        tried: Epoch in which each was tried last, int32.
        tries: How often each was answered, failures of the service left out, int32.
        codes: How each fared, as :data:`~igc_redfish.process.semantics.FARED` reads it, int32.
        born: Step at which each was discovered, int32.
        offered: Step at which each was offered last, int32.
        rows: Their rows in the table of candidates for each sub-goal, shape ``(n, sub-goals)``, int32.
        scores: How well they fit each sub-goal, likewise, float32.
        described: The actions as this episode met them, ``count`` of them.
    """

    actions: NDArray[np.int32]
    origins: NDArray[np.int32]
    effects: NDArray[np.int32]
    tried: NDArray[np.int32]
    tries: NDArray[np.int32]
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
        "effects",
        "offered",
        "origins",
        "rows",
        "scores",
        "tried",
        "tries",
    )

    def __init__(self, actions: int, parts: int = 1, capacity: int = 128) -> None:
        self.count = 0
        self.described: list[Action] = []
        self.rows = np.zeros((capacity, parts), np.int32)
        self.scores = np.zeros((capacity, parts), np.float32)
        self._places = np.zeros(actions, np.int16)
        self._hold(np.zeros((_COLUMNS, capacity), np.int32))

    def copy(self) -> Notebook:
        """Make an independent copy."""
        twin = Notebook.__new__(Notebook)
        twin.count = self.count
        twin.described = self.described.copy()
        twin.rows, twin.scores = self.rows.copy(), self.scores.copy()
        twin._places = self._places.copy()  # noqa: SLF001 - of the same class
        twin._hold(self._table.copy())  # noqa: SLF001 - as above
        return twin

    def learn(self, offer: Offer, origin: int, step: int, most: int) -> None:
        """Add actions that are new, and note that all were offered now.

        Args:
            offer: What a document offers.
            origin: Number of the document.
            step: Requests made so far.
            most: A number above that of every action.
        """
        actions = offer.actions
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
            self.actions[first:last], self.effects[first:last] = added, offer.effects[fresh]
            self.tried[first:last], self.born[first:last] = _NEVER, step
            self.described += [offer.described[index] for index in fresh.tolist()]
            self._places[added] = places[fresh] = np.arange(first + 1, last + 1)
            self.count = last
            self._describe(places, offer, origin, fresh)
        # A change is described by the document that offered it last: what that shows may have changed.
        self._describe(places, offer, origin, offer.mutates.nonzero()[0])
        self.offered[places - 1] = step

    def _describe(self, places: NDArray[np.int16], offer: Offer, origin: int, which: NDArray[np.intp]) -> None:
        there = places[which] - 1
        self.rows[there], self.scores[there], self.origins[there] = offer.rows[which], offer.scores[which], origin

    def record(self, place: int, status: int, epoch: int, *, mutates: bool) -> None:
        """Note that an action was tried, its status class, and the epoch until which it is barred."""
        again = self.codes[place] > 0
        self.codes[place] = status + (1 + again) * STATUS_CLASSES
        self.tries[place] += mutates and status != FAILED
        self.tried[place] = NEVER_AGAIN if self.tries[place] >= MOST_TRIES else epoch

    def untried(self, epoch: int) -> NDArray[np.bool_]:
        """Tell which of the known actions were not tried in the present epoch, shape ``(count,)``."""
        return self.tried[: self.count] < epoch

    def _make_room(self, count: int) -> None:
        while count > len(self.scores):
            self.rows = np.concatenate([self.rows, np.zeros_like(self.rows)])
            self.scores = np.concatenate([self.scores, np.zeros_like(self.scores)])
            self._hold(np.concatenate([self._table, np.zeros_like(self._table)], axis=1))

    def _hold(self, table: NDArray[np.int32]) -> None:
        self._table = table
        self.actions, self.origins, self.effects, self.tried, self.tries, self.codes, self.born, self.offered = table
