from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import Capture, Resource
from igc_redfish.machine import Machine

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
ENTRIES = f"{SYSTEM}/Log/1/Entries"


def test_a_read_bears_the_headers_of_the_protocol(send: Callable[..., Response]) -> None:
    answer = send("GET", SYSTEM)
    assert answer.status == 200
    assert dict(answer.headers) == {
        "OData-Version": "4.0",
        "Content-Type": "application/json;charset=utf-8",
        "Cache-Control": "no-cache",
        "Allow": "GET, HEAD, PATCH",
        "ETag": '"captured"',
        "Link": "<http://redfish.dmtf.org/schemas/v1/ComputerSystem.v1_20_0.json>; rel=describedby",
    }


@pytest.mark.parametrize("spelling", ["/redfish/v1/Systems/1/", "/redfish/v1/systems/1", "/redfish/v1/%53ystems/1"])
def test_a_uri_is_found_however_it_is_spelt(spelling: str, send: Callable[..., Response]) -> None:
    body: Any = send("GET", spelling).body
    assert body["@odata.id"] == SYSTEM


def test_a_head_is_a_get_without_its_body(send: Callable[..., Response]) -> None:
    head, get = send("HEAD", SYSTEM), send("GET", SYSTEM)
    assert head.body is None
    assert (head.status, head.headers) == (get.status, get.headers)


def test_documents_of_the_protocol_need_no_resource(send: Callable[..., Response]) -> None:
    assert send("GET", "/redfish").body == {"v1": "/redfish/v1/"}
    service: Any = send("GET", "/redfish/v1/odata").body
    assert {"name": "Systems", "kind": "Singleton", "url": "/redfish/v1/Systems"} in service["value"]
    metadata = send("GET", "/redfish/v1/$metadata")
    assert str(metadata.body).startswith("<?xml")
    assert metadata.headers["Content-Type"].startswith("application/xml")


def test_what_is_not_there_is_404_with_a_message(send: Callable[..., Response], keys: Callable[..., list[str]]) -> None:
    answer = send("GET", f"{ROOT}/Nowhere")
    assert answer.status == 404
    assert keys(answer) == ["ResourceMissingAtURI"]
    body: Any = answer.body
    assert body["error"]["code"] == "Base.1.22.ResourceMissingAtURI"
    assert f"{ROOT}/Nowhere" in body["error"]["message"]


def test_an_action_is_only_posted_to(send: Callable[..., Response]) -> None:
    answer = send("GET", f"{SYSTEM}/Actions/ComputerSystem.Reset")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_an_unknown_method_is_501_and_put_is_405(send: Callable[..., Response]) -> None:
    assert send("TRACE", SYSTEM).status == 501
    assert send("PUT", SYSTEM, {}).status == 405


def test_options_tells_what_is_allowed(send: Callable[..., Response]) -> None:
    assert send("OPTIONS", SYSTEM).headers["Allow"] == "GET, HEAD, PATCH"
    assert send("OPTIONS", f"{ROOT}/Nowhere").status == 404


def test_another_odata_version_is_412(send: Callable[..., Response]) -> None:
    assert send("GET", SYSTEM, OData_Version="3.0").status == 412
    assert send("GET", SYSTEM, OData_Version="4.0").status == 200


def test_an_unchanged_resource_is_304(send: Callable[..., Response]) -> None:
    etag = send("GET", SYSTEM).headers["ETag"]
    assert send("GET", SYSTEM, If_None_Match=f'W/"other", {etag}').status == 304
    assert send("GET", SYSTEM, if_none_match='"other"').status == 200


def test_the_etag_follows_every_write_and_the_body_states_it(send: Callable[..., Response]) -> None:
    send("PATCH", SYSTEM, {"AssetTag": "a"})
    changed = send("GET", SYSTEM)
    body: Any = changed.body
    assert changed.headers["ETag"] == body["@odata.etag"] != '"captured"'
    send("PATCH", SYSTEM, {"AssetTag": ""})
    assert send("GET", SYSTEM).headers["ETag"] == '"captured"'


def test_a_resource_without_a_stated_etag_has_one_of_its_content(send: Callable[..., Response]) -> None:
    first = send("GET", f"{SYSTEM}/Bios/Settings").headers["ETag"]
    assert first.startswith('W/"')
    assert send("GET", f"{SYSTEM}/Bios/Settings").headers["ETag"] == first


def test_the_settings_etag_is_that_of_the_settings_object(send: Callable[..., Response]) -> None:
    for attributes in ({}, {"Turbo": "Off"}):
        if attributes:
            assert send("PATCH", f"{SYSTEM}/Bios/Settings", {"Attributes": attributes}).status == 200
        bios: Any = send("GET", f"{SYSTEM}/Bios").body
        assert bios["@Redfish.Settings"]["ETag"] == send("GET", f"{SYSTEM}/Bios/Settings").headers["ETag"]


def test_log_entries_come_inline_as_they_are_now(host: Simulator, send: Callable[..., Response]) -> None:
    body: Any = send("GET", ENTRIES).body
    assert body["Members"][0]["Message"] == "hot"
    host.apply(lambda transaction: transaction.set(f"{ENTRIES}/1", "Message", "cold"))
    body = send("GET", ENTRIES).body
    assert body["Members"][0]["Message"] == "cold"
    host.reset()
    body = send("GET", ENTRIES).body
    assert body["Members"][0]["Message"] == "hot"


def test_the_root_advertises_the_queries_that_work(send: Callable[..., Response]) -> None:
    root: Any = send("GET", f"{ROOT}/").body
    assert root["ProtocolFeaturesSupported"]["FilterQuery"] is True


def test_the_service_is_down_while_its_manager_restarts(host: Simulator, send: Callable[..., Response]) -> None:
    target = f"{ROOT}/Managers/1/Actions/Manager.Reset"
    assert send("POST", target, {"ResetType": "GracefulRestart"}).status == 204
    host.wait(29.5)
    answer = send("GET", SYSTEM)
    assert (answer.status, answer.headers["Retry-After"]) == (503, "61")
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}).status == 503
    host.wait(61)
    assert send("GET", SYSTEM).status == 200


def test_recorded_methods_win(
    build: Callable[..., Machine], rules: Any, make: Callable[..., Simulator], sender_to: Callable[..., Any]
) -> None:
    machine = build(methods={SYSTEM: ["GET"], f"{ROOT}/OemThing": ["GET", "DELETE", "PATCH"]})
    host = make(machine, [rules])
    send = sender_to(host)
    assert send("GET", SYSTEM).headers["Allow"] == "GET"
    assert send("PATCH", SYSTEM, {"AssetTag": "x"}).status == 405
    assert host.service.allowed(host.world, f"{ROOT}/OemThing") == ("GET", "DELETE", "PATCH")
    assert send("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "On"}).status == 204


def test_without_handlers_nothing_can_be_changed(
    machine: Machine, make: Callable[..., Simulator], sender_to: Callable[..., Any], keys: Callable[..., list[str]]
) -> None:
    send = sender_to(make(machine))
    assert send("GET", SYSTEM).headers["Allow"] == "GET, HEAD"
    for method, uri in (
        ("PATCH", SYSTEM),
        ("DELETE", SYSTEM),
        ("PUT", SYSTEM),
        ("POST", f"{ROOT}/AccountService/Accounts"),
        ("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset"),
    ):
        answer = send(method, uri, {"AssetTag": "x"})
        assert answer.status == 405
        assert keys(answer)
    assert send("POST", f"{ROOT}/Nowhere", {}).status == 404


def test_created_resources_are_found_with_a_query_and_in_any_case(
    host: Simulator, send: Callable[..., Response]
) -> None:
    host.apply(lambda transaction: transaction.put(f"{ROOT}/New", {"@odata.id": f"{ROOT}/New", "Id": "New"}))
    assert send("GET", f"{ROOT}/New?$select=Id").body == {"@odata.id": f"{ROOT}/New", "Id": "New"}
    assert send("GET", f"{ROOT}/new/").status == 200


def test_a_captured_error_is_answered_as_one(make: Callable[..., Simulator], sender_to: Callable[..., Any]) -> None:
    root = {"@odata.id": ROOT, "@odata.type": "#ServiceRoot.v1_0_0.ServiceRoot"}
    broken = Resource(f"{ROOT}/Broken", {"error": {"code": "Base.1.0.InternalError"}}, status=500)
    tree = Machine(Capture.from_resources("broken", [Resource(ROOT, root), broken]))
    assert sender_to(make(tree))("GET", f"{ROOT}/Broken").status == 500
