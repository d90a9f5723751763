from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from igc_encoders.dataset import DEFAULT_MIX, OBJECTIVES, Mix
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import Kind

IDS = np.arange(100, 1100)
KINDS = np.resize(np.asarray(list(Kind), np.uint8), len(IDS))
MASK = 7


def test_plain_prediction_sees_and_weighs_everything() -> None:
    sample = OBJECTIVES["plain"].sample(IDS, KINDS, MASK, np.random.default_rng(0))
    np.testing.assert_array_equal(sample.inputs, IDS[:-1])
    np.testing.assert_array_equal(sample.targets, IDS[1:])
    np.testing.assert_array_equal(sample.weights, np.ones(len(IDS) - 1, np.float32))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("paths", {Kind.PATH}),
        ("actions", {Kind.ACTION, Kind.PARAMETER}),
        ("values", {Kind.VALUE, Kind.ENUM}),
        ("methods", {Kind.METHOD}),
    ],
)
def test_focus_weighs_more_and_is_never_hidden(name: str, kinds: set[Kind]) -> None:
    objective = OBJECTIVES[name]
    sample = objective.sample(IDS, KINDS, MASK, np.random.default_rng(0))
    focused = np.isin(KINDS, list(kinds))
    np.testing.assert_array_equal(sample.weights, np.where(focused[1:], objective.emphasis, 1))
    hidden = sample.inputs == MASK
    assert not hidden[focused[:-1]].any()
    assert hidden[~focused[:-1]].mean() == pytest.approx(objective.hidden, abs=0.04)
    np.testing.assert_array_equal(sample.targets, IDS[1:])


def test_first_token_is_always_seen() -> None:
    generator = np.random.default_rng(0)
    assert all(OBJECTIVES["paths"].sample(IDS[:9], KINDS[:9], MASK, generator).inputs[0] == IDS[0] for _ in range(200))


def test_the_chunk_itself_is_left_as_it_was() -> None:
    before = IDS.copy()
    OBJECTIVES["values"].sample(IDS, KINDS, MASK, np.random.default_rng(0))
    np.testing.assert_array_equal(IDS, before)


def test_mix_draws_by_share() -> None:
    mix, generator = Mix(DEFAULT_MIX), np.random.default_rng(0)
    drawn = Counter(id(mix.draw(generator)) for _ in range(4000))
    for name, share in DEFAULT_MIX.items():
        assert drawn[id(OBJECTIVES[name])] / 4000 == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize(
    "shares", [{"pahts": 1.0}, {}, {"plain": 0.0}, {"plain": 2.0, "paths": -1.0}, {"plain": float("nan")}]
)
def test_mix_of_nothing_is_refused(shares: dict[str, float]) -> None:
    with pytest.raises(EncoderError):
        Mix(shares)
