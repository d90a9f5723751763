"""Constants of the decision process that the single and the batched environment share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Candidates shown at once.
SLOTS = 96
#: Requests remembered in an observation.
HISTORY = 3
#: Values that describe a slot: see ``SLOT_VALUES``.
SLOT_VALUES = (
    "tried",
    "tried twice",
    "accepted",
    "refused",
    "failed",
    "offered by this document",
    "age",
    "wait",
    "its sub-goal was asked for",
)
#: Values that describe a step.
STEP_VALUES = (
    "share of the horizon used",
    "pending",
    "no status",
    "accepted",
    "accepted, under way",
    "refused",
    "conflict",
    "precondition required",
    "failed",
    "known actions",
    "legal actions",
    "hidden actions",
    "changes so far",
    "sub-goals",
    "sub-goals open",
    "sub-goals asked for",
    "sub-goals in an order",
    "resets are limited",
    "resets left",
    "refusals so far",
    "host was last seen on",
    "host was last seen off",
)
#: Tries after which a change that was answered, but did not lead to the goal, is no longer offered.
MOST_TRIES = 4
#: Waits in a row after which something else must be asked before the next one.
MOST_WAITS = 6
#: Epoch until which what was tried too often is barred: beyond every episode.
NEVER_AGAIN = 30_000
#: Most sub-goals of a goal.
MOST_PARTS = 4
#: Classes of a status, in the order of the one-hot in ``STEP_VALUES``.
NO_STATUS, ACCEPTED, UNDER_WAY, REFUSED, CONFLICT, PRECONDITION, FAILED = range(7)
STATUS_CLASSES = 7

_CLASSES = {0: NO_STATUS, 202: UNDER_WAY, 409: CONFLICT, 428: PRECONDITION}


@dataclass(frozen=True, slots=True)
class Rewards:
    """What a step earns.

    Attributes:
        request: Every request and every wait.
        refused: On top, for an answer of 400 or above.
        success: On top, for the step that reaches the goal.
        destructive: On top, for a destructive request about something that the goal does not mean.
        shaping: Weight of the potential, the share of sub-goals reached (Ng, Harada and Russell, 1999).
    """

    request: float = -0.05
    refused: float = -0.05
    success: float = 1.0
    destructive: float = -1.0
    shaping: float = 0.5


def _fared() -> NDArray[np.float32]:
    table = np.zeros((3 * STATUS_CLASSES, len(SLOT_VALUES)), np.float32)
    for code in range(STATUS_CLASSES, len(table)):
        status = code % STATUS_CLASSES
        good = status in {ACCEPTED, UNDER_WAY}
        table[code, :5] = True, code >= 2 * STATUS_CLASSES, good, REFUSED <= status < FAILED, status == FAILED
    return table


#: Slot values by how an action fared. A code is 0 before it was tried, else its last status class plus
#: ``STATUS_CLASSES`` after the first try, or plus twice as much after further ones.
FARED = _fared()


def status_class(status: int) -> int:
    """Classify an HTTP status for observations."""
    special = _CLASSES.get(status)
    if special is not None:
        return special
    if status < 300:  # noqa: PLR2004 - RFC 9110: 2xx is success
        return ACCEPTED
    return REFUSED if status < 500 else FAILED  # noqa: PLR2004 - RFC 9110: 5xx are the server's failures


def horizon(parts: int) -> int:
    """Most requests of an episode: 30, and 20 more per further sub-goal."""
    return 30 + 20 * (parts - 1)
