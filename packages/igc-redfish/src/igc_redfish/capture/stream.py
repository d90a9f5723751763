"""Bounded reading of files that nobody vouches for."""

from __future__ import annotations

import gzip
import zlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import orjson

from igc_redfish.capture.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
#: What to do about damage.
RECOVERY = "capture it again, or open it with partial=True (igc capture import --partial) to keep what is whole"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a capture may hold.

    Attributes:
        total_bytes: Size of all text, after decompression.
        resource_bytes: Size of one resource. The largest that we know of has 0.6 MB.
        resources: Number of lines or files.
    """

    total_bytes: int = 1 << 30
    resource_bytes: int = 16 << 20
    resources: int = 200_000


class Truncated(Exception):  # noqa: N818 - a signal between a stream and its reader, not an error of ours
    """The stream ends before its time, or what follows is damaged."""


def read_lines(path: Path, limits: Limits) -> Generator[tuple[int, bytes]]:
    """Yield the numbered lines of a text file, decompressed where needed; blank lines are left out.

    Raises:
        CaptureError: The file cannot be read or exceeds a limit.
        Truncated: The gzip stream is damaged; all lines before the damage have been yielded.
    """
    number = 0
    tail = b""
    with closing(_chunks(path, limits)) as chunks:
        for chunk in chunks:
            *lines, tail = (tail + chunk).split(b"\n")
            for line in lines:
                number += 1
                _check_line(path, number, line, limits)
                if line and not line.isspace():
                    yield number, line
            _check_line(path, number + 1, tail, limits)
    if tail and not tail.isspace():
        yield number + 1, tail


def read_file(path: Path, limits: Limits) -> bytes:
    """Read a small file whole.

    Raises:
        CaptureError: The file cannot be read or is larger than a resource may be.
    """
    with reading(path), path.open("rb") as stream:
        content = stream.read(limits.resource_bytes + 1)
    if len(content) > limits.resource_bytes:
        raise _too_large(str(path), limits.resource_bytes)
    return content


def parse(text: bytes, where: str) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, bounded depth.

    Raises:
        CaptureError: The text is not JSON.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = error.msg.partition(": line")[0].lower()
        raise CaptureError(f"{where} is not JSON: {reason}", code="capture-corrupt", hint=RECOVERY) from error


@contextmanager
def reading(path: Path) -> Generator[None]:
    """Name the file whenever the operating system refuses it."""
    try:
        yield
    except FileNotFoundError as error:
        raise CaptureError(
            f"there is no capture {path}", code="capture-missing", hint="check the path, or give the name of a capture"
        ) from error
    except (OSError, ValueError) as error:
        if isinstance(error, gzip.BadGzipFile):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise CaptureError(f"cannot read {path}: {reason}", code="capture-missing", hint="check the path") from error


def _chunks(path: Path, limits: Limits) -> Generator[bytes]:
    total = 0
    with reading(path), path.open("rb") as file:
        packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        file.seek(0)
        stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
        while chunk := _read(stream):
            total += len(chunk)
            if total > limits.total_bytes:
                raise _too_large(str(path), limits.total_bytes)
            yield chunk


def _read(stream: BinaryIO) -> bytes:
    try:
        return cast("Any", stream).read1(_CHUNK_BYTES)  # type: ignore[no-any-return]
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Truncated(str(error)) from error


def _check_line(path: Path, number: int, line: bytes, limits: Limits) -> None:
    if len(line) > limits.resource_bytes:
        raise _too_large(f"line {number} of {path}", limits.resource_bytes)
    if number > limits.resources + 1:
        raise CaptureError(
            f"{path} has more than {limits.resources} lines",
            code="capture-too-large",
            hint="raise Limits.resources if it is sound",
        )


def _too_large(what: str, limit_bytes: int) -> CaptureError:
    return CaptureError(
        f"{what} is larger than {limit_bytes >> 20} MiB",
        code="capture-too-large",
        hint="no service answers that much; raise the limit (Limits) if it is sound",
    )
