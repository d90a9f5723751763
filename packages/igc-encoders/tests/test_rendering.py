from __future__ import annotations

import json
import math
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.errors import EncodingError
from igc_encoders.rendering import Kind, Rendered, render

SYSTEM = {
    "@odata.id": "/redfish/v1/Systems/1",
    "Name": "My system",
    "PowerState": "On",
    "Count": 3,
    "Status": {"State": "Enabled"},
    "Boot": {"Override": "Pxe", "Override@Redfish.AllowableValues": ["Pxe", "Hdd"]},
    "Links": {"Chassis": [{"@odata.id": "/redfish/v1/Chassis/1"}]},
    "Actions": {
        "#ComputerSystem.Reset": {
            "target": "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
            "ResetType@Redfish.AllowableValues": ["On", "ForceOff"],
        }
    },
}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def pieces(rendered: Rendered) -> dict[Kind, list[str]]:
    found: dict[Kind, list[str]] = {}
    for span in rendered.spans:
        found.setdefault(span.kind, []).append(rendered.text[span.start : span.end])
    return found


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_body_comes_back_exactly_and_spans_tile_the_text(body: dict[str, Any]) -> None:
    rendered = render(body)
    assert json.loads(rendered.body) == body
    assert [span.start for span in rendered.spans[1:]] == [span.end for span in rendered.spans[:-1]]
    assert (rendered.spans[0].start, rendered.spans[-1].end) == (0, len(rendered.text))
    rendered.text.encode()


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_body_is_what_the_standard_library_writes(body: dict[str, Any]) -> None:
    assert render(body).body == json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def test_header_holds_path_methods_and_status() -> None:
    rendered = render({}, path="/redfish/v1/Systems", methods=["GET", "POST"], status=404)
    assert rendered.text == "/redfish/v1/Systems GET,POST 404\n{}"


def test_path_is_what_the_body_says_where_none_is_given() -> None:
    assert render(SYSTEM).text.startswith("/redfish/v1/Systems/1 * 200\n{")


def test_header_is_one_line_whatever_the_path() -> None:
    assert render({}, path="/a\nb\ud800").text.count("\n") == 1


def test_parts_are_told_apart() -> None:
    found = pieces(render(SYSTEM))
    assert found[Kind.PATH] == ["/redfish/v1/Systems/1"] * 2 + ["/redfish/v1/Chassis/1"]
    assert found[Kind.TEXT] == ["My system"]
    assert found[Kind.ENUM] == ["On", "Enabled", "Pxe", "Pxe", "Hdd"]
    assert found[Kind.ACTION] == [
        "#ComputerSystem.Reset",
        "target",
        "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
    ]
    assert found[Kind.PARAMETER] == ["ResetType@Redfish.AllowableValues", "On", "ForceOff"]
    assert found[Kind.VALUE] == ["3"]
    assert "Links" in found[Kind.KEY]


def test_depth_is_no_matter() -> None:
    body: dict[str, Any] = {}
    for _ in range(10_000):
        body = {"a": [body]}
    assert render(body).body == '{"a":[' * 10_000 + "{}" + "]}" * 10_000


def test_numbers_that_json_does_not_know_are_written_as_python_does() -> None:
    found = json.loads(render({"a": [math.nan, math.inf, -math.inf]}).body)["a"]
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, -math.inf]


def test_lone_surrogates_survive() -> None:
    rendered = render({"\udfff": "a\ud800b\N{SNOWMAN}"})
    assert rendered.text.encode().isascii() is False
    assert json.loads(rendered.body) == {"\udfff": "a\ud800b\N{SNOWMAN}"}


def test_any_mapping_and_sequence_will_do() -> None:
    assert render(MappingProxyType({"a": (1, MappingProxyType({}))})).body == '{"a":[1,{}]}'


@pytest.mark.parametrize("body", [{"a": object()}, {"a": b"x"}, {1: 2}, [], None, {"a": 10**5000}])
def test_what_is_no_json_is_refused(body: Any) -> None:
    with pytest.raises(EncodingError) as found:
        render(body)
    assert "\n" not in str(found.value)
