"""What each of many episodes knows of its actions, one row of arrays an episode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.process.semantics import FAILED, MOST_TRIES, NEVER_AGAIN, STATUS_CLASSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLUMNS: dict[str, type[np.generic]] = {
    "actions": np.int32,
    "origins": np.int32,
    "effects": np.int32,
    "rows": np.int32,
    "scores": np.float32,
    "tried": np.int16,
    "tries": np.int16,
    "codes": np.int8,
    "born": np.int16,
    "offered": np.int16,
}

#: Columns that have a value for each sub-goal.
_BY_PART = frozenset({"rows", "scores"})
_FIRST = np.zeros(1, np.int64)


@dataclass(frozen=True, slots=True)
class Entries:
    """Actions that documents offer in some episodes; all arrays have one entry an action.

    Attributes:
        actions: Their numbers, without repetition within an episode.
        origins: Numbers of the documents that offer them.
        effects: What they do once accepted.
        mutates: Whether they change something; these are described by the document that offered them last.
        rows: Their rows in the table of candidates, shape ``(n, sub-goals)``.
        scores: How well they fit each sub-goal, likewise.
    """

    actions: NDArray[Any]
    origins: NDArray[Any]
    effects: NDArray[Any]
    mutates: NDArray[np.bool_]
    rows: NDArray[Any]
    scores: NDArray[np.float32]


class Ledger:
    """Discovered actions in order of discovery; place 0 is the wait.

    A code says how an action fared: 0 before it was tried, else its last status class plus ``STATUS_CLASSES`` after
    the first try, or plus twice as much after further ones.

    Attributes:
        count: Number of actions known, shape ``(num_envs,)``.
        studied: Step at which the present document was read, shape ``(num_envs,)``.
    """

    actions: NDArray[np.int32]
    origins: NDArray[np.int32]
    effects: NDArray[np.int32]
    rows: NDArray[np.int32]
    scores: NDArray[np.float32]
    tried: NDArray[np.int16]
    tries: NDArray[np.int16]
    codes: NDArray[np.int8]
    born: NDArray[np.int16]
    offered: NDArray[np.int16]

    def __init__(self, num_envs: int, parts: int = 1, capacity: int = 64) -> None:
        self.count = np.zeros(num_envs, np.int64)
        self.studied = np.zeros(num_envs, np.int16)
        for name, dtype in _COLUMNS.items():
            shape = (num_envs, capacity, parts) if name in _BY_PART else (num_envs, capacity)
            setattr(self, name, np.zeros(shape, dtype))
        self._place = np.zeros((num_envs, 1024), np.int16)

    @property
    def capacity(self) -> int:
        """Places of one episode."""
        return int(self.actions.shape[1])

    def clear(self, envs: NDArray[np.int64]) -> None:
        """Forget everything about some episodes, at the price of what they knew."""
        counts = self.count[envs]
        owners = np.repeat(envs, counts)
        places = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
        self._place[owners, self.actions[owners, places]] = 0
        self.count[envs] = 0
        self.studied[envs] = 0

    def learn(self, envs: NDArray[Any], entries: Entries, steps: NDArray[np.int32]) -> None:
        """Add actions that are new, and note that all were offered now.

        Args:
            envs: Episode of each entry, in ascending runs, shape ``(n,)``.
            entries: The actions.
            steps: Requests made so far in every episode, shape ``(num_envs,)``.
        """
        if not len(envs):
            return
        actions = entries.actions
        self._widen(int(actions.max()) + 1)
        place = self._place[envs, actions]
        fresh = np.flatnonzero(place == 0)
        if fresh.size:
            owners = envs[fresh]
            begins = np.concatenate([_FIRST, np.flatnonzero(owners[1:] != owners[:-1]) + 1])
            sizes = np.diff(begins, append=len(owners))
            rank = np.arange(len(owners)) - np.repeat(begins, sizes)
            where = self.count[owners] + rank
            self._deepen(int(where.max()) + 1)
            added = actions[fresh]
            self.actions[owners, where] = added
            self.effects[owners, where] = entries.effects[fresh]
            self.tried[owners, where] = -1
            self.tries[owners, where] = 0
            self.codes[owners, where] = 0
            self.born[owners, where] = steps[owners]
            self._place[owners, added] = where + 1
            self.count[owners[begins]] += sizes
            place[fresh] = where + 1
            self._describe(owners, where, entries, fresh)
        again = np.flatnonzero(entries.mutates)
        self._describe(envs[again], place[again] - 1, entries, again)
        self.offered[envs, place - 1] = steps[envs]

    def _describe(self, envs: NDArray[Any], places: NDArray[Any], entries: Entries, which: NDArray[np.intp]) -> None:
        self.rows[envs, places] = entries.rows[which]
        self.scores[envs, places] = entries.scores[which]
        self.origins[envs, places] = entries.origins[which]

    def record(
        self,
        envs: NDArray[Any],
        places: NDArray[Any],
        status: NDArray[np.int8],
        epoch: NDArray[np.int16],
        mutates: NDArray[np.bool_],
    ) -> None:
        """Note that one action was tried in each episode, its status class, and the epoch until which it is barred."""
        again = self.codes[envs, places] > 0
        self.codes[envs, places] = status + (1 + again) * STATUS_CLASSES
        tries = self.tries[envs, places] + (mutates & (status != FAILED))
        self.tries[envs, places] = tries
        self.tried[envs, places] = np.where(tries >= MOST_TRIES, NEVER_AGAIN, epoch)

    def untried(self, epoch: NDArray[np.int16]) -> NDArray[np.bool_]:
        """Tell which actions were not tried in the present epoch, shape ``(num_envs, most known)``."""
        most = int(self.count.max())
        known = np.arange(most) < self.count[:, None]
        return known & (self.tried[:, :most] < epoch[:, None])

    def _deepen(self, capacity: int) -> None:
        while capacity > self.actions.shape[1]:
            for name in _COLUMNS:
                array = getattr(self, name)
                setattr(self, name, np.concatenate([array, np.zeros_like(array)], axis=1))

    def _widen(self, actions: int) -> None:
        while actions > self._place.shape[1]:
            self._place = np.concatenate([self._place, np.zeros_like(self._place)], axis=1)
