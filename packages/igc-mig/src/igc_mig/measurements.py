"""Runs that were measured, kept line by line: a profile that was stopped goes on where it was.

The first line names the instances, each further line tells of one run. Commands stand there as hashes, since they may
hold secrets. A line that a crash tore does not count.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Final, cast

from igc_core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_FORMAT: Final = "igc-mig-profile"
_VERSION: Final = 1
#: By so much, a file that was torn within its first line is known as ours.
_BEGINNING: Final = f'{{"format": "{_FORMAT}"'.encode()


class Measurements:
    """A file beside the one that it becomes; there is none before the first run is measured.

    Attributes:
        path: The file.
        count: Number of runs in it.
    """

    def __init__(self, path: Path, instances: Mapping[int, str], *, restart: bool = False) -> None:
        """Read what an earlier profile left.

        Args:
            path: The file.
            instances: UUID of the instance of each size, by compute slices.
            restart: Forget what was left.

        Raises:
            DataError: The file is of other instances or of something else, is damaged, or cannot be read.
        """
        self.path, self.count = path, 0
        self._head = {"format": _FORMAT, "version": _VERSION, "instances": {str(k): v for k, v in instances.items()}}
        self._runs: dict[tuple[str, str, int], list[float]] = {}
        self._whole = 0
        content = self._content()
        lines = content[: content.rfind(b"\n") + 1].splitlines(keepends=True)
        if lines:
            self._check(lines[0], restart=restart)
        elif not _BEGINNING.startswith(content[: len(_BEGINNING)]):
            raise self._foreign()
        if not restart:
            for number, line in enumerate(lines[1:], 2):
                self._note(line, number)
            self._whole = sum(map(len, lines))

    def of(self, name: str, command: str, size: int) -> list[float]:
        """Return the seconds of each run of a task's command on the instance of a size."""
        return list(self._runs.get((name, _digest(command), size), ()))

    def keep(self, name: str, command: str, size: int, seconds: float) -> None:
        """Write down a run.

        Raises:
            DataError: The disk is full, or the like.
        """
        record = {"task": name, "command": _digest(command), "size": size, "seconds": seconds}
        records = [record] if self._whole else [self._head, record]
        content = "".join(json.dumps(one) + "\n" for one in records).encode()
        try:
            with os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                file.truncate(self._whole)
                file.seek(self._whole)
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            hint = "make room; the same command goes on from there"
            raise DataError(f"cannot write {self.path}: {error.strerror}", code="data-missing", hint=hint) from error
        self._whole += len(content)
        self._add(record)

    def discard(self) -> None:
        """Remove the file: what it held stands elsewhere."""
        self.path.unlink(missing_ok=True)

    def _content(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise DataError(f"cannot read {self.path}: {error.strerror}", code="data-missing") from error

    def _check(self, line: bytes, *, restart: bool) -> None:
        head = _record(line)
        if (head.get("format"), head.get("version")) != (_FORMAT, _VERSION):
            raise self._foreign()
        if head != self._head and not restart:
            raise DataError(
                f"{self.path} is an unfinished profile of other instances",
                code="data-exists",
                hint="give those, choose another file, or give --restart",
            )

    def _foreign(self) -> DataError:
        problem = f"{self.path} is no unfinished profile"
        return DataError(problem, code="data-exists", hint="choose another file, or remove that one")

    def _note(self, line: bytes, number: int) -> None:
        try:
            self._add(_record(line))
        except (KeyError, TypeError, ValueError) as error:
            problem = f"{self.path}, line {number}: no measured run"
            raise DataError(problem, code="data-invalid", hint="give --restart to measure anew") from error

    def _add(self, record: Mapping[str, Any]) -> None:
        key = str(record["task"]), str(record["command"]), int(record["size"])
        self._runs.setdefault(key, []).append(float(record["seconds"]))
        self.count += 1


def _record(line: bytes) -> dict[str, Any]:
    """Read a line; an empty record stands for what is none."""
    try:
        found: Any = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _digest(command: str) -> str:
    return hashlib.sha256(command.encode()).hexdigest()
