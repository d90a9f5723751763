from __future__ import annotations

from itertools import combinations
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.process.steiner import CoverCosts

# root -> systems -> system -> bios, root -> managers -> manager -> media
LINKS = {
    "systems": ["system"],
    "system": ["bios"],
    "managers": ["manager"],
    "manager": ["media"],
    "bios": [],
    "media": [],
}
REVERSE = {"system": ["systems"], "bios": ["system"], "manager": ["managers"], "media": ["manager"]}
KNOWN = ["systems", "managers"]


def test_one_terminal_costs_its_path() -> None:
    assert CoverCosts([frozenset({"bios"})], REVERSE).total(KNOWN) == 3


def test_shared_steps_are_paid_once() -> None:
    assert CoverCosts([frozenset({"bios"}), frozenset({"system"})], REVERSE).total(KNOWN) == 3
    assert CoverCosts([frozenset({"bios"}), frozenset({"media"})], REVERSE).total(KNOWN) == 6


def test_the_nearest_of_several_sources_counts() -> None:
    assert CoverCosts([frozenset({"bios", "managers"})], REVERSE).total(KNOWN) == 1


def test_every_first_read_of_a_shortest_cover_is_listed() -> None:
    both = CoverCosts([frozenset({"bios"}), frozenset({"media"})], REVERSE)
    assert both.best_reads(KNOWN) == KNOWN
    assert CoverCosts([frozenset({"bios"})], REVERSE).best_reads(KNOWN) == ["systems"]


def test_nothing_to_discover_costs_nothing() -> None:
    assert CoverCosts([], REVERSE).total([]) == 0
    assert CoverCosts([], REVERSE).best_reads(KNOWN) == []


def test_what_no_link_leads_to_cannot_be_covered() -> None:
    cover = CoverCosts([frozenset({"elsewhere"})], REVERSE)
    assert cover.total(KNOWN) == inf
    assert cover.best_reads(KNOWN) == []


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, list[str]], list[frozenset[str]], list[str]]:
    nodes = [f"n{number}" for number in range(draw(st.integers(3, 7)))]
    edges = draw(st.sets(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)), max_size=14))
    terminals = draw(st.lists(st.frozensets(st.sampled_from(nodes), min_size=1, max_size=2), min_size=1, max_size=3))
    known = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=3, unique=True))
    reverse: dict[str, list[str]] = {}
    for source, target in sorted(edges):
        reverse.setdefault(target, []).append(source)
    return reverse, terminals, known


@given(graphs())
def test_totals_equal_an_exhaustive_search(graph: tuple[dict[str, list[str]], list[frozenset[str]], list[str]]) -> None:
    reverse, terminals, known = graph
    nodes = {
        *reverse,
        *known,
        *(node for sources in reverse.values() for node in sources),
        *frozenset().union(*terminals),
    }
    assert CoverCosts(terminals, reverse).total(known) == _exhaustive(sorted(nodes), reverse, terminals, known)


def _exhaustive(
    nodes: list[str], reverse: dict[str, list[str]], terminals: list[frozenset[str]], known: list[str]
) -> float:
    for size in range(1, len(nodes) + 1):
        for chosen in map(set, combinations(nodes, size)):
            if all(chosen & terminal for terminal in terminals) and _readable(chosen, reverse, known):
                return size
    return inf


def _readable(chosen: set[str], reverse: dict[str, list[str]], known: list[str]) -> bool:
    read: set[str] = set()
    while True:
        more = {node for node in chosen - read if node in known or set(reverse.get(node, ())) & read}
        if not more:
            return read == chosen
        read |= more
