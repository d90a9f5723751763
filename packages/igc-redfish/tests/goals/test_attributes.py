from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_redfish.goals.attributes import describe, shaped, shown_value, with_value

DESCRIBED = {"current_value": "Auto", "AllowableValues": ["Auto", "Off"], "default_value": "Auto"}


def entry(kind: str, **more: Any) -> dict[str, Any]:
    return {"AttributeName": "A", "Type": kind, **more}


def choices(*values: str) -> dict[str, Any]:
    return entry("Enumeration", Value=[{"ValueName": value} for value in values])


@pytest.mark.parametrize(
    ("registered", "value", "key"),
    [
        (choices("x", "y"), "y", None),
        (choices("x", "y"), "z", "PropertyValueNotInList"),
        (entry("Integer", LowerBound=0, UpperBound=8, ScalarIncrement=4), 4, None),
        (entry("Integer", LowerBound=0, UpperBound=8, ScalarIncrement=4), 5, "PropertyValueOutOfRange"),
        (entry("Integer", LowerBound=0, UpperBound=8), 9, "PropertyValueOutOfRange"),
        (entry("Integer", LowerBound=0, UpperBound=8), -1, "PropertyValueOutOfRange"),
        (entry("Integer"), "4", "PropertyValueTypeError"),
        (entry("Integer"), True, "PropertyValueTypeError"),
        (entry("Boolean"), False, None),
        (entry("Boolean"), 0, "PropertyValueTypeError"),
        (entry("String", MinLength=1, MaxLength=3), "abc", None),
        (entry("String", MinLength=1, MaxLength=3), "abcd", "PropertyValueOutOfRange"),
        (entry("String", MinLength=1, MaxLength=3), "", "PropertyValueOutOfRange"),
        (entry("Password"), 7, "PropertyValueTypeError"),
        (entry("Boolean", ReadOnly=True), True, "PropertyNotWritable"),
        (entry("Boolean", GrayOut=True), True, "PropertyNotWritable"),
        (entry("Boolean", Immutable=True), True, "PropertyNotWritable"),
    ],
)
def test_the_registry_decides_what_fits(registered: dict[str, Any], value: Any, key: str | None) -> None:
    complaint = describe("A", None, registered).complaint(value)
    assert (complaint.key if complaint else None) == key


@pytest.mark.parametrize(
    ("shown", "value", "fits"),
    [(4, 5, True), (4, "5", False), (4, True, False), ("x", "y", True), (True, 1, False), (None, [], True)],
)
def test_without_a_registry_the_type_of_the_present_value_decides(shown: Any, value: Any, fits: bool) -> None:
    assert (describe("A", shown, None).complaint(value) is None) == fits


def test_an_attribute_may_describe_itself() -> None:
    attribute = describe("A", DESCRIBED, None)
    assert attribute.complaint("Off") is None
    assert attribute.complaint("Full") is not None
    assert (attribute.default, attribute.alternative("Auto")) == ("Auto", "Off")
    assert shown_value(DESCRIBED) == "Auto"
    assert with_value(DESCRIBED, "Off") == {**DESCRIBED, "current_value": "Off"}
    assert shaped(DESCRIBED, "Off") == {"current_value": "Off"}


@pytest.mark.parametrize(
    ("registered", "shown", "other"),
    [
        (choices("x", "y", "z"), "z", "x"),
        (choices("x"), "x", None),
        (entry("Integer", LowerBound=0, UpperBound=8, ScalarIncrement=4), 8, 4),
        (entry("Integer"), 7, None),
        (entry("Boolean"), True, False),
        (entry("Boolean", ReadOnly=True), True, None),
        (entry("String"), "rack 7", None),
        (None, "Enabled", "Disabled"),
        (None, 0, 1),
        (None, 2, None),
    ],
)
def test_an_alternative_is_only_named_where_it_is_certain(registered: Any, shown: Any, other: Any) -> None:
    assert describe("A", shown, registered).alternative(shown) == other


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 5), st.integers(0, 20))
def test_an_alternative_integer_always_fits(low: int, span: int, step: int, place: int) -> None:
    attribute = describe("A", 0, entry("Integer", LowerBound=low, UpperBound=low + span, ScalarIncrement=step))
    present = low + (place % (span + 1)) // step * step
    other = attribute.alternative(present)
    assert other is None or (other != present and attribute.complaint(other) is None)
