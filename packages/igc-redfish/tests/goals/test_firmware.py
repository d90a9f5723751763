from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook
    from igc_redfish.simulator import Simulator

UPDATE, SYSTEM, MANAGER = f"{ROOT}/UpdateService", f"{ROOT}/Systems/1", f"{ROOT}/Managers/1"
BIOS, BMC, CPLD = (f"{UPDATE}/FirmwareInventory/{name}" for name in ("BIOS", "BMC", "CPLD"))
IMAGE = "http://192.0.2.10/bios-2.5.0.bin"


def update(host: Simulator, **parameters: Any) -> Response:
    return host.perform(Request("POST", f"{UPDATE}/Actions/UpdateService.SimpleUpdate", parameters))


def version(host: Simulator, uri: str = BIOS) -> Any:
    return value_at(host.get(uri), "Version")


def task_state(host: Simulator, answer: Response) -> Any:
    return value_at(host.get(value_at(answer.body, "@odata.id")), "TaskState")


def test_an_update_is_a_task_that_ends_with_the_new_version(host: Simulator) -> None:
    answer = update(host, ImageURI=IMAGE, Targets=[BIOS])
    assert (answer.status, task_state(host, answer), version(host)) == (202, "Running", "2.4.0")
    host.wait(60)
    assert (task_state(host, answer), version(host)) == ("Completed", "2.5.0")
    assert value_at(host.get(SYSTEM), "BiosVersion") == "2.5.0"
    assert host.perform(Request("GET", answer.headers["Location"])).status == 204


def test_the_image_tells_the_component(host: Simulator) -> None:
    update(host, ImageURI=IMAGE)
    host.wait(60)
    assert (version(host), version(host, BMC)) == ("2.5.0", "7.0")


def test_an_update_of_the_manager_restarts_it(simulate: Callable[..., Simulator]) -> None:
    host = simulate(manager_s=90)
    update(host, ImageURI="http://h/bmc-8.1.bin", Targets=[BMC])
    host.wait(60)
    assert value_at(host.get(MANAGER), "FirmwareVersion") == "8.1"
    assert host.perform(Request("GET", MANAGER)).status == 503
    host.wait(90)
    assert host.perform(Request("GET", MANAGER)).ok


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"ImageURI": "bios-2.5.0.bin"},
        {"ImageURI": IMAGE, "Targets": [CPLD]},
        {"ImageURI": IMAGE, "Targets": [SYSTEM]},
        {"ImageURI": 7},
    ],
)
def test_what_cannot_be_updated_is_refused(host: Simulator, parameters: dict[str, Any]) -> None:
    assert update(host, **parameters).status == 400


def test_a_bare_name_needs_its_protocol(host: Simulator) -> None:
    assert update(host, ImageURI="h/bios-2.5.0.bin", TransferProtocol="HTTP").status == 202


def test_one_update_at_a_time(host: Simulator) -> None:
    assert update(host, ImageURI=IMAGE).status == 202
    assert update(host, ImageURI=IMAGE).status == 409
    host.wait(60)
    assert update(host, ImageURI=IMAGE).status == 202


@pytest.mark.parametrize("image", ["http://h/toaster-1.0.bin", "http://h/bios.bin"])
def test_a_bad_image_ends_as_an_exception(host: Simulator, image: str) -> None:
    answer = update(host, ImageURI=image)
    assert answer.status == 202
    host.wait(60)
    assert (task_state(host, answer), version(host)) == ("Exception", "2.4.0")
    assert update(host, ImageURI=IMAGE).status == 202, "the next update may start"


def test_goals_are_the_next_versions(host: Simulator, book: GoalBook) -> None:
    found = [goal.arguments for goal in book.handler("firmware").goals(host)]
    images = ["http://192.0.2.10/bios-2.4.1.bin", "http://192.0.2.10/bmc-7.1.bin"]
    assert found == [{"image": images[0], "component": BIOS}, {"image": images[1], "component": BMC}]


@pytest.mark.parametrize(
    "text", ["firmware update image=http://h/bmc-9.0.bin", "firmware update image=u-9.0 component=bmc"]
)
def test_the_component_is_filled_in(host: Simulator, book: GoalBook, text: str) -> None:
    goal = book.bind(book.parse(text), host)
    assert (goal.parts[0].target, goal.parts[0].arguments["component"]) == (UPDATE, BMC)
    assert book.bind(goal, host) == goal


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("firmware update image=http://h/bios.bin", "carries no version"),
        ("firmware update image=http://h/toaster-1.0.bin", "give component="),
        ("firmware update image=http://h/bios-1.0.bin component=CPLD", "one of: BIOS, BMC"),
    ],
)
def test_what_cannot_be_wanted_is_told(host: Simulator, book: GoalBook, text: str, told: str) -> None:
    with pytest.raises(GoalError, match=told):
        book.bind(book.parse(text), host)


def test_a_service_that_only_takes_bytes_is_left_aside(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    tree[UPDATE]["Actions"] = {}
    tree[UPDATE]["MultipartHttpPushUri"] = f"{UPDATE}/upload"
    host = simulate()
    with pytest.raises(GoalError, match="cannot express"):
        book.bind(book.parse(f"firmware update image={IMAGE}"), host)


def test_every_payload_reaches_the_goal(host: Simulator, book: GoalBook) -> None:
    goal = book.bind(Goal(family="firmware", verb="update", arguments={"image": IMAGE}), host)
    assert isinstance(goal, Goal)
    handler = book.handler("firmware")
    for body in handler.payloads(goal)["action UpdateService.SimpleUpdate"]:
        assert not book.reached(goal, host, host)
        assert update(host, **dict(body)).status == 202
        host.wait(60)
        assert book.reached(goal, host, host)
        host.apply(lambda transaction: handler.prepare(goal, transaction))
