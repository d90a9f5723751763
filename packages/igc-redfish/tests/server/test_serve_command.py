"""``igc serve`` as a process: how it starts, how it ends, what it leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli.app import main
from igc_redfish.capture import Capture
from igc_redfish.server import served

SYSTEM = "/redfish/v1/Systems/1"


@pytest.fixture
def capture(machine: Any, tmp_path: Path) -> Path:
    path = tmp_path / "served.igc.jsonl.gz"
    machine.capture.save(path)
    assert len(Capture.open(path)) == len(machine.capture)
    return path


Begin = Callable[..., tuple[subprocess.Popen[str], list[str]]]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Start ``igc serve`` on any free port; return the process and its URLs."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: object, **variables: str) -> tuple[subprocess.Popen[str], list[str]]:
        command = [sys.executable, "-m", "igc_core", "serve", *map(str, arguments), "--port", "0"]
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(command, env={**os.environ, **variables}, **pipes)
        started.append(process)
        urls = []
        while (line := process.stdout.readline().strip()) not in {"ready", ""}:
            urls.append(line.rpartition(" ")[2])
        return process, urls

    yield run
    for process in started:
        process.kill()
        process.communicate()


def send(method: str, url: str, body: Any = None) -> Any:
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def test_ctrl_c_says_what_was_left_and_a_reset_forgets_it(begin: Begin, capture: Path, tmp_path: Path) -> None:
    process, [url] = begin(capture, "--state", tmp_path / "state")
    send("PATCH", url + SYSTEM, {"AssetTag": "kept"})
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 130
    assert f"the state is in {tmp_path / 'state'}" in out
    assert "Traceback" not in err
    process, [again] = begin(capture, "--state", tmp_path / "state")
    assert send("GET", again + SYSTEM)["AssetTag"] == "kept"
    process.terminate()
    process.wait()
    _, [anew] = begin(capture, "--state", tmp_path / "state", "--reset")
    assert send("GET", anew + SYSTEM)["AssetTag"] == ""


def test_sigterm_ends_it_well(begin: Begin, capture: Path) -> None:
    process, _ = begin(capture)
    process.terminate()
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert "stopped" in out
    assert "Traceback" not in err


def test_kill_loses_nothing_that_was_answered(begin: Begin, capture: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    process, [url] = begin(capture, "--state", state)
    answered = 0
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        answered += 1
        send("PATCH", url + SYSTEM, {"AssetTag": str(answered)})
    process.kill()
    process.wait()
    _, [url] = begin(capture, "--state", state)
    assert send("GET", url + SYSTEM)["AssetTag"] == str(answered)


def test_several_machines_have_ports_of_their_own(begin: Begin, capture: Path) -> None:
    _, urls = begin(capture, capture, "generated:1?size=60")
    assert len(set(urls)) == 3
    send("PATCH", urls[0] + SYSTEM, {"AssetTag": "first"})
    assert send("GET", urls[1] + SYSTEM)["AssetTag"] == ""
    assert send("GET", f"{urls[2]}/redfish/v1/")["@odata.id"]


def test_requests_are_noted_without_secrets(begin: Begin, capture: Path, tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    process, [url] = begin(capture, "--log", log, "--password-env", "P", P="correct horse")
    login = {"UserName": "admin", "Password": "correct horse"}
    send("POST", f"{url}/redfish/v1/SessionService/Sessions", login)
    with pytest.raises(urllib.error.HTTPError):
        send("GET", f"{url}{SYSTEM}?password=correct%20horse")
    process.terminate()
    process.wait()
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines] == [("POST", 201), ("GET", 401)]
    assert lines[0].keys() == {"time", "client", "port", "method", "uri", "status", "bytes", "ms"}
    assert "horse" not in log.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--password-env", "NOT_THERE"], "NOT_THERE is not set"),
        (["--host", "0.0.0.0"], "clients must log in"),
        (["--latency", "soon"], "is no latency"),
        (["--faults", "error_rate=2"], "error_rate"),
        (["--faults", "nonsense"], "nonsense"),
        (["--state", "a", "--state", "b"], "2 files for 1 machines"),
        (["--cert", "only.pem"], "needs its key"),
        (["--key", "only.key"], "needs its key"),
        (["--allow-destination", "http://x/"], "no destination"),
        (["--host", "192.0.2.1", "--password-env", "HOME"], "cannot listen on 192.0.2.1"),
        (["--clock-factor", "nan"], "clock-factor"),
        (["--clock-factor", "inf"], "clock-factor"),
        (["--clock-factor", "1e300"], "clock-factor"),
        (["--faults", "error_rate=0.1,error_rate=0"], "states error_rate twice"),
        (["--faults", "delay_rate=1,delay_s=inf"], "delay_s"),
        (["--log", "/nowhere/at/all"], "cannot write"),
    ],
)
def test_bad_options_are_told_in_one_line(
    capture: Path, arguments: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from igc_core.cli.app import main  # noqa: PLC0415 - in process, as a start takes a while

    assert main(["serve", str(capture), "--port", "0", *arguments]) == 2
    err = capfd.readouterr().err
    assert message in err
    assert "Traceback" not in err
    assert "nobody has to log in" not in err


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_port_that_is_none_is_refused(port: str, capfd: pytest.CaptureFixture[str]) -> None:
    from igc_core.cli.app import main  # noqa: PLC0415 - in process, as a start takes a while

    assert main(["serve", "generated:1", "--port", port]) == 2
    assert "--port" in capfd.readouterr().err


def test_programs_serve_in_a_process_too(capture: Path) -> None:
    with served(str(capture), "--port", "0") as [url]:
        assert send("GET", f"{url}/redfish/v1/")["@odata.id"] == "/redfish/v1"


def test_collections_come_in_pages_where_asked(begin: Begin, capture: Path, tmp_path: Path) -> None:
    sealed = ("--state", tmp_path / "state", "--state-key-env", "KEY")
    _, [url] = begin(capture, "--page-size", "1", *sealed, KEY="of the operator")
    first = send("GET", f"{url}/redfish/v1/AccountService/Accounts")
    second = send("GET", url + first["Members@odata.nextLink"])
    assert [len(first["Members"]), len(second["Members"])] == [1, 1]
    assert first["Members@odata.count"] == second["Members@odata.count"] >= 2


def test_a_key_without_a_state_seals_nothing_and_is_refused(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(capture), "--state-key-env", "KEY"]) == 2
    assert "give --state FILE, too" in capsys.readouterr().err


def test_a_reset_without_a_state_is_refused(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", str(capture), "--reset"]) == 2
    assert "give --state FILE, too" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [("--control-env", "NOT_THERE"), ("--log", "/nowhere/at/all"), ("--cert", "c.pem")])
def test_a_start_that_is_refused_resets_nothing(
    wrong: tuple[str, str], capture: Path, tmp_path: Path, begin: Begin
) -> None:
    state = tmp_path / "state"
    process, [url] = begin(capture, "--state", state)
    send("PATCH", url + SYSTEM, {"AssetTag": "kept"})
    process.terminate()
    process.wait()
    kept = state.read_bytes()
    assert main(["serve", str(capture), "--port", "0", "--state", str(state), "--reset", *wrong]) == 2
    assert state.read_bytes() == kept


def test_a_start_on_a_taken_port_resets_nothing(capture: Path, tmp_path: Path, begin: Begin) -> None:
    state, other = tmp_path / "state", tmp_path / "other"
    process, [url] = begin(capture, "--state", state)
    send("PATCH", url + SYSTEM, {"AssetTag": "kept"})
    process.terminate()
    process.wait()
    kept = state.read_bytes()
    _, [taken] = begin(capture, "--state", other)
    program = [sys.executable, "-m", "igc_core", "serve", capture, "--reset", "--state", state]
    of_a_port = ["--port", taken.rpartition(":")[2]]
    of_another_machine = [capture, "--state", other, "--port", "0"]
    for wrong, words in ((of_a_port, "Address already in use"), (of_another_machine, "other is in use by another")):
        refused = subprocess.run([*program, *wrong], capture_output=True, text=True, check=False)
        assert refused.returncode == 2
        assert words in refused.stderr
        assert state.read_bytes() == kept


def test_a_state_has_a_file_of_its_own(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = capture.read_bytes()
    both = str(tmp_path / "both")
    for arguments in (["--state", both, "--log", both], ["--state", str(capture), "--reset"]):
        assert main(["serve", str(capture), "--port", "0", *arguments]) == 2
        assert "another option's file" in capsys.readouterr().err
    assert capture.read_bytes() == content
