from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import members_of, value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build, directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.simulator import Simulator

ACCOUNTS, SESSIONS = f"{ROOT}/AccountService/Accounts", f"{ROOT}/SessionService/Sessions"
ROOT_USER, JANE = f"{ACCOUNTS}/1", f"{ACCOUNTS}/2"
NEW = {"UserName": "alice", "Password": "Secret#123", "RoleId": "ReadOnly"}


def post(host: Simulator, **change: Any) -> Response:
    return host.perform(Request("POST", ACCOUNTS, {**NEW, **change}))


def patch(host: Simulator, uri: str, **change: Any) -> Response:
    return host.perform(Request("PATCH", uri, change))


def message(answer: Response) -> str:
    listed = value_at(answer.body, "error/@Message.ExtendedInfo")
    return str(listed[0]["MessageId"]).rpartition(".")[2]


def slots(simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]) -> Simulator:
    empty = {"UserName": "", "RoleId": "None", "Enabled": False, "Links": {}}
    tree[f"{ACCOUNTS}/3"] = {**tree[JANE], **empty, "@odata.id": f"{ACCOUNTS}/3", "Id": "3"}
    tree[ACCOUNTS]["Members"].append({"@odata.id": f"{ACCOUNTS}/3"})
    return simulate(account_slots=True)


def test_a_new_user_is_listed_let_in_and_never_shown_with_a_password(host: Simulator) -> None:
    answer = post(host)
    created = answer.headers["Location"]
    assert answer.status == 201
    assert created in members_of(host.get(ACCOUNTS))
    body = host.get(created) or {}
    assert (body["UserName"], body["RoleId"], body["Password"]) == ("alice", "ReadOnly", None)
    assert value_at(body, "Links/Role/@odata.id") == f"{ROOT}/AccountService/Roles/ReadOnly"
    assert host.authenticate("alice", "Secret#123")


def test_keys_of_an_account_are_neither_stored_nor_shown(host: Simulator) -> None:
    keys = {"AuthenticationKey": "Zq9vault-a", "EncryptionKey": "Zq9vault-b"}
    made = post(host, SNMP={"EncryptionProtocol": "None", **keys})
    assert made.status == 201
    assert value_at(made.body, "SNMP") == {"EncryptionProtocol": "None"}
    created = made.headers["Location"]
    before = host.perform(Request("GET", created)).headers["ETag"]
    assert patch(host, created, SNMP={"EncryptionKey": "Zq9vault-c", "EncryptionProtocol": "CBC_DES"}).ok
    after = host.perform(Request("GET", created))
    assert value_at(after.body, "SNMP") == {"EncryptionProtocol": "CBC_DES"}
    assert patch(host, created, SNMP={"AuthenticationKey": "Zq9vault-d"}).ok
    last = host.perform(Request("GET", created))
    assert value_at(last.body, "SNMP") == value_at(after.body, "SNMP")
    assert len({before, after.headers["ETag"], last.headers["ETag"]}) == 3
    assert "Zq9vault" not in repr(host.world)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"UserName": "jane"}, "ResourceAlreadyExists"),
        ({"UserName": "  "}, "PropertyValueFormatError"),
        ({"RoleId": "Pilot"}, "PropertyValueNotInList"),
        ({"Password": "short"}, "PropertyValueError"),
        ({"Password": "x" * 21}, "PropertyValueError"),
        ({"UserName": "alice-alice", "Password": "alice-alice"}, "PropertyValueError"),
    ],
)
def test_a_bad_account_is_refused_and_its_password_hidden(
    host: Simulator, change: dict[str, str], expected: str
) -> None:
    answer = post(host, **change)
    assert (answer.status, message(answer)) == (400, expected)
    assert NEW["Password"] not in str(answer.body)
    assert change.get("Password", "-") not in str(value_at(answer.body, "error"))
    assert len(members_of(host.get(ACCOUNTS))) == 2


def test_accounts_are_limited(host: Simulator) -> None:
    while (answer := post(host, UserName=f"user{len(members_of(host.get(ACCOUNTS)))}")).ok:
        pass
    assert message(answer) == "CreateLimitReachedForResource"
    assert len(members_of(host.get(ACCOUNTS))) == directory.MAX_ACCOUNTS


def test_a_service_that_names_accounts_after_users_goes_on_to_do_so(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[ROOT_USER]["Id"], tree[JANE]["Id"] = "root", "jane"
    assert post(simulate()).headers["Location"] == f"{ACCOUNTS}/alice"


@pytest.mark.parametrize("change", [{"Enabled": False}, {"RoleId": "Operator"}])
def test_the_last_administrator_is_neither_disabled_nor_demoted(host: Simulator, change: dict[str, Any]) -> None:
    assert patch(host, ROOT_USER, **change).status == 403
    patch(host, JANE, RoleId="Administrator")
    assert patch(host, ROOT_USER, **change).ok


def test_the_last_administrator_is_not_deleted(host: Simulator) -> None:
    assert host.perform(Request("DELETE", ROOT_USER)).status == 403
    assert host.perform(Request("DELETE", JANE)).ok
    assert members_of(host.get(ACCOUNTS)) == [ROOT_USER]


@pytest.mark.parametrize("request_", [Request("DELETE", JANE), Request("PATCH", JANE, {"Enabled": False})])
def test_who_may_no_longer_log_in_has_no_sessions(host: Simulator, request_: Request) -> None:
    assert members_of(host.get(SESSIONS)) == [f"{SESSIONS}/a1"]
    assert host.perform(request_).ok
    assert members_of(host.get(SESSIONS)) == []


def test_a_role_change_moves_the_link(host: Simulator) -> None:
    patch(host, JANE, RoleId="ReadOnly")
    assert value_at(host.get(JANE), "Links/Role/@odata.id") == f"{ROOT}/AccountService/Roles/ReadOnly"


def test_a_renamed_user_keeps_the_password(host: Simulator) -> None:
    patch(host, JANE, Password="Secret#123")
    assert patch(host, JANE, UserName="joan").ok
    assert host.authenticate("joan", "Secret#123")
    assert not host.authenticate("jane", "Secret#123")
    assert message(patch(host, JANE, UserName="root")) == "ResourceAlreadyExists"


def test_an_account_without_slots_keeps_its_name(host: Simulator) -> None:
    assert message(patch(host, JANE, UserName="")) == "PropertyValueFormatError"


def test_slots_are_filled_and_emptied_by_patch_alone(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    host, slot = slots(simulate, tree), f"{ACCOUNTS}/3"
    assert post(host).status == 405
    assert host.perform(Request("DELETE", JANE)).status == 405
    assert message(patch(host, slot, UserName="alice")) == "PropertyMissing"
    assert patch(host, slot, **NEW, Enabled=True).ok
    assert host.authenticate("alice", "Secret#123")
    assert patch(host, slot, UserName="").ok
    body = host.get(slot) or {}
    assert (body["UserName"], body["RoleId"], body["Enabled"]) == ("", "None", False)
    assert not host.authenticate("alice", "Secret#123")
    assert patch(host, ROOT_USER, UserName="").status == 403


@pytest.mark.parametrize("quirk", [False, True])
def test_goals_are_prepared_so_that_they_are_not_reached(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]], quirk: bool
) -> None:
    family = build("account")
    host = slots(simulate, tree) if quirk else simulate()
    for goal in list(family.goals(host)):
        host.reset()
        if family.observe(goal, host, host) == family.wanted(goal):
            host.apply(partial(family.prepare, goal))
        assert family.observe(goal, host, host) != family.wanted(goal), goal


def test_a_created_user_can_be_taken_away_again(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    family = build("account")
    goal = Goal(family="account", verb="create", target=ACCOUNTS, arguments={"user": "jane", "role": "Operator"})
    for host in (simulate(), slots(simulate, tree)):
        assert family.observe(goal, host, host) == family.wanted(goal)
        host.apply(partial(family.prepare, goal))
        assert family.observe(goal, host, host) == {"UserName": None, "RoleId": None}


def test_a_wanted_role_is_taken_away_first(host: Simulator) -> None:
    family = build("account")
    goal = Goal(family="account", verb="role", target=ACCOUNTS, arguments={"user": "jane", "role": "Operator"})
    assert family.observe(goal, host, host) == family.wanted(goal)
    host.apply(partial(family.prepare, goal))
    assert (host.get(JANE) or {})["RoleId"] == "Administrator"


def test_the_last_administrator_is_in_no_example(host: Simulator) -> None:
    users = {goal.arguments["user"] for goal in build("account").goals(host)}
    assert users == {"igc-operator", "jane"}


def test_accounts_that_do_not_show_whether_they_are_enabled_are_not_disabled(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    for uri in (ROOT_USER, JANE):
        del tree[uri]["Enabled"]
    verbs = {goal.verb for goal in build("account").goals(simulate())}
    assert verbs == {"create", "delete", "role"}


def test_a_change_needs_a_user_who_is_there(host: Simulator) -> None:
    goal = build("account").parse("account disable user=nobody")
    assert goal is not None
    with pytest.raises(GoalError, match=r"no user 'nobody'.*root, jane"):
        build("account").bind(goal, host)


def test_a_role_must_be_one_that_the_machine_shows(host: Simulator) -> None:
    for verb, more in (("create", {"user": "alice", "password": "x"}), ("role", {"user": "jane"})):
        goal = Goal(family="account", verb=verb, arguments={**more, "role": "King"})
        with pytest.raises(GoalError, match="choose one of: Administrator, Operator, ReadOnly") as caught:
            build("account").bind(goal, host)
        assert caught.value.code == "goal-not-expressible"


def test_goals_about_two_users_do_not_contradict_each_other(book: GoalBook, host: Simulator) -> None:
    created = [f"account create user={user} password=Secret#123 role=Operator" for user in "ab"]
    assert len(book.bind(book.parse(" and ".join(created)), host).parts) == 2
    with pytest.raises(GoalError, match="cannot both hold"):
        book.bind(book.parse("account disable user=jane and account enable user=jane"), host)


def test_what_stands_where_the_target_does_is_not_repeated_beside_a_password(book: GoalBook, host: Simulator) -> None:
    with pytest.raises(GoalError, match="no resource of that name") as caught:
        book.bind(book.parse("account create user=a password=Zq9 Tail#77 role=Operator"), host)
    assert "Tail" not in str(caught.value)
