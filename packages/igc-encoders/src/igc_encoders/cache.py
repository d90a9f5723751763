"""Vectors on disk, by what was encoded and by what encoded it.

A cache is a folder of segments that are written once and never changed, so processes share a folder without locks: each
reads what the others have written, and what two of them encoded at the same time is there twice until segments are
merged. No body is kept, only its digest.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import time
import uuid
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import numpy as np

from igc_core.errors import DataError
from igc_encoders import segment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

#: Vectors that wait at most before they are written, and for how long.
_PENDING: Final = 512
_PENDING_S: Final = 5.0
#: Segments of a folder before they are merged into one.
_SEGMENTS: Final = 24
#: Age after which what a crash left half-written is swept away.
_STALE_S: Final = 3600.0
_OPEN: Final[weakref.WeakSet[VectorCache]] = weakref.WeakSet()


class VectorCache:
    """The vectors of one encoder, shared by all processes that use the same folder.

    Attributes:
        folder: Where its segments lie.
        width: Length of a vector.
    """

    def __init__(self, folder: Path, fingerprint: str, width: int) -> None:
        """Open a cache; the folder is made where it is missing.

        Args:
            folder: What all encoders share; each gets a folder of its own in it.
            fingerprint: The encoder's.
            width: Length of a vector.

        Raises:
            DataError: The folder cannot be made.
        """
        self.folder = folder.expanduser() / hashlib.sha256(fingerprint.encode()).hexdigest()[:32]
        self.width = width
        self._fingerprint = fingerprint
        self._rows: dict[bytes, int] = {}
        self._vectors: NDArray[np.float32] = np.empty((256, width), np.float32)
        self._pending: list[bytes] = []
        self._written = time.monotonic()
        self._seen: set[str] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"cannot make the cache {self.folder}: {error.strerror}", code="data-missing", hint="choose another"
            ) from error
        self._sweep()
        self.refresh()
        _OPEN.add(self)

    def __len__(self) -> int:
        """Count the vectors that this process knows of."""
        return len(self._rows)

    def look_up(self, digests: Sequence[bytes]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Find vectors.

        Args:
            digests: ``n`` digests of bodies.

        Returns:
            Vectors of shape ``(n, width)``, float32, and whether each was found, shape ``(n,)``, bool; the rows of
            those that were not hold nothing of use.
        """
        rows = self._rows_of(digests)
        if (rows < 0).any() and self.refresh():
            rows = self._rows_of(digests)
        return self._vectors[rows], rows >= 0

    def add(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep vectors; they are written after a while, or by :meth:`flush`.

        Raises:
            DataError: They cannot be written.
        """
        fresh = self._take(digests, vectors)
        self._pending += fresh
        if len(self._pending) >= _PENDING or (self._pending and time.monotonic() - self._written > _PENDING_S):
            self.flush()

    def flush(self) -> None:
        """Write what waits.

        Raises:
            DataError: It cannot be written; nothing that was there before is harmed.
        """
        self._written = time.monotonic()
        if self._pending:
            self._write(self._pending)
            self._pending = []
        if len(self._seen) > _SEGMENTS:
            self._merge()

    def close(self) -> None:
        """Write what waits; where that fails, say so and go on, since all of it can be encoded anew."""
        try:
            self.flush()
        except DataError as error:
            logger.warning("vectors are not kept: %s", error)

    def __del__(self) -> None:
        """Write what waits when nobody uses the cache any more."""
        if hasattr(self, "_written"):
            self.close()

    def refresh(self) -> bool:
        """Read what other processes have written since, and tell whether there was anything."""
        names = {path.name for path in self.folder.glob(f"[!.]*{segment.SUFFIX}")} - self._seen
        return bool(sum(self._read(name) for name in sorted(names)))

    def _rows_of(self, digests: Sequence[bytes]) -> NDArray[np.intp]:
        known = self._rows
        return np.fromiter((known.get(one, -1) for one in digests), np.intp, len(digests))

    def _take(self, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> list[bytes]:
        """Add vectors to those in memory, and return the digests that are new."""
        places = {one: place for place, one in enumerate(digests) if one not in self._rows}
        begin, end = len(self._rows), len(self._rows) + len(places)
        if end > len(self._vectors):
            grown = np.empty((max(end, 2 * len(self._vectors)), self.width), np.float32)
            grown[:begin] = self._vectors[:begin]
            self._vectors = grown
        self._vectors[begin:end] = vectors[list(places.values())]
        self._rows.update(zip(places, range(begin, end), strict=True))
        return list(places)

    def _write(self, digests: Sequence[bytes]) -> None:
        name = f"{uuid.uuid4().hex}{segment.SUFFIX}"
        segment.write(self.folder / name, self._fingerprint, digests, self._vectors[self._rows_of(digests)])
        self._seen.add(name)

    def _read(self, name: str) -> bool:
        """Read a segment; one that is damaged is dropped, since what it held is encoded anew."""
        path = self.folder / name
        try:
            digests, vectors = segment.read(path, self._fingerprint, self.width)
        except FileNotFoundError:  # another process has merged it into one that the next look finds
            return False
        except (ValueError, OSError) as error:
            logger.warning("dropping the damaged segment %s of a cache of vectors: %s", path, error)
            with suppress(OSError):
                path.unlink()
            return False
        self._seen.add(name)
        self._take(digests, vectors)
        return True

    def _merge(self) -> None:
        """Put all segments into one.

        Two processes may do so at the same time: each removes only what it has read, and so has written again before,
        and at most one of them can have read what the other wrote.
        """
        merged = set(self._seen)
        self._write(list(self._rows))
        for name in merged:
            (self.folder / name).unlink(missing_ok=True)
        self._seen -= merged

    def _sweep(self) -> None:
        """Remove drafts that a crash left."""
        for path in self.folder.glob(f".*{segment.SUFFIX}*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_S:
                    path.unlink()


@atexit.register
def _close_all() -> None:
    """Write what waits when the process ends in good order."""
    for cache in list(_OPEN):
        cache.close()
