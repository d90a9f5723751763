from __future__ import annotations

from typing import Any

import pytest

from igc_redfish.service.core import Service
from igc_redfish.service.messages import JSON_HEADERS
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.serving import Serving
from igc_redfish.service.settings import settings_applied
from igc_redfish.service.transaction import Transaction
from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"
UPDATE = f"{ROOT}/UpdateService/Actions/UpdateService.SimpleUpdate"


def update(send: Any, image: str = "http://example.org/image") -> tuple[str, str]:
    """Start an update; return its monitor and task."""
    answer = send("POST", UPDATE, {"ImageURI": image})
    assert answer.status == 202
    return answer.headers["Location"], answer.body["@odata.id"]


def test_an_effect_waits_for_its_time(host: Simulator, send: Any) -> None:
    send("POST", RESET, {"ResetType": "ForceOff"})
    host.wait(2.9)
    assert host.get(SYSTEM)["PowerState"] == "On"  # type: ignore[index]
    host.wait(0.2)
    assert host.get(SYSTEM)["PowerState"] == "Off"  # type: ignore[index]


def test_effects_happen_in_order_of_their_time(host: Simulator) -> None:
    def plan(transaction: Transaction) -> None:
        transaction.later(2, "settle", SYSTEM, {"PowerState": "second"})
        transaction.later(1, "settle", SYSTEM, {"PowerState": "first"})
        transaction.later(2, "settle", SYSTEM, {"PowerState": "third"})

    host.apply(plan)
    host.wait(1)
    assert host.get(SYSTEM)["PowerState"] == "first"  # type: ignore[index]
    host.wait(1)
    assert host.get(SYSTEM)["PowerState"] == "third"  # type: ignore[index]
    assert not host.world.timers


def test_an_effect_that_refuses_or_breaks_does_not_stop_time(host: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    host.apply(lambda transaction: transaction.later(1, "updated", SYSTEM, {"ok": False}))
    host.apply(lambda transaction: transaction.later(1, "settle", SYSTEM, {}))
    host.wait(2)
    assert host.world.clock_s == 2
    assert not host.world.changes
    assert "settle" in caplog.text


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_time_does_not_go_back(seconds: float, host: Simulator) -> None:
    with pytest.raises(ValueError, match="time cannot pass"):
        host.wait(seconds)


def test_a_refusal_outside_of_a_request_is_raised_and_undone(host: Simulator) -> None:
    def change(transaction: Transaction) -> None:
        transaction.set(SYSTEM, "AssetTag", "x")
        raise Refusal("ResourceInUse", status=409)

    with pytest.raises(Refusal):
        host.apply(change)
    assert not host.world.changes


def test_a_monitor_answers_202_until_the_task_ends(host: Simulator, send: Any) -> None:
    monitor, task = update(send)
    assert send("GET", task).body["TaskState"] == "Running"
    host.wait(30)
    pending = send("GET", monitor)
    assert (pending.status, pending.body["PercentComplete"]) == (202, 50)
    assert int(pending.headers["Retry-After"]) == 30
    assert send("GET", f"{ROOT}/UpdateService").body["Description"] == ""
    host.wait(30)
    assert send("GET", monitor).status == 204
    done = send("GET", task).body
    assert (done["TaskState"], done["TaskStatus"], done["PercentComplete"]) == ("Completed", "OK", 100)
    assert done["EndTime"] > done["StartTime"]
    assert send("GET", f"{ROOT}/UpdateService").body["Description"] == "updated"
    host.wait(3601)
    assert send("GET", monitor).status == 410


def test_a_task_that_is_refused_ends_as_an_exception_without_effect(host: Simulator, send: Any, keys: Any) -> None:
    monitor, task = update(send, "http://example.org/bad")
    host.wait(60)
    body = send("GET", task).body
    assert (body["TaskState"], body["TaskStatus"]) == ("Exception", "Critical")
    assert [message["MessageId"].rpartition(".")[2] for message in body["Messages"]] == [
        "TaskStarted",
        "ApplyFailed",
        "TaskAborted",
    ]
    assert keys(send("GET", monitor)) == ["ApplyFailed"]
    assert send("GET", f"{ROOT}/UpdateService").body["Description"] == ""


def test_a_task_without_duration_is_done_when_it_is_answered(send: Any) -> None:
    monitor, task = update(send, "http://example.org/now")
    assert send("GET", task).body["TaskState"] == "Completed"
    assert send("GET", monitor).status == 204


def test_the_task_service_is_built_where_there_is_none(send: Any) -> None:
    assert "Tasks" not in send("GET", ROOT).body
    _, task = update(send)
    service = send("GET", ROOT).body["Tasks"]["@odata.id"]
    tasks = send("GET", service).body["Tasks"]["@odata.id"]
    assert send("GET", tasks).body["Members"] == [{"@odata.id": task}]
    _, second = update(send)
    assert second != task


@pytest.mark.parametrize("what", ["monitor", "task"])
def test_a_running_task_can_be_cancelled(what: str, host: Simulator, send: Any) -> None:
    monitor, task = update(send)
    assert send("DELETE", monitor if what == "monitor" else task).status == 204
    host.wait(120)
    assert send("GET", f"{ROOT}/UpdateService").body["Description"] == ""
    assert send("GET", monitor).status == 404
    if what == "monitor":
        assert send("GET", task).body["TaskState"] == "Cancelled"
    else:
        assert send("GET", task).status == 404


def test_tasks_are_deterministic(host: Simulator, send: Any) -> None:
    update(send)
    host.wait(60)
    first = host.world.key()
    host.reset()
    update(send)
    host.wait(60)
    assert host.world.key() == first


def test_applied_settings_are_noted_with_time_and_message(host: Simulator, send: Any) -> None:
    host.wait(5)
    host.apply(lambda transaction: settings_applied(transaction, f"{SYSTEM}/Bios"))
    noted = send("GET", f"{SYSTEM}/Bios").body["@Redfish.Settings"]
    assert noted["Time"] == "2026-01-01T00:00:05Z"
    assert noted["Messages"][0]["MessageId"] == "Base.1.22.Success"
    assert noted["SupportedApplyTimes"] == ["OnReset"]
    host.apply(lambda transaction: settings_applied(transaction, SYSTEM))  # has no settings: nothing to note
    assert "@Redfish.Settings" not in send("GET", SYSTEM).body


def test_an_attempt_that_refuses_undoes_only_itself(host: Simulator) -> None:
    def change(transaction: Transaction) -> None:
        transaction.edit(SYSTEM)["AssetTag"] = "kept"

        def fail() -> None:
            transaction.edit(SYSTEM)["AssetTag"] = "lost"
            transaction.delete(f"{SYSTEM}/Bios")
            transaction.remember("note", 1)
            transaction.later(1, "settle", SYSTEM)
            raise Refusal("ResourceInUse", status=409)

        assert transaction.attempt(fail) is not None
        assert transaction.attempt(lambda: transaction.set(SYSTEM, "HostName", "too")) is None

    host.apply(change)
    body: Any = host.get(SYSTEM)
    assert (body["AssetTag"], body["HostName"]) == ("kept", "too")
    assert host.get(f"{SYSTEM}/Bios") is not None
    assert not host.world.memory
    assert not host.world.timers


def test_a_transaction_never_touches_what_it_shares(host: Simulator) -> None:
    before: Any = host.get(SYSTEM)
    boot = before["Boot"]

    def change(transaction: Transaction) -> None:
        transaction.set(SYSTEM, "Boot/BootSourceOverrideTarget", "Cd")
        transaction.merge(SYSTEM, {"Boot": {"BootOrder": ["Boot0002"]}})
        transaction.edit(SYSTEM)["Boot"]["BootSourceOverrideEnabled"] = "Once"
        transaction.merge(SYSTEM, {"Boot": {"BootOrder": ["Boot0001"]}})
        transaction.set(SYSTEM, "New/Deep", 1)

    host.apply(change)
    assert before["Boot"] is boot
    assert boot == {
        "BootSourceOverrideEnabled": "Disabled",
        "BootSourceOverrideTarget": "None",
        "BootSourceOverrideTarget@Redfish.AllowableValues": ["None", "Pxe", "Cd"],
        "BootOrder": ["Boot0001", "Boot0002"],
    }
    after: Any = host.get(SYSTEM)
    assert (after["Boot"]["BootSourceOverrideEnabled"], after["Boot"]["BootOrder"]) == ("Once", ["Boot0001"])
    assert after["New"] == {"Deep": 1}


def test_headers_of_answers_are_shared_but_never_changed(send: Any) -> None:
    before = dict(JSON_HEADERS)
    update(send)
    send("GET", SYSTEM)
    assert before == JSON_HEADERS


def test_a_served_monitor_tells_how_it_ended_to_one_reader(build: Any, rules: Any, sender_to: Any, keys: Any) -> None:
    host = Simulator(Service(build(), [rules], serving=Serving(once=True)))
    send = sender_to(host)
    monitor, task = update(send, "http://example.org/bad")
    assert [send("GET", monitor).status for _ in range(2)] == [202, 202]
    host.wait(60)
    assert send("HEAD", monitor).status == 400
    assert keys(send("GET", monitor)) == ["ApplyFailed"]
    assert send("GET", monitor).status == 410
    assert send("GET", task).body["TaskState"] == "Exception"
    before = host.snapshot()
    host.restore(before)
    assert send("GET", monitor).status == 410
