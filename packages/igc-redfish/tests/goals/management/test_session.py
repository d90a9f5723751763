from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from igc_core.rest import Request
from igc_redfish.bodies import members_of
from igc_redfish.capture import ROOT
from igc_redfish.goals import build, directory
from igc_redfish.service.world import World

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

SESSIONS, JANE = f"{ROOT}/SessionService/Sessions", f"{ROOT}/AccountService/Accounts/2"
FAMILY = build("session")


def log_in(host: Simulator, user: str, password: str) -> Response:
    return host.perform(Request("POST", SESSIONS, {"UserName": user, "Password": password}))


def test_a_login_gives_a_session_with_a_token_of_its_own(host: Simulator) -> None:
    first, second = log_in(host, "jane", "any"), log_in(host, "jane", "any")
    assert first.status == second.status == 201
    assert first.headers["Location"] in members_of(host.get(SESSIONS))
    assert first.headers["X-Auth-Token"] != second.headers["X-Auth-Token"]
    assert (host.get(first.headers["Location"]) or {})["Password"] is None


def test_a_token_is_in_no_state(host: Simulator) -> None:
    token = log_in(host, "jane", "any").headers["X-Auth-Token"]
    assert token not in repr((host.world.memory, host.world.changes))


def test_a_known_password_is_demanded(host: Simulator) -> None:
    host.perform(Request("PATCH", JANE, {"Password": "First#123"}))
    refused = log_in(host, "jane", "wrong")
    assert refused.status == 401
    assert "jane" not in str(refused.body)
    assert log_in(host, "jane", "First#123").status == 201


@pytest.mark.parametrize("change", [{"Enabled": False}, {"Locked": True}, {"RoleId": "None"}])
def test_who_may_not_log_in_does_not(host: Simulator, change: dict[str, Any]) -> None:
    host.apply(lambda transaction: transaction.merge(JANE, change))
    assert log_in(host, "jane", "any").status == 401
    assert [goal.arguments["user"] for goal in FAMILY.goals(host) if goal.verb == "create"] == ["root"]


def test_nobody_logs_in_without_an_account_or_a_password(host: Simulator) -> None:
    assert log_in(host, "nobody", "any").status == 401
    assert log_in(host, "jane", "").status == 401


def test_where_passwords_are_known_the_others_are_the_generated_ones(host: Simulator) -> None:
    host.perform(Request("PATCH", f"{ROOT}/AccountService/Accounts/1", {"Password": "First#123"}))
    assert log_in(host, "jane", "any").status == 401
    assert log_in(host, "jane", directory.example_password(host, "jane")).status == 201


def test_a_service_that_shows_no_accounts_lets_anybody_in(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    for uri in [uri for uri in tree if "/AccountService" in uri]:
        del tree[uri]
    del tree[ROOT]["AccountService"]
    host = simulate()
    goal = next(goal for goal in FAMILY.goals(host) if goal.verb == "create")
    (body,) = FAMILY.payloads(goal)["create Session"]
    assert host.perform(Request("POST", SESSIONS, body)).status == 201
    assert FAMILY.observe(goal, host, World(host.world.machine)) == FAMILY.wanted(goal)


def test_a_session_that_was_there_before_does_not_count(host: Simulator) -> None:
    goal = next(goal for goal in FAMILY.goals(host) if goal.verb == "create" and goal.arguments["user"] == "jane")
    before = World(host.world.machine)
    assert FAMILY.observe(goal, host, before) == {"UserName": None}
    log_in(host, "root", "any")
    assert FAMILY.observe(goal, host, before) == {"UserName": None}
    log_in(host, "jane", "any")
    assert FAMILY.observe(goal, host, before) == {"UserName": "jane"} == FAMILY.wanted(goal)


def test_a_session_ends(host: Simulator) -> None:
    (goal,) = (goal for goal in FAMILY.goals(host) if goal.verb == "delete")
    assert goal.arguments == {"id": "a1"}
    assert FAMILY.observe(goal, host, host) == {"Id": "a1"}
    assert host.perform(Request("DELETE", f"{SESSIONS}/a1")).ok
    assert FAMILY.observe(goal, host, host) == FAMILY.wanted(goal)
    host.apply(partial(FAMILY.prepare, goal))
    assert FAMILY.observe(goal, host, host) == {"Id": "a1"}


def test_without_sessions_one_is_opened_to_be_ended(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[SESSIONS]["Members"] = []
    host = simulate()
    (goal,) = (goal for goal in FAMILY.goals(host) if goal.verb == "delete")
    host.apply(partial(FAMILY.prepare, goal))
    assert members_of(host.get(SESSIONS)) == [f"{SESSIONS}/igc-session"]
