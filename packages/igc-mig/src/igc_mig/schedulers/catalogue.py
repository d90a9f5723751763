"""Schedulers by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from igc_core.plugins import suggestion
from igc_mig.errors import MigError
from igc_mig.schedulers.annealing import Annealing
from igc_mig.schedulers.beam import Beam
from igc_mig.schedulers.exact import Exact
from igc_mig.schedulers.far import Far
from igc_mig.schedulers.fixed import BestFixed, Smallest, Whole
from igc_mig.schedulers.portfolio import Portfolio
from igc_mig.schedulers.random_legal import RandomLegal
from igc_mig.schedulers.speed_independent import SpeedIndependent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_mig.schedulers.protocol import Scheduler

#: Makers of the schedulers with their usual options.
SCHEDULERS: Mapping[str, Callable[[], Scheduler]] = MappingProxyType(
    {
        maker.name: maker
        for maker in (Portfolio, Beam, Annealing, Exact, BestFixed, Smallest, Whole, SpeedIndependent, RandomLegal)
    }
    | {"far": Far}
)


def scheduler(name: str) -> Scheduler:
    """Make a scheduler.

    Raises:
        MigError: The name is unknown.
    """
    if name not in SCHEDULERS:
        raise MigError(f"no scheduler named {name!r}", hint=suggestion(name, SCHEDULERS))
    return SCHEDULERS[name]()
