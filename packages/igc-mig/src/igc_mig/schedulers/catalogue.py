"""Schedulers by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from igc_core.plugins import suggestion
from igc_mig.errors import MigError
from igc_mig.process.options import MOST
from igc_mig.schedulers.annealing import Annealing
from igc_mig.schedulers.beam import Beam
from igc_mig.schedulers.exact import Exact
from igc_mig.schedulers.far import Far
from igc_mig.schedulers.fixed import BestFixed, Smallest, Whole
from igc_mig.schedulers.portfolio import Portfolio
from igc_mig.schedulers.random_legal import RandomLegal
from igc_mig.schedulers.speed_independent import SpeedIndependent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from igc_mig.geometry import Gpu
    from igc_mig.schedulers.protocol import Scheduler

#: Makers of the schedulers with their usual options.
SCHEDULERS: Mapping[str, Callable[[], Scheduler]] = MappingProxyType(
    {
        maker.name: maker
        for maker in (Portfolio, Beam, Annealing, Exact, BestFixed, Smallest, Whole, SpeedIndependent, RandomLegal)
    }
    | {"far": Far}
)


#: The learned agent's names; a number of samples may follow, as in ``rl:32``.
LEARNED = ("rl", "safe-rl")
#: Of a number of samples.
_DIGITS = 9


def scheduler(name: str, agent: Path | None = None) -> Scheduler:
    """Make a scheduler.

    Args:
        name: One of :data:`SCHEDULERS`; or ``rl`` or ``safe-rl`` with the number of samples after a colon.
        agent: Folder of the agent behind these two; the one that comes with the package if None.

    Raises:
        MigError: The name is unknown, or what follows it is no number.
        AgentError: There is no agent, or it is damaged.
    """
    kind, colon, samples = name.partition(":")
    if kind in LEARNED:
        if colon and not (samples.isdecimal() and len(samples) <= _DIGITS and 0 < int(samples) <= MOST["samples"]):
            raise MigError(
                f"the number of samples in {name!r} is not 1 or more, or more than {MOST['samples']:,}",
                code="mig-options-refused",
                hint=f"as {kind}:32",
            )
        return learned(int(samples or 0), agent, safe=kind == "safe-rl")
    if name not in SCHEDULERS:
        raise MigError(f"no scheduler named {name!r}", hint=suggestion(name, [*SCHEDULERS, *LEARNED]))
    return SCHEDULERS[name]()


def demand_learned(names: Sequence[str], agent: Path | None) -> None:
    """Make sure that an agent is asked for only where one decides.

    Raises:
        MigError: An agent is given, and none of the schedulers is one.
    """
    if agent is not None and not any(name.partition(":")[0] in LEARNED for name in names):
        raise MigError(
            f"the agent {agent} is given, and {', '.join(names)} asks none",
            code="mig-options-refused",
            hint="give --method rl too, or leave --agent out",
        )


def demand_fitting(names: Sequence[str], agent: Path | None, gpu: Gpu) -> None:
    """Make sure, before long work, that the agent behind a name knows the partitions of a GPU.

    Raises:
        AgentError: It was trained for others, is not there, or is damaged.
    """
    if any(name.partition(":")[0] in LEARNED for name in names):
        from igc_mig.schedulers.learned import demand_trained_for  # noqa: PLC0415 - the others do without gymnasium

        demand_trained_for(agent, gpu)


def learned(samples: int = 0, folder: Path | None = None, *, safe: bool = False) -> Scheduler:
    """Make a scheduler of a trained agent.

    Args:
        samples: Episodes drawn besides the greedy one.
        folder: Of the agent; the one that comes with the package if None.
        safe: Whether the default portfolio is asked too.

    Raises:
        AgentError: There is no agent, or it is damaged.
    """
    from igc_mig.schedulers.learned import Learned, Safe  # noqa: PLC0415 - the others do without gymnasium

    agent = Learned(samples, folder)
    return Safe(agent) if safe else agent
