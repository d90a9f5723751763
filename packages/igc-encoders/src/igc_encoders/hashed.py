"""An encoder that needs no training and no vocabulary: signed feature hashing (Weinberger et al., 2009)."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from igc_core.errors import EncodingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_core.rest import JsonObject

#: Changes whenever the same resource would give other tokens.
_VERSION = 1
#: Items of a list that are looked at; the rest of a long one says little more.
_ITEMS = 32
#: Characters of a text that are looked at.
_TEXT = 64
#: Hashes that are remembered before they are forgotten all at once.
_REMEMBERED = 200_000
#: Length of the longest vectors: a batch of them still fits into a memory.
_WIDEST = 100_000
_SCALARS = (str, bool, NoneType)
_DIGITS = re.compile(r"\d+")


class HashedTokenEncoder:
    """Hashes the tokens of a resource into a vector of unit length.

    A property gives the tokens of its key, of its key below its parent's, and of its key with its value: texts and
    truths as they are, numbers by sign and order of magnitude, links by the words of their path. Numbers within texts
    and paths do not count, so that the same resource of another system comes out alike. A token counts once, however
    often it occurs. Resources that share tokens have vectors at a small angle.
    """

    def __init__(self, width: int = 64, seed: int = 0) -> None:
        """Build the encoder.

        Args:
            width: Length of a vector, from 1 to 100,000.
            seed: Chooses the hash function, from 0 to ``2**64 - 1``.

        Raises:
            EncodingError: The width or the seed is no whole number, or out of range.
        """
        if not _is_whole(width) or not _is_whole(seed) or not 1 <= width <= _WIDEST or not 0 <= seed < 2**64:
            problem = f"an encoder of width {width!r} and seed {seed!r} cannot be: both must be in range"
            hint = f"give whole numbers: a width from 1 to {_WIDEST:,}, and a seed of at least 0"
            raise EncodingError(problem, hint=hint)
        self._width, self._seed = width, seed
        self._keys, self._values, self._numbers = (_Hashes(kind, seed) for kind in "/=~")

    @property
    def width(self) -> int:
        """Length of one vector."""
        return self._width

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same resource would give another vector."""
        return f"hashed-tokens-{_VERSION}-{self._width}-{self._seed}"

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        """Embed a batch of resources.

        Args:
            resources: ``batch`` JSON objects.

        Returns:
            Array of shape ``(batch, width)``, float32, each row of unit L2 norm, or zero for an empty object.

        Raises:
            EncodingError: Something in the batch is no JSON object.
        """
        vectors = np.zeros((len(resources), self._width), np.float32)
        for row, resource in enumerate(resources):
            if not isinstance(resource, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - bodies are foreign
                raise EncodingError(f"resource {row} of the batch is a {type(resource).__name__}, not a JSON object")
            self._fill(vectors[row], self._tokens(resource))
        return vectors

    def _fill(self, vector: NDArray[np.float32], hashes: set[int]) -> None:
        """Add up the signed places of tokens, in place."""
        if not hashes:
            return
        found = np.fromiter(hashes, np.uint64, len(hashes))
        signs = 1.0 - 2.0 * (found >> np.uint64(63)).astype(np.float64)
        sums = np.bincount((found % np.uint64(self._width)).astype(np.intp), signs, self._width)
        norm = math.sqrt(float(sums @ sums))
        if norm:
            vector[:] = sums / norm

    def _tokens(self, resource: JsonObject) -> set[int]:
        """Hash every token of a resource; walks without recursion, so that depth is no matter."""
        keys, values, numbers = self._keys, self._values, self._numbers
        for remembered in (keys, values, numbers):
            if len(remembered) > _REMEMBERED:
                remembered.clear()
        hashes: set[int] = set()
        todo: list[tuple[str, Mapping[str, Any]]] = [("", resource)]
        while todo:
            parent, body = todo.pop()
            for key, value in body.items():
                hashes.add(keys[parent, key])
                if isinstance(value, _SCALARS):
                    hashes.add(values[key, value])
                elif isinstance(value, Mapping):
                    todo.append((key, cast("JsonObject", value)))
                elif isinstance(value, int | float):
                    hashes.add(numbers[key, _order(value)])
                else:
                    hashes.add(numbers[key, _order(len(value))])
                    items = value[:_ITEMS]
                    todo += ((key, item) for item in items if isinstance(item, Mapping))
                    hashes.update(values[key, item] for item in items if isinstance(item, _SCALARS))
        return hashes


class _Hashes(dict[tuple[str, Any], int]):
    """Hashes of tokens into 64 bits, computed when they are first asked for."""

    def __init__(self, kind: str, seed: int) -> None:
        super().__init__()
        self._kind, self._key = kind, seed.to_bytes(8, "little")

    def __missing__(self, token: tuple[str, Any]) -> int:
        first, second = token
        text = f"{self._kind}{first}\0{second if isinstance(second, int) else _words(second)}"
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key).digest()
        found = self[token] = int.from_bytes(digest, "little")
        return found


def _order(number: float) -> int:
    """Sign and order of magnitude: ``±(1 + number of bits)``, or 0."""
    if not number or not -math.inf < number < math.inf:  # isfinite fails for whole numbers beyond any float
        return 0
    size = number.bit_length() if isinstance(number, int) else max(math.frexp(number)[1], 0)
    return -1 - size if number < 0 else 1 + size


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _words(value: Any) -> str:
    """Word a value without the numbers in it."""
    return _DIGITS.sub("#", str(value)[:_TEXT])
