"""The best that can be expected of an agent that cannot tell look-alikes apart.

The shortest solution presumes that one knows behind which of sixteen numbered links the wanted account is. Nobody does
who sees the machine for the first time, so no agent reaches an SPL of 1 there, however good it is. The ceiling is what
an agent reaches that knows everything else.
"""

from __future__ import annotations

from math import comb, nan
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.fairness import equally_informed, look_alikes
from igc_redfish.process.semantics import SLOT_VALUES
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_redfish.process.planner import Planner
    from igc_redfish.process.scenario import Scenario

_TRIED = SLOT_VALUES.index("tried")

#: A set of look-alikes, by the resource that links to them and the link's name.
Siblings = tuple[str, str]


class Ceiling:
    """Computes the best SPL that can be expected on scenarios.

    A shortest solution is followed with full knowledge. Where its next read is one of ``k`` look-alikes not read yet,
    of which ``m`` lead on, an agent can but draw without replacement until it meets one of those: the reads in vain are
    distributed negative hypergeometrically. Each is taken to cost one request and to teach nothing else, and where
    several shortest solutions go on, the one with fewest reads in vain is followed. So this bounds from above what an
    agent reaches that follows shortest solutions and knows where everything is, but not which member is meant. A way
    that is longer and spares the guessing is not looked for.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def of(self, scenario: Scenario) -> float:
        """Return the best SPL that can be expected, in (0, 1]; 1 where nothing is ambiguous, nan without solution.

        It is the mean of ``shortest / (shortest + reads in vain)``.
        """
        vain = self.reads_in_vain(scenario)
        if vain is None:
            return nan
        shortest = scenario.shortest or self._planner.shortest(scenario)
        return float(vain @ (shortest / (shortest + np.arange(len(vain)))))

    def reads_in_vain(self, scenario: Scenario) -> NDArray[np.float64] | None:
        """Return the probabilities of 0, 1, 2, ... reads in vain; None where there is no solution."""
        trial = Trial(scenario, slots=None)
        drawn: dict[Siblings, NDArray[np.float64]] = {}
        while not trial.reached():
            best = list(self._planner.optimal(scenario, trial.world, trial.stage, trial.known_actions))
            slots = np.flatnonzero(np.isin(trial.slot_actions(), best))
            if not slots.size or trial.steps >= trial.horizon:
                return None
            slot, siblings, bad, good = self._least_ambiguous(trial, slots)
            if bad:
                drawn[siblings] = draw_on(drawn.get(siblings, np.ones(1)), bad, good)
            trial.perform(slot)
        total = np.ones(1)
        for chances in drawn.values():
            total = np.convolve(total, chances)
        return total

    @staticmethod
    def _least_ambiguous(trial: Trial, slots: NDArray[np.intp]) -> tuple[int, Siblings, int, int]:
        """Choose among optimal slots; return the choice, its siblings, and how many of those do not and do lead on."""
        seen, actions = trial.observation(), trial.view().actions
        rows, tried = seen["candidates"], seen["slot_values"][:, _TRIED] > 0
        reads = np.asarray([not action.request.mutates and action.source != "" for action in actions], np.bool_)
        sources: dict[str, int] = {}
        origins = np.asarray([sources.setdefault(action.source, len(sources)) for action in actions], np.int32)
        optimal = np.zeros(len(actions), np.bool_)
        optimal[slots] = True
        classes = look_alikes(rows, origins)
        fair = equally_informed(classes, optimal, reads, tried)
        choices: list[tuple[float, int, int, int]] = []
        for slot in slots.tolist():
            alike = fair & (classes == classes[slot]) & reads & ~tried
            good = int((alike & optimal).sum())
            bad = int(alike.sum()) - good if reads[slot] and not tried[slot] else 0
            choices.append((bad / (good + 1), slot, bad, good))
        _, slot, bad, good = min(choices)
        return slot, (actions[slot].source, actions[slot].relation), bad, good


def in_vain(bad: int, good: int) -> NDArray[np.float64]:
    """Probabilities of drawing 0, 1, ... ``bad`` wrong ones, without replacement, before the first good one.

    The negative hypergeometric distribution: of the ``C(bad + good, good)`` equally likely places of the good ones,
    ``C(bad + good - x - 1, good - 1)`` have the first after ``x`` others.
    """
    total = bad + good
    places = [comb(total - x - 1, good - 1) for x in range(bad + 1)]
    return np.asarray(places, np.float64) / comb(total, good)


def draw_on(drawn: NDArray[np.float64], bad: int, good: int) -> NDArray[np.float64]:
    """Go on drawing, until the next good one, among siblings of which some wrong ones were drawn before.

    Args:
        drawn: Probabilities of 0, 1, ... wrong ones drawn so far.
        bad: Wrong ones among the siblings, those drawn so far included.
        good: Good ones not drawn yet.

    Returns:
        Probabilities of 0, 1, ... wrong ones drawn altogether.
    """
    after = np.zeros(max(len(drawn), bad + 1))
    for known, chance in enumerate(drawn):
        more = in_vain(max(0, bad - known), good)
        after[known : known + len(more)] += chance * more
    return after
