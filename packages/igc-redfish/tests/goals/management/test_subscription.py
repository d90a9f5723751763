from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request
from igc_redfish.bodies import members_of, value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build
from igc_redfish.goals.subscription import MAX_SUBSCRIPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

SUBSCRIPTIONS = f"{ROOT}/EventService/Subscriptions"
NEW = {"Destination": "https://192.0.2.20/events", "Protocol": "Redfish", "Context": "mine"}
FAMILY = build("subscription")


def post(host: Simulator, **change: Any) -> Response:
    return host.perform(Request("POST", SUBSCRIPTIONS, {**NEW, **change}))


def test_a_subscription_shows_what_was_asked_but_for_its_headers(host: Simulator) -> None:
    answer = post(host, HttpHeaders=[{"Authorization": "Bearer secret"}])
    assert answer.status == 201
    body = host.get(answer.headers["Location"]) or {}
    assert {key: body[key] for key in NEW} == NEW
    assert body["HttpHeaders"] == []
    assert "secret" not in repr(host.world.changes)


def test_secrets_of_a_subscription_are_neither_stored_nor_shown(host: Simulator) -> None:
    secrets = {"TrapCommunity": "Zq9vault-a", "AuthenticationKey": "Zq9vault-b", "EncryptionKey": "Zq9vault-c"}
    made = post(host, SNMP={**secrets, "AuthenticationProtocol": "HMAC_SHA96"})
    assert made.status == 201
    assert value_at(made.body, "SNMP") == {"AuthenticationProtocol": "HMAC_SHA96"}
    assert value_at(post(host, SNMP=secrets).body, "SNMP") is None
    changed = host.perform(
        Request("PATCH", made.headers["Location"], {"HttpHeaders": [{"Authorization": "Zq9vault-d"}], "Context": "x"})
    )
    assert changed.ok
    body = host.get(made.headers["Location"])
    assert (value_at(body, "HttpHeaders"), value_at(body, "Context")) == ([], "x")
    assert "Zq9vault" not in repr([host.world.changes, host.world.memory, host.world.timers])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Destination": "192.0.2.20/events"}, "PropertyValueFormatError"),
        ({"EventTypes": ["Alert", "ResourceAdded"]}, "PropertyValueNotInList"),
        ({"EventFormatType": "MetricReport", "EventTypes": ["Alert"]}, "PropertyValueConflict"),
    ],
)
def test_a_bad_subscription_is_refused(host: Simulator, change: dict[str, Any], expected: str) -> None:
    answer = post(host, **change)
    assert answer.status == 400
    assert str(value_at(answer.body, "error/code")).endswith(expected)
    assert len(members_of(host.get(SUBSCRIPTIONS))) == 1


def test_subscriptions_are_limited(host: Simulator) -> None:
    answers = [post(host).status for _ in range(MAX_SUBSCRIPTIONS)]
    assert answers == [201] * (MAX_SUBSCRIPTIONS - 1) + [400]


def test_a_subscription_can_be_changed_as_far_as_the_schema_says(host: Simulator) -> None:
    uri = f"{SUBSCRIPTIONS}/1"
    assert host.perform(Request("PATCH", uri, {"Context": "new"})).ok
    assert value_at(host.get(uri), "Context") == "new"
    assert host.perform(Request("PATCH", uri, {"Destination": "https://192.0.2.1/"})).status == 400


def test_goals_follow_the_subscriptions(host: Simulator) -> None:
    create, delete = FAMILY.goals(host)
    assert delete.arguments == {"destination": "https://192.0.2.9/old"}
    (body,) = FAMILY.payloads(create)["create EventDestination"]
    for _ in range(2):
        assert FAMILY.observe(create, host, host) != FAMILY.wanted(create)
        assert host.perform(Request("POST", SUBSCRIPTIONS, body)).status == 201
        assert FAMILY.observe(create, host, host) == FAMILY.wanted(create)
        host.apply(partial(FAMILY.prepare, create))
    assert FAMILY.observe(delete, host, host) != FAMILY.wanted(delete)
    assert host.perform(Request("DELETE", f"{SUBSCRIPTIONS}/1")).ok
    assert FAMILY.observe(delete, host, host) == FAMILY.wanted(delete)


def test_without_subscriptions_one_is_made_to_be_deleted(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[SUBSCRIPTIONS]["Members"] = []
    host = simulate()
    delete = next(goal for goal in FAMILY.goals(host) if goal.verb == "delete")
    assert FAMILY.observe(delete, host, host) == FAMILY.wanted(delete)
    host.apply(partial(FAMILY.prepare, delete))
    assert FAMILY.observe(delete, host, host) != FAMILY.wanted(delete)
