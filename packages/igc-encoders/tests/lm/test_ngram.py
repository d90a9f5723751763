from __future__ import annotations

import itertools

import numpy as np
import pytest

from igc_encoders.errors import EncoderError
from igc_encoders.lm.ngram import NGramModel, _discounts, perplexity

TEXTS = [
    np.frombuffer(text, np.uint8).astype(np.int64) - 97 for text in (b"abcabcabcd", b"abcaabdbca", b"abcd", b"ddcb")
]


def symbols(*values: int) -> np.ndarray:
    return np.asarray(values, np.int64)


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_probabilities_of_what_may_follow_add_up_to_one(order: int) -> None:
    model = NGramModel(TEXTS, 4, order)
    for context in itertools.product(range(4), repeat=3):
        base = model.bits(symbols(*context))[:-1]
        follows = [2.0 ** -model.bits(symbols(*context, symbol))[3] for symbol in range(4)]
        ends = 2.0 ** -model.bits(symbols(*context))[3]
        assert sum(follows) + ends == pytest.approx(1.0)
        assert np.isfinite(base).all()


def test_longer_contexts_predict_what_they_decide() -> None:
    periodic = [np.tile(np.arange(8), 50)]
    short, long = (NGramModel(periodic, 8, order).bits(periodic[0]).mean() for order in (1, 3))
    assert short == pytest.approx(3.0, abs=0.1)
    assert long < 0.2


def test_interpolation_follows_the_formula() -> None:
    # "abab": bigrams ^a 1, ab 2, ba 1, b$ 1; a stands behind two symbols, b and the end behind one each.
    model = NGramModel([symbols(0, 1, 0, 1)], 2, 2)
    left = (1.0 + 0.5 + 0.5) / 4
    unigram_a, unigram_b = (2 - 1.0) / 4 + left / 3, (1 - 0.5) / 4 + left / 3
    found = 2.0 ** -model.bits(symbols(0, 1))
    assert found[0] == pytest.approx((1 - 0.5) + 0.5 * unigram_a)
    assert found[1] == pytest.approx((2 - 1.0) / 2 + 1.0 / 2 * unigram_b)


def test_discounts_are_estimated_from_counts_of_counts() -> None:
    counts = np.repeat([1, 2, 3, 4], [40, 12, 6, 3])
    share = 40 / (40 + 2 * 12)
    expected = [0, 1 - 2 * share * 12 / 40, 2 - 3 * share * 6 / 12, 3 - 4 * share * 3 / 6]
    np.testing.assert_allclose(_discounts(counts), expected)


def test_discounts_out_of_range_leave_something_to_share_out() -> None:
    counts = np.repeat([1, 2, 3, 4], [40, 12, 6, 60])
    assert (_discounts(counts)[1:] > 0).all()


def test_symbols_never_seen_cost_finite_bits() -> None:
    assert np.isfinite(NGramModel(TEXTS, 300, 5).bits(symbols(250, 251, 252))).all()


def test_too_many_to_number_is_refused() -> None:
    with pytest.raises(EncoderError, match="too many"):
        NGramModel(TEXTS, 50_000, 5)


def test_no_text_is_refused() -> None:
    with pytest.raises(EncoderError, match="no text"):
        NGramModel([], 4)


def test_perplexity_is_two_to_the_bits() -> None:
    assert perplexity([1.0, 3.0], 2) == 4.0
