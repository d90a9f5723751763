from __future__ import annotations

import numpy as np
import pytest

from igc_core.tables import Column, Table

COLUMNS = {"words": Column(3, "tokens", vocabulary=10), "flags": Column(2, "values")}


@pytest.fixture
def table() -> Table:
    return Table(COLUMNS)


def row(number: int) -> dict[str, np.ndarray]:
    return {"words": np.array([number, 1]), "flags": np.array([0.5, 1.0])}


def test_first_row_stands_for_nothing(table: Table) -> None:
    assert len(table) == 1
    assert not table.array("words").any()
    assert table.find("a") is None


def test_row_is_appended_once(table: Table) -> None:
    assert [table.intern(key, row(5)) for key in ("a", "b", "a")] == [1, 2, 1]
    assert (len(table), table.find("b")) == (3, 2)


def test_short_values_are_padded_and_long_ones_cut(table: Table) -> None:
    table.intern("short", {"words": np.array([7])})
    table.intern("long", {"words": np.arange(1, 9), "flags": np.ones(9)})
    np.testing.assert_array_equal(table.array("words"), [[0, 0, 0], [7, 0, 0], [1, 2, 3]])
    np.testing.assert_array_equal(table.array("flags"), [[0, 0], [0, 0], [1, 1]])


def test_columns_have_the_type_of_their_kind(table: Table) -> None:
    assert table.array("words").dtype == np.int32
    assert table.array("flags").dtype == np.float32


def test_rows_keep_their_number_when_the_table_grows(table: Table) -> None:
    numbers = [table.intern(key, row(key % 9 + 1)) for key in range(300)]
    assert numbers == list(range(1, 301))
    assert table.array("words").shape == (301, 3)
    np.testing.assert_array_equal(table.array("words")[1:, 0], [key % 9 + 1 for key in range(300)])
