"""Captures in one file: JSON lines, compressed or not."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from igc_redfish.capture.contents import Contents
from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.manifest import FORMAT, VERSION, Manifest
from igc_redfish.capture.stream import RECOVERY, Truncated, parse, read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from igc_redfish.capture.stream import Limits

_FIELDS = frozenset({"path", "methods", "status", "headers", "body"})
_SUFFIXES = re.compile(r"(\.igc)?\.jsonl?(\.gz)?$|\.gz$", re.IGNORECASE)
_MARK = b"\xef\xbb\xbf"  # the byte order mark that some editors leave


def name_of(path: Path) -> str:
    """Return the name of the capture that a file or folder holds."""
    return _SUFFIXES.sub("", path.resolve().name) or "capture"


def read_records(path: Path, limits: Limits, *, partial: bool = False) -> Contents:
    """Read a file of one JSON object a line, ours or without a manifest.

    Raises:
        CaptureError: The file cannot be read, is damaged, or is no capture.
    """
    contents = Contents("jsonl", partial=partial)
    try:
        with closing(read_lines(path, limits)) as lines:
            for number, line in lines:
                _read_line(contents, number, line, path)
    except Truncated as damage:
        contents.skip(CaptureError(f"{path} is damaged or cut off: {damage}", hint=RECOVERY))
    expected = contents.manifest.resources if contents.manifest else len(contents.resources)
    if len(contents.resources) != expected:
        found = f"{len(contents.resources)} resources where its manifest says {expected}"
        contents.skip(CaptureError(f"{path} holds {found}", hint=RECOVERY))
    return contents


def _read_line(contents: Contents, number: int, line: bytes, path: Path) -> None:
    where = f"line {number} of {path}"
    try:
        record: object = parse(line.removeprefix(_MARK) if number == 1 else line, where)
    except CaptureError as error:
        contents.skip(error)
        return
    if not isinstance(record, dict):
        contents.skip(CaptureError(f"{where} is no JSON object", hint="one resource is expected on each line"))
        return
    record = cast("dict[str, Any]", record)
    if number == 1 and "path" not in record and record.get("format") == FORMAT:
        contents.source = FORMAT
        contents.manifest = _manifest(record, path)
        return
    if "path" not in record and "body" not in record:
        contents.skip(
            CaptureError(
                f"{where} has neither 'path' nor 'body'",
                code="capture-not-redfish",
                hint="each line must be a resource: path, methods, status, headers, body",
            )
        )
        return
    unknown = record.keys() - _FIELDS
    if unknown:
        contents.note("field-unknown", str(record.get("path", "")), f"has unknown fields {sorted(unknown)} in {where}")
    contents.add(
        record.get("path"),
        record.get("body"),
        where,
        methods=record.get("methods"),
        status=record.get("status", 200),
        headers=record.get("headers"),
    )


def _manifest(record: dict[str, Any], path: Path) -> Manifest:
    version = record.get("version")
    if version != VERSION:
        raise CaptureError(
            f"{path} has version {version!r} of the capture format, known is {VERSION}",
            code="capture-version",
            hint="update igc-redfish",
        )
    try:
        return Manifest.model_validate(record)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"]))
        raise CaptureError(
            f"the manifest on line 1 of {path} is wrong at {field!r}: {problem['msg']}", hint="import the source again"
        ) from error
