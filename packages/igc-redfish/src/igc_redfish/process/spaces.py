"""The observation space of the candidate codec."""

from __future__ import annotations

import numpy as np
from gymnasium import spaces

from igc_redfish.process.scenario import GOAL_VALUES
from igc_redfish.process.semantics import HISTORY, SLOT_VALUES, STEP_VALUES

_LIMIT = np.iinfo(np.int32).max
#: Counters are scaled, and far below this on any machine.
_MOST = 1e4


def observation_space(slots: int) -> spaces.Dict:
    """Return the space of one episode's observation.

    ``candidates`` ``(slots,)``, ``document`` ``(1,)``, ``goal`` ``(1,)`` and ``history`` ``(3,)`` are int32 row numbers
    of the tables in ``rows.layout``, 0 for none; ``slot_values`` ``(slots, 9)`` and ``values`` ``(28,)`` are float32
    and are named in :mod:`igc_redfish.process.semantics`. ``achieved_goal`` and ``desired_goal`` ``(8,)`` are int32
    token ids of the values of the goal's property paths, 0 for padding; they are equal exactly where it is reached.
    """

    def numbers(width: int) -> spaces.Box:
        return spaces.Box(0, _LIMIT, (width,), np.int32)

    return spaces.Dict(
        {
            "candidates": numbers(slots),
            "slot_values": spaces.Box(-1.0, 1.0, (slots, len(SLOT_VALUES)), np.float32),
            "document": numbers(1),
            "goal": numbers(1),
            "history": numbers(HISTORY),
            "achieved_goal": numbers(GOAL_VALUES),
            "desired_goal": numbers(GOAL_VALUES),
            "values": spaces.Box(0.0, _MOST, (len(STEP_VALUES) + 2 * HISTORY,), np.float32),
        }
    )
