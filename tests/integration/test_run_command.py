"""``igc run`` from the outside: exit codes, one line for every problem, nothing lost."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.cli.app import main
from igc_redfish.generate import generate, machine
from igc_redfish.simulator import Simulator
from igc_redfish.sources import goal_book

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A generated machine as a file."""
    path = tmp_path / "rack7.igc.jsonl.gz"
    generate("generated:3").save(path)
    return path


def refused(arguments: list[str], capsys: Capsys) -> str:
    """Run igc, insist on one line of error, and return its code."""
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    (line,) = shown.err.splitlines()
    found = re.match(r"error\[([a-z-]+)\]: \S", line)
    assert found, line
    return found[1]


def test_reached_goal_ends_with_zero_and_shows_every_request(capture: Path, capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", str(capture)]) == 0
    title, *requests, result = capsys.readouterr().out.splitlines()
    assert title.startswith("power off")
    assert [line.split()[:2] for line in requests] == [["1", "GET"], ["2", "GET"], ["3", "POST"]]
    assert result == "reached and verified: 3 requests, 0 refused"


def test_result_as_json_is_json_alone(capsys: Capsys) -> None:
    assert main(["run", "power off", "--on", "generated:3", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["success"], result["requests"], result["machine"]) == (True, 3, "generated:3")


SECRET = "aA3-Zq9vault-7"
#: A goal of every family that takes a secret, whether it is called one or stands in a URL.
SECRET_GOALS = (
    f"account create user=mallory password={SECRET} role=ReadOnly",
    f"password set user=monitor password={SECRET}",
    f"session create user=monitor password={SECRET}",
    f"media insert image=http://mallory:{SECRET}@192.0.2.9/x.iso Cd1",
    f"firmware update image=http://mallory:{SECRET}@192.0.2.9/bios-9.9.1.bin",
    f"subscription create destination=https://mallory:{SECRET}@192.0.2.9/events",
)


@pytest.mark.parametrize("goal", [*SECRET_GOALS, f"led on and {SECRET_GOALS[1]}", f"{SECRET_GOALS[0]} then power off"])
@pytest.mark.parametrize("options", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize("agent", ["script", "planner"])
def test_no_secret_of_a_goal_is_printed(goal: str, options: list[str], agent: str, capsys: Capsys) -> None:
    assert main(["run", goal, "--on", "generated:3", "--agent", agent, *options]) in {0, 1}
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "<redacted>" in (json.loads(shown.out)["goal"] if options else shown.out.splitlines()[0])


@pytest.mark.parametrize("goal", SECRET_GOALS)
@pytest.mark.parametrize("damage", ["{} extra", "{}=", "x{}", "{} and", "{} /redfish/v1/Nowhere"])
def test_no_secret_of_a_goal_stands_in_an_error(goal: str, damage: str, capsys: Capsys) -> None:
    main(["run", damage.format(goal), "--on", "generated:3"])
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err


def test_goal_that_is_not_reached_ends_with_one(plugins: PluginManager, capsys: Capsys) -> None:
    book = goal_book(plugins)
    first, second = [goal for goal in book.goals(Simulator(machine(3))) if goal.family == "bios"][:2]
    text = f"{book.text(first)} and {book.text(second)} with at most 0 resets"
    assert main(["run", text, "--on", "generated:3"]) == 1
    assert "not reached: 50 requests" in capsys.readouterr().out


def test_goal_that_holds_already_needs_no_request(capsys: Capsys) -> None:
    assert main(["run", "power on", "--on", "generated:3"]) == 0
    assert "reached already: nothing to do" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("goal", "machine", "agent", "code"),
    [
        ("pwer off", "generated:3", "script", "goal-unknown-family"),
        ("", "generated:3", "script", "goal-unreadable"),
        ("power sideways", "generated:3", "script", "goal-unreadable"),
        ("power off and power on then led on", "generated:3", "script", "goal-unreadable"),
        ("hostname set", "generated:3", "script", "goal-unreadable"),
        ("power off /redfish/v1/Systems/77", "generated:3", "script", "goal-not-expressible"),
        ("boot once source=Floppy2000", "generated:3", "script", "goal-not-expressible"),
        ("led blink", "generated:3", "script", "goal-not-expressible"),
        ("power off", "generated:1?manner=blade", "script", "goal-ambiguous"),
        ("power off", "rack-of-dreams", "script", "capture-missing"),
        ("power off", "generated:seven", "script", "data-invalid"),
        ("power off", "generated:3?manner=baroque", "script", "data-invalid"),
        ("power off", "generated:3", "scirpt", "plugin-unknown-component"),
        ("power off", "generated:3", ".", "agent-missing"),
        ("power off", "generated:3", "runs/nothing", "agent-missing"),
        ("power off", "generated:0-3", "script", "data-invalid"),
    ],
)
def test_bad_input_is_one_line_with_a_code(goal: str, machine: str, agent: str, code: str, capsys: Capsys) -> None:
    assert refused(["run", goal, "--on", machine, "--agent", agent], capsys) == code


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda content: content[: len(content) // 2], "capture-corrupt"),
        (lambda content: gzip.compress(b"this is not JSON\n"), "capture-corrupt"),
        (lambda content: gzip.compress(b'{"path": "/api", "body": {}}\n'), "capture-not-redfish"),
        (lambda content: gzip.compress(b"[" * 100_000), "capture-corrupt"),
        (lambda content: b"", "capture-not-redfish"),
        (
            lambda content: gzip.compress(gzip.decompress(content).replace(b'"version":1', b'"version":9', 1)),
            "capture-version",
        ),
    ],
    ids=["truncated", "not-json", "not-redfish", "deep", "empty", "newer"],
)
def test_damaged_capture_is_refused_and_left_as_it_was(
    damage: Callable[[bytes], bytes], code: str, capture: Path, capsys: Capsys
) -> None:
    capture.write_bytes(damage(capture.read_bytes()))
    before = capture.read_bytes()
    assert refused(["run", "power off", "--on", str(capture)], capsys) == code
    assert capture.read_bytes() == before


def test_nothing_is_overwritten(capture: Path, tmp_path: Path, capsys: Capsys) -> None:
    before = capture.read_bytes()
    assert refused(["capture", "import", "generated:3", str(capture)], capsys) == "capture-missing"
    assert refused(["capture", "export", "generated:3", str(capture)], capsys) == "capture-exists"
    assert capture.read_bytes() == before
    assert list(tmp_path.iterdir()) == [capture]


def test_blocked_plugin_takes_its_commands_and_agents_along(monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    monkeypatch.delenv("IGC_PLUGINS_EXACT")
    monkeypatch.setenv("IGC_PLUGINS_ALLOWED", "redfish,agents")
    monkeypatch.setenv("IGC_PLUGINS_BLOCKED", "agents")
    assert main(["run", "power off", "--on", "generated:3"]) == 0
    capsys.readouterr()
    assert main(["train", "--help"]) == 2
    assert "igc train comes with igc-agents, which is not installed or not active" in capsys.readouterr().err
    assert main(["mig", "plan"]) == 2
    assert "igc mig comes with igc-mig" in capsys.readouterr().err
    assert (
        refused(["run", "power off", "--on", "generated:3", "--agent", "random"], capsys) == "plugin-unknown-component"
    )


def test_redfish_works_where_torch_is_not_installed() -> None:
    program = (
        "import sys\n"
        "for name in ('torch', 'stable_baselines3', 'sb3_contrib', 'igc_agents'): sys.modules[name] = None\n"
        "from igc_core.cli.app import main\n"
        "raise SystemExit(main(['run', 'power off', '--on', 'generated:3']))\n"
    )
    environment = {"IGC_PLUGINS_EXACT": "redfish", "PATH": ""}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
