"""Run folders: where a training run keeps its manifest, metrics and checkpoints.

::

    runs/first/
    ├── manifest.json                     how it was started
    ├── metrics.jsonl                     one JSON object a line, appended
    └── checkpoints/step-000000012000/    safetensors and JSON, complete or absent
"""

from __future__ import annotations

import errno
import json
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import Field, JsonValue, ValidationError

from igc_core.errors import IgcError, RunError
from igc_core.files import sha256, sync_contents, sync_folder, write_atomically
from igc_core.models import Model
from igc_core.redaction import MASK, is_secret_key, mentions_secret, redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

_MANIFEST, _METRICS, _CHECKPOINTS = "manifest.json", "metrics.jsonl", "checkpoints"
#: The only kinds of file that a checkpoint may hold: neither can carry code.
_SAFE_SUFFIXES = frozenset({".json", ".safetensors"})
#: A sentence, or an object in JSON.
_SEVERAL_WORDS = re.compile(r"[\s{]")
#: What most tools call their password option for short.
_PASSWORD_OPTION = "-p"  # noqa: S105 - a name, not a password
#: Packages whose version can change a result, besides the igc packages.
_NOTED = ("gymnasium", "numpy", "safetensors", "sb3-contrib", "stable-baselines3", "torch", "transformers")


class RunManifest(Model):
    """What is needed to tell how a run came about, and to repeat it.

    Attributes:
        command: The command line, values of secret options masked.
        started: When the run began, ISO 8601 in UTC.
        seeds: Every seed, by what it seeds.
        versions: Version of each igc package, and of those below it that decide results.
        python: Version of Python.
        platform: Operating system and processor.
        captures: SHA-256 of each capture file used, by name.
        options: What else the run was configured with, secrets masked.
    """

    command: tuple[str, ...] = ()
    started: str
    seeds: dict[str, int] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    python: str
    platform: str
    captures: dict[str, str] = Field(default_factory=dict)
    options: dict[str, JsonValue] = Field(default_factory=dict)

    @classmethod
    def of_this_process(
        cls,
        *,
        command: Sequence[str] | None = None,
        seeds: Mapping[str, int] | None = None,
        captures: Iterable[Path] | Mapping[str, str] = (),
        options: Mapping[str, Any] | None = None,
    ) -> Self:
        """Describe a run that starts now.

        Args:
            command: The command line; that of the process if None.
            seeds: Every seed, by what it seeds.
            captures: Capture files to hash; or hashes by name, where they are known.
            options: What else the run is configured with.

        Raises:
            DataError: A capture file cannot be read.
        """
        return cls(
            command=tuple(_masked(sys.argv if command is None else command)),
            started=datetime.now(UTC).isoformat(timespec="seconds"),
            seeds=dict(seeds or {}),
            versions=_versions(),
            python=platform.python_version(),
            platform=platform.platform(),
            captures=_hashes(captures),
            options=redact(dict(options or {})),
        )


def _hashes(captures: Iterable[Path] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(captures, Mapping):
        return dict(cast("Mapping[str, str]", captures))
    return {path.name: sha256(path) for path in captures}


class RunFolder:
    """One run on disk. What has been written is never lost to a crash, nor overwritten.

    Attributes:
        path: The folder.
        manifest: How the run was started.
    """

    def __init__(self, path: Path, manifest: RunManifest) -> None:
        """Use :meth:`create` or :meth:`open` instead."""
        self.path = path
        self.manifest = manifest

    @classmethod
    def create(cls, path: Path, manifest: RunManifest) -> Self:
        """Make the folder of a new run.

        Raises:
            RunError: There is something at ``path`` already, or it cannot be written.
        """
        try:
            path.mkdir(parents=True)
        except FileExistsError as error:
            raise RunError(
                f"{path} exists already", code="run-exists", hint="choose another name, or resume that run"
            ) from error
        except OSError as error:
            raise RunError(f"cannot make {path}: {error.strerror}", code="run-missing") from error
        write_atomically(path / _MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        return cls(path, manifest)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the folder of an earlier run, to read it or to go on with it.

        Raises:
            RunError: There is no run at ``path``, or its manifest is damaged.
        """
        try:
            text = (path / _MANIFEST).read_bytes()
        except OSError as error:
            raise RunError(f"there is no run in {path}: {error.strerror}", code="run-missing") from error
        try:
            return cls(path, RunManifest.model_validate_json(text))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise RunError(
                f"{path / _MANIFEST} is not a run manifest: {where}: {first['msg']}", code="run-corrupt"
            ) from error

    def log(self, metrics: Mapping[str, JsonValue]) -> None:
        """Append one record to the metrics.

        The record reaches the file in a single write. A line torn by a crash is left behind as it is and skipped.

        Raises:
            RunError: The disk is full, or the like.
        """
        line = json.dumps(metrics, allow_nan=True, separators=(",", ":")).encode() + b"\n"
        path = self.path / _METRICS
        with _writing(path), path.open("a+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                line = line if file.read(1) == b"\n" else b"\n" + line
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def metrics(self) -> Iterator[dict[str, Any]]:
        """Give the records logged so far, in order."""
        path = self.path / _METRICS
        if not path.exists():
            return
        with path.open("rb") as file:
            for line in file:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record

    @contextmanager
    def checkpoint(self, step: int) -> Generator[Path]:
        """Write a checkpoint: ``with run.checkpoint(12_000) as folder: ...``.

        The folder takes its place when the block ends well, and disappears when it does not.

        Args:
            step: Environment steps taken so far.

        Yields:
            An empty folder for ``.safetensors`` and ``.json`` files.

        Raises:
            RunError: The checkpoint exists already or cannot be written, or a file is of another kind.
        """
        target = self.path / _CHECKPOINTS / f"step-{step:012d}"
        if target.exists():
            raise RunError(f"the checkpoint {target} exists already", code="run-exists")
        with _writing(target):
            target.parent.mkdir(exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
            try:
                yield draft
                _refuse_unsafe(draft)
                sync_contents(draft)
                draft.chmod(target.parent.stat().st_mode)
                draft.rename(target)
                sync_folder(target.parent)
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    @contextmanager
    def removed_unless_begun(self) -> Generator[None]:
        """Remove the folder again where an error comes before any metrics and checkpoints, so that its name is free."""
        try:
            yield
        except IgcError:
            if not self.checkpoints() and next(self.metrics(), None) is None:
                shutil.rmtree(self.path, ignore_errors=True)
            raise

    def checkpoints(self) -> Sequence[Path]:
        """Every complete checkpoint, oldest first."""
        return sorted((self.path / _CHECKPOINTS).glob("step-*"))

    def latest(self) -> Path:
        """Return the last complete checkpoint.

        Raises:
            RunError: The run has none.
        """
        found = self.checkpoints()
        if not found:
            raise RunError(f"the run {self.path} has no checkpoint", code="run-missing")
        return found[-1]


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Say what could not be written, and why."""
    try:
        yield
    except OSError as error:
        hint = "make room; the last complete checkpoint is unharmed"
        raise RunError(f"cannot write {path}: {error.strerror or error}", code="run-missing", hint=hint) from error


def _versions() -> dict[str, str]:
    names = {found.name for found in metadata.distributions() if found.name.startswith("igc-")}
    versions: dict[str, str] = {}
    for name in sorted(names | set(_NOTED)):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _masked(command: Sequence[str]) -> Iterator[str]:
    """Mask the secrets of a command line.

    Masked are the values of ``--password x``, ``--token=x``, ``password=x`` and ``-p x``, sentences that speak of a
    secret, and the users of URLs.
    """
    secret = False
    for word in command:
        key, equals, value = word.partition("=")
        option = word.startswith("-")
        if (secret and not word.startswith("--")) or (_SEVERAL_WORDS.search(word) and mentions_secret(word)):
            yield MASK
        elif equals and value and is_secret_key(key):
            yield f"{key}={MASK}"
        else:
            yield redact_text(word)
        secret = option and not equals and (word == _PASSWORD_OPTION or is_secret_key(word))


def _refuse_unsafe(folder: Path) -> None:
    for file in folder.rglob("*"):
        if not file.is_dir() and (file.is_symlink() or file.suffix not in _SAFE_SUFFIXES):
            raise RunError(
                f"a checkpoint may not hold {file.name}",
                code="run-file-refused",
                hint="keep arrays in .safetensors files and all else in .json files",
            )
