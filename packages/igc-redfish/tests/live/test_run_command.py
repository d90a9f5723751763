"""``igc run --target`` on a machine that is served over HTTP."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli.app import main
from igc_core.rest import Request
from igc_redfish.capture import open_machine_source
from igc_redfish.client import Origin, fingerprint_of
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of
from igc_redfish.server.certificate import tls_context
from igc_redfish.simulator import Simulator

SYSTEM = "/redfish/v1/Systems/1"
PASSWORD = "correct horse 1X"
POLICY = """
version = 1
[[approve]]
approver = "change 4711"
operations = ["action ComputerSystem.Reset", "patch ComputerSystem"]
hosts = ["127.0.0.1"]
only = false
"""
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def captured() -> Any:
    return open_machine_source("generated:3?size=80")


@pytest.fixture
def served(captured: Any) -> Iterator[Server]:
    server = Server([host_of(Machine(captured), HostOptions(credentials={"admin": PASSWORD}))])
    server.start()
    yield server
    server.stop()


@pytest.fixture
def around(tmp_path: Path, captured: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a capture and a policy, and the credentials in the environment."""
    monkeypatch.setenv("IGC_REDFISH_USER", "admin")
    monkeypatch.setenv("IGC_REDFISH_PASSWORD", PASSWORD)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    captured.save(tmp_path / "host.igc.jsonl.gz")
    (tmp_path / "policy.toml").write_text(POLICY)
    return tmp_path


def arguments(server: Any, goal: str, *more: str) -> list[str]:
    quick = ["--write-interval", "0", "--settle", "1", "--reset-settle", "5", "--agent", "script"]
    return ["run", goal, "--target", getattr(server, "url", server), "--capture", "host.igc.jsonl.gz", *quick, *more]


def power(server: Server) -> Any:
    return (server.hosts[0].simulator.get(SYSTEM) or {})["PowerState"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


ALLOWED = ("--allow", "power,boot", "--approve", "policy", "--policy", "policy.toml")


def test_a_goal_is_reached_on_a_host_and_every_step_is_in_the_journal(
    served: Server, around: Path, capsys: Capsys
) -> None:
    assert main(arguments(served, "power off", *ALLOWED)) == 0
    out = capsys.readouterr().out
    assert 'expected  PowerState: "On" -> "Off"' in out
    assert "reached and verified" in out
    assert power(served) == "Off"
    journal = lines(around / "igc-journal.jsonl")
    assert [line["event"] for line in journal] == ["start", "intent", "outcome", "end"]
    assert journal[1]["approvals"] == ["approval: change 4711, by policy"]
    assert PASSWORD not in (around / "igc-journal.jsonl").read_text()


def test_the_session_on_the_host_is_closed_in_the_end(served: Server, around: Path) -> None:
    simulator = served.hosts[0].simulator
    [sessions] = simulator.of_type("SessionCollection")
    before = (simulator.get(sessions) or {})["Members"]
    assert main(arguments(served, "power off", *ALLOWED)) == 0
    assert (simulator.get(sessions) or {})["Members"] == before


def test_a_spoken_sequence_is_rehearsed_and_then_done(served: Server, around: Path, capsys: Capsys) -> None:
    goal = "boot once from PXE, then power on"
    assert main(arguments(served, "power off", *ALLOWED)) == 0
    capsys.readouterr()
    assert main(arguments(served, goal, "--dry-run")) == 0
    out = capsys.readouterr().out
    assert "Boot/BootSourceOverrideTarget" in out
    assert '{"ResetType":"On"}' in out
    assert "nothing was sent" in out
    assert power(served) == "Off"
    assert (served.hosts[0].simulator.get(SYSTEM) or {})["Boot"]["BootSourceOverrideEnabled"] == "Disabled"
    assert main(arguments(served, goal, *ALLOWED)) == 0
    assert power(served) == "On"


def test_a_host_is_only_read_unless_something_is_allowed(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments(served, "power off")) == 2
    told = capsys.readouterr().err.splitlines()
    assert told[0] == f"nothing was changed on {served.url}: no change was sent"
    assert told[1].startswith("error[live-read-only]")
    assert power(served) == "On"
    assert [line["event"] for line in lines(around / "igc-journal.jsonl")] == ["start", "refused", "end"]


def test_a_goal_is_not_half_done_because_a_part_was_not_allowed(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments(served, "power off then led on", *ALLOWED)) == 2
    assert "error[live-not-allowed]: the goal takes led" in capsys.readouterr().err
    assert power(served) == "On"


def test_without_a_terminal_nobody_approves(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments(served, "power off", "--allow", "power")) == 2
    assert "error[live-not-approved]" in capsys.readouterr().err
    assert main(arguments(served, "power off", "--allow", "power", "--approve", "plan")) == 2
    assert "error[live-not-approved]" in capsys.readouterr().err
    assert power(served) == "On"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--allow", "pover"), "goal-unknown-family"),
        (("--approve", "policy"), "settings-invalid"),
        (("--policy", "policy.toml"), "settings-invalid"),
        (("--approve", "policy", "--policy", "none.toml"), "data-missing"),
        (("--on", "generated:3"), "settings-invalid"),
        (("--user", "eve", "--password-env", "NOBODY"), "client-credentials"),
        (("--journal", "/proc/none/journal"), "live-journal"),
    ],
)
def test_wrong_options_are_told_in_one_line_before_the_host_hears_of_it(
    more: tuple[str, ...], code: str, served: Server, around: Path, capsys: Capsys
) -> None:
    assert main(arguments(served, "power off", *more)) == 2
    shown = capsys.readouterr()
    (line,) = shown.err.splitlines()
    assert line.startswith(f"error[{code}]")
    assert "Traceback" not in shown.err


def test_wrong_credentials_leave_the_host_alone(
    served: Server, around: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IGC_REDFISH_PASSWORD", "wrong")
    assert main(arguments(served, "power off", *ALLOWED)) == 2
    assert "error[client-login]" in capsys.readouterr().err


def test_the_capture_of_another_host_is_refused(served: Server, around: Path, capsys: Capsys) -> None:
    open_machine_source("generated:4?size=80").save(around / "host.igc.jsonl.gz", overwrite=True)
    assert main(arguments(served, "power off", *ALLOWED)) == 2
    assert "is of another host" in capsys.readouterr().err
    assert power(served) == "On"


def test_a_host_without_a_capture_is_crawled_first(served: Server, around: Path, capsys: Capsys) -> None:
    (around / "host.igc.jsonl.gz").unlink()
    assert main(arguments(served, "power off", *ALLOWED, "--json")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["success"]
    assert [sent["status"] for sent in told["sent"]] == [204]
    assert (around / "host.igc.jsonl.gz").exists()


def test_a_memory_makes_the_next_run_shorter(served: Server, around: Path, capsys: Capsys) -> None:
    counts = []
    for goal in ("power off", "power on"):
        assert main(arguments(served, goal, *ALLOWED, "--memory", "host.memory.json", "--json")) == 0
        counts.append(json.loads(capsys.readouterr().out)["requests"])
    assert counts[1] < counts[0]


def test_what_destroys_takes_the_name_of_the_host(served: Server, around: Path, capsys: Capsys) -> None:
    simulator = served.hosts[0].simulator
    bodies = {uri: simulator.get(uri) or {} for uri in simulator.of_type("LogService")}
    log = next(uri for uri, body in bodies.items() if "#LogService.ClearLog" in body.get("Actions", {}))
    allowed = ("--allow", "log", "--approve", "policy", "--policy", "policy.toml")
    assert main(arguments(served, f"log clear {log}", *allowed)) == 2
    assert "error[live-destructive]" in capsys.readouterr().err
    assert main(arguments(served, f"log clear {log}", *allowed, "--destructive", "127.0.0.1")) == 0
    intent = next(line for line in lines(around / "igc-journal.jsonl") if line["event"] == "intent")
    assert intent["risk"] == "R3"
    assert intent["approvals"] == ["destructive: the host was named beforehand"]


def test_a_plan_is_shown_as_json_without_secrets(served: Server, around: Path, capsys: Capsys) -> None:
    [user, *_] = [
        str((served.hosts[0].simulator.get(uri) or {})["UserName"])
        for uri in served.hosts[0].simulator.of_type("ManagerAccount")
        if (served.hosts[0].simulator.get(uri) or {}).get("UserName")
    ]
    main(arguments(served, f"password set user={user} password=Hidden-1-word", "--dry-run", "--json"))
    out = capsys.readouterr().out
    assert "Hidden-1-word" not in out
    assert json.loads(out)["plan"][0]["body"] == {"Password": "<redacted>"}


def typed(server: Any, goal: str, *more: str, answer: bytes, before: bytes = b"") -> tuple[int, str]:
    """Run igc in a terminal of its own, and answer its first question; type something before it is asked, too."""
    leader, follower = pty.openpty()
    os.write(leader, before)
    command = [sys.executable, "-m", "igc_core", *arguments(server, goal, *more)]
    with subprocess.Popen(command, stdin=follower, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        out = b""
        while b"[y/N]" not in out and (piece := os.read(process.stdout.fileno(), 4096)):
            out += piece
        os.write(leader, answer)
        rest, _ = process.communicate(timeout=60)
    os.close(leader)
    os.close(follower)
    return process.returncode, (out + rest).decode()


@pytest.mark.parametrize(
    ("approve", "before", "answer", "code"), [("ask", b"y\n", b"n\n", 2), ("plan", b"", b"y\n", 0)]
)
def test_a_person_at_a_terminal_approves_what_they_have_seen(
    approve: str, before: bytes, answer: bytes, code: int, served: Server, around: Path
) -> None:
    more = ("--allow", "power", "--approve", approve)
    returned, out = typed(served, "power off", *more, answer=answer, before=before)
    assert returned == code, out
    assert "[y/N]" in out
    assert power(served) == ("On" if code else "Off")


class _Hanging(BaseHTTPRequestHandler):
    """A host that takes a change and never answers it."""

    protocol_version = "HTTP/1.1"
    simulator: Simulator
    asked: threading.Event
    ended: threading.Event

    def do_GET(self) -> None:
        answer = self.simulator.perform(Request("GET", self.path))
        content = json.dumps(answer.body).encode()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Allow", answer.headers.get("Allow", "GET"))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.asked.set()
        self.ended.wait(30)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def hanging(captured: Any) -> Iterator[tuple[str, threading.Event]]:
    """Its address, and what is set once a change has come in."""
    asked, ended = threading.Event(), threading.Event()
    handler = type("Handler", (_Hanging,), {"simulator": Simulator(Machine(captured)), "asked": asked, "ended": ended})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        ended.set()
        server.shutdown()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_its_like_say_what_was_sent_and_what_nobody_knows(
    end: signal.Signals, hanging: tuple[str, threading.Event], around: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("IGC_REDFISH_USER")
    monkeypatch.delenv("IGC_REDFISH_PASSWORD")
    url, asked = hanging
    command = [sys.executable, "-m", "igc_core", *arguments(url, "power off", *ALLOWED)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert asked.wait(120)
        process.send_signal(end)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"sent to {url}:" in err.decode()
    assert "outcome unknown" in err.decode()
    assert [line["event"] for line in lines(around / "igc-journal.jsonl")] == ["start", "intent", "unknown", "end"]


def test_fingerprint_of_a_certificate_that_is_not_trusted_is_shown(captured: Any, around: Path, capsys: Capsys) -> None:
    with Server([host_of(Machine(captured), HostOptions())], tls=tls_context("127.0.0.1")) as server:
        assert main(arguments(server, "power off", "--dry-run")) == 2
        told = capsys.readouterr().err
        shown = fingerprint_of(Origin.parse(server.url))
        assert f"fingerprint {shown}" in told
        assert "error[client-untrusted]" in told
        assert "--fingerprint" in told
        assert (around / "host.igc.jsonl.gz").exists()


def test_an_address_is_no_capture_and_told_where_it_belongs(around: Path, capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", "https://root:calvin@rack7", "--agent", "script"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error[capture-missing]")
    assert "--target URL" in told
    assert "calvin" not in told


@pytest.mark.parametrize(
    ("more", "named"),
    [(["--dry-run"], "--dry-run is"), (["--allow", "power", "--max-writes", "10"], "--allow, --max-writes are")],
)
def test_guards_that_a_simulated_machine_does_not_have_are_refused(more: list[str], named: str, capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", "generated:3?size=60", "--agent", "script", *more]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error[settings-invalid]: {named} for real hosts")
