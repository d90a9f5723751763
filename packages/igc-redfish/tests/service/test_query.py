from __future__ import annotations

from typing import Any

import pytest

from igc_redfish.service.core import Service
from igc_redfish.service.filtering import parse_filter
from igc_redfish.service.serving import Serving
from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"


def names(body: Any) -> list[str]:
    return [member.get("UserName", member["@odata.id"].rpartition("/")[2]) for member in body["Members"]]


def test_expand_puts_members_where_links_stood(send: Any) -> None:
    body = send("GET", f"{ACCOUNTS}?$expand=.").body
    assert names(body) == ["root", "op", "ro"]
    assert send("GET", ACCOUNTS).body["Members"][0] == {"@odata.id": f"{ACCOUNTS}/1"}


@pytest.mark.parametrize(("kind", "bios", "manager"), [(".", True, False), ("~", False, True), ("*", True, True)])
def test_expand_tells_links_from_subordinates(kind: str, bios: bool, manager: bool, send: Any) -> None:
    body = send("GET", f"{SYSTEM}?$expand={kind}").body
    assert ("Attributes" in body["Bios"]) is bios
    assert ("Actions" in body["Links"]["ManagedBy"][0]) is manager


def test_expand_goes_as_deep_as_asked(send: Any) -> None:
    one = send("GET", f"{ROOT}?$expand=.($levels=1)").body
    assert one["Systems"]["Members"] == [{"@odata.id": SYSTEM}]
    two = send("GET", f"{ROOT}?$expand=.($levels=2)").body
    assert two["Systems"]["Members"][0]["HostName"] == "node"


def test_select_counts_nothing_but_members(build: Any, make: Any, sender_to: Any) -> None:
    role = {
        "@odata.type": "#Role.v1_3_0.Role",
        "Id": "R",
        "AssignedPrivileges": [],
        "AssignedPrivileges@odata.count": 0,
    }
    send = sender_to(make(build(extra={f"{ROOT}/Role": role})))
    assert "AssignedPrivileges@odata.count" not in send("GET", f"{ROOT}/Role?$select=AssignedPrivileges").body
    assert "Members@odata.count" in send("GET", f"{ROOT}/Systems?$select=Members").body


def test_select_keeps_paths_and_what_odata_says(send: Any) -> None:
    body = send("GET", f"{SYSTEM}?$select=HostName,Boot/BootSourceOverrideTarget").body
    assert body == {
        "@odata.id": SYSTEM,
        "@odata.type": "#ComputerSystem.v1_20_0.ComputerSystem",
        "@odata.etag": '"captured"',
        "HostName": "node",
        "Boot": {
            "BootSourceOverrideTarget": "None",
            "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd"],
        },
    }


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("UserName eq 'op'", ["op"]),
        ("UserName ne 'op'", ["root", "ro"]),
        ("not UserName eq 'op'", ["root", "ro"]),
        ("UserName eq 'op' or UserName eq 'ro' and Enabled eq false", ["op"]),
        ("(UserName eq 'op' or UserName eq 'ro') and Enabled eq true", ["op", "ro"]),
        ("UserName gt 'op'", ["root", "ro"]),
        ("UserName gt 5", []),
        ("Enabled eq 1", []),
        ("Nonsense eq null", ["root", "op", "ro"]),
        ("UserName eq 'it''s'", []),
    ],
)
def test_filter_keeps_the_members_that_pass(expression: str, found: list[str], send: Any) -> None:
    body = send("GET", f"{ACCOUNTS}?$filter={expression.replace(' ', '%20')}&$expand=.").body
    assert names(body) == found
    assert body["Members@odata.count"] == len(found)


@pytest.mark.parametrize(
    "expression",
    ["", "UserName", "UserName eq", "UserName like 'x'", "(UserName eq 'x'", "UserName eq 'x')", "eq eq [1]", "'"],
)
def test_a_filter_that_cannot_be_read_is_refused(expression: str, send: Any, keys: Any) -> None:
    answer = send("GET", f"{ACCOUNTS}?$filter={expression}")
    assert (answer.status, keys(answer)) == (400, ["QueryParameterValueFormatError"])


@pytest.mark.parametrize("text", ["(" * 500, "not " * 400 + "A eq 1", "A eq 1 " * 1000])
def test_a_filter_may_be_hostile(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_filter(text)


def test_pages_count_all_members(send: Any) -> None:
    body = send("GET", f"{ACCOUNTS}?$skip=1&$top=1").body
    assert [member["@odata.id"] for member in body["Members"]] == [f"{ACCOUNTS}/2"]
    assert body["Members@odata.count"] == 3
    assert len(send("GET", ACCOUNTS).body["Members"]) == 3
    assert send("GET", f"{ACCOUNTS}?$top=0").body["Members"] == []


def test_only_gives_the_one_member(send: Any) -> None:
    assert send("GET", f"{ROOT}/Systems?only").body["@odata.id"] == SYSTEM
    assert send("GET", f"{ACCOUNTS}?only").body["@odata.id"] == ACCOUNTS


def test_an_excerpt_shows_a_sensor_in_short(build: Any, make: Any, sender_to: Any) -> None:
    sensor = {"@odata.type": "#Sensor.v1_8_0.Sensor", "Id": "1", "Name": "Fan", "Reading": 7.5}
    send = sender_to(make(build(extra={f"{ROOT}/Sensor": sensor})))
    body = send("GET", f"{ROOT}/Sensor?excerpt").body
    assert body["Reading"] == 7.5
    assert "Name" not in body
    assert send("GET", f"{SYSTEM}?excerpt").status == 400


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("$top=-1", 400, "QueryParameterValueTypeError"),
        ("$skip=x", 400, "QueryParameterValueTypeError"),
        ("$top=", 400, "QueryParameterValueTypeError"),
        ("$expand=", 400, "QueryParameterValueFormatError"),
        ("$expand=.($levels=0)", 400, "QueryParameterOutOfRange"),
        ("$expand=.($levels=99)", 400, "QueryParameterOutOfRange"),
        ("$select=", 400, "QueryParameterValueFormatError"),
        ("only=1", 400, "QueryParameterValueFormatError"),
        ("excerpt=1", 400, "QueryParameterValueFormatError"),
        ("$unheard=1", 501, "QueryParameterUnsupported"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(query: str, status: int, message: str, send: Any, keys: Any) -> None:
    answer = send("GET", f"{ACCOUNTS}?{query}")
    assert (answer.status, keys(answer)) == (status, [message])


@pytest.mark.parametrize("query", ["only", "$top=1", "$filter=Id eq '1'"])
def test_what_is_for_collections_is_refused_elsewhere(query: str, send: Any, keys: Any) -> None:
    assert keys(send("GET", f"{SYSTEM}?{query}")) == ["QueryNotSupportedOnResource"]


def test_unknown_parameters_without_dollar_are_ignored(send: Any) -> None:
    assert send("GET", f"{SYSTEM}?note=1").body == send("GET", SYSTEM).body
    assert send("GET", f"{SYSTEM}?").body == send("GET", SYSTEM).body


def walk(send: Any, first: str) -> list[Any]:
    """Follow the links from page to page."""
    pages, uri = [], first
    while uri:
        pages.append(send("GET", uri).body)
        uri = pages[-1].get("Members@odata.nextLink", "")
    return pages


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [["1", "2"], ["3"]]),
        ("?$skip=1", [["2", "3"]]),
        ("?$top=3", [["1", "2"], ["3"]]),
        ("?$top=2", [["1", "2"]]),
        ("?%24skip=0&$top=9", [["1", "2"], ["3"]]),
        ("?$expand=.", [["root", "op"], ["ro"]]),
        ("?$filter=UserName%20ne%20'op'&$expand=.", [["root", "ro"]]),
        ("?only", [["1", "2"], ["3"]]),
    ],
)
def test_a_collection_comes_in_pages_and_every_page_links_to_the_next(
    query: str, found: list[list[str]], build: Any, rules: Any, sender_to: Any
) -> None:
    host = Simulator(Service(build(), [rules], serving=Serving(page_size=2)))
    pages = walk(sender_to(host), ACCOUNTS + query)
    assert [names(page) for page in pages] == found
    assert {page["Members@odata.count"] for page in pages} == {
        len([name for page in found for name in page])
    } or "$" in query
    assert sender_to(host)("GET", SYSTEM).body == host.get(SYSTEM)


def test_a_page_is_no_change_of_the_collection(build: Any, rules: Any, sender_to: Any) -> None:
    host = Simulator(Service(build(), [rules], serving=Serving(page_size=1)))
    send = sender_to(host)
    assert len(send("GET", ACCOUNTS).body["Members"]) == 1
    assert send("POST", ACCOUNTS, {"UserName": "four", "Password": "Four-Horse-4", "RoleId": "ReadOnly"}).status == 201
    assert len((host.get(ACCOUNTS) or {})["Members"]) == 4
