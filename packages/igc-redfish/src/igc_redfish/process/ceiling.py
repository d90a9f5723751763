"""The best that can be expected of an agent that cannot tell look-alikes apart.

The shortest solution presumes that one knows behind which of sixteen numbered links the wanted account is. Nobody does
who sees the machine for the first time, so no agent reaches an SPL of 1 there, however good it is. The ceiling is what
an agent reaches that knows everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from igc_redfish.process.fairness import look_alikes
from igc_redfish.process.semantics import SLOT_VALUES
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    distributed negative hypergeometrically. Each is taken to cost one request and to teach nothing else. Of several
    shortest solutions those that pass fewer look-alikes are preferred. So this bounds from above what an agent reaches
    that follows shortest solutions and knows where everything is, but not which member is meant. A way that is longer
    and spares the guessing is not looked for.
    """

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def of(self, scenario: Scenario) -> float:
        """Return the best SPL that can be expected, in (0, 1]; 1 where nothing is ambiguous, nan without solution.

        It is the mean of ``shortest / (shortest + reads in vain)``.
        """
        best, avoided = nan, frozenset[str]()
        while True:
            followed = self._follow(scenario, avoided)
            if followed is None:
                return best
            drawn, passed = followed
            found = _efficiency(scenario.shortest or self._planner.shortest(scenario), drawn)
            best = found if isnan(best) else max(best, found)
            if passed <= avoided:
                return best
            # There may be another way as short, on which nothing has to be looked for.
            avoided |= passed

    def _follow(
        self, scenario: Scenario, avoided: frozenset[str]
    ) -> tuple[dict[Siblings, NDArray[np.float64]], frozenset[str]] | None:
        """Follow a shortest solution that reads some resources only where it must.

        Returns:
            For every set of look-alikes the probabilities of 0, 1, 2, ... reads in vain, and the resources that were
            read on the way to them; None without solution.
        """
        trial = Trial(scenario, slots=None)
        drawn: dict[Siblings, NDArray[np.float64]] = {}
        origins: dict[str, str] = {}
        passed: set[str] = set()
        while not trial.reached():
            best = list(self._planner.optimal(scenario, trial.world, trial.stage, trial.known_actions))
            slots = np.flatnonzero(np.isin(trial.slot_actions(), best))
            if not slots.size or trial.steps >= trial.horizon:
                return None
            step = min(_steps(trial, slots), key=lambda step: (step.reads in avoided, step.expected, step.slot))
            origins.setdefault(step.reads, step.siblings[0])
            if step.bad:
                drawn[step.siblings] = draw_on(drawn.get(step.siblings, np.ones(1)), step.bad, step.good)
                passed.update(_way_to(step.siblings[0], origins))
            trial.perform(step.slot)
        return drawn, frozenset(passed)


def _way_to(uri: str, origins: Mapping[str, str]) -> Iterator[str]:
    """Yield a resource, the one whose link led to it, and so on; not the service root, which is always read."""
    passed: set[str] = set()
    while uri in origins and uri not in passed:
        passed.add(uri)
        yield uri
        uri = origins[uri]


@dataclass(frozen=True, slots=True)
class _Step:
    """One optimal action.

    Attributes:
        slot: Where it stands.
        reads: Canonical URI of what it reads, empty for a change.
        siblings: The look-alikes that it belongs to.
        bad: How many of them do not lead on.
        good: How many do.
    """

    slot: int
    reads: str
    siblings: Siblings
    bad: int
    good: int

    @property
    def expected(self) -> float:
        """Mean number of reads in vain."""
        return self.bad / (self.good + 1)


def _steps(trial: Trial, slots: NDArray[np.intp]) -> Iterator[_Step]:
    """Tell of optimal slots which look-alikes they have."""
    seen, actions, machine = trial.observation(), trial.view().actions, trial.scenario.engine.machine
    fresh = seen["slot_values"][: len(actions), _TRIED] == 0
    reads = np.asarray([bool(action.source) and not action.request.mutates for action in actions], np.bool_) & fresh
    sources: dict[str, int] = {}
    origins = np.asarray([sources.setdefault(action.source, len(sources)) for action in actions], np.int32)
    classes = look_alikes(seen["candidates"][: len(actions)], origins)
    optimal = np.isin(np.arange(len(actions)), slots)
    places: list[int] = slots.tolist()
    for slot in places:
        action = actions[slot]
        alike = reads & (classes == classes[slot])
        good = int((alike & optimal).sum())
        bad = int(alike.sum()) - good if reads[slot] else 0
        target = "" if action.request.mutates else machine.resolve(action.request.uri) or action.request.uri
        yield _Step(slot, target, (action.source, action.relation), bad, good)


def _efficiency(shortest: int, drawn: Mapping[Siblings, NDArray[np.float64]]) -> float:
    """Mean of ``shortest / (shortest + reads in vain)``."""
    total = np.ones(1)
    for chances in drawn.values():
        total = np.convolve(total, chances)
    return float(total @ (shortest / (shortest + np.arange(len(total)))))


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
