"""Open-addressing hash tables from 64-bit integers to row numbers, read in bulk by NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing (Knuth, TAOCP vol. 3, 6.4)
_EMPTY = np.int64(-1)


class IntegerIndex:
    """A map from non-negative int64 keys to rows 0, 1, 2, ... in order of insertion."""

    def __init__(self, capacity: int = 1024) -> None:
        self._length = 0
        self._allocate(capacity)

    def __len__(self) -> int:
        """Number of keys."""
        return self._length

    def find(self, keys: NDArray[np.int64]) -> NDArray[np.int32]:
        """Look up many keys at once.

        Args:
            keys: Shape ``(n,)``, int64, non-negative.

        Returns:
            Rows, shape ``(n,)``, int32; -1 where a key is absent.
        """
        place = self._home(keys)
        found = self._keys[place]
        rows = self._rows[place]
        open_ = np.flatnonzero((found != keys) & (found != _EMPTY))
        while open_.size:
            place[open_] = (place[open_] + 1) & self._mask
            found[open_] = self._keys[place[open_]]
            rows[open_] = self._rows[place[open_]]
            still = (found[open_] != keys[open_]) & (found[open_] != _EMPTY)
            open_ = open_[still]
        rows[found == _EMPTY] = -1
        return rows

    def add(self, key: int) -> int:
        """Insert a key that is absent and return its row."""
        if self._length * 2 >= len(self._keys):
            self._grow()
        self._insert(key, self._length)
        self._length += 1
        return self._length - 1

    def _allocate(self, capacity: int) -> None:
        self._mask = capacity - 1
        self._shift = np.uint64(64 - capacity.bit_length() + 1)
        self._keys = np.full(capacity, _EMPTY, np.int64)
        self._rows = np.full(capacity, -1, np.int32)

    def _home(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        return ((keys.view(np.uint64) * _MULTIPLIER) >> self._shift).astype(np.int64)

    def _insert(self, key: int, row: int) -> None:
        place = ((key * int(_MULTIPLIER)) & 0xFFFFFFFFFFFFFFFF) >> int(self._shift)
        while self._keys[place] != _EMPTY:
            place = (place + 1) & self._mask
        self._keys[place] = key
        self._rows[place] = row

    def _grow(self) -> None:
        used = self._keys != _EMPTY
        keys, rows = self._keys[used], self._rows[used]
        self._allocate(len(self._keys) * 4)
        for key, row in zip(keys.tolist(), rows.tolist(), strict=True):
            self._insert(key, row)


class Pool(Generic[Scalar]):
    """An append-only array that doubles as it grows."""

    def __init__(self, dtype: type[Scalar], width: int = 0) -> None:
        self._array: NDArray[Scalar] = np.zeros((256, width) if width else 256, dtype)
        self._length = 0

    def __len__(self) -> int:
        """Number of entries."""
        return self._length

    @property
    def array(self) -> NDArray[Scalar]:
        """The entries, and unused space after them; valid until the next append."""
        return self._array

    def append(self, value: ArrayLike) -> int:
        """Add one entry and return its index."""
        if self._length == len(self._array):
            self._array = np.concatenate([self._array, np.zeros_like(self._array)])
        self._array[self._length] = value
        self._length += 1
        return self._length - 1

    def extend(self, values: NDArray[Scalar]) -> int:
        """Add several entries and return the index of the first."""
        start, end = self._length, self._length + len(values)
        while end > len(self._array):
            self._array = np.concatenate([self._array, np.zeros_like(self._array)])
        self._array[start:end] = values
        self._length = end
        return start
