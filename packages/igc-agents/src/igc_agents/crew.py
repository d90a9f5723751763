"""The other processes of a training: started, watched, and never left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from igc_agents.errors import TrainingError
from igc_agents.group import Group
from igc_agents.trainer import Trainer
from igc_core.errors import IgcError
from igc_core.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Generator
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess
    from types import TracebackType

    from igc_agents.recipe import Recipe
    from igc_agents.source import EnvironmentSource

#: Seconds that a process gets to say why it ends, and to end.
_GRACE_S = 5.0


@dataclass(frozen=True, slots=True)
class _Order:
    """What a process needs to know once its environment is built: where all meet, and what they go on from."""

    meeting_point: Path
    checkpoint: Path | None


@dataclass(frozen=True, slots=True)
class _Report:
    """What a process says: that it is ready, or what went wrong."""

    problem: str = ""
    hint: str = ""


class Crew:
    """All processes of a training but the first, which is the one that starts them; used as a context manager.

    They are spawned, so a script that trains with several processes must guard its start with
    ``if __name__ == "__main__":``. They build their environments at once, ignore Ctrl-C, which is for the first
    process to answer, and end with it, whatever becomes of it.

    Attributes:
        size: Number of processes, the first one included.
    """

    def __init__(self, recipe: Recipe, source: EnvironmentSource) -> None:
        """Start the processes.

        Args:
            recipe: How to train; it says how many processes there are.
            source: What they build their environments from.
        """
        self.size = recipe.processes
        self._folder = tempfile.TemporaryDirectory(prefix="igc-training-")
        self._members: list[tuple[SpawnProcess, Connection]] = []
        context = multiprocessing.get_context("spawn")
        for rank in range(1, self.size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(rank, recipe, source, theirs), daemon=True)
            process.start()
            theirs.close()
            self._members.append((process, ours))

    def __enter__(self) -> Self:
        """Do nothing more."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        for process, pipe in self._members:
            pipe.close()
            if kind is not None:
                process.kill()
        for process, _ in self._members:
            process.join(_GRACE_S)
            process.kill()
            process.join()
        self._folder.cleanup()

    def assemble(self, checkpoint: Path | None = None) -> Group:
        """Wait until all have built their environments, and let them begin.

        Args:
            checkpoint: What to go on from.

        Raises:
            TrainingError: A process could not build its environment, or died.
        """
        for rank, (_, pipe) in enumerate(self._members, 1):
            try:
                report = cast("_Report", pipe.recv())
            except (EOFError, OSError):
                report = _Report("it ended before it could say why")
            if report.problem:
                raise _lost(rank, report)
        if not self._members:
            return Group()
        order = _Order(Path(self._folder.name) / "meeting-point", checkpoint)
        for _, pipe in self._members:
            pipe.send(order)
        with self.explaining_losses():
            return Group.join(order.meeting_point, 0, self.size)

    @contextmanager
    def explaining_losses(self) -> Generator[None]:
        """Say which process was lost, and why, where one is."""
        try:
            yield
        except TrainingError as error:
            found = self._first_loss()
            if found is None:
                raise
            raise _lost(*found) from error

    def _first_loss(self) -> tuple[int, _Report] | None:
        """Return the rank and the words of the first process that says or shows that it failed by itself."""
        ended = wait([process.sentinel for process, _ in self._members], _GRACE_S)
        silent: tuple[int, _Report] | None = None
        for rank, (process, pipe) in enumerate(self._members, 1):
            with suppress(EOFError, OSError):
                if pipe.poll():
                    return rank, cast("_Report", pipe.recv())
            if process.sentinel in ended:
                process.join(_GRACE_S)  # its files are closed before its exit code is known
            if silent is None and process.exitcode is not None and process.exitcode != _FORSAKEN:
                silent = rank, _Report(_ending(process.exitcode))
        return silent


#: Exit code of a process that lost the others.
_FORSAKEN = 3


def _work(rank: int, recipe: Recipe, source: EnvironmentSource, pipe: Connection) -> None:
    """Be one of the other processes."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        _train(rank, recipe, source, pipe)
    except TrainingError:
        os._exit(_FORSAKEN)
    except IgcError as error:
        with suppress(OSError):
            pipe.send(_Report(error.message, error.hint))
    with suppress(EOFError, OSError):
        pipe.recv()  # the first process may still be reading what was sent to it last


def _train(rank: int, recipe: Recipe, source: EnvironmentSource, pipe: Connection) -> None:
    environment = source.build(rank, recipe.processes)
    pipe.send(_Report())
    order = cast("_Order", pipe.recv())
    trainer = Trainer(recipe, environment, Group.join(order.meeting_point, rank, recipe.processes))
    if order.checkpoint is not None:
        trainer.restore(order.checkpoint)
    trainer.run(Interruption())


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(_FORSAKEN)


def _lost(rank: int, report: _Report) -> TrainingError:
    return TrainingError(f"process {rank} of the training failed: {report.problem}", hint=report.hint)


def _ending(code: int) -> str:
    return f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"
