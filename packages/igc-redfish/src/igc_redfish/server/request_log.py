"""What was asked and answered, one JSON object a line; neither headers nor bodies, as those may hold secrets."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import orjson

from igc_core.errors import DataError
from igc_core.redaction import redact_text

if TYPE_CHECKING:
    from igc_redfish.server.content import Scope


class RequestLog:
    """A file of requests; lines are written about once a second."""

    def __init__(self, place: str) -> None:
        """Open the log.

        Args:
            place: A file, which is appended to, or ``-`` for standard error.

        Raises:
            DataError: The file cannot be written.
        """
        self._lines: list[bytes] = []
        try:
            self._file: BinaryIO = sys.stderr.buffer if place == "-" else Path(place).open("ab")  # noqa: SIM115 - open as long as the server
        except OSError as error:
            raise DataError(f"cannot write {place}: {error.strerror}", code="data-missing") from error

    def note(self, scope: Scope, status: int, size: int, took_s: float) -> None:
        """Note one request.

        Args:
            scope: Of ASGI.
            status: HTTP status of the answer.
            size: Bytes of its body.
            took_s: Seconds until the answer was ready.
        """
        target = scope["raw_path"] + (b"?" + scope["query_string"] if scope["query_string"] else b"")
        client = scope["client"] or ("", 0)
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "client": f"{client[0]}:{client[1]}",
            "port": scope["server"][1],
            "method": scope["method"],
            "uri": redact_text(target.decode("latin-1")),
            "status": status,
            "bytes": size,
            "ms": round(took_s * 1000, 3),
        }
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        """Write what was noted."""
        if self._lines:
            lines, self._lines = self._lines, []  # on a full disk they are lost, and do not fill the memory
            self._file.write(b"".join(lines))
            self._file.flush()

    def close(self) -> None:
        """Write what was noted, and let the file go."""
        self.flush()
        if self._file is not sys.stderr.buffer:
            self._file.close()
