"""Run times of tasks, measured: each command on an instance of each size."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from igc_mig.batch import Batch
from igc_mig.driver.tasks import demand_going_on, end, launch
from igc_mig.errors import MigError
from igc_mig.geometry import GPUS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from igc_mig.measurements import Measurements

_POLL_S = 0.01
#: Compute slices that instances have, of whatever GPU.
_SIZES = frozenset(size for model in GPUS.values() for size in model.sizes)


def measure_tasks(
    commands: Mapping[str, str],
    instances: Mapping[int, str],
    *,
    repeats: int = 1,
    measurements: Measurements | None = None,
    told: Callable[[str, int, float], None] = lambda _name, _size, _seconds: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Batch:
    """Run every command on an instance of every size, one at a time, and take the median time.

    A time is that of the whole command on the wall, start-up of the program and its libraries included: that is what a
    schedule must wait for.

    Args:
        commands: Of the tasks, by name.
        instances: UUID of an idle instance of each size, by compute slices.
        repeats: Runs of each command on each instance.
        measurements: Keeps each run as soon as it is measured; those in it are not done again.
        told: Told the task, the size and the median of its runs in seconds.
        stopped: Whether somebody wants an end.

    Raises:
        MigError: A command fails.
        DataError: A run cannot be kept.
        KeyboardInterrupt: Somebody wanted an end; what ran was ended.
    """
    sizes = sorted(instances)
    times = np.empty((len(commands), len(sizes)))
    for row, (name, command) in enumerate(commands.items()):
        for column, size in enumerate(sizes):
            runs = measurements.of(name, command, size)[:repeats] if measurements else []
            while len(runs) < repeats:
                runs.append(_seconds(name, command, instances[size], stopped))
                if measurements:
                    measurements.keep(name, command, size, runs[-1])
            times[row, column] = statistics.median(runs)
            told(name, size, times[row, column])
    return Batch(tuple(commands), tuple(sizes), times)


def parse_instances(given: Sequence[str]) -> dict[int, str]:
    """Read pairs of a size and a UUID: ``3=MIG-1c2d``.

    Raises:
        MigError: One is no such pair, or a size or a UUID is given twice.
    """
    found: dict[int, str] = {}
    for pair in given:
        size, equals, uuid = pair.partition("=")
        if (
            not (equals and uuid and size.isdecimal() and int(size) in _SIZES)
            or int(size) in found
            or uuid in found.values()
        ):
            raise MigError(
                f"--instance {pair!r} is not a new size and a new UUID",
                code="mig-options-refused",
                hint="give 3=MIG-..., as nvidia-smi -L lists it",
            )
        found[int(size)] = uuid
    return found


def _seconds(name: str, command: str, uuid: str, stopped: Callable[[], bool]) -> float:
    begun = time.monotonic()
    process = launch(command, uuid)
    try:
        while (code := process.poll()) is None:
            demand_going_on(stopped)
            time.sleep(_POLL_S)
    except BaseException:
        end([process])
        raise
    if code:
        raise MigError(f"the task {name!r} ended with code {code}", code="mig-task-failed")
    return time.monotonic() - begun
