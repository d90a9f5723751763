from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from igc_redfish.capture import Capture, CaptureError, Limits, Resource

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "/redfish/v1"


def mockup(folder: Path, bodies: dict[str, dict[str, Any]], top: str = "redfish/v1") -> Path:
    for uri, body in bodies.items():
        place = folder / top / uri.removeprefix(ROOT).lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / "index.json").write_bytes(orjson.dumps(body))
    return folder


def flat(folder: Path, bodies: dict[str, dict[str, Any]], prefix: str = "_") -> Path:
    folder.mkdir(exist_ok=True)
    for uri, body in bodies.items():
        (folder / f"{prefix}{uri[1:].replace('/', '_')}.json").write_bytes(orjson.dumps(body))
    return folder


@pytest.mark.parametrize("top", ["redfish/v1", "v1", ""])
def test_mockups_are_read_from_any_top(tmp_path: Path, bodies: dict[str, dict[str, Any]], top: str) -> None:
    capture = Capture.open(mockup(tmp_path / "tower", bodies, top))
    assert (capture.name, capture.source) == ("tower", "dmtf-mockup")
    assert {uri: resource.body for uri, resource in capture.items()} == bodies


def test_headers_of_a_mockup_give_the_methods(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = mockup(tmp_path, bodies)
    headers = {"GET": {"Allow": "GET, PATCH", "ETag": '"1"'}}
    (folder / "redfish/v1/Systems/1/headers.json").write_bytes(orjson.dumps(headers))
    resource = Capture.open(folder)[f"{ROOT}/Systems/1"]
    assert resource.methods == ("GET", "PATCH")
    assert resource.headers == {"ETag": '"1"'}


def test_documents_of_the_protocol_are_no_resources(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = mockup(tmp_path, bodies)
    (folder / "redfish/index.json").write_text('{"v1": "/redfish/v1/"}')
    (folder / "redfish/v1/odata").mkdir()
    (folder / "redfish/v1/odata/index.json").write_text("{}")
    (folder / "redfish/v1/$metadata").mkdir()
    (folder / "redfish/v1/$metadata/index.xml").write_text("<x/>")
    (folder / "README.md").write_text("hello")
    assert list(Capture.open(folder)) == sorted(bodies)


@pytest.mark.parametrize("prefix", ["_", ""])
def test_flat_dumps_are_read_by_the_ids_of_their_bodies(
    tmp_path: Path, bodies: dict[str, dict[str, Any]], prefix: str
) -> None:
    uri = f"{ROOT}/Registries/Bios_Attribute_Registry"
    bodies[uri] = {"@odata.id": uri}
    capture = Capture.open(flat(tmp_path / "dump", bodies, prefix))
    assert capture.source == "flat-dump"
    assert {uri: resource.body for uri, resource in capture.items()} == bodies


def test_a_flat_body_that_names_another_resource_is_kept_under_its_file_name(
    tmp_path: Path, bodies: dict[str, dict[str, Any]]
) -> None:
    alias = f"{ROOT}/Systems/1/PCIeDevices/0-31"
    bodies[alias] = {"@odata.id": f"{ROOT}/Chassis/1/PCIeDevices/0-31"}
    assert alias in Capture.open(flat(tmp_path, bodies))


def test_the_map_of_a_flat_dump_gives_uris_and_methods(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = flat(tmp_path / "dump", bodies)
    (folder / "redfish_v1_other.json").write_text("{}")
    table = {
        "url_file_mapping": {f"{ROOT}/Odd_Name": "redfish_v1_other.json"},
        "allowed_methods_mapping": {f"{ROOT}/Odd_Name": ["GET", "POST"]},
        "http_status_mapping": {f"{ROOT}/Odd_Name": 403},
    }
    (folder / "rest_api_map.v1.json").write_bytes(orjson.dumps(table))
    resource = Capture.open(folder)[f"{ROOT}/Odd_Name"]
    assert (resource.methods, resource.status) == (("GET", "POST"), 403)


def test_a_pickled_map_is_never_opened(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = flat(tmp_path / "dump", bodies)
    (folder / "rest_api_map.npy").write_bytes(b"\x93NUMPY")
    capture = Capture.open(folder)
    assert [finding.code for finding in capture.warnings] == ["methods-unread"]
    assert all(resource.methods is None for resource in capture.values())


def test_other_files_of_a_dump_are_left_out_with_a_warning(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = flat(tmp_path / "dump", bodies)
    for name in ("corpus_manifest.json", "_redfish_v1_X#_Y_0.json", "_redfish_v1_Gone.error.json"):
        (folder / name).write_text("{}")
    capture = Capture.open(folder)
    assert len(capture) == 5
    assert [finding.code for finding in capture.warnings] == ["file-skipped"] * 3


@pytest.mark.parametrize("layout", [mockup, flat])
def test_a_damaged_file_is_named_or_left_out(tmp_path: Path, bodies: dict[str, dict[str, Any]], layout: Any) -> None:
    folder = layout(tmp_path / "x", bodies)
    damaged = next(file for file in folder.rglob("*.json") if "Managers" in str(file))
    damaged.write_text('{"@odata.id": ')
    with pytest.raises(CaptureError, match="is not JSON") as caught:
        Capture.open(folder)
    assert str(damaged) in caught.value.message
    rescued = Capture.open(folder, partial=True)
    assert len(rescued) == 4
    assert [finding.code for finding in rescued.warnings] == ["damage-skipped"]


@pytest.mark.parametrize("layout", [mockup, flat])
def test_folders_are_bounded(tmp_path: Path, bodies: dict[str, dict[str, Any]], layout: Any) -> None:
    folder = layout(tmp_path / "x", bodies)
    for limits in (Limits(total_bytes=300), Limits(resource_bytes=100), Limits(resources=1)):
        with pytest.raises(CaptureError) as caught:
            Capture.open(folder, limits=limits, partial=True)
        assert caught.value.code == "capture-too-large"


def test_a_folder_without_a_capture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="holds no capture") as caught:
        Capture.open(tmp_path)
    assert caught.value.code == "capture-not-redfish"
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(CaptureError, match="holds no resources"):
        Capture.open(tmp_path)


def test_a_map_that_is_no_object_is_refused(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    folder = flat(tmp_path / "dump", bodies)
    (folder / "rest_api_map.v1.json").write_text("[]")
    with pytest.raises(CaptureError, match="is no JSON object"):
        Capture.open(folder)


def test_long_and_clashing_names_survive_a_flat_export(tmp_path: Path, bodies: dict[str, dict[str, Any]]) -> None:
    uris = [f"{ROOT}/{'x' * 300}", f"{ROOT}/a/b", f"{ROOT}/a_b", f"{ROOT}/A_b"]
    resources = [Resource(uri, body) for uri, body in bodies.items()] + [Resource(uri, {"u": uri}) for uri in uris]
    capture = Capture.from_resources("x", resources)
    assert Capture.open(capture.export(tmp_path / "flat", "flat")).digest == capture.digest
