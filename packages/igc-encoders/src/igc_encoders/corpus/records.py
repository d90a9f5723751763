"""Resources of one machine, out of a file of JSON lines.

The form is the one of docs/reference/formats.md; any service whose resources are JSON objects can be kept in it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from igc_core.rest import JsonObject

#: Size of one resource, in bytes of JSON; the largest of the captures has 0.6 MB.
RESOURCE_BYTES = 16 << 20
#: Size of all text of a machine, in bytes.
MACHINE_BYTES = 1 << 30
_GZIP_MAGIC = b"\x1f\x8b"
_SUFFIXES = (".gz", ".jsonl", ".json", ".igc")
_OK = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One resource as a service answered it.

    Attributes:
        machine: Name of the machine.
        path: Path of the resource.
        methods: What the service allows there; ``None`` where nobody recorded it.
        status: HTTP status of the answer.
        body: The resource.
    """

    machine: str
    path: str
    methods: tuple[str, ...] | None
    status: int
    body: JsonObject


def machine_name(path: Path) -> str:
    """Return the name of the machine whose resources a file holds."""
    name = path.name
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name or path.name


def read(path: Path, machine: str = "") -> Iterator[Record]:
    """Read the resources of a machine.

    Answers that are no JSON object are left out: there is nothing to encode in them.

    Args:
        path: A file of JSON lines, compressed with gzip or not; the first line may be a manifest.
        machine: Name of the machine; the file's name by default.

    Yields:
        The resources, in the order of the file.

    Raises:
        EncoderError: The file cannot be read, is cut off, or a line is no resource.
    """
    name = machine or machine_name(path)
    for number, line in _lines(path):
        found = _parse(line, f"line {number} of {path}")
        if number == 1 and "path" not in found and "format" in found:
            continue
        record = _record(name, found, f"line {number} of {path}")
        if record is not None:
            yield record


def _record(machine: str, found: Mapping[str, object], where: str) -> Record | None:
    path, body, methods = found.get("path"), found.get("body"), found.get("methods")
    status = found.get("status", _OK)
    if not isinstance(path, str) or not isinstance(status, int) or not isinstance(methods, list | None):
        raise _broken(where, "is no resource: it needs path, methods, status and body")
    if not isinstance(body, Mapping):
        return None
    allowed = None if methods is None else tuple(map(str, cast("list[object]", methods)))
    return Record(machine, path, allowed, status, cast("JsonObject", body))


def _parse(line: bytes, where: str) -> Mapping[str, object]:
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _broken(where, f"is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _broken(where, "is no JSON object")
    return cast("dict[str, object]", found)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    total = 0
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            stream = cast("BinaryIO", gzip.GzipFile(fileobj=file)) if packed else file
            number = 0
            while line := stream.readline(RESOURCE_BYTES + 1):
                number += 1
                total += len(line)
                if len(line) > RESOURCE_BYTES or total > MACHINE_BYTES:
                    raise _broken(f"line {number} of {path}", "is larger than a resource or a machine may be")
                if not line.isspace():
                    yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _broken(str(path), f"is damaged or cut off: {error}") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise EncoderError(f"cannot read {path}: {reason}", code="encoder-corpus", hint="check the path") from error


def _broken(where: str, reason: str) -> EncoderError:
    return EncoderError(f"{where} {reason}", code="encoder-corpus", hint="capture the machine again, or leave it out")
