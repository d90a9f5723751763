"""``igc serve`` as a process, and clients that nobody here wrote: ``nox -s clients`` and ``nox -s conformance``.

Each flow runs on each of ``$IGC_FLOW_MACHINES``, from the state that was captured. A flow that a machine has no
resource for is skipped, and counted so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest

if find_spec("sushy") is None or find_spec("redfish") is None:
    collect_ignore_glob = ["test_*.py"]  # a session of their own installs the clients
else:
    import requests

ROOT = "/redfish/v1"
USER, PASSWORD, CONTROL = "admin", "Correct-Horse-7", "of the one who controls"
CAPTURES = Path(os.environ.get("IGC_CAPTURES", Path(__file__).parents[3] / "shared" / "captures"))
MACHINES = os.environ.get("IGC_FLOW_MACHINES", "hpe-dl360gen10plus generated:8").split()
#: Virtual seconds per second: a firmware update takes three.
FACTOR = 20


@dataclass(frozen=True)
class Bmc:
    """One served machine."""

    name: str
    source: str
    url: str
    certificate: Path
    environment: Mapping[str, str] = field(repr=False)

    def send(
        self, method: str, path: str, body: Any = None, *, auth: Any = (USER, PASSWORD), **options: Any
    ) -> requests.Response:
        """Send a request with a body of JSON, as an administrator unless told otherwise."""
        if body is not None:
            options["json"] = body
        return requests.request(
            method,
            self.url + path,
            auth=auth,
            verify=str(self.certificate),
            timeout=30,
            allow_redirects=False,
            **options,
        )

    def get(self, path: str, **options: Any) -> dict[str, Any]:
        """Read a resource that is there."""
        answer = self.send("GET", path, **options)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def change(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """Send a change that must succeed; some services demand a precondition."""
        answer = self.send(method, path, body, headers={"If-Match": "*"}, **options)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def find(self, *steps: str | int) -> str:
        """Follow links from the service root: names of properties, and places in collections."""
        path = f"{ROOT}/"
        for step in steps:
            value: Any = self.get(path)
            if isinstance(step, int):
                members = value.get("Members") or []
                value = members[step] if step < len(members) else None
            else:
                for part in step.split("/"):
                    value = value.get(part) if isinstance(value, dict) else None
            path = value.get("@odata.id", "") if isinstance(value, dict) else value if isinstance(value, str) else ""
            if not path or self.send("GET", path).status_code != 200:
                pytest.skip(f"{self.name} has no {'/'.join(map(str, steps))}")
        return path

    def action(self, path: str, name: str) -> str:
        """Find the target of an action that a resource offers."""
        target = self.get(path).get("Actions", {}).get(f"#{name}", {}).get("target")
        if not target:
            pytest.skip(f"{self.name} offers no {name} at {path}")
        return target

    def system(self) -> str:
        """Find the first system that can be powered."""
        for member in self.get(self.find("Systems"))["Members"]:
            if "#ComputerSystem.Reset" in self.get(member["@odata.id"]).get("Actions", {}):
                return member["@odata.id"]
        pytest.skip(f"{self.name} has no system that can be powered")

    def tagged(self) -> str:
        """Find a system or a chassis whose AssetTag clients set."""
        for branch in ("Systems", "Chassis"):
            for member in self.get(self.find(branch))["Members"]:
                if "AssetTag" in self.get(member["@odata.id"]):
                    return member["@odata.id"]
        return pytest.skip(f"{self.name} has no AssetTag")

    def settle(self, system: str) -> str:
        """Wait until a system is neither starting nor stopping; return its power state."""
        for _ in range(100):
            state = self.get(system).get("PowerState", "")
            if "Powering" not in state and self.get(system).get("Status", {}).get("State") != "Starting":
                return state
            time.sleep(0.1)
        return pytest.fail(f"{system} does not settle")

    def control(self, task: str, **values: Any) -> None:
        """Take control of the simulation, as no client of a machine can."""
        self.send("POST", f"/control/{task}", values, auth=_bearer).raise_for_status()

    def advance(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.control("advance", seconds=seconds)

    def pace(self, factor: float) -> None:
        """Let so many virtual seconds pass in a second; at 0 nothing runs out while a busy computer is slow."""
        self.control("pace", factor=factor)

    def run(self, script: str, *arguments: str, fails: bool | None = False, patience_s: float = 60) -> str:
        """Run a client's own command, which must succeed, fail, or (None) do either; return what it printed."""
        command = [sys.executable, str(Path(sys.executable).with_name(script)), *arguments]
        with TemporaryDirectory() as home:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=patience_s, env=self.environment, check=False, cwd=home
            )
        told = f"{done.stdout}\n{done.stderr}"
        if fails is not None:
            assert (done.returncode != 0) is fails, f"{script} {' '.join(arguments)}: {done.returncode}\n{told}"
        return told

    def tacklebox(self, script: str, *arguments: str, fails: bool = False) -> str:
        """Run a script of the Redfish Tacklebox."""
        return self.run(f"{script}.py", "-u", USER, "-p", PASSWORD, "-r", self.url, *arguments, fails=fails)


def _bearer(request: requests.PreparedRequest) -> requests.PreparedRequest:
    request.headers["Authorization"] = f"Bearer {CONTROL}"
    return request


@pytest.fixture(scope="session")
def bmcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Bmc]]:
    """All machines, served by one process over HTTPS."""
    home = tmp_path_factory.mktemp("served")
    certificate = home / "certificate.pem"
    environment = {**os.environ, "IGC_FLOW_PASSWORD": PASSWORD, "IGC_FLOW_CONTROL": CONTROL, "NO_PROXY": "*"}
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        environment[name] = str(certificate)  # some clients cannot be told whom to trust otherwise
    named = [one if ":" in one else str(CAPTURES / f"{one}.jsonl.gz") for one in MACHINES]
    options = ["--port", "0", "--tls", "--cert", str(certificate), "--key", str(home / "key.pem")]
    options += ["--password-env", "IGC_FLOW_PASSWORD", "--control-env", "IGC_FLOW_CONTROL"]
    command = [str(Path(sys.executable).with_name("igc")), "serve", *named, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=home) as process:
        told = iter(process.stdout.readline, "ready\n") if process.stdout is not None else ()
        urls = [line.split(" at ")[-1].strip() for line in told if line or pytest.fail("igc serve did not start")]
        yield {
            name: Bmc(name, source, url, certificate, environment)
            for name, source, url in zip(MACHINES, named, urls, strict=True)
        }
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each flow on each machine."""
    if "bmc" in metafunc.fixturenames:
        metafunc.parametrize("bmc", MACHINES, indirect=True)


@pytest.fixture
def bmc(request: pytest.FixtureRequest, bmcs: dict[str, Bmc]) -> Bmc:
    """One machine, as it was captured."""
    found = bmcs[request.param]
    found.control("reset")
    found.pace(FACTOR)
    service = found.get("/redfish/v1/").get("SessionService", {}).get("@odata.id")
    if service:  # virtual time passes fast here, and sessions time out by it
        found.send("PATCH", service, {"SessionTimeout": 86400}, headers={"If-Match": "*"})
    return found


@dataclass
class Listener:
    """Somebody who takes events."""

    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)

    def hears(self, key: str, value: Any) -> dict[str, Any]:
        """Wait for a message in which an event tells something; return the message."""
        for _ in range(100):
            for event in self.events:
                if any(record.get(key) == value for record in event["Events"]):
                    return event
            time.sleep(0.1)
        return pytest.fail(f"no event with {key} {value} among {self.events}")


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A web server of one's own."""
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}/events"
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the flows: machines by rows, clients by columns."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.getreports(outcome):
            module, _, flow = report.nodeid.rpartition("/")[2].partition("::")
            machine = next((one for one in MACHINES if f"[{one}" in flow), None)
            if (
                machine is not None
                and "tests/conformance/" in report.nodeid
                and (outcome != "passed" or report.when == "call")
            ):
                counts[machine, module[5:-3], outcome] += 1
    clients = sorted({client for _, client, _ in counts})
    if not clients:
        return
    terminalreporter.section("flows: passed/failed/not offered")
    terminalreporter.line(f"{'':24}" + "".join(f"{client:>17}" for client in [*clients, "all"]))
    for machine in MACHINES:
        cells = [_cell(counts, machine, [client]) for client in clients]
        terminalreporter.line(
            f"{machine:24}" + "".join(f"{cell:>17}" for cell in [*cells, _cell(counts, machine, clients)])
        )


def _cell(counts: Counter[tuple[str, str, str]], machine: str, clients: list[str]) -> str:
    sums = [
        sum(counts[machine, client, outcome] for client in clients)
        for outcome in ("passed", "failed", "error", "skipped")
    ]
    return f"{sums[0]}/{sums[1] + sums[2]}/{sums[3]}"
