from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.process.belief import (
    HOST_OFF,
    HOST_ON,
    MOST_BITS,
    MUTATES,
    RESETS,
    Belief,
    bit,
    bit_count,
    bits,
    effect,
    open_parts,
    read,
    sent,
)

BITS = st.integers(0, (1 << MOST_BITS) - 1)
EVENTS = st.one_of(
    st.tuples(st.just("sent"), BITS, BITS, st.booleans(), BITS, BITS, st.booleans()),
    st.tuples(st.just("read"), BITS, BITS),
)


def apply(belief: Belief, event: tuple[Any, ...]) -> Belief:
    name, *values = event
    if name == "read":
        return read(belief, *values, made=0)
    asks, puts, accepted, staged, spent, resets = values
    return sent(belief, effect(asks, puts, resets=resets), accepted, staged, spent)


@given(st.lists(st.lists(EVENTS, min_size=4, max_size=4), min_size=1, max_size=5), BITS.filter(bool), st.booleans())
def test_integers_and_arrays_agree(episodes: list[list[tuple[Any, ...]]], every: int, ordered: bool) -> None:
    n = len(episodes)
    zeros = np.zeros(n, np.int32)
    many = Belief(zeros, zeros, zeros)
    ones = [Belief() for _ in episodes]
    for step in range(4):
        events = [episode[step] for episode in episodes]
        ones = [apply(belief, event) for belief, event in zip(ones, events, strict=True)]
        effects = [effect(event[1], event[2], resets=event[6]) if event[0] == "sent" else 0 for event in events]
        accepted = [event[0] == "sent" and event[3] for event in events]
        staged = [event[4] if event[0] == "sent" else 0 for event in events]
        spent = [event[5] if event[0] == "sent" else 0 for event in events]
        many = sent(many, *(np.asarray(column, np.int32) for column in (effects, accepted, staged, spent)))
        shown = [event[1:] if event[0] == "read" else (0, 0) for event in events]
        many = read(many, *np.asarray(shown, np.int32).T, made=0)
        for name in ("asked", "closed", "shown"):
            assert getattr(many, name).tolist() == [getattr(belief, name) for belief in ones]
        found = open_parts(many, np.full(n, every, np.int32), np.full(n, ordered, np.int32))
        assert found.tolist() == [open_parts(belief, every, int(ordered)) for belief in ones]
        assert bit_count(found).tolist() == [bit_count(item) for item in found.tolist()]


@given(BITS, BITS, BITS, BITS.filter(bool), st.booleans())
def test_something_is_always_pursued_and_belongs_to_the_goal(
    asked: int, closed: int, shown: int, every: int, ordered: bool
) -> None:
    found = open_parts(Belief(asked, closed, shown), every, int(ordered))
    assert found
    assert found & ~every == 0
    assert not ordered or found.bit_count() == 1


@given(st.lists(EVENTS, max_size=8))
def test_nothing_is_closed_that_was_not_asked_for(events: list[tuple[Any, ...]]) -> None:
    belief = Belief()
    for event in events:
        before, belief = belief, apply(belief, event)
        assert belief.closed & ~belief.asked == 0
        spent = event[5] if event[0] == "sent" and event[6] else 0
        assert before.asked & ~belief.asked & ~spent == 0


def test_an_accepted_request_closes_its_sub_goal_and_a_refused_one_does_not() -> None:
    carried = effect(bit(1), 0)
    assert sent(Belief(), carried, accepted=True, staged=0, spent=0) == Belief(asked=2, closed=2)
    assert sent(Belief(), carried, accepted=False, staged=0, spent=0) == Belief()


def test_staged_values_are_closed_by_the_restart_that_puts_them_in_force() -> None:
    restart = effect(0, bit(0), resets=True)
    early = sent(Belief(), restart, accepted=True, staged=1, spent=0)
    assert early == Belief(), "a restart before anything is staged closes nothing"
    asked = sent(early, effect(bit(0), 0), accepted=True, staged=1, spent=0)
    assert (asked.asked, asked.closed) == (1, 0)
    assert sent(asked, restart, accepted=True, staged=1, spent=0).closed == 1


def test_what_a_start_of_the_host_spends_is_open_again() -> None:
    asked = sent(Belief(shown=HOST_ON), effect(bit(0), 0), accepted=True, staged=2, spent=1)
    assert (asked.asked, asked.closed) == (1, 1)
    restart = effect(0, bit(1), resets=True)
    assert sent(asked, restart, accepted=True, staged=2, spent=1) == Belief()
    assert sent(asked, restart, accepted=False, staged=2, spent=1) == asked
    seen = read(asked, confirms=1, refutes=0, made=0)
    assert open_parts(sent(seen, restart, accepted=True, staged=2, spent=1), 1, 0) == 1


def test_what_starts_no_host_spends_nothing() -> None:
    asked = Belief(asked=1, closed=1, shown=HOST_ON)
    off = effect(0, 0, resets=True, power="Off")
    assert sent(asked, off, accepted=True, staged=0, spent=1).closed == 1
    on = effect(0, 0, resets=True, power="On", only_if_off=True)
    assert sent(asked, on, accepted=True, staged=0, spent=1).closed == 1
    assert sent(Belief(1, 1, HOST_OFF), on, accepted=True, staged=0, spent=1).closed == 0


def test_what_was_taken_back_is_open_again() -> None:
    asked = Belief(asked=3, closed=3, shown=1)
    back = effect(0, 0, undoes=bit(0))
    assert sent(asked, back, accepted=False, staged=0, spent=0) == asked
    assert sent(asked, back, accepted=True, staged=0, spent=0) == Belief(asked=2, closed=2)
    both = effect(bit(0), 0, undoes=bit(0))
    assert sent(Belief(), both, accepted=True, staged=0, spent=0) == Belief(), "it cannot both bring and take"


def test_what_was_there_before_is_not_what_was_to_be_made() -> None:
    assert read(Belief(), confirms=3, refutes=0, made=1).shown == 2
    assert read(Belief(asked=1), confirms=3, refutes=0, made=1).shown == 3


def test_a_read_opens_what_it_shows_not_to_be_reached() -> None:
    belief = Belief(asked=3, closed=3)
    assert open_parts(belief, 7, 0) == 4
    refuted = read(belief, confirms=0, refutes=2, made=0)
    assert open_parts(refuted, 7, 0) == 6
    assert open_parts(read(refuted, confirms=2, refutes=0, made=0), 7, 0) == 4


def test_where_all_seem_done_and_the_goal_is_not_reached_what_was_not_seen_is_open_again() -> None:
    assert open_parts(Belief(asked=3, closed=3, shown=1), 3, 0) == 2
    assert open_parts(Belief(asked=3, closed=3, shown=3), 3, 0) == 3


def test_an_ordered_goal_pursues_its_first_open_sub_goal() -> None:
    assert open_parts(Belief(), 7, 1) == 1
    assert open_parts(Belief(asked=1, closed=1), 7, 1) == 2


@given(BITS, BITS, st.booleans())
def test_an_effect_holds_its_parts_apart(asks: int, puts: int, resets: bool) -> None:
    packed = effect(asks, puts, resets=resets)
    mask = (1 << MOST_BITS) - 1
    assert (packed & mask, packed >> MOST_BITS & mask, bool(packed & RESETS)) == (asks, puts, resets)
    assert packed & MUTATES


def test_sub_goals_beyond_the_last_bit_share_it() -> None:
    assert bits(range(3)) == 7
    assert bits([]) == 0
    assert bits([MOST_BITS - 1, MOST_BITS, MOST_BITS + 5]) == bit(MOST_BITS - 1) == 1 << (MOST_BITS - 1)
    assert bit_count(bits(range(20))) == MOST_BITS


def test_whether_the_host_is_on_is_known_until_it_is_reset() -> None:
    seen = read(Belief(), HOST_ON, HOST_OFF, 0)
    assert seen.shown == HOST_ON
    assert open_parts(seen, bit(0), 0) == bit(0)
    assert sent(seen, effect(0, 0, resets=True), True, 0, 0).shown == 0
    assert sent(seen, effect(0, 0, resets=True), False, 0, 0).shown == HOST_ON
    assert sent(seen, effect(0, 0, resets=True, power="Off"), True, 0, 0).shown == HOST_OFF
    assert sent(seen, effect(0, 0, resets=True, power="On"), True, 0, 0).shown == HOST_ON
    assert read(seen, HOST_OFF, HOST_ON, 0).shown == HOST_OFF


def test_switching_on_what_is_on_puts_nothing_in_force() -> None:
    staged = Belief(asked=bit(0), shown=HOST_ON)
    switch_on = effect(0, bit(0), resets=True, power="On", only_if_off=True)
    assert sent(staged, switch_on, accepted=True, staged=bit(0), spent=0).closed == 0
    off = sent(staged, effect(0, 0, resets=True, power="Off"), accepted=True, staged=bit(0), spent=0)
    assert sent(off, switch_on, accepted=True, staged=bit(0), spent=0).closed == bit(0)
    assert sent(Belief(asked=bit(0)), switch_on, accepted=True, staged=bit(0), spent=0).closed == bit(0), (
        "who knows, may be off"
    )
