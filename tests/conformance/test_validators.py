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
#: Use cases that judge what was captured: addresses of a host, not an answer of the service.
_CAPTURED = re.compile(r"The '\w+' property (contains|does not contain|does not have) ")
#: How some firmware is: a restart while off, or a reset to the present state, is refused (see Profile).
_REFUSED = re.compile(r"Failed to reset system .*HTTP (400|409)")
_REFUSING = ("dell-r750", "hpe-dl360gen10plus", "generated:8", "generated:29")
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
    failures = [" ".join(row["Message"].split()) for row in rows if row["Result"] == "FAIL"]
    own = [text for text in failures if not _CAPTURED.match(text)]
    assert [text for text in own if bmc.name not in _REFUSING or not _REFUSED.match(text)] == []
    assert len([row for row in rows if row["Result"] == "PASS"]) > 20


@pytest.fixture(scope="session")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DMTF's schemas, unpacked."""
    folder = tmp_path_factory.mktemp("schemas")
    with tarfile.open(SCHEMAS / "redfish-csdl-2025.4.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("**/ServiceRoot_v1.xml")).parent


@pytest.fixture
def static(bmc: Any) -> Iterator[str]:
    """The capture of a machine as plain bytes: no login, no handlers, nothing made up."""
    capture = next(iter(machines([bmc.source]))).capture
    contents = {uri: capture.get(uri) for uri in capture}
    folded = {uri.casefold(): uri for uri in contents}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(self.path.partition("?")[0]).rstrip("/")
            found = contents.get(folded.get(path.casefold(), ""))
            content = b"{}" if found is None else json.dumps(found.body).encode()
            self.send_response(404 if found is None else found.status)
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
