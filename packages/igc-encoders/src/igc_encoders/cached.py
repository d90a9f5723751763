"""An encoder that meets each distinct body once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from igc_core.errors import EncodingError
from igc_encoders.cache import VectorCache
from igc_encoders.content import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_core.protocols import StateEncoder
    from igc_core.rest import JsonObject

#: Bodies that are encoded before they are kept, so that an interruption does not cost all of a large batch.
_GROUP = 256


class CachedEncoder:
    """An encoder that meets each distinct body once, over all processes that share a folder.

    Attributes:
        encoder: What encodes the bodies that are not known yet.
        cache: What is known.
    """

    def __init__(self, encoder: StateEncoder, folder: str | Path) -> None:
        """Put a cache before an encoder.

        Args:
            encoder: The encoder.
            folder: Folder of the cache, which may serve any number of encoders.

        Raises:
            DataError: The folder cannot be made.
        """
        self.encoder = encoder
        self.cache = VectorCache(Path(folder), encoder.fingerprint, encoder.width)

    @property
    def width(self) -> int:
        """Length of one vector."""
        return self.encoder.width

    @property
    def fingerprint(self) -> str:
        """That of the encoder: the cache changes nothing."""
        return self.encoder.fingerprint

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Look vectors up, and encode what is not there; see :meth:`igc_core.StateEncoder.encode`.

        Raises:
            EncodingError: A resource cannot be encoded; of what the batch holds besides some may be kept then.
            DataError: The cache cannot be written.
        """
        digests = [_digest(place, resource) for place, resource in enumerate(resources)]
        vectors, found = self.cache.look_up(digests)
        lacking = {digests[place]: place for place in np.flatnonzero(~found).tolist()}
        if not lacking:
            return vectors
        fresh = list(lacking.items())
        for begin in range(0, len(fresh), _GROUP):
            group = fresh[begin : begin + _GROUP]
            made = self.encoder.encode([resources[place] for _, place in group])
            self.cache.add([one for one, _ in group], made)
        return self.cache.look_up(digests)[0]


def _digest(place: int, resource: JsonObject) -> bytes:
    if not isinstance(resource, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - bodies are foreign
        raise EncodingError(f"resource {place} of the batch is a {type(resource).__name__}, not a JSON object")
    return digest(resource)
