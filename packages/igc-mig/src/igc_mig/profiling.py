"""Run times of tasks, measured: each command on an instance of each size."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING

import numpy as np

from igc_mig.batch import Batch
from igc_mig.driver.conductor import launch
from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_POLL_S = 0.01


def measure_tasks(
    commands: Mapping[str, str],
    instances: Mapping[int, str],
    *,
    repeats: int = 1,
    told: Callable[[str, int, float], None] = lambda _name, _size, _seconds: None,
) -> Batch:
    """Run every command on an instance of every size, one at a time, and take the median time.

    A time is that of the whole command on the wall, start-up of the program and its libraries included: that is what a
    schedule must wait for.

    Args:
        commands: Of the tasks, by name.
        instances: UUID of an idle instance of each size, by compute slices.
        repeats: Runs of each command on each instance.
        told: Told the task, the size and the seconds of each run.

    Raises:
        MigError: A command fails.
    """
    sizes = sorted(instances)
    times = np.empty((len(commands), len(sizes)))
    for row, (name, command) in enumerate(commands.items()):
        for column, size in enumerate(sizes):
            runs = [_seconds(name, command, instances[size]) for _ in range(repeats)]
            times[row, column] = statistics.median(runs)
            told(name, size, times[row, column])
    return Batch(tuple(commands), tuple(sizes), times)


def parse_instances(given: Sequence[str]) -> dict[int, str]:
    """Read pairs of a size and a UUID: ``3=MIG-1c2d``.

    Raises:
        MigError: One is no such pair, or a size is given twice.
    """
    found: dict[int, str] = {}
    for pair in given:
        size, equals, uuid = pair.partition("=")
        if not (equals and uuid and size.isdecimal() and int(size) > 0) or int(size) in found:
            raise MigError(
                f"--instance {pair!r} is not a new size and a UUID",
                code="mig-options-refused",
                hint="give 3=MIG-..., as nvidia-smi -L lists it",
            )
        found[int(size)] = uuid
    return found


def _seconds(name: str, command: str, uuid: str) -> float:
    begun = time.monotonic()
    process = launch(command, uuid)
    try:
        while (code := process.poll()) is None:
            time.sleep(_POLL_S)
    except BaseException:
        process.kill()
        raise
    if code:
        raise MigError(f"the task {name!r} ended with code {code}", code="mig-task-failed")
    return time.monotonic() - begun
