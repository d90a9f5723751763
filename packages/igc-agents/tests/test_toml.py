from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from igc_agents.toml import to_toml

if TYPE_CHECKING:
    from pydantic import JsonValue

# Surrogates cannot be written to a file at all.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, min_size=1, max_size=3)
)


@given(st.dictionaries(TEXTS, SCALARS | st.lists(SCALARS | st.dictionaries(TEXTS, SCALARS, max_size=2), max_size=3)))
def test_values_are_read_back_as_they_were(table: dict[str, JsonValue]) -> None:
    assert tomllib.loads(to_toml(table)) == table


@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), max_size=3))
def test_tables_are_read_back_as_they_were(table: dict[str, JsonValue]) -> None:
    assert tomllib.loads(to_toml(table)) == table


def test_what_toml_has_no_word_for_is_left_out() -> None:
    assert to_toml({"a": None, "b": {}, "c": [1, None]}) == "c = [1]\n"


def test_sections_come_after_the_values_beside_them() -> None:
    assert to_toml({"network": {"width": 64}, "seed": 3}) == "seed = 3\n\n[network]\nwidth = 64\n"
