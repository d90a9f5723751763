from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

MANAGER, SYSTEM = f"{ROOT}/Managers/1", f"{ROOT}/Systems/1"
PROTOCOLS, ETH0 = f"{MANAGER}/NetworkProtocol", f"{MANAGER}/EthernetInterfaces/eth0"
NTP, PROTOCOL, HOSTNAME = build("ntp"), build("protocol"), build("hostname")


def patch(host: Simulator, uri: str = PROTOCOLS, **change: Any) -> Response:
    return host.perform(Request("PATCH", uri, change))


def ntp(host: Simulator) -> tuple[Any, ...]:
    part = (host.get(PROTOCOLS) or {})["NTP"]
    return part.get("ProtocolEnabled"), part.get("NTPServers"), part.get("NTPServers@odata.count")  # type: ignore[union-attr]


def test_a_shorter_list_of_servers_replaces_the_longer_one_and_its_count(host: Simulator) -> None:
    assert patch(host, NTP={"NTPServers": ["192.0.2.1"]}).status == 200
    assert ntp(host) == (False, ["192.0.2.1"], 1)


@pytest.mark.parametrize("server", ["not a host", "-x", "", "a..b", "x" * 256])
def test_a_server_must_be_a_host(host: Simulator, server: str) -> None:
    assert patch(host, NTP={"NTPServers": [server]}).status == 400
    assert ntp(host) == (False, ["a", "b"], 2)


def test_an_address_is_a_host(host: Simulator) -> None:
    assert patch(host, NTP={"NTPServers": ["2001:db8::1", "pool.ntp.org"]}).status == 200


@pytest.mark.parametrize("family", [NTP, PROTOCOL, HOSTNAME], ids=lambda family: family.family)
def test_goals_follow_the_network(host: Simulator, family: Any) -> None:
    goals = list(family.goals(host))
    assert goals
    for goal in goals:
        for _ in range(2):
            if family.observe(goal, host, host) == family.wanted(goal):
                host.apply(partial(family.prepare, goal))
            assert family.observe(goal, host, host) != family.wanted(goal)
            kind = str((host.get(goal.target) or {})["@odata.type"]).rpartition(".")[2]
            assert host.perform(Request("PATCH", goal.target, family.payloads(goal)[f"patch {kind}"][0])).ok
            assert family.observe(goal, host, host) == family.wanted(goal)


def test_servers_may_be_a_text_a_list_or_left_out(host: Simulator) -> None:
    for text, servers in [
        ("ntp enable servers=192.0.2.1", ["192.0.2.1"]),
        ("""ntp enable 'servers=["192.0.2.1", "b"]'""", ["192.0.2.1", "b"]),
        ("ntp enable", None),
    ]:
        goal = NTP.parse(text)
        assert goal is not None
        bound = NTP.bind(goal, host)
        assert bound.target == PROTOCOLS
        assert NTP.wanted(bound).get("NTP/NTPServers") == servers


@pytest.mark.parametrize(
    ("shown", "verbs"),
    [
        ({"ProtocolEnabled": True}, ["enable", "disable"]),
        ({"NTPServers": []}, ["enable"]),
        ({}, []),
    ],
)
def test_a_service_may_show_half_of_ntp(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]], shown: dict[str, Any], verbs: list[str]
) -> None:
    tree[PROTOCOLS]["NTP"] = shown
    host = simulate()
    goals = list(NTP.goals(host))
    assert [goal.verb for goal in goals] == verbs
    for goal in goals:
        if NTP.observe(goal, host, host) == NTP.wanted(goal):
            host.apply(partial(NTP.prepare, goal))
        assert NTP.observe(goal, host, host) != NTP.wanted(goal)
        assert host.perform(Request("PATCH", PROTOCOLS, NTP.payloads(goal)["patch ManagerNetworkProtocol"][0])).ok
        assert NTP.observe(goal, host, host) == NTP.wanted(goal)


def test_unused_places_for_servers_do_not_count(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[PROTOCOLS]["NTP"] = {"ProtocolEnabled": True, "NTPServers": ["192.0.2.123", "", ""]}
    host = simulate()
    goal = next(iter(NTP.goals(host)))
    assert NTP.observe(goal, host, host) == NTP.wanted(goal)


def test_the_last_way_in_stays_open(host: Simulator) -> None:
    assert patch(host, HTTPS={"ProtocolEnabled": False}).status == 400
    assert patch(host, HTTP={"ProtocolEnabled": True}, HTTPS={"ProtocolEnabled": False}).ok
    assert patch(host, HTTP={"ProtocolEnabled": False}).status == 400


def test_examples_leave_the_way_in_alone(host: Simulator) -> None:
    assert {goal.arguments["name"] for goal in PROTOCOL.goals(host)} == {"SSH"}


def test_a_protocol_is_found_however_it_is_spelt(host: Simulator) -> None:
    goal = PROTOCOL.parse("protocol disable name=ssh")
    assert goal is not None
    bound = PROTOCOL.bind(goal, host)
    assert (bound.target, bound.arguments) == (PROTOCOLS, {"name": "SSH"})
    with pytest.raises(GoalError, match=r"no manager shows a protocol 'FTP'.*HTTP, HTTPS, SSH, NTP"):
        PROTOCOL.bind(goal.model_copy(update={"arguments": {"name": "FTP"}}), host)


def test_a_managers_new_name_shows_wherever_the_old_one_did(host: Simulator) -> None:
    assert patch(host, ETH0, HostName="oob-7").ok
    assert value_at(host.get(PROTOCOLS), "HostName") == "oob-7"
    assert value_at(host.get(SYSTEM), "HostName") == "web"
    assert patch(host, SYSTEM, HostName="db").ok
    assert value_at(host.get(ETH0), "HostName") == "oob-7"


def test_a_name_must_be_one(host: Simulator) -> None:
    assert patch(host, SYSTEM, HostName="no spaces").status == 400


def test_names_are_wanted_where_they_can_be_written_and_are_no_pending_settings(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    pending = f"{ETH0}/SD"
    tree[pending] = {**tree[ETH0], "@odata.id": pending}
    tree[ETH0]["@Redfish.Settings"] = {"SettingsObject": {"@odata.id": pending}}
    host = simulate()
    assert HOSTNAME.targets("set", host) == [SYSTEM, ETH0]
    with pytest.raises(GoalError, match="could be about 2 resources"):
        HOSTNAME.bind(Goal(family="hostname", verb="set", arguments={"name": "x"}), host)
