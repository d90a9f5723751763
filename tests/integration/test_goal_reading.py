"""Goals in free words, from the examples of one package to the reader of another to a machine of the first."""

from __future__ import annotations

import json
import os
import pty
from collections.abc import Iterator
from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.cli.app import main
from igc_redfish.capture import open_machine_source
from igc_redfish.machine import Machine
from igc_redfish.server import HostOptions, Server, host_of

Capsys = pytest.CaptureFixture[str]
QUICK = [f"--set={each}" for each in ("steps=120", "learning_rate=0.01", "wrong=0.1", "variants=8", "folds=2")]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that learned for seconds."""
    folder = tmp_path_factory.mktemp("reader") / "words"
    assert main(["encoder", "train", "reader", "hashed-tokens", "--out", str(folder), *QUICK]) == 0
    return folder


def run(text: str, reader: Path, *more: str) -> int:
    return main(["run", text, "--on", "generated:3", "--agent", "script", "--reader", str(reader), *more])


def test_every_example_is_learned_from_or_judged_by(reader: Path) -> None:
    stated = json.loads((reader / "reader.json").read_text())
    assert stated["examples"] > 1000
    assert stated["held_out"]["texts"] > 500
    assert 0.1 < stated["held_out"]["right"] < 1


def test_run_shows_what_it_understood_before_it_acts(reader: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", reader) == 0
    first, title, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("understood as: boot once /redfish/v1/Systems/1 source=Pxe  (")
    assert title.startswith("boot once /redfish/v1/Systems/1 source=Pxe")


def test_output_for_programs_stays_json(reader: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", reader, "--json") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["goal"] == "boot once /redfish/v1/Systems/1 source=Pxe"
    assert "understood as: boot once" in shown.err


def test_password_is_masked_wherever_the_goal_is_shown(reader: Path, capsys: Capsys) -> None:
    assert run("create a user 'bob' with password 'aA3#k9dYRRnC' and role Operator", reader) in {0, 1}
    shown = capsys.readouterr()
    assert "account create" in shown.out
    assert "aA3#k9dYRRnC" not in shown.out + shown.err


def test_foreign_text_is_declined_before_anything_is_done(reader: Path, capsys: Capsys) -> None:
    assert run("make me a coffee", reader) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error[goal-uncertain]: ")


def test_without_a_reader_free_words_are_no_goal(capsys: Capsys) -> None:
    assert main(["run", "start from the network next time", "--on", "generated:3", "--agent", "script"]) == 2
    assert capsys.readouterr().err.startswith("error[goal-unknown-family]: ")


def test_folder_of_no_reader_is_refused(tmp_path: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", tmp_path) == 2
    assert capsys.readouterr().err.startswith("error[encoder-missing]: ")


def test_reader_and_phrasebook_are_in_the_catalogue(plugins: PluginManager) -> None:
    assert "similarity" in plugins.specs("goal-reader")
    assert "redfish" in plugins.specs("phrasebook")


# -- real hosts --------------------------------------------------------------------------------------------------------

POLICY = """
version = 1
[[approve]]
approver = "change 4711"
operations = ["patch ComputerSystem"]
hosts = ["127.0.0.1"]
"""
FREE = "start from the network next time"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A served machine with its capture, a policy, and credentials in the environment."""
    captured = open_machine_source("generated:3?size=80")
    captured.save(tmp_path / "host.igc.jsonl.gz")
    (tmp_path / "policy.toml").write_text(POLICY)
    monkeypatch.setenv("IGC_REDFISH_USER", "admin")
    monkeypatch.setenv("IGC_REDFISH_PASSWORD", "correct horse 1X")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    server = Server([host_of(Machine(captured), HostOptions(credentials={"admin": "correct horse 1X"}))])
    server.start()
    yield server
    server.stop()


def live(server: Server, reader: Path, *more: str) -> int:
    usual = ("--capture", "host.igc.jsonl.gz", "--agent", "script", "--settle", "1", "--write-interval", "0")
    return main(["run", FREE, "--target", server.url, "--reader", str(reader), *usual, *more])


def boot_source(server: Server) -> object:
    body = server.hosts[0].simulator.get("/redfish/v1/Systems/1") or {}
    return body["Boot"]["BootSourceOverrideTarget"]  # type: ignore[index, call-overload]


def test_dry_run_tells_what_was_understood(reader: Path, host: Server, capsys: Capsys) -> None:
    assert live(host, reader, "--dry-run") == 0
    shown = capsys.readouterr().out
    assert shown.startswith("understood as: boot once /redfish/v1/Systems/1 source=Pxe")
    assert "PATCH /redfish/v1/Systems/1" in shown


def test_reading_is_approved_by_a_person_alone(reader: Path, host: Server, capsys: Capsys) -> None:
    before = boot_source(host)
    assert live(host, reader, "--allow", "boot", "--approve", "policy", "--policy", "policy.toml") == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error[live-not-approved]: ")
    assert "boot once /redfish/v1/Systems/1 source=Pxe" in error
    assert boot_source(host) == before


def test_reading_of_a_family_that_may_not_be_changed_is_refused(reader: Path, host: Server, capsys: Capsys) -> None:
    assert live(host, reader, "--allow", "power") == 2
    assert "error[live-" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "code"), [("y\ny\n", 0), ("n\n", 2)])
def test_person_is_asked_whether_the_reading_is_meant(
    reader: Path, host: Server, monkeypatch: pytest.MonkeyPatch, answer: str, code: int
) -> None:
    controller, terminal = pty.openpty()
    monkeypatch.setattr("termios.tcflush", lambda *_: None)  # the answers are typed before the questions
    os.write(controller, answer.encode())
    with os.fdopen(terminal) as typed:
        monkeypatch.setattr("sys.stdin", typed)
        assert live(host, reader, "--allow", "boot") == code
    os.close(controller)
    assert (boot_source(host) == "Pxe") is (code == 0)
