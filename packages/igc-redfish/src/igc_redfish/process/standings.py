"""Where many episodes stand, one entry an episode in every array."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.belief import Belief
from igc_redfish.process.scenario import GOAL_VALUES
from igc_redfish.process.semantics import HISTORY

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Standings:
    """The arrays; each name is that of the same thing in :class:`~igc_redfish.process.trial.Trial`.

    Attributes:
        scenario: Place of the scenario in the line-up, int64.
        world: Number of the present world, int64.
        before: Number of the world before the last request, int64.
        stage: What an ordered goal remembers, int64.
        share: Share of the sub-goals reached, float32.
        reached: Whether the goal is, bool.
        achieved: Present values of the goal's paths as token ids, shape ``(n, 8)``, int32.
        steps: Requests made, int32.
        refused: Requests answered with a status of 400 or above, int32.
        destroyed: Destructive requests that the goal did not ask for, int32.
        epoch: How often the world may have changed, int16.
        pending: Whether anything told of something under way, bool.
        status: Class of the last status, int8.
        document: Row of the document read last, for each sub-goal, shape ``(n, sub-goals)``, int32.
        fits: How well it fits each sub-goal, likewise, float32.
        asked: Bits of the sub-goals that were asked for, int32; see :mod:`igc_redfish.process.belief`.
        closed: Bits of those that need no further request, int32.
        read: Bits of those that were last read with the wanted values, int32.
        waits: Waits in a row, int64.
        open: Bits of the sub-goals that are pursued, int32.
        seen: Rows of the candidates shown last, shape ``(n, slots)``, int32.
        resets: Host resets that were accepted, int32.
        history: Rows of the last requests, the latest first, shape ``(n, 3)``, int32.
        history_status: Classes of their statuses, shape ``(n, 3)``, int8.
        shown: Places in the ledger of the actions in the slots, shape ``(n, slots)``, int64.
        shown_count: Number of slots filled, int64.
        legal_count: Number of legal actions, those without a slot included, int64.
    """

    def __init__(self, n: int, slots: int, parts: int = 1) -> None:
        self.scenario = np.zeros(n, np.int64)
        self.world = np.zeros(n, np.int64)
        self.before = np.zeros(n, np.int64)
        self.stage = np.zeros(n, np.int64)
        self.share = np.zeros(n, np.float32)
        self.reached = np.zeros(n, np.bool_)
        self.achieved = np.zeros((n, GOAL_VALUES), np.int32)
        self.steps = np.zeros(n, np.int32)
        self.refused = np.zeros(n, np.int32)
        self.destroyed = np.zeros(n, np.int32)
        self.epoch = np.zeros(n, np.int16)
        self.pending = np.zeros(n, np.bool_)
        self.status = np.zeros(n, np.int8)
        self.document = np.zeros((n, parts), np.int32)
        self.fits = np.zeros((n, parts), np.float32)
        self.asked = np.zeros(n, np.int32)
        self.closed = np.zeros(n, np.int32)
        self.read = np.zeros(n, np.int32)
        self.waits = np.zeros(n, np.int64)
        self.open = np.ones(n, np.int32)
        self.seen = np.zeros((n, slots), np.int32)
        self.resets = np.zeros(n, np.int32)
        self.history = np.zeros((n, HISTORY), np.int32)
        self.history_status = np.zeros((n, HISTORY), np.int8)
        self.shown = np.zeros((n, slots), np.int64)
        self.shown_count = np.zeros(n, np.int64)
        self.legal_count = np.zeros(n, np.int64)

    def begin(self, envs: NDArray[np.int64], scenarios: NDArray[np.int64], worlds: NDArray[np.int64]) -> None:
        """Let some episodes begin anew."""
        self.scenario[envs] = scenarios
        self.world[envs] = self.before[envs] = worlds
        for array in (
            self.stage,
            self.share,
            self.reached,
            self.steps,
            self.refused,
            self.destroyed,
            self.epoch,
            self.pending,
            self.status,
            self.document,
            self.fits,
            self.asked,
            self.closed,
            self.read,
            self.resets,
            self.waits,
            self.history,
            self.history_status,
        ):
            array[envs] = 0

    @property
    def belief(self) -> Belief:
        """What is believed of the sub-goals."""
        return Belief(self.asked, self.closed, self.read)

    @belief.setter
    def belief(self, belief: Belief) -> None:
        self.asked, self.closed, self.read = belief.asked, belief.closed, belief.shown

    def remember(self, rows: NDArray[np.int32], status: NDArray[np.int8]) -> None:
        """Put the requests just made at the head of the history."""
        self.history[:, 1:] = self.history[:, :-1]
        self.history_status[:, 1:] = self.history_status[:, :-1]
        self.history[:, 0] = rows
        self.history_status[:, 0] = status
        self.status = status
