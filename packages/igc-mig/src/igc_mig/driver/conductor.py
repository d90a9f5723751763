"""Runs a plan on a GPU: cuts it, starts tasks, and leaves it as it was.

A step begins once every step before it on any of its slices has ended: the order of
:func:`~igc_mig.replay.replay`, with the durations that tasks really take.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from igc_mig.driver.tasks import POLL_S, demand_going_on, end, launch
from igc_mig.errors import MigError
from igc_mig.geometry import gpu as model_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_mig.driver.journal import Journal
    from igc_mig.driver.protocol import GpuDriver, Instance, Shape
    from igc_mig.driver.tasks import Running
    from igc_mig.geometry import Gpu, Placement
    from igc_mig.plan_file import PlanFile
__all__ = ("Conductor", "Ran", "launch", "recover", "shapes_for")


class Ran(NamedTuple):
    """A task that ended.

    Attributes:
        name: Of the task.
        placement: Where it ran.
        seconds: How long.
    """

    name: str
    placement: str
    seconds: float


class Conductor:
    """One plan on one GPU."""

    def __init__(
        self,
        driver: GpuDriver,
        plan: PlanFile,
        commands: Mapping[str, str],
        journal: Journal,
        *,
        start: Callable[[str, str], Running] = launch,
        poll_s: float = POLL_S,
    ) -> None:
        """Prepare; nothing is changed.

        Args:
            driver: The GPU.
            plan: What runs where, in order.
            commands: Command of each task by its name.
            journal: Where every change is written before it is made.
            start: Starts a command on an instance, given its UUID.
            poll_s: Seconds between looks at tasks that run.

        Raises:
            MigError: The GPU is not of the plan's model, or cannot be cut as the plan needs.
        """
        self._driver, self._plan, self._commands, self._journal = driver, plan, commands, journal
        self._start, self._poll_s = start, poll_s
        model = model_of(plan.gpu)
        self._places = [model.placements[model.index(task.placement)] for task in plan.tasks]
        self._shapes = shapes_for(driver, model, self._places)
        self._queues = [
            [number for number, place in enumerate(self._places) if one in place.slices]
            for one in range(model.compute_slices)
        ]
        self._live: list[tuple[Placement | None, Instance]] = []
        self._mine: set[int] = set()
        self._removed: list[Instance] = []
        self._running: dict[int, tuple[Running, float]] = {}

    def run(self, told: Callable[[Ran], None] = lambda _: None, stopped: Callable[[], bool] = lambda: False) -> float:
        """Run all tasks.

        Args:
            told: Told of each task that ended.
            stopped: Whether somebody wants an end; asked between two looks at the tasks, never during a change.

        Returns:
            Seconds from the first change to the end of the last task.

        Raises:
            MigError: A process runs where the GPU must be cut, the driver refuses, or a task fails. Tasks that run are
                ended, and the GPU is as it was before.
            KeyboardInterrupt: Somebody wanted an end; likewise.
        """
        try:
            self._look()
        except MigError:
            self._journal.discard()  # nothing was changed, and the next try may take the same file
            raise
        begun = time.monotonic()
        try:
            left = set(range(len(self._places)))
            while left or self._running:
                demand_going_on(stopped)
                for number in sorted(left):
                    if all(queue[0] == number for queue in self._covering(number)) and number not in self._running:
                        self._begin(number)
                        left.discard(number)
                self._collect(told)
                if self._running:
                    time.sleep(self._poll_s)
            return time.monotonic() - begun
        finally:
            self._clean_up()

    def _look(self) -> None:
        """Refuse before anything is changed."""
        if not self._driver.mig_enabled():
            raise MigError(
                f"MIG is off on {self._driver.name()}",
                code="mig-driver-refused",
                hint="turn it on while the GPU is idle: nvidia-smi -mig 1",
            )
        self._live = [(None, instance) for instance in self._driver.instances()]
        for _, instance in self._live:
            self._demand_idle(instance)
        for _, instance in self._live:
            self._journal.write("found", instance)

    def _demand_idle(self, instance: Instance) -> None:
        running = self._driver.processes(instance)
        if running:
            raise MigError(
                f"process {running[0]} runs on GPU instance {instance.number}, which would be destroyed",
                code="mig-instance-busy",
                hint="wait for it, or end it; nothing was changed by force",
            )

    def _covering(self, number: int) -> Sequence[list[int]]:
        return [self._queues[one] for one in self._places[number].slices]

    def _begin(self, number: int) -> None:
        task = self._plan.tasks[number]
        instance = self._provide(self._places[number])
        self._journal.write("started", instance, task=task.name)
        self._running[number] = (self._start(self._commands[task.name], instance.uuid), time.monotonic())

    def _provide(self, place: Placement) -> Instance:
        """Return the instance of a placement; one that is missing is made once those in its way are gone."""
        for known, instance in self._live:
            if known == place:
                return instance
        shape = self._shapes[place.profile.name]
        wanted = range(place.start, place.start + shape.length)
        for entry in list(self._live):
            if entry[1].slices.start < wanted.stop and wanted.start < entry[1].slices.stop:
                self._remove(entry)
        self._journal.write("creating", None, profile=shape.profile, start=place.start)
        try:
            instance = self._driver.create(shape, place.start)
        except MigError:
            self._journal.write("refused", None, profile=shape.profile, start=place.start)
            raise
        self._mine.add(instance.number)
        self._live.append((place, instance))
        self._journal.write("created", instance)
        return instance

    def _remove(self, entry: tuple[Placement | None, Instance]) -> None:
        instance = entry[1]
        self._demand_idle(instance)
        self._journal.write("destroying", instance)
        self._driver.destroy(instance)
        self._journal.write("destroyed", instance)
        self._live.remove(entry)
        if instance.number in self._mine:
            self._mine.discard(instance.number)
        else:
            self._removed.append(instance)

    def _collect(self, told: Callable[[Ran], None]) -> None:
        """Take note of tasks that ended."""
        for number, (process, since) in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            del self._running[number]
            task = self._plan.tasks[number]
            self._journal.write("ended", None, task=task.name, code=code)
            if code:
                raise MigError(f"the task {task.name!r} ended with code {code}", code="mig-task-failed")
            for queue in self._covering(number):
                queue.pop(0)
            told(Ran(task.name, task.placement, time.monotonic() - since))

    def _clean_up(self) -> None:
        """End what runs, remove what was made, and make again what was there; what fails does not keep the rest."""
        end([process for process, _ in self._running.values()])
        failed: list[MigError] = []
        for entry in list(self._live):
            if entry[1].number in self._mine:
                _try(failed, self._remove, entry)
        for instance in reversed(self._removed):
            _try(failed, self._make_again, instance)
        if failed:
            cause = sys.exception()
            first = f"{cause.message}; besides, " if isinstance(cause, MigError) else ""
            raise MigError(
                f"{first}the GPU is not as it was before: {failed[0].message}",
                code=failed[0].code,
                hint=f"end what runs there, then: igc mig apply --recover {self._journal.path}",
            )

    def _make_again(self, instance: Instance) -> None:
        made = self._driver.create(_shape_of(self._driver, instance), instance.start)
        self._journal.write("created", made, again=True)


def recover(driver: GpuDriver, journal: Journal) -> tuple[int, int]:
    """Undo what a journal left behind; what is undone already is left alone.

    Args:
        driver: The GPU.
        journal: Of a run that did not clean up.

    Returns:
        How many instances were removed, and how many made again.

    Raises:
        MigError: A process runs on one of them, or the driver refuses.
        DataError: The journal cannot be read.
    """
    left = journal.standing()
    there = list(driver.instances())
    stale = [one for one in left.made if one in there]
    stale += [one for one in there if (one.profile, one.start) == left.begun]
    for instance in stale:
        if running := driver.processes(instance):
            raise MigError(
                f"process {running[0]} still runs on GPU instance {instance.number}",
                code="mig-instance-busy",
                hint="end it first; nothing was changed",
            )
    for instance in stale:
        driver.destroy(instance)
        journal.write("destroyed", instance)
    places = {(one.profile, one.start) for one in there if one not in stale}
    missing = [one for one in left.gone if (one.profile, one.start) not in places]
    for instance in missing:
        journal.write("created", driver.create(_shape_of(driver, instance), instance.start), again=True)
    return len(stale), len(missing)


def shapes_for(driver: GpuDriver, model: Gpu, places: Sequence[Placement]) -> Mapping[str, Shape]:
    """Find the driver's numbers of the profiles that a plan needs, and compare its geometry with ours.

    Raises:
        MigError: The driver allows no such placement.
    """
    by_size = {shape.compute: shape for shape in driver.shapes()}
    for place in places:
        shape = by_size.get(place.size)
        if shape is None or place.start not in shape.starts or shape.length != place.profile.length:
            raise MigError(
                f"{driver.name()} has no placement {place.name}: the plan is for {model.name}",
                code="mig-plan-illegal",
                hint="make the plan for the GPU that it runs on",
            )
    return {place.profile.name: by_size[place.size] for place in places}


def _try(failed: list[MigError], action: Callable[[Any], None], subject: object) -> None:
    try:
        action(subject)
    except MigError as error:
        failed.append(error)


def _shape_of(driver: GpuDriver, instance: Instance) -> Shape:
    for shape in driver.shapes():
        if shape.profile == instance.profile:
            return shape
    raise MigError(f"the driver has no profile {instance.profile}", code="mig-driver-refused")
