from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_redfish.generate import MANNERS, Style, sample_style
from igc_redfish.generate.free import FREE, PARTS, QUIRKS
from igc_redfish.generate.manners import PART_CHANCES, QUIRK_CHANCES, SIZES, TABLES

if TYPE_CHECKING:
    from igc_redfish.generate.style import Part

STYLES = [sample_style(seed) for seed in range(120)]


@pytest.mark.parametrize("axis", FREE)
def test_every_axis_varies(axis: str) -> None:
    values = [getattr(style, axis) for style in STYLES]
    distinct = set(values)
    assert len(distinct) >= 2
    assert max(values.count(value) for value in distinct) < len(STYLES) * 0.95


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_missing_on_some_machines(part: Part) -> None:
    present = [style.has(part) for style in STYLES]
    assert any(present)
    assert not all(present)


@pytest.mark.parametrize("quirk", QUIRKS)
def test_every_quirk_occurs_on_some_machines(quirk: str) -> None:
    values = {getattr(style.profile, quirk) for style in STYLES}
    assert values == {True, False}


def test_every_manner_is_drawn() -> None:
    assert {style.manner for style in STYLES} == set(MANNERS)


def test_most_machines_are_immediate_and_some_take_time() -> None:
    slow = [style for style in STYLES if style.profile.delays.post_s or style.profile.delays.power_s]
    assert 0 < len(slow) < len(STYLES) / 3


def test_manners_only_speak_of_fields_and_parts_that_exist() -> None:
    fields = {field for table in TABLES.values() for field in table}
    assert fields <= set(FREE) <= set(Style.model_fields)
    assert {part for chances in PART_CHANCES.values() for part in chances} <= set(PARTS)
    assert {quirk for chances in QUIRK_CHANCES.values() for quirk in chances} <= set(QUIRKS)
    assert set(SIZES) == set(TABLES)


def test_a_manner_keeps_its_correlations() -> None:
    slotted = [sample_style(seed, manner="dotted").profile.account_slots for seed in range(40)]
    free = [sample_style(seed, manner="numbered").profile.account_slots for seed in range(40)]
    assert sum(slotted) > 25
    assert sum(free) == 0
