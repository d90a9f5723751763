from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from igc_encoders.corpus import read
from igc_encoders.corpus.records import machine_name
from igc_encoders.errors import EncoderError

ROOT = {"path": "/redfish/v1", "methods": ["GET"], "status": 200, "headers": {}, "body": {"Id": "1"}}


def write(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_resources_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    second = {"path": "/redfish/v1/Systems", "methods": None, "status": 404, "body": {}}
    first, other = read(write(tmp_path / "box.jsonl", ROOT, second))
    assert (first.machine, first.path, first.methods, first.status) == ("box", "/redfish/v1", ("GET",), 200)
    assert (other.path, other.methods, other.status) == ("/redfish/v1/Systems", None, 404)


def test_manifest_is_no_resource(tmp_path: Path) -> None:
    manifest = {"format": "igc-capture", "version": 1}
    assert [record.path for record in read(write(tmp_path / "box.jsonl", manifest, ROOT))] == ["/redfish/v1"]


def test_compressed_files_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "box.igc.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(ROOT).encode()))
    assert [record.machine for record in read(path)] == ["box"]


def test_answers_that_are_no_objects_are_left_out(tmp_path: Path) -> None:
    assert list(read(write(tmp_path / "box.jsonl", ROOT | {"body": [1]}, ROOT | {"body": None}))) == []


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"path": 1}', '{"path": "/", "methods": "GET", "body": {}}', "[" * 100_000]
)
def test_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "box.jsonl"
    path.write_text(json.dumps(ROOT) + "\n" + line + "\n")
    with pytest.raises(EncoderError, match=r"line 2 of .*box\.jsonl") as found:
        list(read(path))
    assert found.value.code == "encoder-corpus"
    assert "\n" not in str(found.value)


def test_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "box.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(ROOT).encode() * 100)[:-20])
    with pytest.raises(EncoderError, match="damaged or cut off"):
        list(read(path))


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot read"):
        list(read(tmp_path / "box.jsonl"))


def test_names_lose_their_endings() -> None:
    assert [machine_name(Path(name)) for name in ("a.jsonl.gz", "b.igc.jsonl.gz", "c.1.jsonl")] == ["a", "b", "c.1"]
