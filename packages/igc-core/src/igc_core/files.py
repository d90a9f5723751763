"""Files that are complete or absent."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from pathlib import Path

from igc_core.errors import DataError

_BLOCK_BYTES = 1 << 20
#: Draft names stay within the 255 bytes that a file's name may have, whatever the file is called.
_PREFIX_LIMIT = 60


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file that is complete or, after a crash, as it was before.

    Args:
        path: Where; an existing file is replaced.
        content: All of it; text is encoded as UTF-8.

    Raises:
        DataError: The file cannot be written; what was there before is unharmed.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-"[:_PREFIX_LIMIT], dir=path.parent)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
            draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
            draft.replace(path)
            sync_folder(path.parent)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from error


def demand_writable(path: Path) -> None:
    """Make sure, before long work, that its result can be written to a file.

    Args:
        path: What :func:`write_atomically` will be given.

    Raises:
        DataError: The folder is missing or read-only, or ``path`` is a folder itself.
    """
    if path.is_dir():
        raise _unwritable(path, os.strerror(errno.EISDIR))
    if not path.parent.is_dir():
        raise _unwritable(path, os.strerror(errno.ENOENT if not path.parent.exists() else errno.ENOTDIR))
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _unwritable(path, os.strerror(errno.EACCES))


def _unwritable(path: Path, reason: str) -> DataError:
    hint = f"make the folder {path.parent} first" if not path.parent.exists() else "choose another place"
    return DataError(f"cannot write {path}: {reason}", code="data-missing", hint=hint)


def sha256(path: Path) -> str:
    """Hash a file.

    Raises:
        DataError: The file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing") from error
    return digest.hexdigest()


def sync_contents(folder: Path) -> None:
    """Make the files below a folder survive a power cut."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Make a rename in a folder survive a power cut, where the system lets a folder be opened."""
    if os.name != "posix":  # pragma: no cover - Windows makes renames durable itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
