"""Append-only tables that observations refer to by row number.

A candidate action, a document or a goal is described once, in a row; observations carry row numbers. A network then
embeds each distinct row of a batch once and gathers, and the observations of a thousand steps stay small.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from numpy.typing import DTypeLike, NDArray

    from igc_core.models import EncoderIdentity


@dataclass(frozen=True, slots=True)
class Column:
    """One array of a table.

    Attributes:
        width: Values in a row.
        kind: ``"tokens"`` (int32 ids below ``vocabulary``, 0 is padding) or ``"values"`` (float32).
        vocabulary: Number of token ids, for tokens.
    """

    width: int
    kind: str
    vocabulary: int = 0

    @property
    def dtype(self) -> DTypeLike:
        """Type of the column's array."""
        return np.int32 if self.kind == "tokens" else np.float32


class Table:
    """Rows of several columns, interned by key. Row 0 is all zero and stands for nothing."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        self.columns = dict(columns)
        self._arrays: dict[str, NDArray[Any]] = {
            name: np.zeros((64, column.width), column.dtype) for name, column in self.columns.items()
        }
        self._rows: dict[Hashable, int] = {}
        self._length = 1

    def __len__(self) -> int:
        """Number of rows, the empty first one included."""
        return self._length

    def find(self, key: Hashable) -> int | None:
        """Return the row of a key, or None."""
        return self._rows.get(key)

    def intern(self, key: Hashable, values: Mapping[str, NDArray[Any]]) -> int:
        """Return the row of a key, appending it where it is new.

        Args:
            key: Identity of the row.
            values: One array per column, each at most ``width`` long; shorter ones are padded with zero.

        Returns:
            The row's number, above zero.
        """
        known = self._rows.get(key)
        if known is not None:
            return known
        row = self._length
        if row == len(next(iter(self._arrays.values()))):
            for name, array in self._arrays.items():
                self._arrays[name] = np.concatenate([array, np.zeros_like(array)])
        for name, value in values.items():
            kept = value[: self.columns[name].width]
            self._arrays[name][row, : len(kept)] = kept
        self._rows[key] = row
        self._length = row + 1
        return row

    def array(self, column: str) -> NDArray[Any]:
        """Return a column, shape ``(len(self), width)``, read-only in spirit and valid until the next append."""
        return self._arrays[column][: self._length]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a dict observation refers to tables.

    Attributes:
        tables: The tables by name; ``"candidates"`` describes the slots.
        references: For each observation key that holds row numbers, the table they number.
        values: Observation keys that hold float32 values of the whole step.
        slot_values: Observation key of the float32 values of each slot, shape ``(slots, n)``.
        fingerprint: Changes whenever the rows mean something else; an agent trained on other rows refuses them.
        encoder: What made the vectors in the tables, where there are any.
    """

    tables: Mapping[str, Table]
    references: Mapping[str, str]
    values: tuple[str, ...]
    slot_values: str
    fingerprint: str = ""
    encoder: EncoderIdentity | None = None
