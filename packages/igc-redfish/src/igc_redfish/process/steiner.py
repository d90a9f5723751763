"""How few reads lead to several resources: Steiner trees in the graph of links.

The dynamic programme over subsets of terminals is that of Dreyfus and Wagner (Networks 1, 1971), with unit weights on
the nodes, and terminals that are sets of which one element suffices.
"""

from __future__ import annotations

from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Reads that remain after a resource was read, by its URI.
Costs = dict[str, int]


class CoverCosts:
    """Costs of reading at least one resource of every terminal.

    Attributes:
        terminals: The sets of URIs; of each one must be read.
    """

    def __init__(self, terminals: Sequence[frozenset[str]], reverse: Mapping[str, Sequence[str]]) -> None:
        self.terminals = terminals
        self._full = (1 << len(terminals)) - 1
        self._costs: list[Costs] = [{}]
        self._parts: list[Sequence[int]] = [()]
        for subset in range(1, self._full + 1):
            self._parts.append(_proper_parts(subset))
            self._costs.append(_relax(self._seeds(subset), reverse))

    def total(self, known: Iterable[str]) -> float:
        """Fewest reads that cover all terminals, when ``known`` are the URIs that may be read next."""
        return self._from(known)[self._full] if self._full else 0

    def best_reads(self, known: Iterable[str]) -> list[str]:
        """Which of the known URIs may be read next so that the fewest reads remain."""
        if not self._full:
            return []
        base = self._from(known)
        least = base[self._full]
        if least == inf:
            return []
        found: dict[str, None] = {}
        # The read comes first on the way to a part of the terminals; the others are reached from elsewhere.
        for part in range(1, self._full + 1):
            wanted = least - 1 - base[self._full ^ part]
            costs = self._costs[part]
            if wanted >= 0:
                found.update(dict.fromkeys(uri for uri in known if costs.get(uri) == wanted))
        return list(found)

    def _seeds(self, subset: int) -> Costs:
        """Costs before relaxation: at terminals for single sets, at branching points for larger ones."""
        if subset & (subset - 1) == 0:
            return dict.fromkeys(self.terminals[subset.bit_length() - 1], 0)
        seeds: Costs = {}
        for part in self._parts[subset]:
            left, right = self._costs[part], self._costs[subset ^ part]
            for uri, cost in left.items():
                other = right.get(uri)
                if other is not None and cost + other < seeds.get(uri, cost + other + 1):
                    seeds[uri] = cost + other
        return seeds

    def _from(self, known: Iterable[str]) -> list[float]:
        """Fewest reads for every subset of the terminals."""
        base: list[float] = [0]
        for subset in range(1, self._full + 1):
            costs = self._costs[subset]
            least = min((costs[uri] for uri in known if uri in costs), default=inf) + 1
            for part in self._parts[subset]:
                least = min(least, base[part] + base[subset ^ part])
            base.append(least)
        return base


def _proper_parts(subset: int) -> list[int]:
    """Non-empty proper parts of a set of bits, one of each complementary pair."""
    found: list[int] = []
    part = (subset - 1) & subset
    while part > subset ^ part:
        found.append(part)
        part = (part - 1) & subset
    return found


def _relax(seeds: Costs, reverse: Mapping[str, Sequence[str]]) -> Costs:
    """Spread costs against the links: one more read per link (breadth first, by buckets)."""
    buckets: defaultdict[int, list[str]] = defaultdict(list)
    for uri, cost in seeds.items():
        buckets[cost].append(uri)
    settled: Costs = {}
    level = 0
    while buckets:
        for uri in buckets.pop(level, ()):
            if uri in settled:
                continue
            settled[uri] = level
            buckets[level + 1].extend(source for source in reverse.get(uri, ()) if source not in settled)
        if level + 1 in buckets and not buckets[level + 1]:
            del buckets[level + 1]
        level += 1
    return settled
