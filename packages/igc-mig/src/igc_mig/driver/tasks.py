"""Tasks as processes of this machine."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from igc_mig.errors import MigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Seconds between looks at tasks that run, and that a task is given to end when asked to, or when made to.
POLL_S, _GRACE_S, _LAST_S = 0.05, 10.0, 5.0


class Running(Protocol):
    """A task at work."""

    def poll(self) -> int | None:
        """Exit code, or None while it runs."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """Make it end."""
        ...


class Family:
    """A process and whatever it starts: a training begun by a script must not outlive the script."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        """Take over a process that leads a session of its own."""
        self._process = process

    def poll(self) -> int | None:
        """Exit code of the first process, or None while it runs."""
        return self._process.poll()

    def terminate(self) -> None:
        """Ask all to end."""
        self._tell(signal.SIGTERM)

    def kill(self) -> None:
        """Make all end."""
        self._tell(signal.SIGKILL)

    def _tell(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def launch(command: str, uuid: str) -> Running:
    """Start a command that sees one instance and no other device.

    Raises:
        MigError: It cannot be started.
    """
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": uuid}
    try:
        words = shlex.split(command)
        return Family(subprocess.Popen(words, env=environment, start_new_session=True))  # noqa: S603 - the user's own
    except (OSError, ValueError, IndexError) as error:
        raise MigError(f"cannot run {command!r}: {error}", code="mig-task-failed") from error


def demand_going_on(stopped: Callable[[], bool]) -> None:
    """Make sure that nobody wants an end.

    Raises:
        KeyboardInterrupt: Somebody does.
    """
    if stopped():
        raise KeyboardInterrupt


def end(running: Sequence[Running]) -> None:
    """End tasks: ask first, make those end that do not, and wait until they have."""
    for process in running:
        with suppress(ProcessLookupError):
            process.terminate()
    _await(running, _GRACE_S)
    for process in running:
        if process.poll() is None:
            process.kill()
    _await(running, _LAST_S)


def _await(running: Sequence[Running], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while any(process.poll() is None for process in running) and time.monotonic() < limit:
        time.sleep(POLL_S)
