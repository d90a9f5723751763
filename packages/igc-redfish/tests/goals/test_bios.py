from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.goals.bios import BiosFamily
from igc_redfish.machine import Machine
from igc_redfish.simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.goals.book import GoalBook

SYSTEM = f"{ROOT}/Systems/1"
BIOS, SETTINGS = f"{SYSTEM}/Bios", f"{SYSTEM}/Bios/Settings"


def stage(host: Simulator, uri: str = SETTINGS, **attributes: Any) -> Response:
    return host.perform(Request("PATCH", uri, {"Attributes": attributes}))


def reset(host: Simulator, kind: str = "ForceRestart") -> None:
    assert host.perform(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": kind})).ok


def attributes(host: Simulator, uri: str = BIOS) -> Any:
    return value_at(host.get(uri), "Attributes")


def keys(response: Response) -> list[str]:
    error = value_at(response.body if isinstance(response.body, dict) else {}, "error/@Message.ExtendedInfo")
    return [info["MessageId"].rpartition(".")[2] for info in error]


def test_a_change_is_pending_until_the_boot(host: Simulator) -> None:
    assert stage(host, Turbo="Disabled", Cores=6).ok
    assert attributes(host, SETTINGS) == {"Turbo": "Disabled", "Cores": 6}
    assert attributes(host)["Turbo"] == "Enabled"
    reset(host)
    assert (attributes(host)["Turbo"], attributes(host)["Cores"]) == ("Disabled", 6)
    assert attributes(host, SETTINGS) == {}
    assert value_at(host.get(BIOS), "@Redfish.Settings/Time") == "2026-01-01T00:00:00Z"


def test_nothing_changes_at_a_boot_with_nothing_pending(host: Simulator) -> None:
    reset(host)
    assert BIOS not in host.world.changes
    assert SETTINGS not in host.world.changes


def test_power_that_is_cut_leaves_the_change_pending(simulate: Callable[..., Simulator]) -> None:
    host = simulate(post_s=60)
    stage(host, Quiet=False)
    reset(host)
    host.wait(30)
    reset(host, "ForceOff")
    host.wait(100)
    assert (attributes(host)["Quiet"], attributes(host, SETTINGS)) == (True, {"Quiet": False})
    reset(host, "On")
    host.wait(60)
    assert attributes(host)["Quiet"] is False


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"Turbo": "Sideways"}, "PropertyValueNotInList"),
        ({"Cores": 9}, "PropertyValueOutOfRange"),
        ({"Cores": 3}, "PropertyValueOutOfRange"),
        ({"Serial": "S2"}, "PropertyNotWritable"),
        ({"Warp": 9}, "PropertyUnknown"),
        ({"Quiet": "yes"}, "PropertyValueTypeError"),
    ],
)
def test_the_registry_refuses(host: Simulator, change: dict[str, Any], key: str) -> None:
    answer = stage(host, **change)
    assert (answer.status, keys(answer)) == (400, [key])
    assert attributes(host, SETTINGS) == {}


def test_settings_may_show_everything(tree: dict[str, Any], simulate: Callable[..., Simulator]) -> None:
    tree[SETTINGS]["Attributes"] = dict(tree[BIOS]["Attributes"])
    host = simulate(bios_pending_full=True)
    stage(host, Label="lab")
    reset(host)
    assert attributes(host) == attributes(host, SETTINGS)
    assert attributes(host)["Label"] == "lab"


def test_a_committed_job_refuses_further_changes_until_the_boot(
    tree: dict[str, Any], simulate: Callable[..., Simulator]
) -> None:
    jobs = f"{ROOT}/JobService/Jobs"
    tree[ROOT]["JobService"] = {"@odata.id": f"{ROOT}/JobService"}
    tree[f"{ROOT}/JobService"] = {"@odata.type": "#JobService.v1_0_4.JobService", "Jobs": {"@odata.id": jobs}}
    tree[jobs] = {"@odata.id": jobs, "@odata.type": "#JobCollection.JobCollection", "Members": []}
    host = simulate(bios_jobs=True)
    assert stage(host, Cores=2).ok
    assert value_at(host.get(f"{jobs}/1"), "JobState") == "Pending"
    assert stage(host, Cores=4).status == 400
    assert host.perform(Request("POST", f"{BIOS}/Actions/Bios.ResetBios", {})).status == 400
    reset(host)
    assert attributes(host)["Cores"] == 2
    assert value_at(host.get(f"{jobs}/1"), "JobState") == "Completed"
    assert stage(host, Cores=4).ok


def test_a_job_needs_no_job_service(simulate: Callable[..., Simulator]) -> None:
    host = simulate(bios_jobs=True)
    stage(host, Cores=2)
    assert stage(host, Cores=4).status == 400
    reset(host)
    assert stage(host, Cores=6).ok


def test_a_dark_host_may_refuse(simulate: Callable[..., Simulator]) -> None:
    host = simulate(bios_refused_when_off=True)
    reset(host, "ForceOff")
    assert stage(host, Cores=2).status == 409
    reset(host, "On")
    assert stage(host, Cores=2).ok


def test_reset_bios_brings_the_defaults_at_the_boot(host: Simulator) -> None:
    assert host.perform(Request("POST", f"{BIOS}/Actions/Bios.ResetBios", {})).ok
    assert value_at(host.get(BIOS), "ResetBiosToDefaultsPending") is True
    assert attributes(host)["Turbo"] == "Enabled"
    reset(host)
    assert value_at(host.get(BIOS), "ResetBiosToDefaultsPending") is False
    found = attributes(host)
    assert (found["Turbo"], found["Cores"], found["Label"], found["Serial"]) == ("Disabled", 0, "", "S1")


def test_defaults_come_where_settings_show_everything(tree: dict[str, Any], simulate: Callable[..., Simulator]) -> None:
    tree[SETTINGS]["Attributes"] = dict(tree[BIOS]["Attributes"])
    host = simulate(bios_pending_full=True)
    host.perform(Request("POST", f"{BIOS}/Actions/Bios.ResetBios", {}))
    stage(host, Cores=8)
    reset(host)
    assert (attributes(host)["Turbo"], attributes(host)["Cores"]) == ("Disabled", 8)
    assert attributes(host, SETTINGS) == attributes(host)


def test_a_recorded_patch_of_the_current_settings_is_refused_too(tree: dict[str, Any], book: GoalBook) -> None:
    methods = {BIOS: ["GET", "PATCH"]}
    capture = Capture.from_resources(
        "host", [Resource(uri, body, methods=methods.get(uri)) for uri, body in tree.items()]
    )
    host = Simulator(Machine(capture), list(book))
    assert stage(host, BIOS, Turbo="Disabled").status == 405


def test_the_current_settings_are_not_written_where_others_are_staged(host: Simulator) -> None:
    assert stage(host, BIOS, Turbo="Disabled").status in {400, 405}
    assert attributes(host)["Turbo"] == "Enabled"


@pytest.fixture
def direct(tree: dict[str, Any], simulate: Callable[..., Simulator]) -> Simulator:
    """A BIOS without settings object and registry, one attribute of which describes itself."""
    del tree[BIOS]["@Redfish.Settings"], tree[SETTINGS], tree[ROOT]["Registries"]
    described = {"current_value": "Auto", "AllowableValues": ["Auto", "Off"], "default_value": "Off"}
    tree[BIOS]["Attributes"] = {"Clock": described, "Turbo": "Enabled", "Cores": 4}
    return simulate()


def test_without_a_settings_object_a_change_is_shown_after_the_boot(direct: Simulator) -> None:
    assert stage(direct, BIOS, Turbo="Disabled").ok
    assert stage(direct, BIOS, Clock={"current_value": "Off"}).ok
    assert attributes(direct)["Turbo"] == "Enabled"
    reset(direct)
    assert attributes(direct)["Turbo"] == "Disabled"
    assert attributes(direct)["Clock"]["current_value"] == "Off"
    assert attributes(direct)["Clock"]["AllowableValues"] == ["Auto", "Off"]


def test_without_a_registry_types_and_descriptions_refuse(direct: Simulator) -> None:
    assert keys(stage(direct, BIOS, Turbo=1)) == ["PropertyValueTypeError"]
    assert keys(stage(direct, BIOS, Clock={"current_value": "Fast"})) == ["PropertyValueNotInList"]


def test_described_attributes_are_written_as_they_are_shown(direct: Simulator, book: GoalBook) -> None:
    goal = book.bind(book.parse("""bios set attributes='{"Clock": "Off"}'"""), direct)
    assert isinstance(goal, Goal)
    assert book.wanted(goal) == {"Attributes/Clock/current_value": "Off"}
    (body,) = book.handler("bios").payloads(goal)["patch Bios"]
    direct.perform(Request("PATCH", BIOS, body))
    reset(direct)
    assert book.reached(goal, direct, direct)


def test_settings_captured_without_attributes_can_be_written(
    tree: dict[str, Any], simulate: Callable[..., Simulator]
) -> None:
    tree[SETTINGS] = {"@odata.id": SETTINGS, "@odata.type": "#Settings.v1_1_0.Settings", "Id": "Settings"}
    host = simulate()
    assert stage(host, Quiet=False).ok
    reset(host)
    assert attributes(host)["Quiet"] is False


def test_goals_change_writable_attributes_alone_and_together(host: Simulator, book: GoalBook) -> None:
    found = [goal.arguments["attributes"] for goal in book.handler("bios").goals(host)]
    singles = [{"Cores": 6}, {"Profile": "Dense"}, {"Quiet": False}, {"Turbo": "Disabled"}]
    assert found == [*singles, {"Cores": 6, "Profile": "Dense", "Quiet": False}]


def test_governed_and_hidden_attributes_are_no_examples(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    entries = tree[f"{ROOT}/Store/Contoso"]["RegistryEntries"]
    entries["Dependencies"] = [{"Dependency": {"MapToAttribute": "Cores"}, "Type": "Map"}]
    entries["Attributes"][0]["Hidden"] = True
    found = [goal.arguments["attributes"] for goal in book.handler("bios").goals(simulate())]
    assert found[:2] == [{"Profile": "Dense"}, {"Quiet": False}]


@pytest.mark.parametrize("wrong", ['{"Warp": 9}', '{"Cores": 99}', '{"Serial": "x"}'])
def test_what_the_bios_cannot_have_cannot_be_wanted(host: Simulator, book: GoalBook, wrong: str) -> None:
    with pytest.raises(GoalError, match="cannot have these attributes"):
        book.bind(book.parse(f"bios set attributes='{wrong}'"), host)


@pytest.mark.parametrize("text", ["bios set attributes=3", "bios set attributes='{}'", "bios set"])
def test_attributes_must_be_named(book: GoalBook, text: str) -> None:
    with pytest.raises(GoalError) as caught:
        book.parse(text)
    assert caught.value.code == "goal-unreadable"


def test_reached_means_in_force(host: Simulator, book: GoalBook) -> None:
    goal = book.bind(book.parse("""bios set attributes='{"Quiet": false, "Cores": 8}'"""), host)
    assert isinstance(goal, Goal)
    together, *alone = book.handler("bios").payloads(goal)["patch Bios"]
    assert len(alone) == 2
    host.perform(Request("PATCH", SETTINGS, together))
    assert not book.reached(goal, host, host)
    reset(host)
    assert book.reached(goal, host, host)
    host.apply(lambda transaction: book.handler("bios").prepare(goal, transaction))
    assert not book.reached(goal, host, host)


def test_attributes_may_be_written_as_plain_pairs() -> None:
    goal = BiosFamily().parse("bios set BootMode=Uefi NumLock=true /redfish/v1/Systems/1/Bios")
    assert goal is not None
    assert goal.arguments == {"attributes": {"BootMode": "Uefi", "NumLock": True}}
    assert goal.target == "/redfish/v1/Systems/1/Bios"


def test_plain_pairs_and_an_object_cannot_be_mixed_up() -> None:
    goal = BiosFamily().parse("""bios set attributes='{"A": "b"}'""")
    assert goal is not None
    assert goal.arguments == {"attributes": {"A": "b"}}
