"""Captures in a folder: DMTF mock-ups (DSP2043) and flat dumps of one file for each resource."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from igc_redfish.capture.contents import Contents
from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.stream import parse, read_file
from igc_redfish.capture.uri import ROOT, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_redfish.capture.stream import Limits

#: Where a flat dump says which file holds which URI, and which methods it allows.
FLAT_MAP = "rest_api_map.v1.json"
#: The same, pickled: reading it would run whatever it holds.
_PICKLED_MAP = "rest_api_map.npy"
#: Documents of the protocol that every service has and that are no resources.
_PROTOCOL = frozenset({"/redfish", f"{ROOT}/odata", f"{ROOT}/$metadata"})


def read_folder(path: Path, limits: Limits, *, partial: bool = False) -> Contents:
    """Read a mock-up or a dump, whichever the folder holds.

    Raises:
        CaptureError: A file cannot be read or is damaged, or the folder holds no capture.
    """
    for top, prefix in (
        (path / "redfish" / "v1", ROOT),
        (path / "v1", ROOT),
        (path, ROOT),
    ):
        if (top / "index.json").is_file():
            return _read_mockup(top, prefix, Contents("dmtf-mockup", partial=partial), limits)
    if any(path.glob("*.json")):
        return _read_flat(path, Contents("flat-dump", partial=partial), limits)
    raise CaptureError(
        f"the folder {path} holds no capture",
        code="capture-not-redfish",
        hint="a mock-up has redfish/v1/index.json, a dump has files such as _redfish_v1_Systems.json",
    )


def _read_mockup(top: Path, prefix: str, contents: Contents, limits: Limits) -> Contents:
    budget = _Budget(top, limits)
    for folder in _folders_with_index(top):
        relative = PurePosixPath(folder.relative_to(top).as_posix())
        uri = canonical(f"{prefix}/{relative}")
        if uri in _PROTOCOL:
            continue
        try:
            body = budget.parse(folder / "index.json")
            headers: object = budget.parse(folder / "headers.json") if (folder / "headers.json").is_file() else {}
        except CaptureError as error:
            contents.skip(error)
            continue
        recorded = cast("dict[str, Any]", headers) if isinstance(headers, dict) else {}
        contents.add(
            uri,
            body,
            str(folder / "index.json"),
            status=recorded.get("status", 200),
            headers=recorded.get("GET"),
        )
    return contents


def _folders_with_index(top: Path) -> Iterator[Path]:
    for folder, names, files in os.walk(top):
        names.sort()
        if "index.json" in files:
            yield Path(folder)


def _read_flat(path: Path, contents: Contents, limits: Limits) -> Contents:
    budget = _Budget(path, limits)
    table = _flat_map(path, contents, budget)
    uris = {PurePosixPath(file).name: uri for uri, file in table["url_file_mapping"].items() if isinstance(file, str)}
    for file in sorted(path.glob("*.json"), key=lambda file: (len(file.name), file.name)):
        stem = file.stem.removeprefix("_")
        if file.name not in uris and not stem.lower().startswith("redfish_v1"):
            if file.name != FLAT_MAP:
                contents.note("file-skipped", "", f"{file.name} is not named after a resource")
            continue
        if "#" in stem or stem.endswith(".error"):
            contents.note("file-skipped", "", f"{file.name} holds a part of a resource or an error")
            continue
        try:
            body = budget.parse(file)
        except CaptureError as error:
            contents.skip(error)
            continue
        uri = uris.get(file.name) or _uri_of_flat(stem, body)
        contents.add(
            uri,
            body,
            str(file),
            methods=table["allowed_methods_mapping"].get(uri),
            status=table["http_status_mapping"].get(uri, 200),
            headers=table["headers_mapping"].get(uri),
        )
    return contents


def flat_name(uri: str) -> str:
    """Return the file name of a URI in a flat dump. Underscores make it ambiguous, so a map goes with it."""
    return uri.replace("/", "_") + ".json"


def _uri_of_flat(stem: str, body: object) -> str:
    """Guess the URI behind a file name: the body's own id where it fits, else every underscore a slash."""
    identity = cast("dict[str, Any]", body).get("@odata.id") if isinstance(body, dict) else None
    if isinstance(identity, str):
        uri = canonical(identity)
        if uri.replace("/", "_").lstrip("_").casefold() == stem.casefold():
            return uri
    return "/" + stem.replace("_", "/")


def _flat_map(path: Path, contents: Contents, budget: _Budget) -> dict[str, dict[str, Any]]:
    """Read the map of a flat dump; whatever of it is missing is empty."""
    names = ("url_file_mapping", "allowed_methods_mapping", "http_status_mapping", "headers_mapping")
    table: object = {}
    if (path / FLAT_MAP).is_file():
        table = budget.parse(path / FLAT_MAP)
    elif (path / _PICKLED_MAP).is_file():
        contents.note(
            "methods-unread",
            "",
            f"{_PICKLED_MAP} is a pickle and was not opened; allowed methods are read from {FLAT_MAP}",
        )
    if not isinstance(table, dict):
        raise CaptureError(f"{path / FLAT_MAP} is no JSON object", hint="write the dump again")
    known = cast("dict[str, Any]", table)
    return {name: value if isinstance(value := known.get(name), dict) else {} for name in names}


class _Budget:
    """Reads the files of one folder and counts what they add up to."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._bytes = 0
        self._files = 0

    def parse(self, path: Path) -> Any:
        content = read_file(path, self._limits).removeprefix(b"\xef\xbb\xbf")
        self._bytes += len(content)
        self._files += 1
        if self._bytes > self._limits.total_bytes or self._files > 2 * self._limits.resources:
            raise CaptureError(
                f"the folder {self._folder} holds more than a capture may", code="capture-too-large", hint="see Limits"
            )
        return parse(content, str(path))
