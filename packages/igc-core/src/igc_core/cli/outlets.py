"""Standard output and standard error that may be lost: a reader leaves, a disk fills up."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType


class Outlets:
    """The standard streams of a program, used as a context manager.

    What is printed tells of the work and is not the work: where it can no longer be written, it is lost, and the
    program goes on. A training keeps its steps, and a change to a machine does not stop half-way.
    """

    def __init__(self) -> None:
        """Know the process's streams."""
        self._failure: OSError | None = None
        self._before = sys.stdout, sys.stderr

    def __enter__(self) -> Self:
        """Take the place of the process's streams."""
        output, errors = self._before
        sys.stdout = cast("Any", _Outlet(output or _nowhere(), self._note))
        sys.stderr = cast("Any", _Outlet(errors or _nowhere(), lambda _: None))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the process its streams back."""
        sys.stdout, sys.stderr = self._before

    def problem(self) -> str:
        """Write what is still held back, and tell why output was lost.

        Returns:
            The reason; ``""`` where nothing was lost, or where the reader had read enough.
        """
        sys.stdout.flush()
        if self._failure is None or isinstance(self._failure, BrokenPipeError):
            return ""
        return self._failure.strerror or str(self._failure)

    def _note(self, failure: OSError) -> None:
        self._failure = self._failure or failure


class _Outlet:
    """A stream that never fails; from the first failure on nothing more is written."""

    def __init__(self, stream: IO[Any], failed: Callable[[OSError], None]) -> None:
        self._stream, self._failed = stream, failed

    def write(self, content: Any) -> int:
        try:
            return self._stream.write(content)
        except OSError as error:
            self._give_up(error)
            return len(content)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    @cached_property
    def buffer(self) -> _Outlet:
        """The bytes below the text."""
        return _Outlet(cast("Any", self._stream).buffer, self._failed)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _give_up(self, error: OSError) -> None:
        """Lead the descriptor nowhere: Python itself writes what is held back once more when it ends."""
        self._failed(error)
        with suppress(OSError), _nowhere() as nowhere:
            os.dup2(nowhere.fileno(), self._stream.fileno())


def _nowhere() -> IO[str]:
    return Path(os.devnull).open("w", encoding="utf-8")
