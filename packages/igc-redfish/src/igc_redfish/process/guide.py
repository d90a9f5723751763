"""What the parts of a goal tell about the whole: the relaxation that guides the search for composite goals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.process.ground import WAIT_ID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    #: Shortest solutions of one sub-goal alone: sequences of numbers of actions.
    Solutions = Sequence[tuple[int, ...]]


class Guide:
    """Bounds what remains of a composite goal by what its sub-goals take alone.

    Sub-goals may share changes (one restart for two settings) and share all waits, so of those the sub-goal that needs
    most counts; changes that serve one sub-goal alone add up. The bound is a lower one as long as no sub-goal is helped
    by what the others alone would do.

    Attributes:
        allowed: All changes that any solution uses.
    """

    def __init__(self, solutions: Mapping[int, Solutions]) -> None:
        """Compare the solutions.

        Args:
            solutions: Of every open sub-goal at least one, by its place.
        """
        uses = {part: {a for plan in plans for a in plan if a != WAIT_ID} for part, plans in solutions.items()}
        self.allowed = frozenset[int]().union(*uses.values())
        self._uses = uses
        self._own = {
            part: used.difference(*(other for place, other in uses.items() if place != part))
            for part, used in uses.items()
        }
        self._waits = {part: min(plan.count(WAIT_ID) for plan in plans) for part, plans in solutions.items()}
        self._changes = {part: min(len(p) - p.count(WAIT_ID) for p in plans) for part, plans in solutions.items()}
        self._own_changes = {
            part: min(sum(a in self._own[part] for a in plan) for plan in plans) for part, plans in solutions.items()
        }

    def remaining(self, open_parts: Sequence[int], taken: Sequence[int]) -> int:
        """Bound the requests that remain from below.

        Args:
            open_parts: Places of the sub-goals still to be reached.
            taken: Actions of the plan so far.
        """
        own = shared = waits = 0
        for part in open_parts:
            if part not in self._uses:
                continue
            own_left = max(0, self._own_changes[part] - sum(action in self._own[part] for action in taken))
            left = max(0, self._changes[part] - sum(action in self._uses[part] for action in taken))
            own += own_left
            shared = max(shared, left - own_left)
            waits = max(waits, self._waits[part])
        return max(1, own + shared + max(0, waits - sum(action == WAIT_ID for action in taken)))
