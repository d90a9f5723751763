"""The audit journal: one JSON object a line, on disk before the request that it tells of leaves."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from igc_core.redaction import mask
from igc_redfish.live.errors import LiveError, NotReadyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.live.intent import Intent

#: Only the owner reads what was done to which host.
_MODE = 0o600
#: How the first line begins, by which the file is told from captures, inventories and results.
_BEGINNINGS = (b'{"time":', b'{"event":')


class Journal:
    """An append-only file. Every line is on disk when :meth:`write` returns.

    Lines hold ``time`` (UTC), ``event`` and what belongs to the event; secrets are masked. Several processes may write
    to one file: each line is appended in one piece.
    """

    def __init__(self, path: str | Path) -> None:
        """Open the file, and make it where it is missing.

        Raises:
            LiveError: It cannot be written, or is a file of something else, which is left as it is.
        """
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _MODE)
            self._demand_ours()
            self._end_line()
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def write(self, event: str, details: Mapping[str, Any], secrets: frozenset[str] = frozenset()) -> None:
        """Append a line and wait until it is on disk.

        Args:
            event: What happened: ``"intent"``, ``"outcome"``, ``"unknown"``, ``"refused"``, ``"start"`` or ``"end"``.
            details: What belongs to it, JSON values only.
            secrets: Texts to mask besides what is found by itself.

        Raises:
            LiveError: The line cannot be written; nothing may be sent then.
        """
        line = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **details}
        try:
            text = orjson.dumps(mask(line, secrets), option=orjson.OPT_APPEND_NEWLINE)
            self._append(text)
        except (OSError, orjson.JSONEncodeError) as error:
            raise _unwritable(self.path, error) from error

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _append(self, text: bytes) -> None:
        if os.write(self._file, text) != len(text):  # the rest does not fit
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(self._file)

    def _demand_ours(self) -> None:
        """Refuse to add lines to what is no journal, such as a capture or an inventory."""
        if not os.fstat(self._file).st_size:
            return
        head = os.pread(self._file, max(map(len, _BEGINNINGS)), 0)
        if not any(head.startswith(begin) or begin.startswith(head) for begin in _BEGINNINGS):
            self.close()
            hint = "it is left as it was; choose another file"
            raise NotReadyError(f"{self.path} is a file, and no journal", code="live-journal", hint=hint)

    def _end_line(self) -> None:
        """End a line that a crash has cut off, so that it does not spoil the next one."""
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            self._append(b"\n")


def described(intent: Intent) -> dict[str, Any]:
    """Describe a request for the journal; :meth:`Journal.write` masks its secrets."""
    request = intent.request
    return {
        "host": intent.host,
        "identity": intent.identity,
        "method": request.method,
        "uri": request.uri,
        "body": request.body,
        "if_match": request.headers.get("If-Match", ""),
        "operation": intent.operation,
        "risk": intent.risk.name,
        "key": intent.key,
    }


def _unwritable(path: Path, error: OSError | orjson.JSONEncodeError) -> LiveError:
    problem = f"cannot write the journal {path}: {getattr(error, 'strerror', None) or error}"
    return NotReadyError(problem, code="live-journal", hint="nothing is sent without a journal: choose another file")
