"""Many hosts, each with its own result, and none harmed by another's failure."""

from __future__ import annotations

import _thread
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from igc_core.cli.app import main
from igc_core.errors import DataError, GoalError
from igc_core.plugins import PluginManager
from igc_redfish.capture import open_machine_source
from igc_redfish.cli.termination import ending_in_order
from igc_redfish.client import Origin, fingerprint_of
from igc_redfish.episodes import understood
from igc_redfish.live.approval import FleetApproval
from igc_redfish.live.fleet import Fleet, HostResult, ResultFile
from igc_redfish.live.fleet_run import FleetRails, FleetRun
from igc_redfish.live.ground import Times
from igc_redfish.live.guards import Preview
from igc_redfish.live.inventory import FleetHost, read_inventory
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of
from igc_redfish.server.certificate import tls_context
from igc_redfish.sources import goal_book

if TYPE_CHECKING:
    from collections.abc import Iterator

Capsys = pytest.CaptureFixture[str]
PASSWORD = "correct horse 1X"
POLICY = """
version = 1
[[approve]]
approver = "change 4711"
operations = ["action ComputerSystem.Reset"]
only = false
"""
HOSTS = [FleetHost(name=f"h{number}", url=f"https://h{number}") for number in range(6)]


def result(host: FleetHost, state: Any = "reached") -> HostResult:
    return HostResult(name=host.name, url=host.url, state=state)


def test_every_host_is_worked_on_a_few_at_a_time() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def job(host: FleetHost) -> HostResult:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return result(host)

    told: list[str] = []
    found = Fleet(HOSTS, parallel=2).work(job, lambda item: told.append(item.name))
    assert [item.name for item in found] == [host.name for host in HOSTS]
    assert sorted(told) == sorted(host.name for host in HOSTS)
    assert most == 2


def test_what_goes_wrong_on_one_host_is_its_own_result() -> None:
    def job(host: FleetHost) -> HostResult:
        if host.name == "h1":
            raise GoalError("no such thing", code="goal-not-expressible")
        if host.name == "h2":
            raise ZeroDivisionError
        return result(host)

    found = {item.name: item for item in Fleet(HOSTS).work(job, lambda _: None)}
    assert found["h1"].problem == "goal-not-expressible: no such thing"
    assert found["h2"].problem.startswith("internal error: ZeroDivisionError")
    assert [item.state for item in found.values()].count("reached") == 4


def test_no_host_is_begun_after_too_many_failures() -> None:
    found = Fleet(HOSTS, parallel=1, stop_after=2).work(lambda host: result(host, "failed"), lambda _: None)
    assert [item.state for item in found] == ["failed"] * 2 + ["not begun"] * 4


def test_an_approval_binds_when_hosts_are_begun_and_not_when_they_are_done() -> None:
    now = [0.0]
    approval = FleetApproval("alice", holds_s=60, clock=lambda: now[0])

    def job(host: FleetHost) -> HostResult:
        now[0] += 40
        return result(host)

    found = Fleet(HOSTS[:3], parallel=1, ended=approval.ended).work(job, lambda _: None)
    assert [item.state for item in found] == ["reached", "reached", "not begun"]
    assert found[2].problem == "the approval ended before its turn came"


def test_ctrl_c_lets_those_under_way_end_and_begins_no_other() -> None:
    fleet = Fleet(HOSTS, parallel=2)
    told: dict[str, str] = {}

    def job(host: FleetHost) -> HostResult:
        if host.name == "h1":
            _thread.interrupt_main()
        assert fleet.halt.wait(10)
        return result(host, "stopped")

    with pytest.raises(KeyboardInterrupt):
        fleet.work(job, lambda item: told.update({item.name: item.state}))
    assert told == {"h0": "stopped", "h1": "stopped", **{f"h{number}": "not begun" for number in range(2, 6)}}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_the_program_is_told_what_became_of_every_host(end: signal.Signals) -> None:
    fleet = Fleet(HOSTS, parallel=2)
    told: dict[str, str] = {}

    def job(host: FleetHost) -> HostResult:
        if host.name == "h1":
            os.kill(os.getpid(), end)
        return result(host, "stopped" if fleet.halt.wait(2) else "reached")

    with ending_in_order(), pytest.raises(KeyboardInterrupt):
        fleet.work(job, lambda item: told.update({item.name: item.state}))
    assert told == {"h0": "stopped", "h1": "stopped", **{f"h{number}": "not begun" for number in range(2, 6)}}


def test_a_fleet_whose_results_cannot_be_kept_sends_nothing_more() -> None:
    fleet = Fleet(HOSTS[:2], parallel=2)
    stopped: list[bool] = []

    def job(host: FleetHost) -> HostResult:
        if host.name == "h1":
            stopped.append(fleet.halt.wait(2))
        return result(host)

    def keep(item: HostResult) -> None:
        raise DataError("the disk is full", code="data-missing")

    with pytest.raises(DataError):
        fleet.work(job, keep)
    assert stopped == [True]


def test_results_are_on_disk_after_each_host_and_are_read_again(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    results = ResultFile(path, "power off")
    results.keep(result(HOSTS[0]))
    results.keep(result(HOSTS[1], "failed"))
    again = ResultFile(path, "power off")
    assert again.done(HOSTS[0])
    assert not again.done(HOSTS[1])
    assert not again.done(HOSTS[0].model_copy(update={"url": "https://another-host-of-that-name"}))
    with pytest.raises(DataError, match="another goal"):
        ResultFile(path, "power on")
    path.write_text("{}")
    with pytest.raises(DataError, match="no result of a fleet"):
        ResultFile(path, "power off")


def written(folder: Path, text: str) -> Path:
    path = folder / "hosts.toml"
    path.write_text(text)
    return path


@pytest.fixture
def served() -> Iterator[Server]:
    options = HostOptions(credentials={"admin": PASSWORD})
    server = Server([host_of(Machine(open_machine_source(f"generated:{seed}?size=60")), options) for seed in (3, 4)])
    server.start()
    yield server
    server.stop()


@pytest.fixture
def around(served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an inventory of both hosts and a policy."""
    monkeypatch.setenv("BMC", PASSWORD)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    lines = [f"[[hosts]]\nname = 'h{number}'\nurl = '{url}'" for number, url in enumerate(served.urls)]
    text = "\n".join(["version = 1", "defaults = { user = 'admin', password_env = 'BMC' }", *lines])
    written(tmp_path, text)
    (tmp_path / "policy.toml").write_text(POLICY)
    return tmp_path


def arguments(*more: str) -> list[str]:
    quick = ["--write-interval", "0", "--settle", "1", "--reset-settle", "5", "--agent", "script"]
    return ["fleet", "run", "power off", "--inventory", "hosts.toml", "--json", *quick, *more]


ALLOWED = ("--allow", "power", "--approve", "policy", "--policy", "policy.toml")


def test_a_goal_is_reached_on_every_host_and_not_redone(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments(*ALLOWED)) == 0
    told = json.loads(capsys.readouterr().out)
    assert [host["state"] for host in told["hosts"]] == ["reached", "reached"]
    assert [len(host["sent"]) for host in told["hosts"]] == [1, 1]
    for host in served.hosts:
        states = {(host.simulator.get(uri) or {})["PowerState"] for uri in host.simulator.of_type("ComputerSystem")}
        assert "Off" in states
    journal = [json.loads(line) for line in (around / "igc-journal.jsonl").read_text().splitlines()]
    assert sorted(line["event"] for line in journal) == sorted(["start", "intent", "outcome", "end"] * 2)
    assert main(arguments(*ALLOWED)) == 0
    assert (around / "igc-journal.jsonl").read_text().count("\n") == len(journal)


class Breaking:
    """An agent that breaks once it has changed something."""

    def __init__(self) -> None:
        self._script = PluginManager.from_environment().build("agent", "script")
        self._changed = False

    def start(self, seed: int) -> None:
        self._script.start(seed)

    def choose(self, view: Any) -> int:
        if self._changed:
            raise ZeroDivisionError
        index: int = self._script.choose(view)
        self._changed = view.actions[index].request.mutates
        return index


def fleet_run(folder: Path, goal: str, agent: Any, **rails: Any) -> FleetRun:
    book = goal_book()
    wanted = understood(goal, book, PluginManager.from_environment())
    usual: dict[str, Any] = {"allow": ["power,boot"], "write_interval_s": 0.0, "times": Times(settle_s=1, reset_s=5)}
    return FleetRun(wanted, book, agent, FleetRails(**usual | rails), folder)


def test_an_agent_that_breaks_leaves_word_of_what_was_sent(served: Server, around: Path, journal: Any) -> None:
    [host, _] = read_inventory(around / "hosts.toml")
    run = fleet_run(around, "boot once from PXE, then power off", Breaking)
    found = run.perform(host, Preview(lambda _: None), journal, threading.Event())
    assert (found.state, found.problem) == ("failed", "internal error: ZeroDivisionError: ")
    assert [change.method for change in found.sent] == ["PATCH"]


def test_a_fleet_that_is_stopped_waits_for_no_turn(served: Server, around: Path, journal: Any) -> None:
    [host, _] = read_inventory(around / "hosts.toml")
    halt = threading.Event()

    def stop_soon(intent: Any) -> None:
        if journal.events.count("outcome"):
            threading.Timer(0.2, halt.set).start()

    script = PluginManager.from_environment().build("agent", "script")
    run = fleet_run(around, "boot once from PXE, then power off", lambda: script, write_interval_s=30.0)
    began = time.monotonic()
    found = run.perform(host, Preview(stop_soon), journal, halt)
    assert (found.state, len(found.sent)) == ("stopped", 1)
    assert time.monotonic() - began < 15


def test_a_goal_with_a_password_is_asked_for_again_as_it_may_be_another(
    served: Server, around: Path, capsys: Capsys
) -> None:
    command = arguments("--only", "h0", *ALLOWED, "--allow", "password")
    command[2] = "password set user=nobody password=Hidden-1-word"
    book = goal_book()
    shown = book.shown(book.parse(command[2]))
    ResultFile(around / "igc-fleet.json", shown).keep(HostResult(name="h0", url=served.urls[0], state="reached"))
    assert main(command) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["goal"] == shown
    assert told["hosts"][0]["state"] == "failed"


def test_one_host_that_is_gone_leaves_the_others_be(served: Server, around: Path, capsys: Capsys) -> None:
    text = (around / "hosts.toml").read_text()
    written(around, text.replace(served.urls[0], "http://127.0.0.1:9"))
    assert main(arguments(*ALLOWED)) == 1
    told = json.loads(capsys.readouterr().out)
    assert [host["state"] for host in told["hosts"]] == ["failed", "reached"]
    assert told["hosts"][0]["problem"].startswith("client-")
    written(around, text)
    assert main(arguments(*ALLOWED)) == 0


def test_a_dry_run_of_a_fleet_sends_nothing(served: Server, around: Path, capsys: Capsys) -> None:
    assert main([part for part in arguments("--dry-run") if part != "--json"]) == 0
    out = capsys.readouterr().out
    assert "2 of 2 hosts reach the goal; on the twins; nothing was sent" in out
    assert not (around / "igc-fleet.json").exists()
    for host in served.hosts:
        assert (host.simulator.get(host.simulator.of_type("ComputerSystem")[0]) or {})["PowerState"] == "On"


def test_a_policy_that_cannot_be_used_is_told_by_a_dry_run_too(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments("--approve", "policy", "--policy", "missing.toml", "--dry-run")) == 2
    assert "cannot read the policy missing.toml" in capsys.readouterr().err


def test_results_and_journal_are_two_files(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments(*ALLOWED, "--results", "both.json", "--journal", "./both.json")) == 2
    assert "cannot hold both results and journal" in capsys.readouterr().err
    assert not (around / "both.json").exists()


def test_what_destroys_is_nothing_for_a_fleet(served: Server, around: Path, capsys: Capsys) -> None:
    command = arguments("--allow", "log", "--approve", "policy", "--policy", "policy.toml")
    [log, *_] = [
        uri
        for uri in served.hosts[0].simulator.of_type("LogService")
        if "#LogService.ClearLog" in (served.hosts[0].simulator.get(uri) or {}).get("Actions", {})
    ]
    command[2] = f"log clear {log}"
    assert main([*command, "--only", "h0"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["hosts"][0]["problem"].startswith("live-destructive")
    assert told["hosts"][0]["sent"] == []


def test_a_fleet_needs_somebody_to_approve(served: Server, around: Path, capsys: Capsys) -> None:
    assert main(arguments("--allow", "power")) == 2
    assert "error[live-not-approved]" in capsys.readouterr().err
    assert main(arguments("--only", "nobody")) == 2
    assert "error[settings-invalid]" in capsys.readouterr().err


def test_a_missing_password_is_told_before_any_host_hears_of_it(
    served: Server, around: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BMC")
    assert main(arguments(*ALLOWED)) == 2
    assert "error[client-credentials]" in capsys.readouterr().err
    assert not (around / "igc-journal.jsonl").exists()


def test_the_fingerprint_of_a_certificate_that_is_not_trusted_is_there_to_be_pinned(
    around: Path, capsys: Capsys
) -> None:
    with Server([host_of(Machine(open_machine_source("generated:3?size=60")), HostOptions())], tls=_own()) as server:
        written(around, f"version = 1\nhosts = [{{name='h0', url='{server.url}'}}]")
        shown = fingerprint_of(Origin.parse(server.url))
        assert main(arguments("--dry-run")) == 1
        assert json.loads(capsys.readouterr().out)["hosts"][0]["fingerprint"] == shown
        assert main([part for part in arguments("--dry-run") if part != "--json"]) == 1
        assert f'  h0: fingerprint = "{shown}"' in capsys.readouterr().out
        written(around, f"version = 1\nhosts = [{{name='h0', url='{server.url}', fingerprint='{shown}'}}]")
        assert main(arguments("--dry-run")) == 0


def _own() -> ssl.SSLContext:
    return tls_context("127.0.0.1")


def test_what_is_not_installed_is_said_once(around: Path) -> None:
    code = "import sys; sys.modules['urllib3'] = None; from igc_core.cli.app import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *arguments("--dry-run")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.count("igc-redfish[live]") == 1
    assert done.stdout == ""
