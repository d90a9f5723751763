from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.errors import DataError, IgcError
from igc_redfish.generate import MANNERS, generate, parse_spec, sample_style


def test_a_seed_alone_settles_manner_and_size() -> None:
    assert parse_spec("generated:7") == sample_style(7)


def test_the_full_name_of_a_service_builds_the_same_service() -> None:
    service = generate("generated:11")
    assert generate(service.name).digest == service.digest


def test_options_are_honoured() -> None:
    style = parse_spec("generated:7?manner=blade&size=400")
    assert (style.seed, style.manner, style.size) == (7, "blade", 400)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("machine:7", "does not begin"),
        ("generated:", "seed ''"),
        ("generated:seven", "seed 'seven'"),
        ("generated:-1", "seed '-1'"),
        ("generated:7?size", "no name=value"),
        ("generated:7?size=big", "size 'big'"),
        ("generated:7?size=29", "29 resources"),
        ("generated:7?size=999999", "999999 resources"),
        ("generated:7?manner=dotty", "no manner 'dotty'"),
        ("generated:7?colour=red", "no option 'colour'"),
        ("generated:" + "9" * 5000, "at most 18 digits"),
    ],
)
def test_bad_texts_are_refused_with_a_hint(spec: str, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        generate(spec)
    assert caught.value.code == "data-invalid"
    assert caught.value.hint
    assert len(str(caught.value)) < 400


def test_an_empty_query_is_no_query() -> None:
    assert parse_spec("generated:7?") == parse_spec("generated:7")


def test_unknown_manners_name_the_known_ones() -> None:
    with pytest.raises(DataError) as caught:
        sample_style(0, manner="dotty")
    assert all(manner in caught.value.hint for manner in MANNERS)


def test_negative_seeds_are_refused() -> None:
    with pytest.raises(DataError, match="negative"):
        sample_style(-1)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        style = parse_spec(f"generated:{text}")
    except IgcError:
        return
    assert style.seed >= 0


def test_an_option_that_is_stated_twice_is_refused() -> None:
    with pytest.raises(DataError, match="stated twice"):
        parse_spec("generated:1?size=80&size=90")
