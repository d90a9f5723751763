from __future__ import annotations

import itertools

import numpy as np
import pytest

from igc_encoders.errors import EncoderError
from igc_encoders.lm.ngram import NGramModel, perplexity

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
    # "abab": bigrams ^a ab ba ab b$ ; counts 1 2 1 1; discounts fall back where counts of counts are too few.
    model = NGramModel([symbols(0, 1, 0, 1)], 2, 2)
    once, twice = 3, 1
    share = once / (once + 2 * twice)
    d1, d2 = 1 - 2 * share * twice / once, 2 - 0.0
    continuation = {0: 2, 1: 1, 3: 1}  # a behind ^ and b; b behind a; the end behind b
    first = {1: 2, 2: 1}
    assert set(continuation.values()) == set(first)
    # counts of counts of the unigrams: two once, one twice
    s1 = 2 / (2 + 2 * 1)
    e1, e2 = 1 - 2 * s1 * 1 / 2, 2.0
    left = (2 * e1 + e2) / 4
    unigram_b = (1 - e1) / 4 + left / 3
    bigram_ab = (2 - d2) / 2 + d2 / 2 * unigram_b
    assert 2.0 ** -model.bits(symbols(0, 1))[1] == pytest.approx(bigram_ab)
    unigram_a = (2 - e2) / 4 + left / 3
    assert 2.0 ** -model.bits(symbols(0, 1))[0] == pytest.approx((1 - d1) + d1 * unigram_a)


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
