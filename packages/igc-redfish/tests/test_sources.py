from __future__ import annotations

from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.errors import DataError, PluginError
from igc_core.hookspecs import hookimpl
from igc_core.specs import GoalHandlerSpec
from igc_redfish.backend import simulator
from igc_redfish.capture import CaptureError
from igc_redfish.episodes import begin
from igc_redfish.goals import FAMILIES
from igc_redfish.sources import expanded, goal_book, identities, machines


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("generated:3-5", ["generated:3", "generated:4", "generated:5"]),
        ("generated:3-4?size=80", ["generated:3?size=80", "generated:4?size=80"]),
        ("generated:3", ["generated:3"]),
        ("generated:5-3", []),
        ("rack-3-5", ["rack-3-5"]),
    ],
)
def test_a_range_of_seeds_is_several_machines(text: str, sources: list[str]) -> None:
    assert expanded(text) == sources


def test_machines_are_opened_in_order() -> None:
    names = [machine.name for machine in machines(["generated:6", "generated:9-10?size=60"])]
    assert [name.partition("?")[0] for name in names] == ["generated:6", "generated:9", "generated:10"]


def test_a_text_is_one_source_and_not_its_letters() -> None:
    assert len(list(machines("generated:6"))) == 1


@pytest.mark.parametrize(("text", "count"), [("generated:0-3", 4), ("generated:3-0", 0)])
def test_a_goal_and_a_backend_run_on_one_machine(text: str, count: int) -> None:
    with pytest.raises(DataError, match=f"{text} names {count} machines; a goal runs on one") as caught:
        begin("power off", text)
    assert caught.value.code == "data-invalid"
    with pytest.raises(DataError):
        simulator(text)


def test_a_capture_is_opened_by_path(tmp_path: Path) -> None:
    (machine,) = machines(["generated:6"])
    path = machine.capture.export(tmp_path / "box.jsonl.gz", "jsonl")
    (again,) = machines([str(path)])
    assert list(again.reachable) == list(machine.reachable)


@pytest.mark.parametrize("source", ["rack-of-dreams", "generated:x", "generated:1?size=many"])
def test_what_is_no_machine_is_refused(source: str) -> None:
    with pytest.raises((CaptureError, DataError)):
        list(machines([source]))


def test_all_installed_families_are_in_the_book() -> None:
    assert set(FAMILIES) <= set(goal_book().families)


def test_a_handler_that_gives_no_state_is_refused() -> None:
    class Plugin:
        @staticmethod
        @hookimpl
        def igc_goal_handlers() -> list[GoalHandlerSpec]:
            return [
                GoalHandlerSpec(
                    name="odd", factory="igc_core.testing.fakes:ModeHandler", summary="Odd.", system="redfish"
                )
            ]

    with pytest.raises(PluginError) as caught:
        goal_book(PluginManager([Plugin()]))
    assert caught.value.code == "plugin-broken"


def test_a_simulator_may_be_read_only() -> None:
    from igc_core.rest import Request  # noqa: PLC0415

    machine = simulator("generated:6", writable=False)
    (system, *_) = machine.of_type("ComputerSystem")
    assert machine.perform(Request("GET", system)).ok
    assert machine.perform(Request("PATCH", system, {"IndicatorLED": "Lit"})).status in {404, 405}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("generated:5-3", "names no machine"),
        ("generated:1-99999999999", "names 99999999999 machines"),
        (f"generated:1-{'9' * 5000}", "cannot read"),
    ],
)
def test_a_range_that_is_empty_or_endless_is_refused(source: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        list(machines([source]))


def test_the_same_machine_is_told_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGC_CAPTURES", str(tmp_path))
    (machine,) = machines(["generated:6?size=60"])
    path = machine.capture.export(tmp_path / "box.jsonl.gz", "jsonl")
    copy = machine.capture.export(tmp_path / "mock-up", "dmtf")
    assert len({*identities("box").values(), *identities(str(path)).values(), *identities(str(copy)).values()}) == 1
    spec = machine.name
    assert identities("generated:6?size=60")["generated:6?size=60"] == identities(spec)[spec]
    assert identities("generated:5-6?size=60").keys() == {"generated:5?size=60", "generated:6?size=60"}
    assert not {*identities("generated:6").values()} & {*identities("generated:6?size=60").values()}


def test_what_names_no_machine_is_refused() -> None:
    with pytest.raises(DataError, match="names no machine"):
        identities("generated:5-3")
    with pytest.raises(CaptureError, match="there is no capture"):
        identities("rack-of-dreams")
