from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.goals.session import SessionFamily

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
ACCOUNTS = f"{ROOT}/AccountService/Accounts"
SESSIONS = f"{ROOT}/SessionService/Sessions"


def basic(name: str, password: str | None = None) -> str:
    return "Basic " + base64.b64encode(f"{name}:{name if password is None else password}".encode()).decode()


@pytest.fixture(params=["built in", "by a handler"])
def guarded(request: pytest.FixtureRequest, machine: Any, rules: Any, make: Any) -> Simulator:
    """A host with three users, each of whom has the own name as password."""
    credentials = {name: name for name in ("root", "op", "ro")}
    handlers = [rules, SessionFamily()] if request.param == "by a handler" else [rules]
    simulator: Simulator = make(machine, handlers, authenticate=True, credentials=credentials)
    return simulator


@pytest.fixture
def ask(guarded: Simulator, sender_to: Any) -> Callable[..., Response]:
    send: Callable[..., Response] = sender_to(guarded)
    return send


def test_only_the_root_and_its_documents_are_open(ask: Any) -> None:
    for uri in ("/redfish", ROOT, f"{ROOT}/", f"{ROOT}/odata", f"{ROOT}/$metadata"):
        assert ask("GET", uri).status == 200
        assert ask("HEAD", uri).status == 200
    for uri in (SYSTEM, SESSIONS, f"{ROOT}/Nowhere"):
        answer = ask("GET", uri)
        assert answer.status == 401
        assert "Basic" in answer.headers["WWW-Authenticate"]
    assert ask("PATCH", SYSTEM, {"AssetTag": "x"}).status == 401


@pytest.mark.parametrize(
    "header", [basic("root", "wrong"), basic("nobody"), basic(""), "Basic !", "Basic", "Bearer x", "", "Basic AA=="]
)
def test_wrong_credentials_are_401_and_leak_nothing(header: str, ask: Any) -> None:
    answer = ask("GET", SYSTEM, Authorization=header)
    assert answer.status == 401
    assert "root" not in str(answer.body)


def test_basic_lets_in(ask: Any) -> None:
    assert ask("GET", SYSTEM, Authorization=basic("ro")).status == 200


def log_in(ask: Any, name: str) -> tuple[str, str]:
    answer = ask("POST", SESSIONS, {"UserName": name, "Password": name})
    assert answer.status == 201
    assert answer.body["Password"] is None
    return answer.headers["X-Auth-Token"], answer.headers["Location"]


def test_a_session_lives_from_login_to_logout(ask: Any, guarded: Simulator) -> None:
    token, session = log_in(ask, "root")
    assert token not in str(guarded.world.memory)
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 200
    assert ask("GET", SYSTEM, X_Auth_Token=token + "x").status == 401
    assert log_in(ask, "root")[0] != token
    assert ask("DELETE", session, X_Auth_Token=token).status == 204
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 401


def test_a_wrong_login_is_401_and_changes_nothing(ask: Any, guarded: Simulator) -> None:
    before = guarded.world.key()
    for payload in ({"UserName": "root", "Password": "no"}, {"UserName": "nobody", "Password": "nobody"}):
        assert ask("POST", SESSIONS, payload).status == 401
    assert guarded.world.key() == before


def test_an_idle_session_expires(ask: Any, guarded: Simulator) -> None:
    token, _ = log_in(ask, "root")
    guarded.wait(1700)
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 200
    guarded.wait(1700)
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 200
    guarded.wait(1801)
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 401


def test_roles_decide_what_may_be_changed(ask: Any) -> None:
    reset = f"{SYSTEM}/Actions/ComputerSystem.Reset"
    new = {"UserName": "new", "Password": "S3cret-word", "RoleId": "Operator"}
    for name, system, users in (("ro", 403, 403), ("op", 204, 403), ("root", 204, 201)):
        assert ask("POST", reset, {"ResetType": "On"}, Authorization=basic(name)).status == system
        assert ask("POST", ACCOUNTS, new, Authorization=basic(name)).status == users


def test_everybody_may_change_the_own_password_only(ask: Any) -> None:
    assert ask("PATCH", f"{ACCOUNTS}/3", {"Password": "n3w-Secret"}, Authorization=basic("ro")).status == 200
    assert ask("PATCH", f"{ACCOUNTS}/3", {"RoleId": "Administrator"}, Authorization=basic("ro")).status == 403
    assert ask("PATCH", f"{ACCOUNTS}/2", {"Password": "n3w-Secret"}, Authorization=basic("ro")).status == 403


def test_a_change_of_the_own_account_is_judged_by_what_its_bytes_say(ask: Any) -> None:
    for body in (b'{"RoleId": "Administrator"}', b'{"Password": "n3w-Secret", "RoleId": "Administrator"}'):
        assert ask("PATCH", f"{ACCOUNTS}/3", body, Authorization=basic("ro")).status == 403
    assert ask("PATCH", f"{ACCOUNTS}/3", b'{"Password": "n3w-Secret"}', Authorization=basic("ro")).status == 200


def test_a_disabled_or_demoted_account_is_so_at_once(ask: Any) -> None:
    token, _ = log_in(ask, "op")
    assert ask("PATCH", SYSTEM, {"AssetTag": "x"}, X_Auth_Token=token).status == 200
    ask("PATCH", f"{ACCOUNTS}/2", {"RoleId": "ReadOnly"}, Authorization=basic("root"))
    assert ask("PATCH", SYSTEM, {"AssetTag": "y"}, X_Auth_Token=token).status == 403
    ask("PATCH", f"{ACCOUNTS}/2", {"Enabled": False}, Authorization=basic("root"))
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 401
    ask("DELETE", f"{ACCOUNTS}/3", Authorization=basic("root"))
    assert ask("GET", SYSTEM, Authorization=basic("ro")).status == 401


def test_a_session_of_somebody_else_is_not_ended(ask: Any) -> None:
    token, session = log_in(ask, "root")
    assert ask("DELETE", session, Authorization=basic("ro")).status == 403
    assert ask("GET", SYSTEM, X_Auth_Token=token).status == 200


def test_who_must_change_the_password_may_do_nothing_else(ask: Any, guarded: Simulator, keys: Any) -> None:
    guarded.apply(lambda transaction: transaction.set(f"{ACCOUNTS}/2", "PasswordChangeRequired", True))
    answer = ask("GET", SYSTEM, Authorization=basic("op"))
    assert (answer.status, keys(answer)) == (403, ["PasswordChangeRequired"])
    assert ask("GET", f"{ACCOUNTS}/2", Authorization=basic("op")).status == 200
    assert ask("PATCH", f"{ACCOUNTS}/2", {"Password": "n3w-Secret"}, Authorization=basic("op")).status == 200


def test_who_must_change_the_password_is_told_so_at_the_login(ask: Any, guarded: Simulator) -> None:
    guarded.apply(lambda transaction: transaction.set(f"{ACCOUNTS}/2", "PasswordChangeRequired", True))
    answer = ask("POST", SESSIONS, {"UserName": "op", "Password": "op"})
    assert answer.status == 201
    told = answer.body["@Message.ExtendedInfo"][0]
    assert told["MessageId"].endswith(".PasswordChangeRequired")
    assert told["MessageArgs"] == [f"{ACCOUNTS}/2"]
    token = answer.headers["X-Auth-Token"]
    assert ask("PATCH", f"{ACCOUNTS}/2", {"Enabled": True}, X_Auth_Token=token).status == 403
    assert ask("DELETE", answer.headers["Location"], X_Auth_Token=token).status == 204


def test_privileges_count_as_old_firmware_spells_them(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    role = {"@odata.type": "#Role.v1_0_0.Role", "Id": "Operator", "AssignedPrivileges": ["Login", "ConfigureUser"]}
    roles = f"{ROOT}/AccountService/Roles"
    listing = {
        "@odata.type": "#RoleCollection.RoleCollection",
        "Members": [{"@odata.id": f"{roles}/Operator"}],
        "Members@odata.count": 1,
    }
    machine = build(extra={roles: listing, f"{roles}/Operator": role})
    ask = sender_to(make(machine, [rules], authenticate=True, credentials={"op": "op"}))
    assert ask("PATCH", f"{ACCOUNTS}/3", {"Enabled": False}, Authorization=basic("op")).status == 200


def test_policies_of_logging_in_may_be_changed(ask: Any) -> None:
    service = f"{ROOT}/SessionService"
    assert ask("PATCH", service, {"SessionTimeout": 60}, Authorization=basic("root")).status == 200
    assert ask("PATCH", service, {"SessionTimeout": 1}, Authorization=basic("root")).status == 400
    assert ask("PATCH", service, {"SessionTimeout": 90}, Authorization=basic("op")).status == 403


def test_a_certificate_is_taken(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    listing = {"@odata.type": "#CertificateCollection.CertificateCollection", "Members": [], "Members@odata.count": 0}
    machine = build(extra={f"{ROOT}/Certificates": listing})
    ask = sender_to(make(machine, [rules], authenticate=True, credentials={"root": "root"}))
    given = {"CertificateString": "-----BEGIN CERTIFICATE-----", "CertificateType": "PEM"}
    answer = ask("POST", f"{ROOT}/Certificates", given, Authorization=basic("root"))
    assert answer.status == 201
    assert given.items() <= answer.body.items()


def test_a_role_of_the_tree_counts_more_than_its_name(build: Any, rules: Any, make: Any, sender_to: Any) -> None:
    role = {"@odata.type": "#Role.v1_3_0.Role", "Id": "Operator", "AssignedPrivileges": ["Login", "ConfigureUsers"]}
    roles = f"{ROOT}/AccountService/Roles"
    listing = {
        "@odata.type": "#RoleCollection.RoleCollection",
        "Members": [{"@odata.id": f"{roles}/Operator"}],
        "Members@odata.count": 1,
    }
    machine = build(extra={roles: listing, f"{roles}/Operator": role})
    ask = sender_to(make(machine, [rules], authenticate=True, credentials={"op": "op"}))
    assert ask("PATCH", SYSTEM, {"AssetTag": "x"}, Authorization=basic("op")).status == 403
    assert ask("PATCH", f"{ACCOUNTS}/3", {"Enabled": False}, Authorization=basic("op")).status == 200


def test_a_user_without_account_is_an_administrator_and_survives_a_reset(
    machine: Any, rules: Any, make: Any, sender_to: Any
) -> None:
    host = make(machine, [rules], authenticate=True, credentials={"guest": "pass"})
    host.reset()
    ask = sender_to(host)
    assert ask("PATCH", SYSTEM, {"AssetTag": "x"}, Authorization=basic("guest", "pass")).status == 200
    assert host.authenticate("guest", "pass")
    assert "pass" not in str(host.world.memory.values())
