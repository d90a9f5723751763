from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT
from igc_redfish.goals import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

CD, USB = (f"{ROOT}/Managers/1/VirtualMedia/{name}" for name in ("CD", "USB"))
IMAGE, OTHER = "http://192.0.2.10/a/tools.iso", "nfs://192.0.2.10/b/other.iso"
FAMILY = build("media")


def insert(host: Simulator, image: str = IMAGE, **more: Any) -> Response:
    return host.perform(Request("POST", f"{CD}/Actions/VirtualMedia.InsertMedia", {"Image": image, **more}))


def eject(host: Simulator) -> Response:
    return host.perform(Request("POST", f"{CD}/Actions/VirtualMedia.EjectMedia"))


def patch(host: Simulator, uri: str = USB, **change: Any) -> Response:
    return host.perform(Request("PATCH", uri, change))


def shown(host: Simulator, *keys: str, uri: str = CD) -> tuple[Any, ...]:
    return tuple((host.get(uri) or {}).get(key) for key in keys)


def key_of(answer: Response) -> str:
    return str(value_at(answer.body, "error/code")).rpartition(".")[2]


def test_an_inserted_image_shows_where_it_comes_from(host: Simulator) -> None:
    assert insert(host).status == 204
    expected = (IMAGE, "tools.iso", True, "URI", True)
    assert shown(host, "Image", "ImageName", "Inserted", "ConnectedVia", "WriteProtected") == expected


def test_an_ejected_image_leaves_nothing(host: Simulator) -> None:
    insert(host)
    assert eject(host).status == 204
    assert shown(host, "Image", "ImageName", "Inserted", "ConnectedVia") == (None, None, False, "NotConnected")
    assert eject(host).status == 204


def test_the_same_image_again_is_no_change(host: Simulator) -> None:
    insert(host)
    key = host.world.key()
    assert insert(host).status == 204
    assert host.world.key() == key


def test_another_image_waits_for_the_first_to_go(host: Simulator) -> None:
    insert(host)
    assert insert(host, OTHER).status == 409
    assert shown(host, "Image") == (IMAGE,)
    eject(host)
    assert insert(host, OTHER).ok


@pytest.mark.parametrize("image", ["tools.iso", "gopher://192.0.2.10/tools.iso", ""])
def test_an_image_must_be_where_a_service_can_fetch_it(host: Simulator, image: str) -> None:
    assert key_of(insert(host, image)) == "ActionParameterValueFormatError"
    assert key_of(patch(host, Image=image, Inserted=True)) == "PropertyValueFormatError"


def test_some_services_replace_an_image(simulate: Callable[..., Simulator]) -> None:
    host = simulate(media_replace=True)
    insert(host)
    assert insert(host, OTHER).ok
    assert shown(host, "Image") == (OTHER,)


def test_some_services_demand_the_protocol(simulate: Callable[..., Simulator]) -> None:
    host = simulate(media_protocol_required=True)
    assert key_of(insert(host)) == "ActionParameterMissing"
    assert insert(host, TransferProtocolType="HTTP").ok
    assert shown(host, "TransferProtocolType") == ("HTTP",)


def test_some_services_keep_showing_an_ejected_image(simulate: Callable[..., Simulator]) -> None:
    host = simulate(media_keeps_image=True)
    insert(host)
    eject(host)
    assert shown(host, "Image", "Inserted") == (IMAGE, False)
    assert insert(host, OTHER).ok


def test_a_patch_does_it_where_there_is_no_action(host: Simulator) -> None:
    assert patch(host, Image=IMAGE, Inserted=True).ok
    assert shown(host, "Image", "Inserted", uri=USB) == (IMAGE, True)
    assert patch(host, Image=OTHER).status == 409
    assert patch(host, Image=None).ok
    assert shown(host, "Image", "Inserted", uri=USB) == (None, False)
    assert key_of(patch(host, CD, Image=IMAGE)) == "PropertyNotWritable"


def test_examples_suit_the_drive(host: Simulator) -> None:
    images = {goal.target: goal.arguments["image"] for goal in FAMILY.goals(host) if goal.verb == "insert"}
    assert images == {CD: "http://192.0.2.10/images/tools.iso", USB: "http://192.0.2.10/images/tools.img"}


def test_a_drive_that_only_ejects_takes_no_image(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    del tree[CD]["Actions"]["#VirtualMedia.InsertMedia"]
    verbs = [goal.verb for goal in FAMILY.goals(simulate()) if goal.target == CD]
    assert verbs == ["eject"]


def test_a_drive_whose_action_demands_the_unknown_takes_no_image(
    simulate: Callable[..., Simulator], tree: dict[str, dict[str, Any]]
) -> None:
    info = f"{CD}/InsertInfo"
    tree[info] = {"@odata.id": info, "Parameters": [{"Name": "Image", "Required": True}]}
    tree[CD]["Actions"]["#VirtualMedia.InsertMedia"]["@Redfish.ActionInfo"] = info
    assert CD in FAMILY.targets("insert", simulate())
    tree[info]["Parameters"].append({"Name": "Cookie", "Required": True})
    assert CD not in FAMILY.targets("insert", simulate())


def test_goals_follow_the_drive(host: Simulator) -> None:
    for goal in list(FAMILY.goals(host)):
        for _ in range(2):
            if FAMILY.observe(goal, host, host) == FAMILY.wanted(goal):
                host.apply(partial(FAMILY.prepare, goal))
            assert FAMILY.observe(goal, host, host) != FAMILY.wanted(goal)
            for body in FAMILY.payloads(goal)["patch VirtualMedia"]:
                host.perform(Request("PATCH", goal.target, body))
            if goal.verb == "insert" and goal.target == CD:
                insert(host, str(goal.arguments["image"]))
            elif goal.target == CD:
                eject(host)
            elif goal.verb == "insert":
                host.perform(Request("PATCH", USB, FAMILY.payloads(goal)["patch VirtualMedia"][0]))
            assert FAMILY.observe(goal, host, host) == FAMILY.wanted(goal)
