"""The partial file of a crawl: written line by line, so that a crawl that was killed goes on where it was.

The first line tells of which host it is; each further line holds a resource, a failure or a note. Secrets are masked
before anything gets here. A line that was cut off by the kill is dropped.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import orjson

from igc_redfish.bodies import as_object
from igc_redfish.capture import CaptureError, Resource
from igc_redfish.crawl.facts import Failure, Link, Note, Visit

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_FORMAT = "igc-crawl"
_VERSION = 1
_SYNC_S = 2.0
#: By so many bytes, a file that was cut off within its first line is known as ours.
_TELLING = len(f'{{"format":"{_FORMAT}"')


class Journal:
    """An append-only file beside the capture that it becomes.

    Args:
        path: Where; only its owner may read it.
        origin: The host, as a URL.
        restart: Begin anew even if the file exists.

    Attributes:
        started: When the crawl began, the first time.
        visits: What earlier runs had read.

    Raises:
        CaptureError: The file is of another host, cannot be read, or cannot be written.
    """

    def __init__(self, path: Path, origin: str, *, restart: bool = False) -> None:
        self.path = path
        self.started = datetime.now(UTC).replace(microsecond=0)
        self.visits: list[Visit] = []
        self._worthwhile = False
        self._synced = time.monotonic()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND
            self._file = os.fdopen(os.open(path, flags, 0o600), "r+b")
        except OSError as error:
            raise CaptureError(
                f"cannot write {path}: {error.strerror}", code="capture-unwritable", hint="choose another place"
            ) from error
        try:
            self._read(origin, restart=restart)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file, and leave it where it is, unless a crawl failed before it had read anything."""
        with suppress(OSError):  # what did not fit has been told of
            self._file.close()
        if isinstance(error, Exception) and not self._worthwhile:
            self.remove()

    def keep(self, visit: Visit) -> None:
        """Write what came of one link.

        Raises:
            CaptureError: The disk is full, or the like.
        """
        lines = [
            b'{"resource":' + resource.line() + _asked(visit, number) for number, resource in enumerate(visit.resources)
        ]
        lines += [orjson.dumps({"failure": asdict(failure)}) + b"\n" for failure in visit.failures]
        lines += [orjson.dumps({"note": asdict(note)}) + b"\n" for note in visit.notes]
        try:
            self._file.write(b"".join(lines))
            self._file.flush()
            if time.monotonic() - self._synced > _SYNC_S:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()
            self._worthwhile |= bool(visit.resources)
        except OSError as error:
            raise CaptureError(
                f"cannot write {self.path}: {error.strerror}",
                code="capture-unwritable",
                hint="make room; the same command goes on from there",
            ) from error

    def remove(self) -> None:
        """Delete the file: what it held is in the capture."""
        self.path.unlink(missing_ok=True)

    def _read(self, origin: str, *, restart: bool) -> None:
        """Read what earlier runs have written, and cut off a line that is not whole."""
        _lock(self._file, self.path)
        content = self._file.read()
        head = {"format": _FORMAT, "version": _VERSION, "origin": origin, "started": self.started.isoformat()}
        begin = orjson.dumps(head) + b"\n"
        whole = b"" if restart else content[: content.rfind(b"\n") + 1]
        if whole:
            first, *lines = whole.removesuffix(b"\n").split(b"\n")
            self._check(first, origin)
            self.visits = [self._visit(line, number) for number, line in enumerate(lines, 2)]
            self._worthwhile = any(visit.resources for visit in self.visits)
            self._file.truncate(len(whole))
        elif content[:_TELLING] == begin[: len(content)][:_TELLING]:
            self._file.truncate(0)
            self._file.write(begin)
            self._file.flush()
        else:
            raise self._foreign()

    def _check(self, line: bytes, origin: str) -> None:
        head = self._parsed(line, 1)
        if head.get("format") != _FORMAT or head.get("version") != _VERSION:
            raise self._foreign()
        if head.get("origin") != origin:
            raise CaptureError(
                f"{self.path} is an unfinished crawl of {head.get('origin')}",
                code="capture-exists",
                hint="finish that one, choose another place, or give --restart",
            )
        try:
            self.started = datetime.fromisoformat(str(head.get("started")))
        except ValueError as error:
            raise self._damaged(1) from error

    def _visit(self, line: bytes, number: int) -> Visit:
        record = self._parsed(line, number)
        try:
            if "resource" in record:
                entry = record["resource"]
                resource = Resource(
                    entry["path"],
                    entry["body"],
                    methods=entry["methods"],
                    status=entry["status"],
                    headers=entry["headers"],
                )
                return Visit(Link(record["asked"], ""), resources=[resource])
            if "failure" in record:
                failure = Failure(**record["failure"])
                return Visit(Link(failure.uri, failure.source), failures=[failure])
            note = Note(**record["note"])
            return Visit(Link(note.uri, ""), notes=[note])
        except (KeyError, TypeError) as error:
            raise self._damaged(number) from error

    def _parsed(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise (self._foreign() if number == 1 else self._damaged(number)) from error
        return as_object(record)

    def _foreign(self) -> CaptureError:
        return CaptureError(f"{self.path} is no unfinished crawl", hint="choose another place, or remove the file")

    def _damaged(self, number: int) -> CaptureError:
        return CaptureError(f"line {number} of {self.path} is damaged", hint="give --restart to crawl anew")


def _lock(file: BinaryIO, path: Path) -> None:
    """Claim a file for this process, until it is closed.

    Raises:
        CaptureError: Another process has it.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CaptureError(
            f"another crawl writes {path}", code="capture-exists", hint="wait for it, or choose another place"
        ) from error


def _asked(visit: Visit, number: int) -> bytes:
    asked = visit.link.target if number == 0 else visit.resources[number].uri
    return b',"asked":' + orjson.dumps(asked) + b"}\n"
