"""One file of vectors: written once, whole, and never changed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from igc_core.files import write_atomically
from igc_encoders.content import DIGEST_BYTES
from igc_encoders.extras import extra

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SUFFIX: Final = ".safetensors"
_FORMAT: Final = "igc-vectors-1"


def write(path: Path, fingerprint: str, digests: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
    """Write a segment, complete or not at all.

    Args:
        path: Where.
        fingerprint: That of the encoder.
        digests: ``n`` digests of bodies.
        vectors: Their vectors, shape ``(n, width)``, float32.

    Raises:
        DataError: The file cannot be written.
    """
    with extra("lm", "caches of vectors"):
        from safetensors.numpy import save  # noqa: PLC0415 - an extra

    packed = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, DIGEST_BYTES)
    notes = {"format": _FORMAT, "fingerprint": fingerprint, "checksum": _checksum(packed, vectors)}
    write_atomically(path, save({"digests": packed, "vectors": vectors}, notes))


def read(path: Path, fingerprint: str, width: int) -> tuple[list[bytes], NDArray[np.float32]]:
    """Read a segment.

    Returns:
        ``n`` digests, and vectors of shape ``(n, width)``, float32.

    Raises:
        FileNotFoundError: It is not there (any more).
        ValueError: It is not what :func:`write` wrote for this encoder.
    """
    with extra("lm", "caches of vectors"):
        import safetensors  # noqa: PLC0415 - an extra

    packed: NDArray[np.uint8]
    vectors: NDArray[np.float32]
    try:
        with cast("Any", safetensors).safe_open(path, "numpy") as file:
            notes: dict[str, str] = file.metadata() or {}
            packed, vectors = file.get_tensor("digests"), file.get_tensor("vectors")
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error
    if notes.get("format") != _FORMAT or notes.get("fingerprint") != fingerprint:
        raise ValueError("it is no segment of this encoder")
    if notes.get("checksum") != _checksum(packed, vectors):
        raise ValueError("its content is not what was written")
    if vectors.shape != (len(packed), width):
        raise ValueError(f"its vectors have shape {vectors.shape}")
    raw = packed.tobytes()
    return [raw[place : place + DIGEST_BYTES] for place in range(0, len(raw), DIGEST_BYTES)], vectors


def _checksum(*arrays: NDArray[np.uint8] | NDArray[np.float32]) -> str:
    total = hashlib.blake2b(digest_size=16)
    for array in arrays:
        total.update(np.ascontiguousarray(array).view(np.uint8).data)
    return total.hexdigest()
