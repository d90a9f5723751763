from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_redfish.capture import ROOT, Capture, Resource
from igc_redfish.machine import Machine
from igc_redfish.service.profile import Profile

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = Profile()


def profile(*bodies: dict[str, Any]) -> Profile:
    resources = [Resource(ROOT, {"@odata.id": ROOT})]
    resources += [Resource(body.get("@odata.id", f"{ROOT}/Parts/{n}"), body) for n, body in enumerate(bodies)]
    return Machine(Capture.from_resources("host", resources)).profile


def kind(name: str, **body: Any) -> dict[str, Any]:
    return {"@odata.type": f"#{name}.v1_0_0.{name}", **body}


def accounts(*users: str) -> list[dict[str, Any]]:
    members = [kind("ManagerAccount", UserName=user, **{"@odata.id": f"{ROOT}/A/{n}"}) for n, user in enumerate(users)]
    links = [{"@odata.id": member["@odata.id"]} for member in members]
    return [*members, {"@odata.type": "#ManagerAccountCollection.ManagerAccountCollection", "Members": links}]


def bios(pending: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    uri = f"{ROOT}/Bios/Settings"
    current = kind("Bios", Attributes={"A": 1, "B": 2}, **{"@Redfish.Settings": {"SettingsObject": {"@odata.id": uri}}})
    return [current, kind("Bios", Attributes=pending, **{"@odata.id": uri}, **more)]


@pytest.mark.parametrize(
    ("bodies", "quirks"),
    [
        ([], {}),
        (accounts("root", "", "", ""), {"account_slots": True}),
        (accounts("root", "jane", "joe", ""), {}),
        (accounts("root"), {}),
        (bios({}), {}),
        (bios({"A": 1, "B": 2}), {"bios_pending_full": True}),
        (bios({}, Oem={"Contoso": {"Jobs": {"@odata.id": f"{ROOT}/Jobs"}}}), {"bios_jobs": True}),
        (bios({}, Oem=[]), {}),
        ([kind("VirtualMedia", Image="http://192.0.2.1/a.iso", Inserted=False)], {"media_keeps_image": True}),
        ([kind("VirtualMedia", Image="http://192.0.2.1/a.iso", Inserted=True)], {}),
        (
            [kind("ActionInfo", Parameters=[{"Name": "Image"}, {"Name": "TransferProtocolType", "Required": True}])],
            {"media_protocol_required": True},
        ),
        ([kind("ActionInfo", Parameters=[{"Name": "Image"}, {"Name": "TransferProtocolType"}])], {}),
        ([kind("MessageRegistryFile", Registry="iLO.2.14.0")], {"reset_noop_refused": True}),
        ([kind("MessageRegistryFile", Registry="iDrac.1.5")], {"restart_when_off_refused": True}),
        ([kind("MessageRegistryFile", Registry="OpenBMC.0.4.0")], {"patch_returns_body": False}),
        ([kind("MessageRegistryFile", Registry=None)], {}),
    ],
)
def test_a_tree_tells_its_quirks(bodies: list[dict[str, Any]], quirks: dict[str, bool]) -> None:
    assert profile(*bodies) == PLAIN.model_copy(update=quirks)


@pytest.mark.parametrize(
    ("name", "quirks"),
    [
        ("dell-r750", {"account_slots", "bios_jobs", "restart_when_off_refused"}),
        ("dell-c6320", {"account_slots", "restart_when_off_refused"}),
        ("hpe-dl380agen11", {"bios_pending_full", "reset_noop_refused"}),
        ("dmtf-tower", {"bios_pending_full"}),
        ("intel-s2600bpb", set()),
        ("cray-ex235a", set()),
    ],
)
def test_real_captures_tell_theirs(captures: Path, name: str, quirks: set[str]) -> None:
    inferred = Machine(Capture.open(captures / f"{name}.jsonl.gz")).profile.model_dump(exclude={"delays"})
    assert {key for key, value in inferred.items() if value} - {"patch_returns_body"} == quirks
