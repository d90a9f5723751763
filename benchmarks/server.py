"""Measure ``igc serve`` beside other Redfish emulators; see docs/benchmarks.md, "Serving".

Every round asks all servers the same, one after the other, so that what else runs on the machine hits them alike. Needs
``wrk`` (Debian: ``apt-get install wrk``). The peers live in virtual environments of their own, which
``nox -s bench_server`` makes.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = "benchmark"  # noqa: S105 - of servers on this host that live for minutes
CONNECTIONS = (1, 8, 64)
MACHINE = "generated:1?size=1000"
_TICKS = os.sysconf("SC_CLK_TCK")
_BADFISH = "from aiohttp import web; from badfish.emulator import create_app; import sys; web.run_app(create_app(), host='127.0.0.1', port=int(sys.argv[1]), print=None)"  # noqa: E501 - one program
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass
class Target:
    """A server under test.

    Attributes:
        name: What the table calls it.
        command: How it is started.
        port: Where it listens.
        system: URI of a ComputerSystem.
        change: A PATCH of it; ``%d`` is another number each time.
        environment: Variables of the process.
        login: Whether clients get a session.
        headers: What each request bears.
        process: While it runs.
        start_s: From its start to its first answer.
    """

    name: str
    command: list[str]
    port: int
    system: str
    change: str
    environment: dict[str, str] = field(default_factory=dict)
    login: bool = True
    headers: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    start_s: float = 0.0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid if self.process else 0


@dataclass(frozen=True)
class Sample:
    """What one run of wrk showed."""

    rate: float
    p99_ms: float
    cpu_us: float
    errors: int


def targets(badfish: str, sushy: str) -> list[Target]:
    """List the servers; a peer without an interpreter is left out."""
    ours = [
        sys.executable,
        "-m",
        "igc_core",
        "serve",
        MACHINE,
        "--port",
        "9301",
        "--password-env",
        "IGC_BENCH_PASSWORD",
    ]
    asset = '{"AssetTag":"rack-%d"}'
    boot = '{"Boot":{"BootSourceOverrideTarget":"Pxe","BootSourceOverrideEnabled":"Once"}}'
    known = [Target("igc serve", ours, 9301, "", asset, {"IGC_BENCH_PASSWORD": PASSWORD})]
    if badfish:
        variables = {"BADFISH_EMULATOR_USER": "admin", "BADFISH_EMULATOR_PASSWORD": PASSWORD}
        variables["BADFISH_EMULATOR_USERS"] = tempfile.mkdtemp() + "/users.json"
        system = "/redfish/v1/Systems/System.Embedded.1"
        known.append(Target("badfish emulator", [badfish, "-c", _BADFISH, "9302"], 9302, system, boot, variables))
    if sushy:
        program = str(Path(sushy).with_name("sushy-emulator"))
        known.append(
            Target("sushy-emulator", [program, "--fake", "-p", "9303", "-i", "127.0.0.1"], 9303, "", boot, login=False)
        )
    return known


@contextmanager
def running(target: Target) -> Iterator[None]:
    """Run a server, and note how long it took to answer."""
    began = time.perf_counter()
    target.process = subprocess.Popen(  # noqa: S603 - our own arguments
        target.command,
        env={**os.environ, **target.environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(f"{target.url}/redfish/v1/"):
            if time.perf_counter() - began > 30:  # noqa: PLR2004 - seconds
                raise SystemExit(f"{target.name} did not start")
            time.sleep(0.005)
        target.start_s = time.perf_counter() - began
        yield
    finally:
        target.process.terminate()
        target.process.wait()


def enter(target: Target) -> None:
    """Log in, and find the system."""
    if target.login:
        with _open(f"{target.url}/redfish/v1/", target.headers) as answer:
            links = json.load(answer).get("Links", {})
        sessions = links.get("Sessions", {}).get("@odata.id", "/redfish/v1/SessionService/Sessions")
        body = json.dumps({"UserName": "admin", "Password": PASSWORD}).encode()
        with _open(f"{target.url}{sessions}", {"Content-Type": "application/json"}, body) as answer:
            target.headers["X-Auth-Token"] = answer.headers["X-Auth-Token"]
    if not target.system:
        with _open(f"{target.url}/redfish/v1/Systems", target.headers) as answer:
            target.system = json.load(answer)["Members"][0]["@odata.id"]


def measure(target: Target, path: str, connections: int, seconds: int, script: str = "") -> Sample:
    """Run wrk once."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    before = _cpu_s(target.pid)
    text = subprocess.run(  # noqa: S603 - our own arguments
        [*command, *(["-s", script] if script else []), f"{target.url}{path}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = _cpu_s(target.pid) - before
    requests = int(re.search(r"(\d+) requests in", text)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])  # type: ignore[index]
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    lost = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = (int(bad[1]) if bad else 0) + (sum(map(int, lost.groups())) if lost else 0)
    p99_ms = float(slow[1]) * _UNITS[slow[2]] if slow else float("nan")
    return Sample(rate, p99_ms, used / max(requests, 1) * 1e6, errors)


def compare(found: list[Target], rounds: int, seconds: int) -> None:
    """Print requests/s, CPU and p99 of every server, medians of the rounds."""
    samples: dict[tuple[str, str, int], list[Sample]] = {}
    with tempfile.TemporaryDirectory() as folder:
        scripts = {target.name: _script(Path(folder, f"{target.port}.lua"), target.change) for target in found}
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for connections in CONNECTIONS:
                for what in ("ServiceRoot", "ComputerSystem", "PATCH"):
                    for target in found:
                        path = "/redfish/v1/" if what == "ServiceRoot" else target.system
                        script = scripts[target.name] if what == "PATCH" else ""
                        sample = measure(target, path, connections, seconds, script)
                        samples.setdefault((target.name, what, connections), []).append(sample)
    print("\n| server | start s | RSS MB | request | rps at 1 / 8 / 64 | CPU us | p99 ms at 64 | errors |")
    print("|---|---|---|---|---|---|---|---|")
    for target in found:
        for what in ("ServiceRoot", "ComputerSystem", "PATCH"):
            runs = [samples[target.name, what, connections] for connections in CONNECTIONS]
            rates = " / ".join(f"{statistics.median(one.rate for one in run):,.0f}" for run in runs)
            cpu = statistics.median(one.cpu_us for run in runs for one in run)
            p99 = statistics.median(one.p99_ms for one in runs[-1])
            errors = sum(one.errors for run in runs for one in run)
            begin = f"| {target.name} | {target.start_s:.2f} | {_rss_mb(target.pid):.0f} | {what} "
            print(f"{begin}| {rates} | {cpu:.0f} | {p99:.1f} | {errors} |")


def large(capture: str, seconds: int) -> None:
    """Print what the largest resource of a capture costs."""
    from igc_redfish.sources import only_machine  # noqa: PLC0415 - the other parts do without

    machine = only_machine(capture)
    sizes = {uri: len(machine.capture[uri].json) for uri in machine.capture}
    uri = max(sizes, key=sizes.__getitem__)
    target = targets("", "")[0]
    target.command[4], target.system = capture, uri
    with running(target):
        enter(target)
        sample = measure(target, uri, 8, seconds)
    print(
        f"\n{uri}, {sizes[uri] / 1000:.0f} kB: {sample.rate:,.0f} requests/s, {sample.cpu_us:.0f} us of CPU a request"
    )


def soak(requests: int) -> None:
    """Print the memory of our server while it answers many requests of many kinds."""
    target = targets("", "")[0]
    with running(target), tempfile.TemporaryDirectory() as folder:
        enter(target)
        script = _mixed(Path(folder, "mixed.lua"), target.system)
        done, rows = 0, [(0, _rss_mb(target.pid))]
        while done < requests:
            sample = measure(target, target.system, 16, 10, script)
            done += int(sample.rate * 10)
            rows.append((done, _rss_mb(target.pid)))
    print("\n" + ", ".join(f"{count:,}: {size:.1f} MB" for count, size in rows))


def _script(path: Path, change: str) -> str:
    """Write a wrk program that sends PATCH."""
    body = change.replace("%d", "'..n..'")
    path.write_text(
        "local n = 0\nwrk.headers['Content-Type'] = 'application/json'\n"
        f"request = function() n = n + 1; return wrk.format('PATCH', nil, nil, '{body}') end\n"
    )
    return str(path)


def _mixed(path: Path, system: str) -> str:
    """Write a wrk program that reads, changes, errs and expands."""
    uris = [
        "/redfish/v1/",
        system,
        f"{system}/",
        "/redfish/v1/Systems?$expand=.",
        "/redfish/v1/none",
        "/redfish/v1/Chassis",
    ]
    listed = ", ".join(f"'{uri}'" for uri in uris)
    path.write_text(
        f"local uris = {{ {listed} }}\nlocal n = 0\nwrk.headers['Content-Type'] = 'application/json'\n"
        "request = function()\n  n = n + 1\n  local uri = uris[n % #uris + 1]\n"
        f"  if n % 10 == 0 then return wrk.format('PATCH', '{system}', nil, '{{\"AssetTag\":\"t'..n..'\"}}') end\n"
        "  if n % 10 == 5 then return wrk.format('PATCH', uri, nil, '{\"Nothing\":'..n..'}') end\n"
        "  return wrk.format('GET', uri)\nend\n"
    )
    return str(path)


def _open(url: str, headers: dict[str, str], body: bytes | None = None):  # noqa: ANN202 - what urllib gives
    return urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=5)  # noqa: S310


def _answers(url: str) -> bool:
    try:
        with _open(url, {"Authorization": "Basic " + base64.b64encode(f"admin:{PASSWORD}".encode()).decode()}):
            return True
    except OSError:
        return False


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--badfish", default="", help="Python of an environment that has badfish")
    parser.add_argument("--sushy", default="", help="Python of an environment that has sushy-tools")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3, help="of each measurement")
    parser.add_argument("--soak", type=int, default=0, metavar="REQUESTS")
    parser.add_argument("--large", default="", metavar="CAPTURE")
    options = parser.parse_args()
    if options.rounds:
        found = targets(options.badfish, options.sushy)
        with ExitStack() as stack:
            for target in found:
                stack.enter_context(running(target))
                enter(target)
            compare(found, options.rounds, options.seconds)
    if options.large:
        large(options.large, options.seconds)
    if options.soak:
        soak(options.soak)


if __name__ == "__main__":
    main()
