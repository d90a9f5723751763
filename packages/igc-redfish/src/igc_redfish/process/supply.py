"""Machines for an environment: the ones that were named, and fresh ones as training goes on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_core.errors import GoalError
from igc_redfish.process.engine import Engine
from igc_redfish.process.pool import Pool
from igc_redfish.service.profile import Delays, Profile
from igc_redfish.sources import expanded, listed, machines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from igc_core.models import AnyGoal
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.machine import Machine
    from igc_redfish.process.planner import Planner
    from igc_redfish.process.rows import Rows

#: Fresh machines have seeds from here on; those below stay for machines that somebody names.
FIRST_FRESH_SEED = 1_000_000
_LAST_FRESH_SEED = 2**31
#: A machine on which nothing that takes time in reality is done by the next request, in virtual seconds.
SLOW = Delays(power_s=40.0, post_s=50.0, manager_s=60.0, task_s=45.0, update_s=90.0)


@dataclass
class Supply:
    """Makes scenarios on machines.

    Attributes:
        rows: Tables that all scenarios share.
        book: The goal handlers.
        planner: Drops what has no solution and measures the shortest one; None to check nothing.
        goals: Texts of the only goals wanted; those that the machines can express if empty.
        profile: Quirks that every machine has instead of its own, by name; ``delays`` among them.
        options: Options of :meth:`igc_redfish.process.pool.Pool.add_machine`.
        seed: Which goals are drawn.
    """

    rows: Rows
    book: GoalBook
    planner: Planner | None = None
    goals: Sequence[str] = ()
    profile: Mapping[str, Any] = field(default_factory=dict[str, Any])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seed: int = 0

    def pool(self, sources: Sequence[str], progress: Callable[[str], object] | None = None) -> Pool:
        """Make scenarios on named machines.

        Args:
            sources: Captures, see :func:`igc_redfish.sources.machines`.
            progress: Called with the name of each machine before it is looked at.

        Raises:
            GoalError: A goal cannot be understood or expressed.
            CaptureError: A source cannot be read.
        """
        pool = Pool(self.rows)
        for index, machine in enumerate(machines(sources)):
            if progress is not None:
                progress(machine.name)
            self._add(pool, machine, self.seed + 7919 * index)
        return pool

    def fresh(self, count: int, seed: int) -> Pool:
        """Make scenarios on machines that nobody has seen, except on those where a stated goal cannot be understood."""
        drawn = np.random.default_rng(seed).integers(FIRST_FRESH_SEED, _LAST_FRESH_SEED, count).tolist()
        pool = Pool(self.rows)
        for number in drawn:
            for machine in machines([f"generated:{number}"]):
                # A stated goal may be about what only the named machines have, or could mean several things here.
                with suppress(GoalError):
                    self._add(pool, machine, number)
        return pool

    def survey(self, sources: Sequence[str]) -> Iterator[tuple[Engine, GoalBook, list[AnyGoal]]]:
        """Yield each named machine once, with all single goals, or the stated ones, that scenarios on it may be about.

        Args:
            sources: Captures, as for :meth:`pool`.

        Raises:
            GoalError: A goal cannot be understood or expressed.
            CaptureError: A source cannot be read.
        """
        texts = dict.fromkeys(text for source in listed(sources) for text in expanded(source))
        wanted = self.options.get("families") or list(self.book.families)
        for machine in machines(texts):
            engine = self._engine(machine)
            every = self._bound(engine) or self.book.goals(engine.reader(0))
            yield engine, self.book, [goal for goal in every if self.goals or goal.parts[0].family in wanted]

    def _engine(self, machine: Machine) -> Engine:
        if self.profile:
            machine.profile = Profile.model_validate({**machine.profile.model_dump(), **self.profile})
        return Engine(machine, list(self.book))

    def _bound(self, engine: Engine) -> list[AnyGoal]:
        return [self.book.bind(self.book.parse(text), engine.reader(0)) for text in self.goals]

    def _add(self, pool: Pool, machine: Machine, seed: int) -> None:
        engine = self._engine(machine)
        if self.goals:
            pool.add_goals(engine, self.book, self._bound(engine), self.planner)
        else:
            pool.add_machine(engine, self.book, seed=seed, planner=self.planner, **self.options)


def sharded(sources: Sequence[str], shard: tuple[int, int] | None) -> list[str]:
    """Take one process' part of the sources: with ``(rank, processes)`` every ``processes``-th from the ``rank``-th on.

    Where there are fewer machines than processes, each process takes them all.
    """
    every = [text for source in listed(sources) for text in expanded(source)]
    rank, processes = shard or (0, 1)
    return every[rank::processes] if len(every) >= processes else every
