from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from igc_core.redaction import MASK
from igc_redfish.capture import Capture, CaptureError, Resource, canonical

if TYPE_CHECKING:
    from pathlib import Path

ROOT = "/redfish/v1"
FORMATS = ["own", "plain", "jsonl", "flat", "dmtf"]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
SEGMENTS = st.text(alphabet="aB1.%|:-_ \N{LATIN SMALL LETTER E WITH ACUTE}", min_size=1, max_size=12)
URIS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: canonical(f"{ROOT}/{'/'.join(parts)}"))


@st.composite
def any_capture(draw: st.DrawFn) -> Capture:
    uris = draw(st.lists(URIS.filter(lambda uri: uri.startswith(f"{ROOT}/")), max_size=4, unique=True))
    make: dict[str, st.SearchStrategy[Any]] = {
        "body": st.dictionaries(st.text(max_size=8), JSON, max_size=4),
        "methods": st.none() | st.lists(st.sampled_from(["GET", "HEAD", "PATCH"]), unique=True),
        "status": st.sampled_from([200, 200, 404]),
        "headers": st.dictionaries(st.sampled_from(["ETag", "Link"]), st.text(max_size=5)),
    }

    def fields() -> dict[str, Any]:
        return draw(st.fixed_dictionaries(make))

    return Capture.from_resources("any", [Resource(uri, **fields()) for uri in [ROOT, *uris]])


def write(capture: Capture, folder: Path, kind: str) -> Path:
    if kind in {"own", "plain"}:
        return capture.save(folder / ("x.igc.jsonl.gz" if kind == "own" else "x.igc.jsonl"))
    return capture.export(folder / f"x-{kind}.jsonl.gz", kind)  # type: ignore[arg-type]


def test_a_capture_is_a_mapping_in_file_order_with_the_root_first(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "tower.jsonl"
    path.write_bytes(b"\n".join(reversed(lines)))
    capture = Capture.open(path)
    assert capture.name == "tower"
    assert len(capture) == 5
    assert list(capture)[:2] == [ROOT, f"{ROOT}/Managers"]
    assert f"{ROOT}/Systems/1" in capture
    assert capture.get(f"{ROOT}/Systems/9") is None
    assert capture[f"{ROOT}/Systems/1"].type == "ComputerSystem"
    assert repr(capture) == "Capture('tower', 5 resources)"
    assert len({capture, capture}) == 1


def test_bodies_are_parsed_once(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "tower.jsonl"
    path.write_bytes(b"\n".join(lines))
    resource = Capture.open(path)[f"{ROOT}/Systems"]
    assert resource.body is resource.body
    assert orjson.loads(resource.json) == resource.body


@pytest.mark.parametrize(
    "spelling",
    ["/redfish/v1/Systems/1/", "/redfish/v1/systems/1", "/redfish/v1/Systems//1#/Boot", "/redfish/v1/%53ystems/1"],
)
def test_any_spelling_of_a_uri_is_found(small: Capture, spelling: str) -> None:
    assert small.find(spelling) == f"{ROOT}/Systems/1"
    assert small.find("/redfish/v1/Systems/2") is None


def test_members_of_expanded_collections_are_embedded_resources(bodies: dict[str, dict[str, Any]]) -> None:
    manager = {"@odata.id": f"{ROOT}/Managers/BMC", "@odata.type": "#Manager.v1_0_0.Manager", "Id": "BMC"}
    bodies[f"{ROOT}/Managers"]["Members"] = [manager]
    capture = Capture.from_resources("x", [Resource(uri, body) for uri, body in bodies.items()])
    assert {uri: resource.body for uri, resource in capture.embedded.items()} == {manager["@odata.id"]: manager}


def test_the_manifest_states_service_counts_and_origin(small: Capture) -> None:
    manifest = small.manifest
    assert (manifest.resources, manifest.methods_known) == (5, 1)
    assert (manifest.service.vendor, manifest.service.redfish_version) == ("Contoso", "1.15.0")
    assert manifest.provenance == {"license": "MIT"}
    assert manifest.digest == small.digest


@pytest.mark.parametrize("kind", FORMATS)
def test_content_and_digest_survive_every_format(small: Capture, tmp_path: Path, kind: str) -> None:
    again = Capture.open(write(small, tmp_path, kind))
    assert again.warnings == ()
    assert again.digest == small.digest
    assert {uri: resource.body for uri, resource in again.items()} == {u: r.body for u, r in small.items()}
    system = again[f"{ROOT}/Systems/1"]
    assert system.methods == ("GET", "PATCH")
    assert list(system.body) == list(small[f"{ROOT}/Systems/1"].body)
    assert dict(again[ROOT].headers) == {"ETag": 'W/"7"'}


@settings(max_examples=30)
@given(any_capture())
def test_any_capture_survives_every_format(tmp_path_factory: pytest.TempPathFactory, capture: Capture) -> None:
    folder = tmp_path_factory.mktemp("any")
    for kind in FORMATS:
        again = Capture.open(write(capture, folder, kind))
        assert again.digest == capture.digest, kind


def test_equal_content_gives_equal_bytes(small: Capture, tmp_path: Path) -> None:
    first, second = small.save(tmp_path / "a.igc.jsonl.gz"), small.save(tmp_path / "b.igc.jsonl.gz")
    assert first.read_bytes() == second.read_bytes()
    again = Capture.open(first).save(tmp_path / "c.igc.jsonl.gz")
    assert gzip.decompress(again.read_bytes()) == gzip.decompress(first.read_bytes())


def test_the_digest_ignores_order_and_sees_every_value(bodies: dict[str, dict[str, Any]], small: Capture) -> None:
    shuffled = [
        Resource(
            uri,
            dict(reversed(body.items())),
            methods=small[uri].methods,
            headers=small[uri].headers,
        )
        for uri, body in reversed(bodies.items())
    ]
    assert Capture.from_resources("other", shuffled).digest == small.digest
    changed = {**bodies[ROOT], "Vendor": "Other"}
    others = [small[uri] for uri in small if uri != ROOT]
    assert Capture.from_resources("small", [Resource(ROOT, changed), *others]).digest != small.digest


@pytest.mark.parametrize("kind", FORMATS)
def test_nothing_is_overwritten(small: Capture, tmp_path: Path, kind: str) -> None:
    path = write(small, tmp_path, kind)
    before = path.stat().st_mtime_ns
    with pytest.raises(CaptureError, match="exists") as caught:
        write(small, tmp_path, kind)
    assert caught.value.code == "capture-exists"
    assert path.stat().st_mtime_ns == before


def test_overwriting_happens_when_asked_for(small: Capture, tmp_path: Path) -> None:
    path = tmp_path / "x.igc.jsonl.gz"
    path.write_text("old")
    small.save(path, overwrite=True)
    assert len(Capture.open(path)) == 5


def test_a_failed_write_leaves_what_was_there(small: Capture, tmp_path: Path) -> None:
    path = tmp_path / "x.igc.jsonl.gz"
    path.write_text("old")
    endless: dict[str, Any] = {}
    endless["self"] = endless
    broken = Capture.from_resources("broken", [*small.values(), Resource(f"{ROOT}/Endless", endless)])
    with pytest.raises(CaptureError, match="cannot be kept as JSON"):
        broken.save(path, overwrite=True)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_written_is_named(small: Capture, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CaptureError, match="cannot write") as caught:
        small.save(tmp_path / "file" / "x.igc.jsonl.gz")
    assert caught.value.code == "capture-unwritable"


def test_redaction_masks_secrets_and_nothing_else(bodies: dict[str, dict[str, Any]]) -> None:
    bodies[f"{ROOT}/Systems/1"] |= {"Password": "calvin", "PasswordLength": 6, "SNMP": {"CommunityString": "public"}}
    resources = [Resource(uri, body, headers={"Set-Cookie": "s=1"}) for uri, body in bodies.items()]
    capture = Capture.from_resources("x", resources, provenance={"token": "abc"}).redacted()
    body = capture[f"{ROOT}/Systems/1"].body
    assert (body["Password"], body["SNMP"]["CommunityString"], body["PasswordLength"]) == (MASK, MASK, 6)
    assert capture[ROOT].headers == {"Set-Cookie": MASK}
    assert capture.provenance == {"token": MASK}
    assert capture[f"{ROOT}/Managers"].body == bodies[f"{ROOT}/Managers"]


@pytest.mark.parametrize(
    ("uris", "problem"),
    [
        ([f"{ROOT}/Systems"], "has no /redfish/v1"),
        ([ROOT, f"{ROOT}/Systems/"], "no canonical URI"),
        ([ROOT, "/other"], "no canonical URI"),
        ([ROOT, f"{ROOT}/A", f"{ROOT}/A"], "stands twice"),
    ],
)
def test_resources_that_make_no_capture_are_refused(uris: list[str], problem: str) -> None:
    with pytest.raises(CaptureError, match=problem):
        Capture.from_resources("x", [Resource(uri, {}) for uri in uris])
