from __future__ import annotations

from functools import partial

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import members_of
from igc_redfish.capture import ROOT
from igc_redfish.goals import build
from igc_redfish.simulator import Simulator

JANE, SESSIONS = f"{ROOT}/AccountService/Accounts/2", f"{ROOT}/SessionService/Sessions"
FAMILY = build("password")


def change(host: Simulator, password: str) -> int:
    return host.perform(Request("PATCH", JANE, {"Password": password})).status


def etag(host: Simulator) -> str:
    return host.perform(Request("GET", JANE)).headers["ETag"]


def test_only_the_new_password_lets_in(host: Simulator) -> None:
    assert change(host, "First#123") == 200
    assert change(host, "Second#123") == 200
    assert host.authenticate("jane", "Second#123")
    assert not host.authenticate("jane", "First#123")


def test_a_password_is_in_no_answer_and_in_no_state(host: Simulator) -> None:
    answer = host.perform(Request("PATCH", JANE, {"Password": "First#123"}))
    read = host.perform(Request("GET", JANE))
    assert (read.body or {})["Password"] is None  # type: ignore[index, call-overload]
    assert "First#123" not in repr((answer.body, answer.headers, read.body, host.world.memory, host.world.changes))


def test_the_etag_changes_though_the_body_does_not(host: Simulator) -> None:
    before, body = etag(host), host.get(JANE)
    change(host, "First#123")
    assert host.get(JANE) == body
    assert etag(host) != before


def test_the_same_password_again_is_no_new_state(host: Simulator) -> None:
    change(host, "First#123")
    key = host.world.key()
    change(host, "First#123")
    assert host.world.key() == key


def test_a_password_against_the_policy_changes_nothing(host: Simulator) -> None:
    key = host.world.key()
    assert change(host, "short") == 400
    assert host.world.key() == key


def test_a_change_ends_the_users_sessions_and_the_demand_for_it(host: Simulator) -> None:
    host.apply(lambda transaction: transaction.set(JANE, "PasswordChangeRequired", value=True))
    change(host, "First#123")
    assert members_of(host.get(SESSIONS)) == []
    assert (host.get(JANE) or {})["PasswordChangeRequired"] is False


def test_the_goal_is_reached_when_the_user_is_let_in(host: Simulator) -> None:
    goal = next(goal for goal in FAMILY.goals(host) if goal.target == JANE)
    assert FAMILY.observe(goal, host, host) != FAMILY.wanted(goal)
    (body,) = FAMILY.payloads(goal)["patch ManagerAccount"]
    host.perform(Request("PATCH", JANE, body))
    assert FAMILY.observe(goal, host, host) == FAMILY.wanted(goal)
    host.apply(partial(FAMILY.prepare, goal))
    assert FAMILY.observe(goal, host, host) != FAMILY.wanted(goal)


def test_the_account_follows_from_the_user(host: Simulator) -> None:
    goal = FAMILY.parse("password set user=jane password='a b'")
    assert goal is not None
    assert FAMILY.bind(goal, host).target == JANE
    for target in ("2", f"{ROOT}/AccountService/Accounts"):
        assert FAMILY.bind(goal.model_copy(update={"target": target}), host).target == JANE
    with pytest.raises(GoalError, match="no user 'jane' at 1"):
        FAMILY.bind(goal.model_copy(update={"target": "1"}), host)


def test_an_unknown_user_is_not_expressible(host: Simulator) -> None:
    goal = Goal(family="password", verb="set", arguments={"user": "nobody", "password": "First#123"})
    with pytest.raises(GoalError, match="root, jane"):
        FAMILY.bind(goal, host)


def test_no_goal_shows_its_password(host: Simulator) -> None:
    for goal in FAMILY.goals(host):
        assert str(goal.arguments["password"]) not in f"{goal} {goal!r}"


def test_no_refused_text_shows_its_password() -> None:
    with pytest.raises(GoalError) as caught:
        FAMILY.parse("password set password=First#123")
    assert "First#123" not in str(caught.value)
