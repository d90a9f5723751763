"""Random trouble of services: failures, accepted requests without effect, stale reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import SettingsError
from igc_redfish.process.ground import WAIT_ID, Step
from igc_redfish.service.messages import refused
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_redfish.process.scenario import Scenario

#: What a service that fails answers (RFC 9110, "503 Service Unavailable").
FAULT_STATUS = 503
_UNAVAILABLE = refused(Refusal("ServiceTemporarilyUnavailable", "30", status=FAULT_STATUS, retry_after_s=30))
_SUCCESS_BELOW = 300
_RATES = ("fail", "drop", "stale")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How often a request meets trouble.

    Attributes:
        fail: Probability of a 503, in [0, 1].
        drop: Probability that an accepted change has no effect, in [0, 1].
        stale: Probability that a read shows the state before the last request, in [0, 1].
        varied: Whether every episode draws its own rates, evenly between zero and these, instead of having just these.
    """

    fail: float = 0.0
    drop: float = 0.0
    stale: float = 0.0
    varied: bool = False

    @classmethod
    def of(cls, stated: Disturbance | Mapping[str, Any] | None) -> Disturbance | None:
        """Read a disturbance off a mapping of its attributes.

        Raises:
            SettingsError: An attribute is unknown, or a rate is no probability.
        """
        if stated is None or isinstance(stated, Disturbance):
            return stated
        hint = f"give {', '.join(_RATES)} from 0 to 1, and varied"
        if unknown := stated.keys() - {*_RATES, "varied"}:
            raise SettingsError(f"a disturbance has no {min(unknown)!r}", hint=hint)
        for name in _RATES:
            rate = stated.get(name, 0.0)
            if not isinstance(rate, int | float) or not 0 <= rate <= 1:
                raise SettingsError(f"the disturbance's rate {name!r} is no probability: {rate!r}", hint=hint)
        return cls(**stated)

    def scaled(self, factor: float) -> Disturbance:
        """Return the same trouble, ``factor`` times as often."""
        return replace(self, fail=self.fail * factor, drop=self.drop * factor, stale=self.stale * factor)

    def rates(self, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
        """Draw the rates of ``n`` episodes: failing, dropped and stale, shape ``(3, n)``."""
        most = np.asarray([[self.fail], [self.drop], [self.stale]])
        return np.repeat(most, n, axis=1) * (rng.random(n) if self.varied else 1.0)


def draw(rng: np.random.Generator, rates: NDArray[np.float64]) -> tuple[NDArray[np.bool_], ...]:
    """Draw the trouble of one request in each episode: failing, dropped and stale, each of shape ``(n,)``."""
    return tuple(rng.random(rates.shape) < rates)


class Interference:
    """Lets one episode's requests meet trouble: stands in for the engine's ``step``."""

    def __init__(self, scenario: Scenario, disturbance: Disturbance, seed: int) -> None:
        self._engine = scenario.simulated
        self._rng = np.random.default_rng(seed)
        self._rates = disturbance.rates(self._rng, 1)
        self._before = scenario.start
        self._asked = False

    def __call__(self, world: int, action: int) -> Step:
        """Take an action in a world; the first one, which opens the episode, meets none."""
        step = self._engine.step(world, action)
        first, self._asked = not self._asked, True
        if first:
            return step
        before, self._before = self._before, world
        if action == WAIT_ID:
            return step
        fails, drops, stale = (bool(one[0]) for one in draw(self._rng, self._rates))
        mutates, accepted = self._engine.actions[action].request.mutates, step.status < _SUCCESS_BELOW
        if fails:
            return Step(world, FAULT_STATUS, 0, pending=True, refusal=self._engine.number_refusal(_UNAVAILABLE))
        if mutates:
            return replace(step, world=world) if drops and accepted else step
        earlier = self._engine.step(before, action)
        if stale and accepted and earlier.status < _SUCCESS_BELOW:
            return replace(step, document=earlier.document)
        return step
