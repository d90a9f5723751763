from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_redfish.generate import MANNERS, Style, sample_style
from igc_redfish.generate.free import FINER, FREE, LED_PARTS, PARTS, QUIRKS

if TYPE_CHECKING:
    from igc_redfish.generate.style import Part

STYLES = [sample_style(seed) for seed in range(120)]


@pytest.mark.parametrize("axis", [*FREE, *FINER])
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
    assert len(STYLES) / 6 < len(slow) < len(STYLES) / 2


def test_manners_only_speak_of_fields_parts_and_quirks_that_exist() -> None:
    for manner in MANNERS.values():
        assert set(manner.choices) <= {*FREE, *FINER} <= set(Style.model_fields)
        assert set(manner.parts) <= set(PARTS)
        assert set(manner.quirks) <= set(QUIRKS)


def test_a_manner_keeps_its_correlations_with_an_accident_now_and_then() -> None:
    slotted = [sample_style(seed, manner="dotted").profile.account_slots for seed in range(40)]
    free = [sample_style(seed, manner="numbered").profile.account_slots for seed in range(40)]
    assert sum(slotted) > 25
    assert 0 < sum(free) < 6


def test_every_quirk_occurs_in_every_manner() -> None:
    for manner in MANNERS:
        profiles = [sample_style(seed, manner=manner).profile for seed in range(120)]
        assert {quirk for quirk in QUIRKS if any(getattr(profile, quirk) for profile in profiles)} >= set(QUIRKS) - {
            "media_protocol_required",
            "bios_jobs",
        }


@pytest.mark.parametrize("kind", LED_PARTS)
def test_every_type_of_part_has_lights_on_some_machines(kind: str) -> None:
    assert 0 < sum(kind in style.led_parts for style in STYLES) < len(STYLES) / 2
