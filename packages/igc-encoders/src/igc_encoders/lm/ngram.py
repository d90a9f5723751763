"""Interpolated modified Kneser-Ney n-grams (Chen and Goodman, 1998), to measure language models against.

Tables are sorted arrays of n-grams, each written as one number in base ``vocabulary + 2``, so that millions are counted
and looked up without a loop. The symbols beyond the vocabulary are the padding before a sequence, and its end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from igc_encoders.errors import EncoderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray


#: Discounts of KenLM (``--discount_fallback``; Heafield et al., 2013).
_USUAL = (0.0, 0.5, 1.0, 1.5)


@dataclass(frozen=True, slots=True)
class _Order:
    """What is known of n-grams of one length. All arrays but ``discounts`` are sorted by their keys.

    Attributes:
        grams: The n-grams that occur, int64.
        counts: How often, or behind how many different symbols, int64.
        contexts: What they begin with, int64.
        totals: Sum of the counts behind each context, float64.
        backoff: Share of each context that is left to shorter n-grams, float64.
        discounts: Taken off a count of 0, 1, 2, and 3 or more, float64.
    """

    grams: NDArray[np.int64]
    counts: NDArray[np.int64]
    contexts: NDArray[np.int64]
    totals: NDArray[np.float64]
    backoff: NDArray[np.float64]
    discounts: NDArray[np.float64]


class NGramModel:
    """Predicts each symbol from those before it."""

    def __init__(self, sequences: Iterable[NDArray[np.int64]], vocabulary: int, order: int = 5) -> None:
        """Count n-grams.

        Args:
            sequences: Symbols from 0 to ``vocabulary - 1``, int64, of shape ``(n,)``.
            vocabulary: How many different symbols there may be.
            order: Length of the longest n-grams.

        Raises:
            EncoderError: N-grams of that length do not fit into 63 bits, or there are no sequences.
        """
        self._base, self._order, self._vocabulary = vocabulary + 2, order, vocabulary
        if order < 1 or self._base**order >= 2**63:
            raise EncoderError(f"{order}-grams of {vocabulary} symbols are too many to number", code="encoder-options")
        keys = [self._keys(sequence) for sequence in sequences]
        if not keys:
            raise EncoderError("there is no text to count n-grams in", code="encoder-corpus")
        grams, counts = np.unique(np.concatenate(keys), return_counts=True)
        self._orders = [self._table(grams, counts)]
        for length in range(order - 1, 0, -1):
            # An n-gram of a shorter length counts once for each different symbol that it stands behind.
            grams, counts = np.unique(grams % self._base**length, return_counts=True)
            self._orders.insert(0, self._table(grams, counts))

    def bits(self, sequence: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what each symbol of a sequence, and its end, costs.

        Args:
            sequence: ``n`` symbols, int64.

        Returns:
            Bits, float64, of shape ``(n + 1,)``.
        """
        keys = self._keys(sequence)
        # The padding before a sequence is never predicted, so it takes no part of what is uniform.
        likely = np.full(len(keys), 1.0 / (self._vocabulary + 1))
        for length, table in enumerate(self._orders, start=1):
            grams = keys % self._base**length
            likely = _interpolated(table, grams, grams // self._base, likely)
        costs: NDArray[np.float64] = -np.log2(likely)
        return costs

    def _keys(self, sequence: NDArray[np.int64]) -> NDArray[np.int64]:
        """Number the n-grams that end with each symbol, and with the end."""
        padding = np.full(self._order - 1, self._vocabulary, np.int64)
        padded = np.concatenate([padding, sequence, [self._vocabulary + 1]])
        keys = np.zeros(len(sequence) + 1, np.int64)
        for place in range(self._order):
            keys = keys * self._base + padded[place : place + len(keys)]
        return keys

    def _table(self, grams: NDArray[np.int64], counts: NDArray[np.int64]) -> _Order:
        discounts = _discounts(counts)
        contexts, firsts = np.unique(grams // self._base, return_index=True)
        totals = np.add.reduceat(counts.astype(np.float64), firsts)
        taken = np.add.reduceat(discounts[np.minimum(counts, 3)], firsts)
        return _Order(grams, counts, contexts, totals, taken / totals, discounts)


def _interpolated(
    table: _Order, grams: NDArray[np.int64], contexts: NDArray[np.int64], shorter: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Mix what n-grams of one length say with what shorter ones do."""
    where = np.minimum(np.searchsorted(table.contexts, contexts), len(table.contexts) - 1)
    known = table.contexts[where] == contexts
    place = np.minimum(np.searchsorted(table.grams, grams), len(table.grams) - 1)
    counts = np.where(table.grams[place] == grams, table.counts[place], 0)
    own = (counts - table.discounts[np.minimum(counts, 3)]) / table.totals[where]
    return np.where(known, own + table.backoff[where] * shorter, shorter)


def _discounts(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Estimate the discounts of counts 0, 1, 2, and 3 or more; the usual ones where an estimate is out of range."""
    once, twice, thrice, four = (int((counts == number).sum()) for number in range(1, 5))
    if not once or not twice or not thrice:
        return np.array(_USUAL)
    share = once / (once + 2 * twice)
    found = (0.0, 1 - 2 * share * twice / once, 2 - 3 * share * thrice / twice, 3 - 4 * share * four / thrice)
    # Text of machines repeats itself so much that counts of counts need not fall; nothing would be left to share out.
    sound = all(0 < value <= number for number, value in enumerate(found[1:], start=1))
    return np.array(found if sound else _USUAL)


def perplexity(bits: Sequence[float] | NDArray[np.float64], size: int) -> float:
    """Return the perplexity for each of so many bytes or tokens."""
    return math.exp2(math.fsum(bits) / size)
