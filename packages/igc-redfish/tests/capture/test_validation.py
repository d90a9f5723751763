from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from igc_redfish.capture import Capture, Resource, validate
from igc_redfish.capture.graph import connectivity

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
SYSTEMS = f"{ROOT}/Systems"

ODDITIES: dict[str, tuple[str, dict[str, Any]]] = {
    "id-missing": (SYSTEM, {"@odata.id": None}),
    "id-slash": (SYSTEM, {"@odata.id": f"{SYSTEM}/"}),
    "id-case": (SYSTEM, {"@odata.id": "/redfish/v1/systems/1"}),
    "id-fragment": (SYSTEM, {"@odata.id": f"{SYSTEM}#/"}),
    "id-differs": (SYSTEM, {"@odata.id": SYSTEMS}),
    "type-missing": (SYSTEM, {"@odata.type": None}),
    "value-mistyped": (SYSTEM, {"Oem": []}),
    "members-missing": (SYSTEM, {"@odata.type": "#XCollection.XCollection"}),
    "members-mistyped": (SYSTEM, {"Members": {}}),
    "member-without-id": (SYSTEMS, {"Members": [{}]}),
    "member-repeated": (SYSTEMS, {"Members": [{"@odata.id": SYSTEM}] * 2, "Members@odata.count": 2}),
    "count-missing": (SYSTEMS, {"Members@odata.count": None}),
    "count-mistyped": (SYSTEMS, {"Members@odata.count": "1"}),
    "count-differs": (SYSTEMS, {"Members@odata.count": 3727}),
    "link-external": (SYSTEM, {"X": {"@odata.id": "https://other/redfish/v1/X"}}),
    "link-relative": (f"{ROOT}/Managers", {"X": {"@odata.id": "Systems"}}),
    "link-slashes": (SYSTEM, {"X": {"@odata.id": "/redfish/v1//Managers"}}),
    "link-dangling": (SYSTEM, {"X": {"@odata.id": "/redfish/v1/Gone"}}),
    "link-case": (SYSTEM, {"X": {"@odata.id": "/redfish/v1/managers"}}),
    "action-key": (SYSTEM, {"Actions": {"#X.Y": {"Target": f"{SYSTEM}/Actions/X.Y"}}}),
    "action-elsewhere": (SYSTEM, {"Actions": {"#X.Y": {"target": f"{ROOT}/Chassis/1/Actions/X.Y"}}}),
}


def with_changes(bodies: dict[str, dict[str, Any]], uri: str, changes: dict[str, Any]) -> Capture:
    body = {**bodies[uri], **changes}
    bodies[uri] = {key: value for key, value in body.items() if value is not None}
    return Capture.from_resources("x", [Resource(uri, body) for uri, body in bodies.items()])


def test_a_sound_capture_has_no_findings(small: Capture) -> None:
    assert validate(small) == []


@pytest.mark.parametrize("code", ODDITIES)
def test_each_oddity_is_found_alone(bodies: dict[str, dict[str, Any]], code: str) -> None:
    uri, changes = ODDITIES[code]
    found = {(finding.code, finding.uri, finding.level) for finding in validate(with_changes(bodies, uri, changes))}
    assert found == {(code, uri, "warning")}


def test_booleans_written_as_text_are_found(bodies: dict[str, dict[str, Any]]) -> None:
    (finding,) = validate(
        with_changes(bodies, SYSTEM, {"Oem": {"AutoDSTEnabled": "false"}, "Attributes": {"Quiet": "true"}})
    )
    assert (finding.code, finding.uri) == ("value-mistyped", SYSTEM)
    assert "AutoDSTEnabled" in finding.message


def test_cycles_and_pages_are_in_order(bodies: dict[str, dict[str, Any]]) -> None:
    page = f"{SYSTEMS}?$skip=1"
    bodies[page] = {**bodies[SYSTEMS], "Members@odata.count": 2, "@odata.id": page}
    changes = {"Members@odata.count": 2, "Members@odata.nextLink": page, "Up": {"@odata.id": ROOT}}
    assert validate(with_changes(bodies, SYSTEMS, changes)) == []


def test_embedded_members_do_not_dangle(bodies: dict[str, dict[str, Any]]) -> None:
    entry = {"@odata.id": f"{ROOT}/Managers/BMC", "@odata.type": "#Manager.v1_0_0.Manager", "Id": "BMC"}
    changes = {"Members": [entry], "Members@odata.count": 1}
    assert validate(with_changes(bodies, f"{ROOT}/Managers", changes)) == []


def test_uris_that_differ_only_by_case_are_found(bodies: dict[str, dict[str, Any]]) -> None:
    bodies["/redfish/v1/systems"] = {**bodies[SYSTEMS], "@odata.id": "/redfish/v1/systems"}
    assert [finding.code for finding in validate(with_changes(bodies, SYSTEM, {}))] == ["uri-case"]


def test_a_root_that_leads_nowhere_is_an_error(bodies: dict[str, dict[str, Any]]) -> None:
    (finding,) = validate(with_changes(bodies, ROOT, {"Systems": None, "Managers": None}))
    assert (finding.code, finding.level) == ("root-empty", "error")


def test_an_answer_that_is_an_error_is_found(bodies: dict[str, dict[str, Any]]) -> None:
    resources = [Resource(uri, body, status=403 if uri == SYSTEM else 200) for uri, body in bodies.items()]
    (finding,) = validate(Capture.from_resources("x", resources))
    assert (finding.code, finding.uri, finding.level) == ("status-error", SYSTEM, "warning")


def test_content_that_was_edited_is_an_error(small: Capture, tmp_path: Path) -> None:
    path = small.save(tmp_path / "x.jsonl")
    path.write_bytes(path.read_bytes().replace(b"Contoso", b"Fabrikam"))
    (finding,) = validate(Capture.open(path))
    assert (finding.code, finding.level) == ("digest-differs", "error")


def test_connectivity_counts_targets_and_reachable_resources(bodies: dict[str, dict[str, Any]]) -> None:
    bodies[f"{ROOT}/Island"] = {"@odata.id": f"{ROOT}/Island", "@odata.type": "#X.X"}
    found = connectivity(with_changes(bodies, SYSTEM, {"X": {"@odata.id": "/redfish/v1/Gone"}}))
    assert (found.links, found.closed, found.embedded) == (5, 4, 0)
    assert (found.reachable, found.resources) == (5, 6)
    assert found.closed_share == 4 / 5
    assert orjson.dumps(found.reachable_share)
    alone = Capture.from_resources("x", [Resource(ROOT, {})])
    assert connectivity(alone).closed_share == 1
