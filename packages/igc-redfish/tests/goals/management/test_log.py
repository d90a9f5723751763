from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request
from igc_redfish.bodies import members_of, value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.simulator import Simulator

MANAGER, SYSTEM = f"{ROOT}/Managers/1", f"{ROOT}/Systems/1"
LOG = f"{MANAGER}/LogServices/EventLog"
ENTRIES = f"{LOG}/Entries"
FAMILY = build("log")
EVENT = {"MessageId": "ResourceEvent.1.0.ResourceChanged", "Message": "changed", "Severity": "Warning"}


def happen(host: Simulator, origin: str = SYSTEM, times: int = 1) -> None:
    for _ in range(times):
        host.apply(lambda transaction: transaction.emit("log", origin, dict(EVENT)))


def ids(host: Simulator) -> list[str]:
    return [uri.rpartition("/")[2] for uri in members_of(host.get(ENTRIES))]


def test_a_cleared_log_has_no_entries_left(host: Simulator) -> None:
    (goal,) = FAMILY.goals(host)
    assert FAMILY.observe(goal, host, host) == {"Members@odata.count": 2}
    assert host.perform(Request("POST", f"{LOG}/Actions/LogService.ClearLog")).status == 204
    assert FAMILY.observe(goal, host, host) == FAMILY.wanted(goal)
    assert host.perform(Request("GET", f"{ENTRIES}/7")).status == 404
    host.apply(partial(FAMILY.prepare, goal))
    assert FAMILY.observe(goal, host, host) == {"Members@odata.count": 1}


def test_the_count_is_what_counts_where_a_service_shows_part_of_its_entries(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[ENTRIES]["Members@odata.count"] = 3727
    host = simulate()
    (goal,) = FAMILY.goals(host)
    assert FAMILY.observe(goal, host, host) == {"Members@odata.count": 3727}


def test_an_event_is_written_to_the_log_of_its_origins_manager(host: Simulator) -> None:
    happen(host)
    entry = host.get(f"{ENTRIES}/9") or {}
    assert {key: entry[key] for key in EVENT} == EVENT
    assert value_at(entry, "Links/OriginOfCondition/@odata.id") == SYSTEM
    assert entry["Created"] == "2026-01-01T00:00:00Z"


def test_a_full_log_forgets_its_oldest_entry(host: Simulator) -> None:
    happen(host, times=2)
    assert ids(host) == ["8", "9", "10"]
    assert host.get(f"{ENTRIES}/7") is None
    assert (host.get(ENTRIES) or {})["Members@odata.count"] == 3


def test_a_full_log_that_never_overwrites_takes_no_more(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[LOG]["OverWritePolicy"] = "NeverOverWrites"
    host = simulate()
    happen(host, times=3)
    assert ids(host) == ["7", "8", "9"]


@pytest.mark.parametrize("name", ["Dump", "PostCodes", "Journal", "AuditLog", "HostLogger"])
def test_logs_of_other_kinds_take_no_events(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]], name: str
) -> None:
    other = f"{MANAGER}/LogServices/{name}"
    tree[other] = {**tree[LOG], "@odata.id": other, "Id": name}
    tree[f"{MANAGER}/LogServices"]["Members"] = [{"@odata.id": other}]
    host = simulate()
    happen(host)
    assert ids(host) == ["7", "8"]


def test_the_log_of_a_system_is_preferred_to_its_managers(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    services, sel = f"{SYSTEM}/LogServices", f"{SYSTEM}/LogServices/SEL"
    tree[SYSTEM]["LogServices"] = {"@odata.id": services}
    tree[services] = {"@odata.id": services, "Members": [{"@odata.id": sel}]}
    tree[sel] = {**tree[LOG], "@odata.id": sel, "Entries": {"@odata.id": f"{sel}/Entries"}}
    tree[f"{sel}/Entries"] = {**tree[ENTRIES], "@odata.id": f"{sel}/Entries", "Members": []}
    host = simulate()
    happen(host)
    assert ids(host) == ["7", "8"]
    assert members_of(host.get(f"{sel}/Entries")) == [f"{sel}/Entries/1"]


def test_without_a_log_events_go_unwritten(simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]) -> None:
    for uri in [uri for uri in tree if "/LogServices" in uri]:
        del tree[uri]
    host = simulate()
    happen(host)
    assert not host.world.changes
    assert list(FAMILY.goals(host)) == []


def test_a_log_whose_entries_are_gone_is_cleared_without_effect(host: Simulator) -> None:
    host.apply(lambda transaction: transaction.put(LOG, {**(host.get(LOG) or {}), "Entries": None}))
    key = host.world.key()
    assert host.perform(Request("POST", f"{LOG}/Actions/LogService.ClearLog")).status == 204
    happen(host)
    assert host.world.key() == key
    assert FAMILY.targets("clear", host) == []
