from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np

from igc_encoders.autoencoder.choices import ChoiceBook
from igc_encoders.autoencoder.variations import Variations
from igc_encoders.corpus import Record

BODY: dict[str, Any] = {
    "@odata.id": "/redfish/v1/Things/1",
    "Mood": "Calm",
    "Open": True,
    "Members": [{"Mood": "Angry", "Serial": "S1"}],
    "Reading": 3,
}
OTHER: dict[str, Any] = {"Door": {"Locked": False}, "Size": 4}
MOODS = ("Calm", "Angry", "Asleep")


def varied(count: int = 200, seed: int = 0) -> list[dict[str, Any]]:
    records = [Record("one", "/redfish/v1/Things/1", None, 200, body) for body in (BODY, OTHER)]
    variations = Variations(ChoiceBook({"Mood": MOODS}), records, np.random.default_rng(seed))
    return [variations.vary(BODY) for _ in range(count)]


def test_every_value_is_seen_often() -> None:
    moods = Counter(body["Mood"] for body in varied(600) if "Mood" in body)
    assert set(moods) == set(MOODS)
    assert min(moods.values()) > 0.1 * moods.total()


def test_choices_within_lists_vary_too() -> None:
    assert {body["Members"][0]["Mood"] for body in varied() if "Members" in body} == set(MOODS)


def test_what_is_no_choice_stays() -> None:
    for body in varied():
        assert body.get("@odata.id", BODY["@odata.id"]) == BODY["@odata.id"]
        assert body.get("Reading", 3) == 3
        assert all(member["Serial"] == "S1" for member in body.get("Members", []))
        assert isinstance(body.get("Open", True), bool)


def test_some_are_whole_and_some_are_torn() -> None:
    found = varied()
    whole = [body for body in found if list(body) == list(BODY)]
    assert 20 < len(whole) < 100
    assert any(len(body) < len(BODY) for body in found)
    assert any(list(body) != sorted(body, key=list(BODY | OTHER).index) for body in found)
    assert all(found)


def test_torn_bodies_get_choices_of_other_resources_and_nothing_else() -> None:
    added = {key for body in varied() for key in body if key not in BODY}
    assert added == {"Door"}
    assert {body["Door"]["Locked"] for body in varied() if "Door" in body} == {True, False}


def test_the_body_itself_stays_and_a_seed_gives_the_same() -> None:
    before = json.dumps(BODY)
    assert json.dumps(varied(seed=3)) == json.dumps(varied(seed=3)) != json.dumps(varied(seed=4))
    assert json.dumps(BODY) == before


def test_nothing_to_choose_is_no_obstacle() -> None:
    variations = Variations(ChoiceBook({}), [], np.random.default_rng(0))
    assert all(variations.vary({"Reading": 1}) == {"Reading": 1} for _ in range(20))
    assert all(variations.vary({}) == {} for _ in range(20))
