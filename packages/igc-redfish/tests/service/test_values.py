from __future__ import annotations

from typing import Any

import pytest

from igc_redfish.facts import PropertyFact
from igc_redfish.service.values import fault_of, kind_of, shown


@pytest.mark.parametrize(
    ("value", "fact", "fault"),
    [
        ("a", PropertyFact("string"), None),
        (None, PropertyFact("string"), None),
        (None, PropertyFact("string", nullable=False), "TypeError"),
        (1, PropertyFact("string"), "TypeError"),
        (True, PropertyFact("integer"), "TypeError"),
        (2.0, PropertyFact("integer"), None),
        (2.5, PropertyFact("number"), None),
        (1, PropertyFact("boolean"), "TypeError"),
        (-1, PropertyFact("integer", minimum=0), "OutOfRange"),
        (9, PropertyFact("integer", maximum=8), "OutOfRange"),
        ("b", PropertyFact("string", enum=("a",)), "NotInList"),
        ("P1D", PropertyFact("string", pattern="^P[0-9]+D$"), None),
        ("1D", PropertyFact("string", pattern="^P[0-9]+D$"), "FormatError"),
        ("any", PropertyFact("string", pattern="("), None),  # a pattern that nobody can read demands nothing
        ({"@odata.id": "/x"}, PropertyFact("link"), None),
        ({"id": "/x"}, PropertyFact("link"), "TypeError"),
        (["a", None, {}], PropertyFact("array", "string"), None),
        (["a", 1], PropertyFact("array", "string"), "TypeError"),
        ("a", PropertyFact("array", "string"), "TypeError"),
        ([["x"]], PropertyFact("array", "array"), None),
        ({}, PropertyFact("object"), None),
        (object, PropertyFact("any"), None),
    ],
)
def test_a_value_is_judged_by_its_place(value: Any, fact: PropertyFact, fault: str | None) -> None:
    assert fault_of(value, fact) == fault


def test_what_the_service_lists_replaces_the_schema() -> None:
    fact = PropertyFact("string", enum=("a", "b"))
    assert fault_of("b", fact, ("a",)) == "NotInList"
    assert fault_of("c", fact, ("c",)) is None
    assert fault_of(7, PropertyFact("integer"), (5, 6)) == "NotInList"


def test_kinds_are_those_of_json() -> None:
    values: list[Any] = [True, 1, 1.5, "x", [], {}, None]
    assert [kind_of(value) for value in values] == ["boolean", "number", "number", "string", "array", "object", "null"]


def test_long_values_are_cut_and_secrets_masked() -> None:
    assert shown("Name", "x" * 500) == "x" * 200 + "..."
    assert shown("Name", [1]) == "[1]"
    assert shown("Password", "S3cret-word") == "<redacted>"
