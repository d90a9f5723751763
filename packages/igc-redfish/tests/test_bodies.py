from __future__ import annotations

from typing import Any

import pytest

from igc_redfish import bodies

ODDITIES: list[Any] = [None, True, 7, "text", [], {}, [1], [[{}]], {"a": None}]


@pytest.mark.parametrize("value", ODDITIES)
def test_any_value_can_be_looked_into(value: Any) -> None:
    assert bodies.as_object(value) == (value if isinstance(value, dict) else {})
    assert bodies.as_array(value) == (value if isinstance(value, list) else [])
    assert bodies.as_objects(value) == []
    assert bodies.as_texts(value) == []
    holder = {"Members": value, "Actions": value, "Link": value}
    assert bodies.members_of(holder) == []
    assert bodies.action_target(holder, "Chassis.Reset") == ""
    assert bodies.link_at(holder, "Link") == ""
    assert bodies.value_at(holder, "Link/a/b/c", "none") == "none"


def test_a_missing_body_has_nothing() -> None:
    assert bodies.members_of(None) == []
    assert bodies.value_at(None, "A", 1) == 1
    assert not bodies.has(None, "A")


def test_null_is_shown() -> None:
    assert bodies.has({"A": {"B": None}}, "A/B")
    assert bodies.value_at({"A": {"B": None}}, "A/B", "none") is None


def test_links_lose_their_trailing_slash_and_members_their_doubles() -> None:
    listing = {"Members": [{"@odata.id": "/a/"}, {}, {"@odata.id": "/b"}, {"@odata.id": "/a"}, {"@odata.id": 3}]}
    assert bodies.members_of(listing) == ["/a", "/b"]
    assert bodies.link_at({"L": {"@odata.id": "/a/"}}, "L") == "/a"


def test_an_actions_target_may_be_spelt_either_way() -> None:
    for key in ("target", "Target"):
        assert bodies.action_target({"Actions": {"#A.B": {key: "/a"}}}, "A.B") == "/a"


@pytest.mark.parametrize(
    ("uri", "scheme"),
    [
        ("HTTPS://192.0.2.1/a", "https"),
        ("mailto:a@example.com", "mailto"),
        ("http:", ""),
        ("http://[", ""),
        ("//host/share", ""),
        ("file.iso", ""),
        (None, ""),
        (7, ""),
    ],
)
def test_only_absolute_uris_have_a_scheme(uri: Any, scheme: str) -> None:
    assert bodies.scheme_of(uri) == scheme


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("#Chassis.v1_2_0.Chassis", "Chassis"),
        ("#ChassisCollection.ChassisCollection", "ChassisCollection"),
        ("#Power.v1_0_2.PowerSupply", "PowerSupply"),
        ("#CrayVoltageMargins.VoltageRailsCollection", "VoltageRailsCollection"),
        ("Chassis", "Chassis"),
        ("#Chassis.v1_2_0", "Chassis"),
        ("", ""),
        (None, ""),
        (["#Chassis.v1_2_0.Chassis"], ""),
    ],
)
def test_a_type_is_the_last_part_of_its_qualified_name(declared: Any, name: str) -> None:
    assert bodies.type_name({"@odata.type": declared}) == name
