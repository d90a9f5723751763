"""A machine's state on disk: a journal of what changed, read back when the machine is served again.

Each line is a JSON array of a checksum and a record. A record is written before its request is answered, so a process
that is killed loses nothing that it answered; a half-written last line is left out. The disk itself is asked to keep
the lines every second, and at the end. Passwords and tokens are in a world as hashes only, and headers of subscribers
are sealed or left out (see ``subscriber_headers``).
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

from igc_core.errors import DataError
from igc_core.files import sync_folder
from igc_redfish.bodies import as_object
from igc_redfish.service.world import Snapshot, Timer, Version

if TYPE_CHECKING:
    from pathlib import Path

    from igc_redfish.machine import Machine

logger = logging.getLogger(__name__)

_FORMAT: Final = "igc-state"
_VERSION: Final = 1
#: The journal is written anew when it is so many times as long as the state itself, and longer than this.
_GROWTH: Final = 4
_LEAST_BYTES: Final = 1 << 20
_EMPTY: Final = Snapshot({}, {}, (), 0.0, 0)


class Store:
    """The journal of one machine. Only one process may hold it."""

    def __init__(self, path: Path, machine: Machine, *, anew: bool = False) -> None:
        """Take the file, or make it.

        Args:
            path: The journal.
            machine: Whose state it is.
            anew: Begin with the capture, whatever the file holds. It holds that until :meth:`begin`, or the first
                change.

        Raises:
            DataError: The file is damaged, of another machine, held by another process, or cannot be written; it is
                left as it is.
        """
        self.path = path
        self._machine = machine
        self._header = {
            "format": _FORMAT,
            "version": _VERSION,
            "machine": machine.name,
            "digest": machine.capture.digest,
        }
        self._unsynced = False
        try:
            self._lock = _locked(path)
        except OSError as error:
            raise _unkept(path, error) from error
        try:
            self.state = _EMPTY if anew else self._read()
            self._file = None if anew else self._written(self.state)
        except OSError as error:
            os.close(self._lock)
            raise _unkept(path, error) from error
        except DataError:
            os.close(self._lock)
            raise

    def begin(self) -> None:
        """Forget what the file held, where that was asked for: from now on nothing refuses to serve the machine.

        Raises:
            DataError: It cannot be written.
        """
        try:
            self._file = self._file or self._written(self.state)
        except OSError as error:
            raise _unkept(self.path, error) from error

    def record(self, after: Snapshot) -> None:
        """Write down a state, before anybody is told of it; costs what differs from the one written before.

        Raises:
            OSError: It could not be written; the journal is as before.
        """
        line = _line(_delta(self.state, after))
        file = self._file = self._file or self._written(self.state)
        place = file.tell()
        try:
            file.write(line)
            file.flush()
        except OSError:
            with suppress(OSError):
                file.truncate(place)
                file.seek(place)
            raise
        self.state = after
        self._unsynced = True
        self._appended += len(line)
        if self._appended > max(_LEAST_BYTES, _GROWTH * self._base):
            file.close()
            self._file = self._written(after)

    async def sync(self) -> None:
        """Have the disk keep what was written, which takes milliseconds, beside the requests that come in."""
        if self._unsynced and self._file is not None:
            self._unsynced = False
            descriptor = os.dup(self._file.fileno())
            try:
                await asyncio.to_thread(os.fsync, descriptor)
            finally:
                os.close(descriptor)

    def close(self) -> None:
        """Keep everything, and let the file go."""
        if self._file is not None:
            with suppress(OSError):
                os.fsync(self._file.fileno())
            self._file.close()
        os.close(self._lock)

    def _written(self, state: Snapshot) -> Any:
        """Write the whole state into a new file that takes the journal's place; return it, open at its end."""
        draft = self.path.with_name(f".{self.path.name}.new")
        content = _line(self._header) + _line(_delta(_EMPTY, state))
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        file.write(content)
        os.fsync(descriptor)
        draft.replace(self.path)
        sync_folder(self.path.parent)
        self._base, self._appended = len(content), 0
        return file

    def _read(self) -> Snapshot:
        content = self.path.read_bytes() if self.path.exists() else b""
        if not content:
            return _EMPTY
        *lines, rest = content.split(b"\n")
        if rest:
            logger.warning("%s: its last change was not written to the end, and is left out", self.path)
        records = [self._record(line, number) for number, line in enumerate(lines, start=1)]
        if not records or records[0].get("format") != _FORMAT:
            raise self._unusable("is no state of a machine")
        if records[0].get("version") != _VERSION:
            raise self._unusable(f"is of version {records[0].get('version')}, and this igc reads {_VERSION}")
        if records[0] != self._header:
            raise self._unusable(f"is the state of {records[0].get('machine')}, not of this {self._machine.name}")
        state = _EMPTY
        for number, record in enumerate(records[1:], start=2):
            try:
                state = _applied(state, record)
            except (KeyError, TypeError, ValueError):
                raise self._unusable(f"is damaged in line {number}") from None
        return state

    def _record(self, line: bytes, number: int) -> dict[str, Any]:
        try:
            checksum, record = orjson.loads(line)
        except (ValueError, TypeError):
            raise self._unusable(f"is damaged in line {number}") from None
        if checksum != _checksum(orjson.dumps(record)):
            raise self._unusable(f"is damaged in line {number}")
        return as_object(record)

    def _unusable(self, problem: str) -> DataError:
        hint = "choose another file, or begin anew with --reset"
        return DataError(f"{self.path} {problem}", code="data-invalid", hint=hint)


def _unkept(path: Path, error: OSError) -> DataError:
    return DataError(f"cannot keep the state in {path}: {error.strerror}", code="data-missing", hint="choose another")


def _locked(path: Path) -> int:
    """Take the lock of a journal; it lies beside the journal, as that is replaced now and then."""
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        hint = "stop it, or choose another file"
        raise DataError(f"{path} is in use by another server", code="data-exists", hint=hint) from None
    return descriptor


def _delta(before: Snapshot, after: Snapshot) -> dict[str, Any]:
    """Write what differs; whatever is the same object did not change."""
    changes = {uri: version for uri, version in after.changes.items() if before.changes.get(uri) is not version}
    record: dict[str, Any] = {
        "clock_s": after.clock_s,
        "serial": after.serial,
        "changes": {uri: [version.body, version.digest] for uri, version in changes.items()},
        "memory": {key: value for key, value in after.memory.items() if before.memory.get(key) is not value},
    }
    if reverted := sorted(before.changes.keys() - after.changes.keys()):
        record["reverted"] = reverted
    if forgotten := sorted(before.memory.keys() - after.memory.keys()):
        record["forgotten"] = forgotten
    if before.timers is not after.timers:
        record["timers"] = [[one.due_s, one.order, one.effect, one.uri, one.arguments] for one in after.timers]
    return record


def _applied(state: Snapshot, record: dict[str, Any]) -> Snapshot:
    changes, memory = dict(state.changes), dict(state.memory)
    changes.update({str(uri): Version(body, str(digest)) for uri, (body, digest) in record["changes"].items()})
    memory.update(record["memory"])
    for uri in record.get("reverted", ()):
        del changes[uri]
    for key in record.get("forgotten", ()):
        del memory[key]
    timers = state.timers
    if "timers" in record:
        timers = tuple(Timer(*values) for values in record["timers"])
    return Snapshot(changes, memory, timers, float(record["clock_s"]), int(record["serial"]))


def _line(record: dict[str, Any]) -> bytes:
    text = orjson.dumps(record)
    return b'["%s",%s]\n' % (_checksum(text).encode(), text)


def _checksum(text: bytes) -> str:
    return hashlib.blake2b(text, digest_size=8).hexdigest()
