"""How deep in a body each token stands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from igc_encoders.autoencoder.reading import LISTS, OBJECTS, depths
from igc_encoders.rendering import render


def depth_of(body: dict[str, Any], text: str) -> tuple[int, int]:
    """Objects and lists around a text in a body."""
    rendered = render(body)
    found = int(depths(rendered)[rendered.text.index(text)])
    return found % OBJECTS, found // OBJECTS


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ({"Health": "Poor"}, (1, 0)),
        ({"Status": {"Health": "Poor"}}, (2, 0)),
        ({"Members": [{"Status": {"Health": "Poor"}}]}, (3, 1)),
        ({"Lists": [["Poor"]]}, (1, 2)),
        ({"Before": {"Inner": [{}, [1]]}, "Health": "Poor"}, (1, 0)),
    ],
)
def test_objects_and_lists_are_counted(body: dict[str, Any], depth: tuple[int, int]) -> None:
    assert depth_of(body, "Poor") == depth


def test_braces_within_texts_open_nothing() -> None:
    assert depth_of({"Note": "{[{[", "{[": {"Health": "Poor"}}, "Poor") == (2, 0)


def test_what_is_deeper_than_can_be_told_counts_as_deepest() -> None:
    deep: Any = "Poor"
    for _ in range(5_000):
        deep = [{"In": deep}]
    found = depths(render({"In": deep}))
    assert found.dtype == np.uint8
    assert found.max() == (LISTS - 1) * OBJECTS + OBJECTS - 1


def test_characters_are_counted_not_bytes() -> None:
    assert depth_of({"Name": "\U0001f600ö", "Status": {"Health": "Poor"}}, "Poor") == (2, 0)
