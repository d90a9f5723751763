"""Writing captures: whole or not at all, and never over something else."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast

import orjson

from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.folders import FLAT_MAP, flat_name

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from igc_redfish.capture.resource import Resource

_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
_LONGEST_NAME_BYTES = 255


def write_records(
    resources: Iterable[Resource], path: Path, *, manifest: bytes | None = None, overwrite: bool = False
) -> Path:
    """Write one resource a line, after the manifest if there is one.

    Raises:
        CaptureError: The file exists or cannot be written.
    """
    with _replacing(path, overwrite=overwrite) as draft, draft.open("xb") as file:
        stream = cast("BinaryIO", file)
        if path.suffix != ".jsonl":
            # Neither time nor name, so that equal content gives equal bytes.
            stream = cast("BinaryIO", gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=6))
        with stream:
            for line in [manifest] if manifest is not None else []:
                stream.write(line + b"\n")
            for resource in resources:
                stream.write(resource.line() + b"\n")
    return path


def write_mockup(resources: Iterable[Resource], path: Path) -> Path:
    """Write a DMTF mock-up (DSP2043): a folder for each resource, with ``index.json`` and ``headers.json``.

    Raises:
        CaptureError: The folder exists or cannot be written.
    """
    with _replacing(path) as draft:
        for resource in resources:
            folder = draft / resource.uri.lstrip("/")
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "index.json").write_bytes(_pretty(resource))
            get = dict(resource.headers)
            if resource.methods is not None:
                get["Allow"] = ", ".join(resource.methods)
            headers: dict[str, object] = {"GET": get} if get else {}
            if resource.status != 200:  # noqa: PLR2004 - mock-ups hold answers with status 200
                headers["status"] = resource.status
            if headers:
                (folder / "headers.json").write_bytes(orjson.dumps(headers, option=_PRETTY))
    return path


def write_flat(resources: Iterable[Resource], path: Path) -> Path:
    """Write a flat dump: a file for each resource, and the map that names their URIs and methods.

    Raises:
        CaptureError: The folder exists or cannot be written.
    """
    files: dict[str, str] = {}
    methods: dict[str, tuple[str, ...]] = {}
    statuses: dict[str, int] = {}
    headers: dict[str, dict[str, str]] = {}
    with _replacing(path) as draft:
        draft.mkdir()
        taken: set[str] = set()
        for resource in resources:
            name = _free_name(resource.uri, taken)
            (draft / name).write_bytes(_pretty(resource))
            files[resource.uri] = name
            if resource.methods is not None:
                methods[resource.uri] = resource.methods
            if resource.status != 200:  # noqa: PLR2004 - the rule needs no entry
                statuses[resource.uri] = resource.status
            if resource.headers:
                headers[resource.uri] = dict(resource.headers)
        table = {
            "url_file_mapping": files,
            "allowed_methods_mapping": methods,
            "http_status_mapping": statuses,
            "headers_mapping": headers,
        }
        (draft / FLAT_MAP).write_bytes(orjson.dumps(table, option=_PRETTY))
    return path


def _pretty(resource: Resource) -> bytes:
    return orjson.dumps(orjson.loads(resource.json), option=_PRETTY)


def _free_name(uri: str, taken: set[str]) -> str:
    """Choose a file name that no other URI has, also where case does not count."""
    name = flat_name(uri)
    if len(name.encode()) > _LONGEST_NAME_BYTES or name.casefold() in taken or "#" in name:
        name = f"{name[:100]}-{hashlib.sha256(uri.encode()).hexdigest()[:16]}.json"
    taken.add(name.casefold())
    return name


@contextmanager
def _replacing(path: Path, *, overwrite: bool = False) -> Generator[Path]:
    """Offer a draft beside a path, to take its place once it is complete.

    Raises:
        CaptureError: The path exists or cannot be written.
    """
    if not overwrite and path.exists():
        raise CaptureError(f"{path} exists", code="capture-exists", hint="choose another path, or remove it first")
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield draft
        draft.replace(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CaptureError(
            f"cannot write {path}: {reason}", code="capture-unwritable", hint="check the folder and its free space"
        ) from error
    finally:
        if draft.is_dir():
            shutil.rmtree(draft, ignore_errors=True)
        else:
            with suppress(OSError):
                draft.unlink()
