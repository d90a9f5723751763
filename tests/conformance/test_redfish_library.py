"""python-redfish-library, DMTF's own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import redfish
from redfish.rest.v1 import InvalidCredentialsError

USER, PASSWORD = "admin", "Correct-Horse-7"
OTHER, SECRET = "flow-user", "Another-Horse-8"


def _client(bmc: Any, user: str = USER, password: str = PASSWORD) -> Any:
    return redfish.redfish_client(bmc.url, user, password, cafile=str(bmc.certificate), max_retry=1)


@pytest.fixture
def client(bmc: Any) -> Iterator[Any]:
    """A client with a session."""
    one = _client(bmc)
    one.login(auth="session")
    yield one
    one.get(bmc.find("Systems"))
    if bmc.send("GET", bmc.find("Systems"), auth=None, headers={"X-Auth-Token": one.get_session_key()}).ok:
        one.logout()


@pytest.fixture
def account(bmc: Any) -> str:
    """A new ReadOnly user."""
    return _add(bmc, "ReadOnly")


def _add(bmc: Any, role: str) -> str:
    accounts = bmc.find("AccountService", "Accounts")
    body = {"UserName": OTHER, "Password": SECRET, "RoleId": role}
    answer = bmc.send("POST", accounts, body)
    if answer.status_code == 405:  # accounts are slots
        slots = [link["@odata.id"] for link in bmc.get(accounts)["Members"]]
        free = next(uri for uri in slots[1:] if not bmc.get(uri).get("UserName"))
        bmc.change("PATCH", free, {**body, "Enabled": True})
        return free
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def _patch(client: Any, path: str, body: dict[str, Any]) -> Any:
    """Change what was read, as some services demand it."""
    return client.patch(path, body=body, headers={"If-Match": client.get(path).getheader("ETag")})


def test_session_login_and_logout(bmc: Any) -> None:
    client = _client(bmc)
    client.login(auth="session")
    key = client.get_session_key()
    assert client.get(bmc.find("Systems")).status == 200
    client.logout()
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers={"X-Auth-Token": key}).status_code == 401


def test_basic_login(bmc: Any) -> None:
    client = _client(bmc)
    client.login(auth="basic")
    assert client.get(bmc.find("Systems")).status == 200
    client.logout()


def test_wrong_password_is_refused(bmc: Any) -> None:
    with pytest.raises(InvalidCredentialsError):
        _client(bmc, password="wrong").login(auth="session")


def test_root_is_read_without_login(bmc: Any) -> None:
    client = _client(bmc)
    assert client.root["RedfishVersion"]
    assert client.get("/redfish/v1/").status == 200


def test_every_link_of_the_root_is_read(client: Any) -> None:
    for key, value in client.get("/redfish/v1/").dict.items():
        if isinstance(value, dict) and "@odata.id" in value:
            assert client.get(value["@odata.id"]).status == 200, key


def test_head_has_the_headers_of_a_get(client: Any, bmc: Any) -> None:
    system = bmc.find("Systems", 0)
    head, get = client.head(system), client.get(system)
    assert (head.status, head.read) == (200, b"")
    assert head.getheader("ETag") == get.getheader("ETag")


def test_patch_with_the_present_etag(client: Any, bmc: Any) -> None:
    system = bmc.tagged()
    etag = client.get(system).getheader("ETag")
    answer = client.patch(system, body={"AssetTag": "R7-U12"}, headers={"If-Match": etag})
    assert answer.status in {200, 204}
    assert client.get(system).dict["AssetTag"] == "R7-U12"


def test_patch_with_an_old_etag_is_refused(client: Any, bmc: Any) -> None:
    system = bmc.tagged()
    etag = client.get(system).getheader("ETag")
    assert _patch(client, system, {"AssetTag": "one"}).status in {200, 204}
    answer = client.patch(system, body={"AssetTag": "two"}, headers={"If-Match": etag})
    assert answer.status == 412
    assert client.get(system).dict["AssetTag"] == "one"


def test_unchanged_resource_is_not_sent_again(client: Any, bmc: Any) -> None:
    system = bmc.tagged()
    etag = client.get(system).getheader("ETag")
    assert client.get(system, headers={"If-None-Match": etag}).status == 304
    assert _patch(client, system, {"AssetTag": "new"}).status in {200, 204}
    assert client.get(system, headers={"If-None-Match": etag}).status == 200


def test_errors_tell_the_message_and_the_property(client: Any, bmc: Any) -> None:
    answer = _patch(client, bmc.system(), {"NoSuchProperty": 1})
    message = answer.dict["error"]["@Message.ExtendedInfo"][0]
    assert answer.status == 400
    assert message["MessageId"].startswith("Base.1.")
    assert message["MessageId"].endswith(".PropertyUnknown")
    assert message["MessageArgs"] == ["NoSuchProperty"]


def test_update_is_followed_by_its_monitor(client: Any, bmc: Any) -> None:
    target = bmc.action(bmc.find("UpdateService"), "UpdateService.SimpleUpdate")
    answer = client.post(target, body={"ImageURI": "http://192.0.2.9/bios-9.9.9.bin", "TransferProtocol": "HTTP"})
    assert answer.status == 202
    assert answer.task_location
    monitor = answer.monitor(client)
    assert monitor.is_processing
    for _ in range(50):
        if not monitor.is_processing:
            break
        time.sleep(0.2)
        monitor = client.get(answer.task_location)
    assert not monitor.is_processing


def test_queries_are_answered(client: Any, bmc: Any) -> None:
    if not bmc.get("/redfish/v1").get("ProtocolFeaturesSupported", {}).get("SelectQuery"):
        pytest.skip("an old service root that tells of no queries")
    found = client.get(bmc.find("Systems"), args={"$select": "Name"}).dict
    assert "Name" in found
    assert "Members" not in found


def test_new_user_logs_in_and_may_only_read(bmc: Any, account: str) -> None:
    client = _client(bmc, OTHER, SECRET)
    client.login(auth="session")
    system = bmc.system()
    assert client.get(system).status == 200
    assert client.patch(system, body={"AssetTag": "mine"}).status == 403
    assert client.patch(account, body={"RoleId": "Administrator"}).status == 403
    client.logout()


def test_new_password_ends_the_old_one(bmc: Any, account: str) -> None:
    client = _client(bmc, OTHER, SECRET)
    client.login(auth="basic")
    assert _patch(client, account, {"Password": "Third-Horse-9"}).status in {200, 204}
    with pytest.raises(InvalidCredentialsError):
        _client(bmc, OTHER, SECRET).login(auth="session")
    again = _client(bmc, OTHER, "Third-Horse-9")
    again.login(auth="session")
    again.logout()


def test_disabled_user_is_shut_out_at_once(bmc: Any, account: str) -> None:
    client = _client(bmc, OTHER, SECRET)
    client.login(auth="session")
    bmc.change("PATCH", account, {"Enabled": False})
    assert client.get(bmc.find("Systems")).status == 401


def test_power_is_switched(client: Any, bmc: Any) -> None:
    system = bmc.system()
    target = bmc.action(system, "ComputerSystem.Reset")
    for kind, state in (("ForceOff", "Off"), ("On", "On")):
        assert client.post(target, body={"ResetType": kind}).status in {200, 202, 204}
        assert bmc.settle(system) == state


def test_put_is_refused_with_what_is_allowed(client: Any, bmc: Any) -> None:
    answer = client.put(bmc.find("Systems"), body={})
    assert answer.status == 405
    assert "GET" in answer.getheader("Allow")
