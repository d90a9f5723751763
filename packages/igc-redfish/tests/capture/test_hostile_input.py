"""Whatever the bytes: a capture, or one error that names file and line and says what to do."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from igc_redfish.capture import Capture, CaptureError, Limits

if TYPE_CHECKING:
    from pathlib import Path

ROOT_LINE = b'{"path": "/redfish/v1", "body": {"@odata.id": "/redfish/v1"}}'


def line(body: bytes = b"{}", path: bytes = b'"/redfish/v1/X"', extra: bytes = b"") -> bytes:
    return ROOT_LINE + b'\n{"path": ' + path + b', "body": ' + body + extra + b"}\n"


CORRUPT = {
    "not JSON": (b"hello\n", "line 1 .* is not JSON"),
    "JSON that ends early": (ROOT_LINE + b'\n{"path": "/redfish/v1/X", "bo', "line 2 .* is not JSON"),
    "a list": (b"[1, 2]\n", "line 1 .* is no JSON object"),
    "a number": (ROOT_LINE + b"\n5\n", "line 2 .* is no JSON object"),
    "nested 100,000 deep": (line(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), "line 2 .* is not JSON: .*limit"),
    "nested 500 deep": (line(b'{"a":' * 500 + b"1" + b"}" * 500), "line 2 .* nested deeper than 254 levels"),
    "invalid UTF-8": (line(b'{"a": "\xff\xfe"}'), "line 2 .* is not JSON"),
    "a lone surrogate": (line(b'{"a": "\\ud800"}'), "line 2 .* is not JSON"),
    "NaN": (line(b'{"a": NaN}'), "line 2 .* is not JSON"),
    "a number beyond range": (line(b'{"a": 1e999}'), "line 2 .* is not JSON"),
    "a path twice": (
        line(b'{"a": 1}') + line(b'{"a": 2}')[len(ROOT_LINE) + 1 :],
        "line 3 .* another answer for /redfish/v1/X",
    ),
    "a path of a wrong type": (line(path=b"7"), "line 2 .*: 'path' must be a text, not int"),
    "a body of a wrong type": (line(b"[]"), "line 2 .*: 'body' must be an object, not list"),
    "methods of a wrong type": (line(extra=b', "methods": "GET"'), "'methods' must be a list of texts, not str"),
    "methods of wrong types": (line(extra=b', "methods": [1]'), "'methods' must be a list of texts, not list"),
    "a status of a wrong type": (line(extra=b', "status": true'), "'status' must be a whole number, not bool"),
    "headers of a wrong type": (line(extra=b', "headers": []'), "'headers' must be an object of texts, not list"),
    "a header of a wrong type": (line(extra=b', "headers": {"A": 1}'), "'headers' must be an object of texts, not int"),
    "a gzip header alone": (b"\x1f\x8b", "is damaged or cut off"),
    "a broken manifest": (b'{"format": "igc-capture", "version": 1, "name": 5}\n', "manifest on line 1 .* at 'name'"),
}
NOT_REDFISH = {
    "an empty file": (b"", "holds no resources"),
    "blank lines": (b"\n \n\n", "holds no resources"),
    "an empty gzip": (gzip.compress(b""), "holds no resources"),
    "no service root": (b'{"path": "/redfish/v1/Systems", "body": {}}\n', "holds no /redfish/v1"),
    "another API": (b'{"path": "/api/v2", "body": {}}\n', "line 1 .* has the path '/api/v2'"),
    "a path that climbs out": (line(path=b'"/redfish/v1/../../etc/passwd"'), "line 2 .* which no Redfish service has"),
    "a control character": (line(path=b'"/redfish/v1/a\\u0000"'), "line 2 .* which no Redfish service has"),
    "other JSON lines": (b'{"id": 1}\n{"id": 2}\n', "line 1 .* has neither 'path' nor 'body'"),
}


def refuse(content: bytes, folder: Path, **options: Any) -> CaptureError:
    path = folder / "bad.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(CaptureError) as caught:
        Capture.open(path, **options)
    assert str(path) in caught.value.message
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == content
    return caught.value


@pytest.mark.parametrize("case", CORRUPT)
@pytest.mark.parametrize("packed", [False, True])
def test_damaged_files_are_refused(tmp_path: Path, case: str, packed: bool) -> None:
    content, problem = CORRUPT[case]
    error = refuse(gzip.compress(content) if packed and content[:2] != b"\x1f\x8b" else content, tmp_path)
    assert error.code == "capture-corrupt"
    assert error.hint
    with pytest.raises(CaptureError, match=problem):
        raise error


@pytest.mark.parametrize("case", NOT_REDFISH)
def test_other_files_are_refused(tmp_path: Path, case: str) -> None:
    content, problem = NOT_REDFISH[case]
    error = refuse(content, tmp_path)
    assert error.code == "capture-not-redfish"
    with pytest.raises(CaptureError, match=problem):
        raise error


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="there is no capture") as caught:
        Capture.open(tmp_path / "nothing.jsonl.gz")
    assert caught.value.code == "capture-missing"
    with pytest.raises(CaptureError):
        Capture.open("a\0b")
    with pytest.raises(CaptureError):
        Capture.open(tmp_path / ("x" * 300))


def test_a_newer_file_format_is_named(tmp_path: Path) -> None:
    error = refuse(b'{"format": "igc-capture", "version": 2}\n' + ROOT_LINE, tmp_path)
    assert error.code == "capture-version"
    assert "version 2" in error.message


def test_a_body_of_50_mb_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    start = time.process_time()
    error = refuse(gzip.compress(line(b'{"a": "' + b"x" * 50_000_000 + b'"}'), compresslevel=1), tmp_path)
    assert error.code == "capture-too-large"
    assert "line 2" in error.message
    assert "16 MiB" in error.message
    assert time.process_time() - start < 5


def test_limits_can_be_raised(tmp_path: Path) -> None:
    path = tmp_path / "big.jsonl"
    path.write_bytes(line(b'{"a": "' + b"x" * 17_000_000 + b'"}'))
    assert len(Capture.open(path, limits=Limits(resource_bytes=20_000_000))) == 2


@pytest.mark.parametrize("filler", [b"\n", b"\0", b" ", line(b'{"a": 1}')])
def test_a_gzip_bomb_costs_neither_memory_nor_time(tmp_path: Path, filler: bytes) -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as stream:
        for _ in range(10):
            stream.write(filler * (8_000_000 // len(filler)))
    start = time.process_time()
    tracemalloc.start()
    try:
        error = refuse(buffer.getvalue(), tmp_path, limits=Limits(total_bytes=40_000_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.code in {"capture-too-large", "capture-corrupt"}
    assert time.process_time() - start < 10
    assert peak < 300_000_000  # bytes


def test_a_truncated_capture_is_refused_or_recovered(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    noise = [orjson.dumps({"path": f"/redfish/v1/N{n}", "body": {"a": [n * n % 9973] * 50}}) for n in range(2000)]
    content = gzip.compress(b"\n".join([*lines, *noise]))
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CaptureError, match="damaged or cut off") as caught:
        Capture.open(path)
    assert "--partial" in caught.value.hint
    rescued = Capture.open(path, partial=True)
    assert 500 < len(rescued) < 2005
    assert [finding.code for finding in rescued.warnings][-1:] == ["damage-skipped"]


def test_our_own_file_notices_missing_lines(small: Capture, tmp_path: Path) -> None:
    path = small.save(tmp_path / "x.jsonl")
    path.write_bytes(b"\n".join(path.read_bytes().splitlines()[:-1]))
    with pytest.raises(CaptureError, match="holds 4 resources where its manifest says 5"):
        Capture.open(path)
    assert len(Capture.open(path, partial=True)) == 4


def test_damaged_lines_can_be_left_out(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_bytes(b"\n".join([*lines, b"{", b"7", b'{"path": 1}', b'{"other": 1}']))
    rescued = Capture.open(path, partial=True)
    assert len(rescued) == 5
    assert [finding.code for finding in rescued.warnings] == ["damage-skipped"] * 4


def test_what_is_merely_odd_is_a_warning(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    odd = b'{"path": "/redfish/v1//Chassis#x", "body": {}, "headers": {"allow": "get, HEAD"}, "colour": 1}'
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([*lines, lines[1], odd]) + b"\n\n")
    capture = Capture.open(path)
    assert sorted(finding.code for finding in capture.warnings) == [
        "field-unknown",
        "path-spelling",
        "resource-repeated",
    ]
    assert capture["/redfish/v1/Chassis"].methods == ("GET", "HEAD")


def opens_or_refuses(path: Path) -> None:
    for partial in (False, True):
        try:
            capture = Capture.open(path, partial=partial)
        except CaptureError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, a third one is not
        else:
            assert len(capture.manifest.digest) == 64
            assert all(isinstance(resource.body, dict) for resource in capture.values())


@given(st.binary(max_size=300))
@example(b"")
@example(gzip.compress(ROOT_LINE)[:-4])
@example(gzip.compress(ROOT_LINE) + b"rubbish")
def test_any_bytes_are_a_capture_or_a_capture_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.bin"
    path.write_bytes(content)
    opens_or_refuses(path)


@given(st.data())
def test_any_damage_to_a_capture_is_noticed_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    packed = data.draw(st.booleans())
    text = ROOT_LINE + b'\n{"path": "/redfish/v1/A", "methods": ["GET"], "body": {"a": [1, "x", null]}}\n'
    content = bytearray(gzip.compress(text) if packed else text)
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.bin"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    opens_or_refuses(path)
