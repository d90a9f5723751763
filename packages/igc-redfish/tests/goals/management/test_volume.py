from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import as_objects, members_of, value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build, raid
from igc_redfish.service.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

STORAGE = f"{ROOT}/Systems/1/Storage/1"
VOLUMES = f"{STORAGE}/Volumes"
FAMILY = build("volume")


def drive(number: int) -> str:
    return f"{STORAGE}/Drives/{number}"


def create(host: Simulator, kind: str, *drives: int, **more: Any) -> Response:
    links = {"Links": {"Drives": [{"@odata.id": drive(number)} for number in drives]}} if drives else {}
    return host.perform(Request("POST", VOLUMES, {"RAIDType": kind, **links, **more}))


def volumes_of(host: Simulator, number: int) -> list[Any]:
    return [item["@odata.id"] for item in as_objects(value_at(host.get(drive(number)), "Links/Volumes"))]


@pytest.mark.parametrize(
    ("kind", "drives", "capacity"), [("RAID0", (1, 2), 2000), ("RAID1", (1, 2), 1000), ("RAID5", (1, 2, 3), 2000)]
)
def test_a_volume_offers_what_its_drives_and_type_allow(
    host: Simulator, kind: str, drives: tuple[int, ...], capacity: int
) -> None:
    answer = create(host, kind, *drives)
    assert answer.status == 201
    volume = answer.headers["Location"]
    assert value_at(host.get(volume), "CapacityBytes") == capacity
    assert [volumes_of(host, number) for number in drives] == [[volume]] * len(drives)


def test_without_drives_named_the_free_ones_serve(host: Simulator) -> None:
    volume = create(host, "RAID1").headers["Location"]
    assert [bool(volumes_of(host, number)) for number in range(4)] == [True, True, True, False]
    assert host.perform(Request("DELETE", volume)).ok
    assert [bool(volumes_of(host, number)) for number in range(4)] == [True, False, False, False]
    assert value_at(host.get(drive(1)), "Links/Volumes@odata.count") == 0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda host: create(host, "RAID1", 0, 1), "ResourceInUse"),
        (lambda host: create(host, "RAID1", 1), "PropertyValueConflict"),
        (lambda host: create(host, "RAID60", 1, 2), "PropertyValueNotInList"),
        (lambda host: create(host, "RAID1", 1, 9), "PropertyValueNotInList"),
        (lambda host: create(host, "RAID0", 1, CapacityBytes=1001), "PropertyValueOutOfRange"),
    ],
)
def test_a_bad_volume_is_refused(host: Simulator, answer: Callable[[Simulator], Response], expected: str) -> None:
    key = host.world.key()
    assert str(value_at(answer(host).body, "error/code")).endswith(expected)
    assert host.world.key() == key


def test_a_deleted_volumes_id_is_not_used_again(host: Simulator) -> None:
    host.perform(Request("DELETE", f"{VOLUMES}/1"))
    assert create(host, "RAID0", 0).headers["Location"] == f"{VOLUMES}/2"


def test_a_link_to_a_volume_that_is_gone_does_not_hold_a_drive(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[drive(1)]["Links"]["Volumes"] = [{"@odata.id": f"{VOLUMES}/99"}]
    assert create(simulate(), "RAID0", 1).status == 201


def test_controllers_name_what_they_support(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[STORAGE]["StorageControllers"] = [{"SupportedRAIDTypes": ["RAID1", "RAID10"]}]
    host = simulate()
    assert [goal.arguments["raid"] for goal in FAMILY.goals(host) if goal.verb == "create"] == ["RAID1", "RAID10"]
    assert create(host, "RAID0", 1).status == 400


def test_goals_name_free_drives_first_and_none_of_another_storage(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    other = f"{ROOT}/Systems/1/Storage/2"
    tree[other] = {"@odata.id": other, "@odata.type": "#Volume.v1_0_0.Volume"}
    tree[drive(1)]["Links"]["Volumes"] = [{"@odata.id": other}]
    drives = [goal.arguments["drives"] for goal in FAMILY.goals(simulate()) if goal.verb == "create"]
    assert drives == [[drive(2)], [drive(2), drive(3)], [drive(2), drive(3), drive(0)]]


def test_goals_follow_the_volumes(host: Simulator) -> None:
    before = World(host.world.machine)
    for goal in list(FAMILY.goals(host)):
        host.reset()
        assert FAMILY.observe(goal, host, before) != FAMILY.wanted(goal)
        if goal.verb == "delete":
            host.perform(Request("DELETE", goal.target))
        for body in FAMILY.payloads(goal).get("create Volume", ()):
            assert create(host, "RAID0", 3).status == 201 or goal.arguments["raid"] != "RAID0"
            assert FAMILY.observe(goal, host, before) != FAMILY.wanted(goal)
            host.perform(Request("DELETE", members_of(host.get(VOLUMES))[-1]))
            assert host.perform(Request("POST", goal.target, body)).status == 201
        assert FAMILY.observe(goal, host, before) == FAMILY.wanted(goal)


def test_drives_may_be_left_out_of_a_goal(host: Simulator) -> None:
    goal = FAMILY.bind(Goal(family="volume", verb="create", arguments={"raid": "RAID1"}), host)
    (body,) = FAMILY.payloads(goal)["create Volume"]
    assert host.perform(Request("POST", goal.target, body)).status == 201
    assert FAMILY.observe(goal, host, World(host.world.machine)) == FAMILY.wanted(goal)


def test_storage_without_drives_takes_no_volumes(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    tree[STORAGE]["Drives"] = []
    host = simulate()
    assert FAMILY.targets("create", host) == []
    assert raid.stores(host) == {}
    assert create(host, "RAID0").status == 405
