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
        self._costs: dict[int, Costs] = {}
        for subset in range(1, self._full + 1):
            self._costs[subset] = _relax(self._seeds(subset), reverse)

    def total(self, known: Iterable[str]) -> float:
        """Fewest reads that cover all terminals, when ``known`` are the URIs that may be read next."""
        return self._from(list(known))[self._full] if self._full else 0

    def best_reads(self, known: Sequence[str]) -> list[str]:
        """Which of the known URIs may be read next so that the fewest reads remain."""
        if not self._full:
            return []
        base = self._from(known)
        if base[self._full] == inf:
            return []
        return [uri for uri in known if self._after(uri, base) == base[self._full] - 1]

    def _seeds(self, subset: int) -> Costs:
        """Costs before relaxation: at terminals for single sets, at branching points for larger ones."""
        if subset & (subset - 1) == 0:
            return dict.fromkeys(self.terminals[subset.bit_length() - 1], 0)
        seeds: Costs = {}
        for part in _proper_parts(subset):
            left, right = self._costs[part], self._costs[subset ^ part]
            for uri, cost in left.items():
                other = right.get(uri)
                if other is not None and cost + other < seeds.get(uri, cost + other + 1):
                    seeds[uri] = cost + other
        return seeds

    def _from(self, known: Sequence[str]) -> dict[int, float]:
        base: dict[int, float] = {0: 0}
        for subset in range(1, self._full + 1):
            costs = self._costs[subset]
            direct = min((costs[uri] + 1 for uri in known if uri in costs), default=inf)
            split = min((base[part] + base[subset ^ part] for part in _proper_parts(subset)), default=inf)
            base[subset] = min(direct, split)
        return base

    def _after(self, uri: str, base: Mapping[int, float]) -> float:
        """Reads that remain once ``uri`` was read: what it does not lead to is still reached from elsewhere."""
        return min(self._costs[part].get(uri, inf) + base[self._full ^ part] for part in range(1, self._full + 1))


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
