from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.crawl.facts import Link
from igc_redfish.crawl.frontier import Frontier, place_of

SYSTEM = "/redfish/v1/Systems/1"
SPELLINGS = [SYSTEM, f"{SYSTEM}/", "/redfish/v1/systems/1", "/redfish/v1//Systems/./1", "/redfish/v1/Systems/%31"]


def link(target: str) -> Link:
    return Link(target, "/redfish/v1")


def drain(frontier: Frontier, *, missing: bool = False) -> list[str]:
    taken: list[str] = []
    while (found := frontier.take()) is not None:
        taken.append(found.target)
        frontier.finish(found, missing=missing)
    return taken


def test_spellings_are_one_place() -> None:
    assert len({place_of(spelling) for spelling in SPELLINGS}) == 1
    assert place_of(f"{SYSTEM}?$skip=1") != place_of(SYSTEM)


@given(st.lists(st.sampled_from(SPELLINGS), min_size=1))
def test_link_is_followed_once_whatever_its_spelling(spellings: list[str]) -> None:
    frontier = Frontier()
    frontier.add(map(link, spellings))
    assert drain(frontier) == spellings[:1]
    frontier.add(map(link, spellings))
    assert drain(frontier) == []
    assert frontier.exhausted


def test_links_are_followed_in_order() -> None:
    frontier = Frontier()
    frontier.add(link(f"{SYSTEM}/{name}") for name in "cab")
    assert [target[-1] for target in drain(frontier)] == ["c", "a", "b"]


def test_next_spelling_is_tried_where_the_first_leads_nowhere() -> None:
    frontier = Frontier()
    frontier.add(map(link, SPELLINGS[:3]))
    assert drain(frontier, missing=True) == SPELLINGS[:3]


def test_spelling_found_later_is_tried_too() -> None:
    frontier = Frontier()
    frontier.add([link(SPELLINGS[0])])
    assert drain(frontier, missing=True) == SPELLINGS[:1]
    frontier.add([link(SPELLINGS[2])])
    assert drain(frontier) == SPELLINGS[2:3]


def test_host_cannot_make_up_spellings_for_ever() -> None:
    frontier = Frontier()
    frontier.add(link(SYSTEM + "/" * number) for number in range(1000))
    assert len(drain(frontier, missing=True)) < 10


def test_walk_is_not_over_while_a_link_is_under_way() -> None:
    frontier = Frontier()
    frontier.add([link(SYSTEM)])
    taken = frontier.take()
    assert taken is not None
    assert frontier.take() is None
    assert not frontier.exhausted
    frontier.finish(taken, missing=False)
    assert frontier.exhausted


@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_closed_place_is_not_followed(first: bool) -> None:
    frontier = Frontier()
    if first:
        frontier.close(SYSTEM)
    frontier.add([link(f"{SYSTEM}/")])
    if not first:
        frontier.close(SYSTEM)
    assert drain(frontier) == []
