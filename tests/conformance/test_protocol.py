"""What DSP0266 asks of every service, request by request."""

from __future__ import annotations

import re
from typing import Any

import pytest

NAME, SECRET = "flow-user", "Another-Horse-8"


def _keys(answer: Any) -> list[str]:
    """List the messages of an error, or of a partial success."""
    body = answer.json()
    messages = body.get("error", body)["@Message.ExtendedInfo"]
    for message in messages:
        assert message["MessageId"].startswith("Base.1."), message
        assert "%" not in message["Message"], message
    return [message["MessageId"].rpartition(".")[2] for message in messages]


def _patch(bmc: Any, path: str, body: Any, **options: Any) -> Any:
    return bmc.send("PATCH", path, body, headers={"If-Match": "*"}, **options)


def _sessions(bmc: Any) -> str:
    return bmc.get("/redfish/v1/")["Links"]["Sessions"]["@odata.id"]


def _log_in(bmc: Any, user: str = "admin", password: str = "Correct-Horse-7") -> Any:
    return bmc.send("POST", _sessions(bmc), {"UserName": user, "Password": password}, auth=None)


# -- headers and addresses ------------------------------------------------------------------------------


def test_missing_resource(bmc: Any) -> None:
    answer = bmc.send("GET", "/redfish/v1/Systems/there-is-none")
    assert (answer.status_code, _keys(answer)) == (404, ["ResourceMissingAtURI"])


# -- headers -----------------------------------------------------------------------------------------------------------


def test_headers_of_a_read(bmc: Any) -> None:
    answer = bmc.send("GET", bmc.system())
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"
    assert "no-cache" in answer.headers["Cache-Control"]
    assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", "))
    version = answer.json()["@odata.type"].lstrip("#").rpartition(".")[0]
    assert re.search(rf"{re.escape(version)}\.json>; ?rel=describedby", answer.headers["Link"])


def test_head_and_options(bmc: Any) -> None:
    system = bmc.system()
    get, head = bmc.send("GET", system), bmc.send("HEAD", system)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["ETag"] == get.headers["ETag"]
    assert bmc.send("OPTIONS", system).headers["Allow"] == get.headers["Allow"]


def test_unsupported_odata_version(bmc: Any) -> None:
    assert bmc.send("GET", bmc.system(), headers={"OData-Version": "3.0"}).status_code == 412
    assert bmc.send("GET", bmc.system(), headers={"OData-Version": "4.0"}).status_code == 200


def test_etag_follows_the_content(bmc: Any) -> None:
    system = bmc.tagged()
    first = bmc.send("GET", system).headers["ETag"]
    assert bmc.send("GET", system).headers["ETag"] == first
    bmc.change("PATCH", system, {"AssetTag": "one"})
    second = bmc.send("GET", system)
    assert second.headers["ETag"] != first
    assert second.json().get("@odata.etag", second.headers["ETag"]) == second.headers["ETag"]


def test_conditional_read(bmc: Any) -> None:
    etag = bmc.send("GET", bmc.system()).headers["ETag"]
    answer = bmc.send("GET", bmc.system(), headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")
    assert bmc.send("GET", bmc.system(), headers={"If-None-Match": 'W/"other"'}).status_code == 200


def test_conditional_change(bmc: Any) -> None:
    system = bmc.tagged()
    answer = bmc.send("PATCH", system, {"AssetTag": "no"}, headers={"If-Match": 'W/"other"'})
    assert (answer.status_code, _keys(answer)) == (412, ["PreconditionFailed"])
    assert bmc.get(system).get("AssetTag") != "no"
    etag = bmc.send("GET", system).headers["ETag"].removeprefix("W/")
    assert bmc.send("PATCH", system, {"AssetTag": "yes"}, headers={"If-Match": etag}).ok


# -- who asks ----------------------------------------------------------------------------------------------------------


def test_nobody_reads_without_credentials(bmc: Any) -> None:
    answer = bmc.send("GET", bmc.find("Systems"), auth=None)
    assert answer.status_code == 401
    assert "Basic" in answer.headers["WWW-Authenticate"]
    assert "admin" not in answer.text


def test_wrong_credentials(bmc: Any) -> None:
    for auth in (("admin", "wrong"), ("nobody", "Correct-Horse-7"), ("", "")):
        assert bmc.send("GET", bmc.find("Systems"), auth=auth).status_code == 401
    headers = {"X-Auth-Token": "guessed"}
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers=headers).status_code == 401
    assert _log_in(bmc, password="wrong").status_code == 401


def test_session_is_opened(bmc: Any) -> None:
    answer = _log_in(bmc)
    assert answer.status_code == 201
    assert answer.json()["UserName"] == "admin"
    assert answer.json().get("Password") is None
    assert bmc.get(answer.headers["Location"])["Id"] == answer.json()["Id"]
    service = bmc.get(bmc.find("SessionService"))
    assert service["Sessions"]["@odata.id"] == _sessions(bmc)


def test_session_is_closed(bmc: Any) -> None:
    answer = _log_in(bmc)
    headers = {"X-Auth-Token": answer.headers["X-Auth-Token"]}
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers=headers).status_code == 200
    assert bmc.send("DELETE", answer.headers["Location"], auth=None, headers=headers).ok
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers=headers).status_code == 401
    assert bmc.send("GET", answer.headers["Location"]).status_code == 404


def test_tokens_cannot_be_guessed(bmc: Any) -> None:
    tokens = {_log_in(bmc).headers["X-Auth-Token"] for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 32 for token in tokens)


def test_idle_session_ends(bmc: Any) -> None:
    timeout = bmc.get(bmc.find("SessionService")).get("SessionTimeout")
    if not timeout:
        pytest.skip("no SessionTimeout")
    headers = {"X-Auth-Token": _log_in(bmc).headers["X-Auth-Token"]}
    bmc.advance(timeout + 60)
    assert bmc.send("GET", bmc.find("Systems"), auth=None, headers=headers).status_code == 401


# -- who may -----------------------------------------------------------------------------------------------------------


def _account(bmc: Any, role: str) -> str:
    """Add a user, or fill a slot."""
    accounts = bmc.find("AccountService", "Accounts")
    body = {"UserName": NAME, "Password": SECRET, "RoleId": role}
    answer = bmc.send("POST", accounts, body)
    if answer.status_code == 201:
        return answer.headers["Location"]
    assert answer.status_code == 405, answer.text
    slots = [link["@odata.id"] for link in bmc.get(accounts)["Members"]]
    free = next((uri for uri in slots[1:] if not bmc.get(uri).get("UserName")), None)
    if free is None:
        pytest.skip("no account can be added")
    bmc.change("PATCH", free, {**body, "Enabled": True})
    return free


def test_read_only_may_not_write(bmc: Any) -> None:
    account, system, who = _account(bmc, "ReadOnly"), bmc.system(), (NAME, SECRET)
    assert bmc.send("GET", system, auth=who).status_code == 200
    assert _patch(bmc, bmc.tagged(), {"AssetTag": "mine"}, auth=who).status_code == 403
    reset = bmc.action(system, "ComputerSystem.Reset")
    answer = bmc.send("POST", reset, {"ResetType": "ForceOff"}, auth=who)
    assert (answer.status_code, _keys(answer)) == (403, ["InsufficientPrivilege"])
    assert _patch(bmc, account, {"RoleId": "Administrator"}, auth=who).status_code == 403
    assert _patch(bmc, account, {"Password": "Third-Horse-9"}, auth=who).ok


def test_operator_may_configure_components_only(bmc: Any) -> None:
    account, who = _account(bmc, "Operator"), (NAME, SECRET)
    assert _patch(bmc, bmc.tagged(), {"AssetTag": "mine"}, auth=who).ok
    assert _patch(bmc, account, {"Enabled": True}, auth=who).status_code == 403
    subscriptions = bmc.find("EventService", "Subscriptions")
    body = {"Destination": "https://127.0.0.1:9/", "Protocol": "Redfish"}
    assert bmc.send("POST", subscriptions, body, auth=who).status_code == 403


def test_user_closes_own_session_but_no_other(bmc: Any) -> None:
    _account(bmc, "ReadOnly")
    other, own = _log_in(bmc), _log_in(bmc, NAME, SECRET)
    headers = {"X-Auth-Token": own.headers["X-Auth-Token"]}
    assert bmc.send("DELETE", other.headers["Location"], auth=None, headers=headers).status_code == 403
    assert bmc.send("DELETE", own.headers["Location"], auth=None, headers=headers).ok


def test_password_change_is_enforced(bmc: Any) -> None:
    account, who = _account(bmc, "Administrator"), (NAME, SECRET)
    if not _patch(bmc, account, {"PasswordChangeRequired": True}).ok:
        pytest.skip("PasswordChangeRequired cannot be set")
    answer = _log_in(bmc, NAME, SECRET)
    assert (answer.status_code, _keys(answer)) == (201, ["PasswordChangeRequired"])
    assert bmc.send("GET", bmc.find("Systems"), auth=who).status_code == 403
    assert bmc.send("GET", account, auth=who).status_code == 200
    assert _patch(bmc, account, {"Password": "Third-Horse-9"}, auth=who).ok
    assert bmc.send("GET", bmc.find("Systems"), auth=(NAME, "Third-Horse-9")).status_code == 200


def test_account_locks_after_wrong_passwords(bmc: Any) -> None:
    service = bmc.find("AccountService")
    account = _account(bmc, "Operator")
    known = bmc.get(service).get("AccountLockoutThreshold")
    if not known and not _patch(bmc, service, {"AccountLockoutThreshold": 3}).ok:
        pytest.skip("no AccountLockoutThreshold")
    bmc.pace(0)
    for _ in range(bmc.get(service)["AccountLockoutThreshold"]):
        assert bmc.send("GET", bmc.find("Systems"), auth=(NAME, "wrong")).status_code == 401
    assert bmc.send("GET", bmc.find("Systems"), auth=(NAME, SECRET)).status_code == 401
    if bmc.get(account).get("Locked") is not None:
        assert bmc.get(account)["Locked"] is True
        bmc.change("PATCH", account, {"Locked": False})
        assert bmc.send("GET", bmc.find("Systems"), auth=(NAME, SECRET)).status_code == 200


def test_role_change_counts_at_once(bmc: Any) -> None:
    account = _account(bmc, "Operator")
    headers = {"X-Auth-Token": _log_in(bmc, NAME, SECRET).headers["X-Auth-Token"], "If-Match": "*"}
    assert bmc.send("PATCH", bmc.tagged(), {"AssetTag": "a"}, auth=None, headers=headers).ok
    bmc.change("PATCH", account, {"RoleId": "ReadOnly"})
    assert bmc.send("PATCH", bmc.tagged(), {"AssetTag": "b"}, auth=None, headers=headers).status_code in {401, 403}


# -- bodies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"NoSuchProperty": 1}, "PropertyUnknown"),
        ({"Id": "other"}, "PropertyNotWritable"),
        ({"PowerState": "Off"}, "PropertyNotWritable"),
        ({"AssetTag": 7}, "PropertyValueTypeError"),
        ({"Boot": {"BootSourceOverrideEnabled": "Sometimes"}}, "PropertyValueNotInList"),
        ({"Boot": {"NoSuchProperty": 1}}, "PropertyUnknown"),
    ],
)
def test_bad_property_is_refused(bmc: Any, body: dict[str, Any], key: str) -> None:
    system = bmc.system()
    before = bmc.get(system)
    if not body.keys() <= {*before, "NoSuchProperty"}:
        pytest.skip(f"no {next(iter(body))}")
    answer = _patch(bmc, system, body)
    assert (answer.status_code, _keys(answer)) == (400, [key])
    assert bmc.get(system) == before


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"null", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"@odata.id": "/"}', "application/json", 400),
        (b"[" * 10000 + b"]" * 10000, "application/json", 400),
        (b"AssetTag=1", "application/x-www-form-urlencoded", 415),
        (b"<a/>", "text/xml", 415),
    ],
    ids=["cut", "array", "null", "no text", "empty", "annotations", "deep", "form", "xml"],
)
def test_bad_body_is_refused(bmc: Any, content: bytes, media: str, status: int) -> None:
    headers = {"Content-Type": media, "If-Match": "*"}
    answer = bmc.send("PATCH", bmc.system(), data=content, headers=headers)
    assert answer.status_code == status
    assert _keys(answer)


def test_good_properties_are_set_beside_bad_ones(bmc: Any) -> None:
    system = bmc.tagged()
    answer = _patch(bmc, system, {"AssetTag": "good", "NoSuchProperty": 1})
    assert (answer.status_code, _keys(answer)) == (200, ["PropertyUnknown"])
    assert bmc.get(system)["AssetTag"] == "good"


def test_patch_merges_deeply(bmc: Any) -> None:
    system = bmc.system()
    before = bmc.get(system).get("Boot", {})
    if "BootSourceOverrideTarget" not in before:
        pytest.skip("no boot override")
    targets = before.get("BootSourceOverrideTarget@Redfish.AllowableValues", ["Pxe"])
    wanted = next(target for target in targets if target != "None" and "Uefi" not in target)
    bmc.change("PATCH", system, {"Boot": {"BootSourceOverrideTarget": wanted, "BootSourceOverrideEnabled": "Once"}})
    after = bmc.get(system)["Boot"]
    assert after["BootSourceOverrideTarget"] == wanted
    assert before.keys() <= after.keys()


def test_array_elements_are_kept_replaced_and_removed(bmc: Any) -> None:
    network = bmc.find("Managers", 0, "NetworkProtocol")
    if not isinstance(bmc.get(network).get("NTP", {}).get("NTPServers"), list):
        pytest.skip("no NTPServers")
    bmc.change("PATCH", network, {"NTP": {"NTPServers": ["a.example", "b.example", "c.example"]}})
    bmc.change("PATCH", network, {"NTP": {"NTPServers": [{}, None, "d.example"]}})
    assert bmc.get(network)["NTP"]["NTPServers"] == ["a.example", "d.example"]


def test_method_that_is_not_allowed(bmc: Any) -> None:
    for method, path in (("PUT", bmc.system()), ("DELETE", bmc.find("Chassis")), ("POST", bmc.system())):
        answer = bmc.send(method, path, {} if method != "DELETE" else None)
        assert (answer.status_code, _keys(answer)) == (405, ["OperationNotAllowed"])
        assert method not in answer.headers["Allow"]
    assert bmc.send("BREW", bmc.system()).status_code == 501


# -- members and actions -----------------------------------------------------------------------------------------------


def test_member_is_created_and_deleted(bmc: Any, listener: Any) -> None:
    home = bmc.find("EventService", "Subscriptions")
    answer = bmc.send("POST", home, {"Destination": listener.url, "Protocol": "Redfish", "Context": "c"})
    assert answer.status_code == 201
    made = answer.headers["Location"]
    assert answer.json()["@odata.id"] == made
    assert answer.headers["ETag"] == bmc.send("GET", made).headers["ETag"]
    assert {"@odata.id": made} in bmc.get(home)["Members"]
    assert bmc.send("DELETE", made).ok
    assert bmc.send("GET", made).status_code == 404
    assert {"@odata.id": made} not in bmc.get(home)["Members"]


def test_member_is_created_at_members(bmc: Any, listener: Any) -> None:
    home = bmc.find("EventService", "Subscriptions")
    answer = bmc.send("POST", f"{home}/Members", {"Destination": listener.url, "Protocol": "Redfish"})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"Protocol": "Redfish"}, "PropertyMissing"),
        ({"Destination": "no address", "Protocol": "Redfish"}, "PropertyValueFormatError"),
        ({"Destination": "https://127.0.0.1:9/", "Protocol": "Pigeon"}, "PropertyValueNotInList"),
        ({"Destination": "https://127.0.0.1:9/", "Protocol": "Redfish", "NoSuchProperty": 1}, "PropertyUnknown"),
    ],
)
def test_bad_member_is_refused(bmc: Any, body: dict[str, Any], key: str) -> None:
    home = bmc.find("EventService", "Subscriptions")
    before = bmc.get(home)
    answer = bmc.send("POST", home, body)
    assert (answer.status_code, _keys(answer)[:1]) == (400, [key])
    assert bmc.get(home) == before


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"ResetType": "Sideways"}, "ActionParameterValueNotInList"),
        ({"ResetType": 7}, "ActionParameterValueTypeError"),
        ({"ResetType": "ForceOff", "Force": True}, "ActionParameterUnknown"),
    ],
)
def test_bad_parameter_is_refused(bmc: Any, body: dict[str, Any], key: str) -> None:
    system = bmc.system()
    before = bmc.get(system)["PowerState"]
    answer = bmc.send("POST", bmc.action(system, "ComputerSystem.Reset"), body)
    assert (answer.status_code, _keys(answer)) == (400, [key])
    assert bmc.get(system)["PowerState"] == before


def test_action_is_only_posted(bmc: Any) -> None:
    target = bmc.action(bmc.system(), "ComputerSystem.Reset")
    answer = bmc.send("GET", target)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert bmc.send("POST", target.replace("Reset", "Explode"), {}).status_code in {404, 400}


def test_action_info_tells_the_parameters(bmc: Any) -> None:
    action = bmc.get(bmc.system())["Actions"]["#ComputerSystem.Reset"]
    info = action.get("@Redfish.ActionInfo")
    if not info:
        pytest.skip("no ActionInfo")
    assert "ResetType" in [item["Name"] for item in bmc.get(info)["Parameters"]]
