"""One writer for each host, among the processes of one user."""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from igc_redfish.live.errors import NotReadyError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping


def lock_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where locks lie: below ``$XDG_STATE_HOME``, by default ``~/.local/state``."""
    return Path(environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "igc" / "locks"


@contextmanager
def only_writer(host: str, folder: Path | None = None) -> Generator[None]:
    """Be the only one who changes a host.

    Args:
        host: Its address.
        folder: Where locks lie; see :func:`lock_folder`.

    Raises:
        LiveError: Another process is at it, or the lock cannot be made.
    """
    place = folder or lock_folder()
    path = place / f"{hashlib.sha256(host.encode()).hexdigest()[:32]}.lock"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise NotReadyError(
            f"cannot make the lock {path}: {error.strerror}", code="live-busy", hint="set XDG_STATE_HOME"
        ) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            hint = "let it finish, or stop it"
            raise NotReadyError(f"another run is changing {host}", code="live-busy", hint=hint) from error
        yield
    finally:
        os.close(file)
