from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.service.merging import merge_array
from igc_redfish.service.profile import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.machine import Machine
    from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
BIOS = f"{SYSTEM}/Bios"
PORT = f"{SYSTEM}/EthernetInterfaces/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
MANAGER_RESET = f"{ROOT}/Managers/1/Actions/Manager.Reset"


@pytest.mark.parametrize(
    ("uri", "payload", "message", "pointer"),
    [
        (SYSTEM, {"Nonsense": 1}, "PropertyUnknown", "#/Nonsense"),
        (SYSTEM, {"IndicatorLED": "Lit"}, "PropertyUnknown", "#/IndicatorLED"),
        (SYSTEM, {"PowerState": "Off"}, "PropertyNotWritable", "#/PowerState"),
        (SYSTEM, {"Id": "2"}, "PropertyNotWritable", "#/Id"),
        (SYSTEM, {"Actions": {}}, "PropertyNotWritable", "#/Actions"),
        (SYSTEM, {"AssetTag": 5}, "PropertyValueTypeError", "#/AssetTag"),
        (SYSTEM, {"LocationIndicatorActive": "true"}, "PropertyValueTypeError", "#/LocationIndicatorActive"),
        (SYSTEM, {"Boot": []}, "PropertyValueTypeError", "#/Boot"),
        (SYSTEM, {"Boot": {"BootOrder": [1]}}, "PropertyValueTypeError", "#/Boot/BootOrder"),
        (
            SYSTEM,
            {"Boot": {"BootSourceOverrideTarget": "Hdd"}},  # in the schema, but not allowable on this host
            "PropertyValueNotInList",
            "#/Boot/BootSourceOverrideTarget",
        ),
        (
            SYSTEM,
            {"Boot": {"BootSourceOverrideEnabled": "Twice"}},
            "PropertyValueNotInList",
            "#/Boot/BootSourceOverrideEnabled",
        ),
        (SYSTEM, {"Oem": {"Maker": {"Shape": "round"}}}, "PropertyUnknown", "#/Oem/Maker/Shape"),
        (SYSTEM, {"Oem": {"Maker": {"Depth": "3"}}}, "PropertyValueTypeError", "#/Oem/Maker/Depth"),
        (PORT, {"VLAN": {"VLANId": 4095}}, "PropertyValueOutOfRange", "#/VLAN/VLANId"),
        (PORT, {"VLAN": {"VLANId": 1.5}}, "PropertyValueTypeError", "#/VLAN/VLANId"),
        (PORT, {"IPv4StaticAddresses": [{"Address": 1}]}, "PropertyValueTypeError", "#/IPv4StaticAddresses/0/Address"),
        (PORT, {"IPv4StaticAddresses": [{"Colour": 1}]}, "PropertyUnknown", "#/IPv4StaticAddresses/0/Colour"),
        (f"{ROOT}/OemThing", {"Flag": "x"}, "PropertyValueTypeError", "#/Flag"),
        (f"{ROOT}/OemThing", {"Id": "x"}, "PropertyNotWritable", "#/Id"),
        (f"{ROOT}/OemThing", {"More": "x"}, "PropertyUnknown", "#/More"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_and_named(
    uri: str, payload: Any, message: str, pointer: str, host: Simulator, send: Any, keys: Any
) -> None:
    before = host.world.key()
    answer = send("PATCH", uri, payload)
    assert answer.status == 400
    assert keys(answer) == [message]
    assert answer.body["error"]["@Message.ExtendedInfo"][0]["RelatedProperties"] == [pointer]
    assert host.world.key() == before


@pytest.mark.parametrize(
    ("uri", "payload"),
    [
        (SYSTEM, {"AssetTag": "a"}),
        (SYSTEM, {"Boot": {"BootSourceOverrideTarget": "Pxe", "BootSourceOverrideEnabled": "Once"}}),
        (SYSTEM, {"Boot": {"BootOrder": ["Boot0002", "Boot0001"]}}),
        (SYSTEM, {"Oem": {"Maker": {"Colour": "red"}}}),
        (PORT, {"VLAN": {"VLANId": 12, "VLANEnable": True}}),
        (PORT, {"MTUSize": 9000}),
        (f"{BIOS}/Settings", {"Attributes": {"Turbo": "Off"}}),
        (f"{ROOT}/OemThing", {"Flag": False, "Text": "b"}),
    ],
)
def test_a_valid_value_is_seen_by_the_next_read(uri: str, payload: dict[str, Any], send: Any) -> None:
    answer = send("PATCH", uri, payload)
    assert answer.status == 200
    assert answer.body == send("GET", uri).body
    assert _contains(answer.body, payload)


def _contains(body: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return all(key in body and _contains(body[key], value) for key, value in part.items())
    return bool(body == part)


def test_a_patch_leaves_everything_else_alone(send: Any) -> None:
    before = send("GET", SYSTEM).body
    after = send("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideTarget": "Cd"}}).body
    rest = {**after, "Boot": before["Boot"], "@odata.etag": before["@odata.etag"]}
    assert rest == before
    assert after["Boot"]["BootOrder"] == ["Boot0001", "Boot0002"]


def test_what_fits_is_done_though_something_else_does_not(send: Any, keys: Any) -> None:
    answer = send("PATCH", SYSTEM, {"AssetTag": "a", "PowerState": "Off", "Nonsense": 1})
    assert answer.status == 200
    assert answer.body["AssetTag"] == "a"
    assert keys(answer) == ["PropertyNotWritable", "PropertyUnknown"]
    assert "@Message.ExtendedInfo" not in send("GET", SYSTEM).body


def test_several_faults_make_a_general_error(send: Any, keys: Any) -> None:
    answer = send("PATCH", SYSTEM, {"AssetTag": 1, "Nonsense": 1})
    assert answer.body["error"]["code"] == "Base.1.22.GeneralError"
    assert keys(answer) == ["PropertyValueTypeError", "PropertyUnknown"]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({}, "EmptyJSON"),
        ({"@odata.id": SYSTEM}, "NoOperation"),
        (None, "MalformedJSON"),
        (b"{", "MalformedJSON"),
        ([1], "UnrecognizedRequestBody"),
        ("text", "UnrecognizedRequestBody"),
        ({"AssetTag": {1, 2}}, "MalformedJSON"),
        ({"AssetTag": "\ud800"}, "MalformedJSON"),
    ],
)
def test_a_body_that_is_no_request_is_refused(payload: Any, message: str, send: Any, keys: Any) -> None:
    answer = send("PATCH", SYSTEM, payload)
    assert (answer.status, keys(answer)) == (400, [message])


@pytest.mark.parametrize("levels", [70, 5000])
def test_a_body_nested_too_deep_is_refused(levels: int, send: Any) -> None:
    nested: Any = {}
    for _ in range(levels):
        nested = {"Oem": nested}
    assert send("PATCH", SYSTEM, nested).status == 400
    assert send("PATCH", SYSTEM, b'{"Oem":' * levels + b"1" + b"}" * levels).status == 400


def test_bytes_and_any_mapping_are_bodies(send: Any) -> None:
    assert send("PATCH", SYSTEM, b'{"AssetTag": "bytes"}').body["AssetTag"] == "bytes"
    assert send("PATCH", SYSTEM, MappingProxyType({"AssetTag": "proxy"})).body["AssetTag"] == "proxy"


def test_a_payload_is_not_changed_nor_kept(send: Any, host: Simulator) -> None:
    order = ["Boot0002"]
    payload = {"Boot": {"BootOrder": order}}
    send("PATCH", SYSTEM, payload)
    order.append("changed later")
    assert host.get(SYSTEM)["Boot"]["BootOrder"] == ["Boot0002"]  # type: ignore[index,call-overload]


def test_array_elements_keep_merge_go_and_come(send: Any) -> None:
    added = [{}, {"Address": "192.0.2.2", "SubnetMask": "255.255.0.0"}]
    both = send("PATCH", PORT, {"IPv4StaticAddresses": added}).body["IPv4StaticAddresses"]
    assert [item["Address"] for item in both] == ["192.0.2.1", "192.0.2.2"]
    merged = send("PATCH", PORT, {"IPv4StaticAddresses": [None, {"SubnetMask": "255.0.0.0"}]}).body
    assert merged["IPv4StaticAddresses"] == [{"Address": "192.0.2.2", "SubnetMask": "255.0.0.0"}]
    assert send("PATCH", PORT, {"IPv4StaticAddresses": []}).body["IPv4StaticAddresses"] == []


def test_writable_properties_of_the_host_narrow_the_schema(
    build: Any, rules: Any, make: Any, sender_to: Any, keys: Any
) -> None:
    body = {
        "@odata.type": "#Bios.v1_2_0.Bios",
        "@Redfish.WriteableProperties": ["Name"],
        "Attributes": {"Turbo": "On"},
    }
    send = sender_to(make(build(extra={f"{ROOT}/Narrow": body}), [rules]))
    assert keys(send("PATCH", f"{ROOT}/Narrow", {"Attributes": {"Turbo": "Off"}})) == ["PropertyNotWritable"]


def test_what_a_settings_object_stages_is_not_set_directly(send: Any) -> None:
    assert send("GET", BIOS).headers["Allow"] == "GET, HEAD"
    assert send("PATCH", BIOS, {"Attributes": {"Turbo": "Off"}}).status == 405


def test_an_unsupported_apply_time_is_refused(send: Any, keys: Any) -> None:
    payload = {"Attributes": {"Turbo": "Off"}, "@Redfish.SettingsApplyTime": {"ApplyTime": "Immediate"}}
    assert keys(send("PATCH", f"{BIOS}/Settings", payload)) == ["PropertyValueNotInList"]
    payload["@Redfish.SettingsApplyTime"] = {"ApplyTime": "OnReset"}
    answer = send("PATCH", f"{BIOS}/Settings", payload)
    assert answer.status == 200
    assert "@Redfish.SettingsApplyTime" not in answer.body


def test_a_write_only_value_is_not_shown_but_changes_the_etag(send: Any) -> None:
    uri = f"{ACCOUNTS}/2"
    before = send("GET", uri)
    answer = send("PATCH", uri, {"Password": "S3cret-word"})
    assert answer.status == 200
    assert answer.body["Password"] is None
    assert answer.headers["ETag"] != before.headers["ETag"]


def test_secrets_are_masked_in_refusals(send: Any) -> None:
    answer = send("PATCH", f"{ACCOUNTS}/2", {"Password": 12345678})
    assert answer.status == 400
    assert "12345678" not in str(answer.body)


def test_if_match_guards_a_change(send: Any, keys: Any) -> None:
    stale = send("PATCH", SYSTEM, {"AssetTag": "x"}, If_Match='W/"old"')
    assert (stale.status, keys(stale)) == (412, ["PreconditionFailed"])
    etag = send("GET", SYSTEM).headers["ETag"]
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}, If_Match=f"W/{etag}").status == 200
    assert send("PATCH", SYSTEM, {"AssetTag": "y"}, If_Match=etag).status == 412
    assert send("PATCH", SYSTEM, {"AssetTag": "y"}, If_Match="*").status == 200
    assert send("DELETE", f"{ACCOUNTS}/2", If_Match='"old"').status == 412


def test_a_service_may_demand_if_match(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    send = sender_to(make(build(profile=Profile(require_if_match=True)), [rules]))
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}).status == 428
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}, If_Match='"captured"').status == 200


def test_a_service_may_answer_without_the_body(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    send = sender_to(make(build(profile=Profile(patch_returns_body=False)), [rules]))
    answer = send("PATCH", SYSTEM, {"AssetTag": "x"})
    assert (answer.status, answer.body) == (204, None)
    assert answer.headers["ETag"] == send("GET", SYSTEM).headers["ETag"]
    assert send("PATCH", SYSTEM, {"AssetTag": "y", "Nonsense": 1}).status == 200


def test_another_media_type_is_415(send: Any) -> None:
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}, Content_Type="text/xml").status == 415
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}, Content_Type="application/json; charset=utf-8").status == 200


def test_a_rule_that_refuses_leaves_no_trace(host: Simulator, send: Any, keys: Any) -> None:
    before = host.world.key()
    answer = send("PATCH", SYSTEM, {"AssetTag": "forbidden"})
    assert (answer.status, keys(answer)) == (409, ["PropertyValueConflict"])
    assert host.world.key() == before


def test_a_rule_that_breaks_is_500_and_leaves_no_trace(
    host: Simulator, send: Any, keys: Any, caplog: pytest.LogCaptureFixture
) -> None:
    before = host.world.key()
    answer = send("PATCH", SYSTEM, {"AssetTag": "broken"})
    assert (answer.status, keys(answer)) == (500, ["InternalError"])
    assert host.world.key() == before
    assert "a bug of the handler" in caplog.text


@pytest.mark.parametrize("uri", [ACCOUNTS, f"{ACCOUNTS}/Members"])
def test_a_new_member_is_found_where_location_says(uri: str, host: Simulator, send: Any) -> None:
    answer = send("POST", uri, {"UserName": "new", "Password": "S3cret-word", "RoleId": "Operator"})
    assert answer.status == 201
    member = answer.headers["Location"]
    read = send("GET", member)
    assert (read.body, read.headers["ETag"]) == (answer.body, answer.headers["ETag"])
    assert {"@odata.id", "@odata.type", "Id", "Name"} <= answer.body.keys()
    assert "S3cret-word" not in str(host.world.changes)
    listing = send("GET", ACCOUNTS).body
    assert {"@odata.id": member} in listing["Members"]
    assert listing["Members@odata.count"] == 4


@pytest.mark.parametrize(
    ("payload", "messages"),
    [
        ({"UserName": "a"}, ["PropertyMissing", "PropertyMissing"]),
        ({"UserName": 1, "Password": "p", "RoleId": "r"}, ["PropertyValueTypeError"]),
        ({"UserName": "a", "Password": "p", "RoleId": "r", "Colour": 1}, ["PropertyUnknown"]),
        ({"UserName": "a", "Password": "p", "RoleId": "r", "Id": "9"}, ["PropertyNotWritable"]),
    ],
)
def test_a_new_member_that_does_not_fit_is_refused(
    payload: Any, messages: list[str], host: Simulator, send: Any, keys: Any
) -> None:
    before = host.world.key()
    answer = send("POST", ACCOUNTS, payload)
    assert (answer.status, keys(answer)) == (400, messages)
    assert host.world.key() == before


def test_a_deleted_member_is_gone_from_everywhere(send: Any) -> None:
    assert send("DELETE", f"{ACCOUNTS}/2").status == 204
    assert send("GET", f"{ACCOUNTS}/2").status == 404
    assert send("GET", f"{ACCOUNTS}/2/").status == 404
    listing = send("GET", ACCOUNTS).body
    assert listing["Members@odata.count"] == len(listing["Members"]) == 2
    assert send("DELETE", f"{ACCOUNTS}/2").status == 404
    assert send("DELETE", f"{ACCOUNTS}/1").status == 403


def test_what_was_created_and_deleted_leaves_the_tree_as_it_was(host: Simulator, send: Any) -> None:
    made = send("POST", ACCOUNTS, {"UserName": "new", "Password": "S3cret-word", "RoleId": "Operator"})
    send("DELETE", made.headers["Location"])
    assert not host.world.changes


@pytest.mark.parametrize(
    ("target", "payload", "messages"),
    [
        (RESET, {"ResetType": "Nmi"}, ["ActionParameterValueNotInList"]),
        (RESET, {"ResetType": 1}, ["ActionParameterValueTypeError"]),
        (RESET, {"ResetType": "On", "Colour": 1}, ["ActionParameterUnknown"]),
        (MANAGER_RESET, {}, ["ActionParameterMissing"]),
        (MANAGER_RESET, None, ["ActionParameterMissing"]),
        (MANAGER_RESET, {"ResetType": "ForceRestart"}, ["ActionParameterValueNotInList"]),
    ],
)
def test_action_parameters_are_checked(
    target: str, payload: Any, messages: list[str], host: Simulator, send: Any, keys: Any
) -> None:
    before = host.world.key()
    answer = send("POST", target, payload)
    assert (answer.status, keys(answer)) == (400, messages)
    assert host.world.key() == before


@pytest.mark.parametrize("body", [None, {}])
def test_an_action_without_required_parameters_needs_no_body(body: Any, send: Any) -> None:
    assert send("POST", RESET, body).status == 204
    assert send("POST", f"{RESET}/", body).status == 204


def test_an_action_that_nobody_answers_is_not_supported(send: Any, keys: Any) -> None:
    for target in (f"{ROOT}/Managers/1/Actions/Manager.ModifyRedundancySet", f"{ROOT}/elsewhere/Maker.Blink"):
        answer = send("POST", target, {})
        assert (answer.status, keys(answer), answer.headers["Allow"]) == (405, ["ActionNotSupported"], "")
    assert send("POST", f"{SYSTEM}/Actions/ComputerSystem.Nonsense", {}).status == 404


def test_a_query_does_not_belong_to_a_change(send: Any) -> None:
    assert send("PATCH", f"{SYSTEM}?$select=AssetTag", {"AssetTag": "x"}).status == 400
    assert send("PATCH", f"{SYSTEM}?note=1", {"AssetTag": "x"}).status == 200


def test_two_worlds_of_one_machine_share_nothing_that_changes(
    machine: Machine, rules: Any, make: Any, sender_to: Callable[[Simulator], Callable[..., Response]]
) -> None:
    one = make(machine, [rules])
    other = make(one.service)
    sender_to(one)("PATCH", SYSTEM, {"AssetTag": "mine"})
    assert one.get(SYSTEM)["AssetTag"] == "mine"
    assert other.get(SYSTEM)["AssetTag"] == ""
    assert machine.get(SYSTEM)["AssetTag"] == ""  # type: ignore[index]
    with pytest.raises(ValueError, match="shared"):
        make(one.service, [rules])


def test_array_elements_that_are_no_objects_stay_too() -> None:
    assert merge_array(["a", "b", "c"], [{}, None, "d", {}]) == ["a", "d"]


def test_slots_are_neither_made_nor_deleted(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    send = sender_to(make(build(profile=Profile(account_slots=True)), [rules]))
    for method, uri in (("POST", ACCOUNTS), ("DELETE", f"{ACCOUNTS}/2")):
        answer = send(method, uri, {"UserName": 7} if method == "POST" else None)
        assert answer.status == 405
        assert method not in answer.headers["Allow"].split(", ")
    assert send("PATCH", f"{ACCOUNTS}/2", {"Enabled": False}).ok
