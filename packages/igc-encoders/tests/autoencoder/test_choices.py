from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from igc_encoders.autoencoder.choices import BUCKETS, MOST, PAIRS, ChoiceBook
from igc_encoders.corpus import Record


def record(body: dict[str, Any], machine: str = "one") -> Record:
    return Record(machine, "/redfish/v1/Things/1", None, 200, body)


def learned(*bodies: dict[str, Any], times: int = 4) -> ChoiceBook:
    return ChoiceBook.learn(record(body) for body in bodies for _ in range(times))


def answers(book: ChoiceBook, body: dict[str, Any]) -> list[tuple[int, int]]:
    """Number of the value that is chosen, and of the values to choose from, of each choice."""
    asked = book.ask(body)
    counts = (asked.pairs[..., 0] >= 0).sum(1)
    return list(zip(asked.answers.tolist(), counts.tolist(), strict=True))


def test_words_under_a_key_are_learned_wherever_they_stand() -> None:
    book = learned({"Mood": "Calm"}, {"Inner": {"Mood": "Angry"}}, {"Members": [{"Mood": "Asleep"}]})
    assert set(book.values["Mood"]) == {"Calm", "Angry", "Asleep"}


def test_what_services_allow_counts_though_nobody_has_it() -> None:
    book = learned({"Mood": "Calm", "Mood@Redfish.AllowableValues": ["Calm", "Angry", "no word"]})
    assert set(book.values["Mood"]) == {"Calm", "Angry"}


def test_identifiers_and_sentences_are_no_choices() -> None:
    bodies = [{"Serial": f"S{number}", "Message": "Fan is broken", "Count": number, "Id": "1"} for number in range(40)]
    assert learned(*bodies, times=1).values == {}


def test_a_lone_word_is_chosen_among_those_of_another_key() -> None:
    book = learned({"LinkState": "Up"}, {"LinkState": "Down"}, {"PortState": "Up"})
    assert set(book.values["PortState"]) == {"Up", "Down"}


def test_a_lone_word_that_no_other_key_has_is_no_choice() -> None:
    assert learned({"Maker": "Acme"}).values == {}


def test_words_are_bounded() -> None:
    book = learned(*({"Mood": f"Mood{'x' * number}"} for number in range(1, 30)))
    assert len(book.values["Mood"]) == MOST


@pytest.mark.parametrize("value", [True, False])
def test_a_truth_is_a_choice_under_any_key(value: bool) -> None:
    assert answers(ChoiceBook({}), {"NeverHeardOf": value}) == [(int(value), 2)]


def test_values_that_are_not_known_are_no_choices() -> None:
    book = ChoiceBook({"Mood": ("Calm", "Angry")})
    assert answers(book, {"Mood": "Unheard", "Other": "Calm", "Reading": 3, "Nothing": None}) == []
    assert answers(book, {"Mood": "Angry"}) == [(1, 2)]


def test_lists_are_left_out() -> None:
    book = ChoiceBook({"Mood": ("Calm", "Angry")})
    assert answers(book, {"Inner": {"Mood": "Calm"}, "Members": [{"Mood": "Angry"}]}) == [(0, 2)]


def test_pairs_differ_by_value_and_share_what_paths_share() -> None:
    book = ChoiceBook({})
    top, inner = (book.ask(body).pairs[0] for body in ({"FanEnabled": True}, {"Oem": {"FanEnabled": True}}))
    other = book.ask({"DoorEnabled": True}).pairs[0]
    assert top.shape == (MOST, PAIRS)
    assert top.max() < BUCKETS
    assert not (top[0] == top[1]).any()
    assert (top == inner)[0].tolist() == [False, False, True, True]
    assert (top == other)[0].tolist() == [False, False, False, True]


def test_buckets_are_the_same_in_every_process() -> None:
    np.testing.assert_array_equal(ChoiceBook({}).ask({"Enabled": True}).pairs[0, 1], [1091, 3526, 264, 2709])


def test_states_that_agents_act_on_are_marked() -> None:
    book = ChoiceBook({"PowerState": ("On", "Off"), "Mood": ("Calm", "Angry")})
    body = {"PowerState": "On", "Mood": "Calm", "FanEnabled": True, "Locked": False}
    assert book.ask(body).acted.tolist() == [True, False, True, False]
