"""What the twin of a host tells of it."""

from __future__ import annotations

import multiprocessing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request
from igc_redfish.identity import identity_of
from igc_redfish.live.errors import LiveError
from igc_redfish.live.lock import lock_folder, only_writer
from igc_redfish.live.twin import Change, Deed, Twin, differences

if TYPE_CHECKING:
    from igc_redfish.machine import Machine

SYSTEM = "/redfish/v1/Systems/1"
RESET = f"{SYSTEM}/Actions/ComputerSystem.Reset"


@pytest.mark.parametrize(
    ("request_", "deed"),
    [
        (Request("POST", RESET, {"ResetType": "On"}), Deed("action ComputerSystem.Reset", SYSTEM)),
        (Request("POST", f"{RESET}/".lower(), {}), Deed("action ComputerSystem.Reset", SYSTEM)),
        (Request("POST", f"{SYSTEM}/Actions/Oem/Contoso.Explode", {}), Deed("action Oem.Contoso.Explode", SYSTEM)),
        (Request("PATCH", SYSTEM, {}), Deed("patch ComputerSystem", SYSTEM)),
        (Request("DELETE", f"{SYSTEM}/"), Deed("delete ComputerSystem", SYSTEM)),
        (Request("PUT", SYSTEM, {}), Deed("put ComputerSystem", SYSTEM)),
        (
            Request("POST", "/redfish/v1/SessionService/Sessions", {}),
            Deed("create Session", "/redfish/v1/SessionService/Sessions"),
        ),
        (Request("PATCH", "/redfish/v1/none", {}), Deed("patch ", "/redfish/v1/none")),
    ],
)
def test_a_request_is_named_by_what_it_does(twin: Twin, request_: Request, deed: Deed) -> None:
    assert twin.deed(request_) == deed


def test_a_prediction_changes_nothing(twin: Twin) -> None:
    off = Request("POST", RESET, {"ResetType": "ForceOff"})
    first = twin.predict(off)
    assert Change(SYSTEM, "PowerState", "On", "Off") in first.changes
    assert first.changes[0].uri == SYSTEM
    assert twin.predict(off) == first
    assert (twin.after(off).get(SYSTEM) or {})["PowerState"] == "Off"
    assert (twin.after(Request("GET", SYSTEM)).get(SYSTEM) or {})["PowerState"] == "On"


def test_a_refusal_is_predicted(twin: Twin) -> None:
    prediction = twin.predict(Request("PATCH", SYSTEM, {"Boot": {"BootSourceOverrideTarget": "Toaster"}}))
    assert prediction.status == 400
    assert not prediction.changes


def test_methods_are_those_of_the_capture_or_of_the_schema(twin: Twin) -> None:
    assert "PATCH" in twin.allowed(SYSTEM)
    assert "PATCH" not in twin.allowed("/redfish/v1")


def test_differences_are_told_value_by_value() -> None:
    old: dict[str, Any] = {"A": 1, "B": {"C": [1], "D": 2}, "@odata.etag": "1"}
    new: dict[str, Any] = {"A": 1, "B": {"C": [2], "D": 2}, "@odata.etag": "2", "E": None}
    assert differences("/u", old, new) == [Change("/u", "B/C", [1], [2])]
    assert differences("/u", None, new) == [Change("/u", "", "absent", "present")]
    assert differences("/u", None, None) == []


def test_a_host_is_known_by_its_uuid_or_by_its_systems(machine: Machine) -> None:
    assert identity_of(machine.get) == f"uuid:{(machine.get('/redfish/v1') or {})['UUID']}"
    nameless = {uri: dict(machine.get(uri) or {}) for uri in machine.uris()}
    nameless["/redfish/v1"]["UUID"] = "00000000-0000-0000-0000-000000000000"
    assert identity_of(nameless.get).startswith("systems:")
    for mark in ("UUID", "SerialNumber", "HostName"):
        nameless[SYSTEM].pop(mark, None)
    assert identity_of(nameless.get) == ""


@pytest.mark.parametrize("mark", ["UUID", "SerialNumber"])
def test_a_host_that_is_given_another_name_is_still_itself(machine: Machine, mark: str) -> None:
    bodies = {uri: dict(machine.get(uri) or {}) for uri in machine.uris()}
    bodies["/redfish/v1"].pop("UUID")
    for other in {"UUID", "SerialNumber"} - {mark}:
        bodies[SYSTEM].pop(other, None)
    bodies[SYSTEM] |= {mark: "4711", "HostName": "r7-u12"}
    before = identity_of(bodies.get)
    assert before
    bodies[SYSTEM]["HostName"] = "r7-u13"
    assert identity_of(bodies.get) == before
    del bodies[SYSTEM][mark]
    assert identity_of(bodies.get).startswith("systems:")


def _hold(folder: str, begun: Any, end: Any) -> None:
    with only_writer("https://a", Path(folder)):
        begun.set()
        end.wait(20)


def test_one_process_at_a_time_changes_a_host(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    begun, end = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(tmp_path), begun, end))
    other.start()
    assert begun.wait(20)
    with pytest.raises(LiveError, match="another run is changing https://a"), only_writer("https://a", tmp_path):
        pass
    with only_writer("https://b", tmp_path):
        pass
    end.set()
    other.join()
    with only_writer("https://a", tmp_path):
        pass


def test_a_lock_that_cannot_be_made_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "igc").write_text("")
    with (
        pytest.raises(LiveError, match="cannot make the lock"),
        only_writer("https://a", lock_folder({"XDG_STATE_HOME": str(tmp_path)})),
    ):
        pass
