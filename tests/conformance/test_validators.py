"""DMTF's own judges of Redfish services: the Protocol Validator, the Use-Case Checkers and the Service Validator."""

from __future__ import annotations

import csv
import json
import os
import re
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

import pytest

pytest.importorskip("redfish_service_validator", reason="nox -s conformance installs the validators")
openpyxl = pytest.importorskip("openpyxl")

from igc_redfish.sources import machines  # noqa: E402 - after what may skip all of this

pytestmark = pytest.mark.slow

USER, PASSWORD = "admin", "Correct-Horse-7"
SCHEMAS = Path(os.environ.get("IGC_SCHEMAS", Path(__file__).parents[3] / "shared" / "schemas"))
#: Use cases that judge an address of a manager.
_ADDRESS = re.compile(r"Ethernet interface '([^']*)' on manager .* the '(\w+)' property$")
#: What some firmware refuses of what the use cases ask for, one after the other: ForceOff, ForceRestart, PowerCycle, On
#: and ForceOn. iDRACs restart no host that is off, iLOs turn none on that is on (see Profile). Where a host offers no
#: restart, the use cases ask for a reset of no type at all, which a service need not understand.
_REFUSED = {
    "dell-r750": {"ForceRestart", "PowerCycle"},
    "hpe-dl360gen10plus": {"On"},
    "generated:8": {None},
}
_RESET = re.compile(r"(?:reset type '(\w+)' .*Operation failed: HTTP (?:400|409) |^Resetting .*ActionParameterMissing)")
#: What the Service Validator judges; it takes a minute for each hundred resources.
_SMALL = os.environ.get("IGC_SCHEMA_MACHINES", "dmtf-rackmount1 generated:12").split()


def _rows(report: Path) -> Iterator[dict[str, str]]:
    """Read the results of a report, by the names of its columns."""
    lines = openpyxl.load_workbook(BytesIO(report.read_bytes()))["Results"].iter_rows(values_only=True)
    names = next(lines)
    for line in lines:
        yield dict(zip(names, ("" if cell is None else str(cell) for cell in line), strict=True))


def _report(folder: Path) -> Path:
    return next(folder.glob("**/*.xlsx"))


def test_protocol_validator_finds_no_failure(bmc: Any, tmp_path: Path) -> None:
    options = ["-u", USER, "-p", PASSWORD, "-r", bmc.url, "--ca-bundle", str(bmc.certificate), "--avoid-http-redirect"]
    bmc.run("rf_protocol_validator", *options, "--report-dir", str(tmp_path), "--report-type", "tsv", patience_s=300)
    with next(tmp_path.glob("*.tsv")).open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file, delimiter="\t") if len(row) > 4]
    assert [row[:5] for row in rows if row[4] == "FAIL"] == []
    assert len([row for row in rows if row[4] == "PASS"]) > 300


def test_use_case_checkers_find_no_failure(bmc: Any, tmp_path: Path) -> None:
    options = ["--user", USER, "--password", PASSWORD, "--rhost", bmc.url, "--report-dir", str(tmp_path)]
    bmc.run("rf_use_case_checkers", *options, fails=None, patience_s=300)
    rows = list(_rows(_report(tmp_path)))
    failures = [row for row in rows if row["Result"] == "FAIL" and not _is_as_captured(bmc, row["Operation"])]
    told = [" ".join(f"{row['Operation']} {row['Message']}".split()) for row in failures]
    refused = {found[1]: text for text in told if (found := _RESET.search(text))}
    assert refused.keys() == _REFUSED.get(bmc.name, set())
    assert sorted(set(told) - set(refused.values())) == []
    assert len([row for row in rows if row["Result"] == "PASS"]) > 20


def _is_as_captured(bmc: Any, operation: str) -> bool:
    """Tell whether a use case is about an address that the host itself gave, and that is served so."""
    found = _ADDRESS.search(operation)
    capture = next(iter(machines([bmc.source]))).capture
    interfaces = [
        uri
        for uri, resource in capture.items()
        if found and "/Managers/" in uri and resource.type == "EthernetInterface" and resource.body["Id"] == found[1]
    ]
    key = found[2] if found else ""
    return bool(interfaces) and all(bmc.get(uri).get(key) == capture[uri].body.get(key) for uri in interfaces)


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DMTF's schemas, unpacked."""
    folder = tmp_path_factory.mktemp("schemas")
    with tarfile.open(SCHEMAS / "redfish-csdl-2025.4.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("**/ServiceRoot_v1.xml")).parent


def _spelt(uri: str) -> str:
    return unquote(uri).rstrip("/").casefold()


def _embedded(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the resources that were captured within others: a host answers these at their own addresses, too."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        if isinstance(part, dict) and "@odata.id" in part and {"Id", "MemberId", "MemberID"} & part.keys():
            yield part
        yield from _embedded(part)


@pytest.fixture
def static(bmc: Any) -> Iterator[str]:
    """The capture of a machine as plain bytes: no login, no handlers, nothing made up."""
    capture = next(iter(machines([bmc.source]))).capture
    contents = {_spelt(uri): (resource.status, resource.body) for uri, resource in capture.items()}
    for resource in capture.values():
        for part in _embedded(resource.body):
            contents.setdefault(_spelt(part["@odata.id"]), (200, part))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = contents.get(_spelt(self.path.partition("?")[0]), (404, {}))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _violations(bmc: Any, url: str, schemas: Path, folder: Path) -> set[tuple[str, str]]:
    """Have a service judged; return the resources and properties that fail."""
    options = ["-u", USER, "-p", PASSWORD, "-r", url, "--authtype", "Basic", "--logdir", str(folder)]
    options += ["--skipschema", "--schema_directory", str(schemas)]
    bmc.run("rf_service_validator", *options, fails=None, patience_s=900)
    rows = [(row["URI"].rstrip("/").casefold(), row["Property"], row["Result"]) for row in _rows(_report(folder))]
    assert len(rows) > 500
    return {(uri, name) for uri, name, result in rows if result == "FAIL"}


def test_service_violates_no_schema_that_its_capture_does_not(
    bmc: Any, static: str, schemas: Path, tmp_path: Path
) -> None:
    if bmc.name not in _SMALL:
        pytest.skip("too large to be judged here; $IGC_SCHEMA_MACHINES")
    served = _violations(bmc, bmc.url, schemas, tmp_path / "served")
    captured = _violations(bmc, static, schemas, tmp_path / "captured")
    assert served - captured == set()
