from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from igc_agents.cli.evaluate import read_seeds
from igc_core.cli.app import main
from igc_core.errors import SettingsError

if TYPE_CHECKING:
    from igc_agents.training import Training

CORRIDOR = ["--environment", "corridor", "--episodes", "40"]
Capsys = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def only_this_plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("IGC_PLUGINS_EXACT", "agents")
    monkeypatch.setenv("IGC_RUNS", str(tmp_path / "runs"))
    monkeypatch.delenv("IGC_SETTINGS", raising=False)


def test_agents_are_compared_side_by_side(trained: Training, tmp_path: Path, capsys: Capsys) -> None:
    file, page = tmp_path / "result.json", tmp_path / "page.html"
    agents = [f"ours={trained.agent},{trained.agent}", "random", "expert"]
    files = ["--json", str(file), "--html", str(page)]
    assert main(["evaluate", *agents, *CORRIDOR, "--seeds", "0-1", *files]) == 0
    shown = capsys.readouterr().out
    for words in ("corridor, 40 episodes", "success of runs", "by family; the worst of ours first", "expert"):
        assert words in shown
    told = json.loads(file.read_text())
    assert [agent["report"]["overall"]["episodes"] for agent in told["agents"]] == [160, 80, 80]
    assert told["overall"] == told["agents"][0]["report"]["overall"]
    assert told["traces"]
    assert told["curves"]
    assert page.read_text().startswith("<!doctype html>")


def test_what_was_measured_is_shown_again_without_measuring(trained: Training, tmp_path: Path, capsys: Capsys) -> None:
    file, page = tmp_path / "result.json", tmp_path / "page.html"
    assert main(["evaluate", "random", *CORRIDOR, "--json", str(file)]) == 0
    first = capsys.readouterr().out
    again = ["--run", str(trained.agent.parent), "--html", str(page), "--png", str(tmp_path / "png")]
    assert main(["report", str(file), *again]) == 0
    shown = capsys.readouterr().out
    assert first.splitlines()[1:] == shown.splitlines()[1 : len(first.splitlines())]
    assert 'id="learning"' in page.read_text()
    assert (tmp_path / "png" / "learning.png").is_file()


def cpu_s_of(command: list[str]) -> float:
    """Run a command to its end, and tell the CPU time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def wait_until_busy(pid: int, *, cpu_s: float) -> None:
    """Wait until a process has computed for so long: on a loaded machine the clock tells nothing of how far it is."""
    times = Path(f"/proc/{pid}/stat")
    for _ in range(600):
        time.sleep(0.1 if times.exists() else cpu_s)
        if not times.exists() or sum(map(int, times.read_text().split()[13:15])) / os.sysconf("SC_CLK_TCK") > cpu_s:
            return


def test_ctrl_c_gives_what_was_measured_so_far(tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    program = [sys.executable, "-m", "igc_core", "evaluate", "random", "expert", "--environment", "corridor"]
    seeds = ["--episodes", "64", "--seeds", "0-100000", "--json", str(file)]
    starting_s = cpu_s_of([*program, "--episodes", "1", "--seeds", "0"])
    with subprocess.Popen([*program, *seeds], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_until_busy(process.pid, cpu_s=starting_s + 1)
        os.kill(process.pid, signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert "interrupted: the figures are of the episodes measured so far" in error
    assert "corridor, 64 episodes, interrupted" in output
    assert json.loads(file.read_text())["partial"] is True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["evaluate", "random", "--environment", "corridor", "--seeds", "a"],
            "error[settings-invalid]: cannot read the",
        ),
        (["evaluate", "random", "random", *CORRIDOR], "error[agent-incompatible]: two agents are called 'random'"),
        (["evaluate", "random", "--environment", "corridor", "--per", "3"], "error[plugin-options-refused]"),
        (["evaluate", "random", *CORRIDOR, "--html", "no/page.html"], "error[data-missing]: cannot write no/page.html"),
        (["evaluate", "random", *CORRIDOR, "--png", "no/pictures"], "error[data-missing]: cannot write no/pictures"),
        (["evaluate", "random", *CORRIDOR, "--png", "."], "error[data-exists]"),
        (["evaluate", "random", *CORRIDOR, "--set", "rooms=" + "[" * 9_000], "the option 'rooms' cannot be '[[["),
        (["evaluate", "random", *CORRIDOR, "--every-goal"], "--episodes and --every-goal cannot be given together"),
        (["evaluate", "random", *CORRIDOR, "--seed", "3", "--seeds", "0-1"], "--seed and --seeds cannot be given"),
        (["evaluate", "random", *CORRIDOR, "--set", "seed=3"], "the option 'seed' of the environment is said by"),
        (["evaluate", "random", *CORRIDOR, "--seeds", "0-99999999999999999999"], "are more than 1,000,000"),
        (["report", "empty.json"], "error[data-invalid]: empty.json holds an evaluation of no agent"),
        (["report", "nowhere.json"], "error[data-missing]: cannot read nowhere.json"),
        (["report", "taken.json"], "error[data-invalid]: taken.json holds no evaluation"),
        (["report", "taken.json", "--html", "taken.json"], "error[data-exists]: taken.json exists already"),
        (["crossvalidate", "--on", "dell-a"], "error[settings-invalid]: nothing is left to train on without 'dell'"),
        (["crossvalidate", "--on", "dell-a", "--groups", "no.toml"], "error[data-missing]: cannot read no.toml"),
        (
            ["crossvalidate", "--on", "dell-a", "--on", "x", "--groups", "groups.toml"],
            "error[settings-invalid]: the machine 'x' is in no group",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    arguments: list[str], words: str, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken.json").write_text("precious")
    (tmp_path / "empty.json").write_text('{"format": 1, "agents": [], "episodes": {}}')
    (tmp_path / "groups.toml").write_text('dell = ["dell-a"]\n')
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert (tmp_path / "taken.json").read_text() == "precious"


def test_ctrl_c_lets_a_fold_save(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text("n_steps = 16\nbatch_size = 256\nwarm_start_steps = 1024\n")
    out = tmp_path / "across"
    run = out / "folds" / "dell" / "seed-0"
    program = [sys.executable, "-m", "igc_core", "crossvalidate", "--on", "dell-a", "--on", "hpe-a"]
    options = ["--environment", "corridor", "--recipe", str(tmp_path / "recipe.toml"), "--out", str(out)]
    with subprocess.Popen(
        [*program, *options, "--", "--steps", "1000000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not (run / "metrics.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGINT)
        output, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert f"go on with: igc train --resume {run}" in output
    assert f"give the same command --out {out} to go on" in error
    assert list((run / "checkpoints").iterdir())


#: What no training takes, and only a training knows.
FOREIGN = ["--environment", "corridor", "--family", "power"]


def test_folds_are_not_gone_on_with_by_another_recipe(tmp_path: Path, capsys: Capsys) -> None:
    recipe, out = tmp_path / "recipe.toml", tmp_path / "across"
    recipe.write_text("steps = 64\n")
    arguments = ["crossvalidate", "--on", "dell-a", "--and", "hpe-a", *FOREIGN, "--out", str(out)]
    assert main([*arguments, "--recipe", str(recipe)]) == 2
    assert "was begun with other options" not in capsys.readouterr().err
    begun = out / "folds" / "dell" / "seed-0"
    begun.mkdir(parents=True)
    (begun / "manifest.json").write_text("{}")
    recipe.write_text("steps = 128\n")
    assert main([*arguments, "--recipe", str(recipe)]) == 2
    assert "error[run-exists]" in (error := capsys.readouterr().err)
    assert "was begun with other options" in error


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", [3]), ("0,1,2", [0, 1, 2]), ("0-2", [0, 1, 2]), ("1,4-5,1", [1, 4, 5])]
)
def test_seeds_are_listed_or_ranges(text: str, seeds: list[int]) -> None:
    assert read_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "5-3", "1;2"])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        read_seeds(text)


def test_results_are_written_though_nobody_reads_on(tmp_path: Path) -> None:
    file, page = tmp_path / "result.json", tmp_path / "page.html"
    program = [sys.executable, "-m", "igc_core", "evaluate", "random", *CORRIDOR]
    reader, writer = os.pipe()
    os.close(reader)
    try:
        subprocess.run([*program, "--json", str(file), "--html", str(page)], stdout=writer, check=False)
    finally:
        os.close(writer)
    assert json.loads(file.read_text())["agents"]
    assert page.is_file()


def test_two_outputs_have_two_places(tmp_path: Path, capsys: Capsys) -> None:
    one = str(tmp_path / "one")
    for option in ("--html", "--png"):
        assert main(["evaluate", "random", *CORRIDOR, "--json", one, option, one]) == 2
        assert "cannot hold two outputs" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--beside", "nobody"], "no agent named 'nobody'"),
        (["--beside", "no/folder"], "there is no agent in no/folder"),
        (["--beside", "trained=random"], "two agents are called 'trained'"),
        (["--set", "per_family"], "cannot read the option 'per_family'"),
        (["--set", "per_family=4"], "the option 'per_family' of the environment is said by --per"),
        (["--", "--seed=3"], "--seed=3 cannot be given after --"),
        (["--", "--on", "dell-a"], "--on cannot be given after --"),
    ],
)
def test_nothing_is_trained_that_could_not_be_evaluated(
    options: list[str], words: str, tmp_path: Path, capsys: Capsys
) -> None:
    out = tmp_path / "across"
    machines = ["--on", "dell-a", "--on", "hpe-a", "--environment", "corridor"]
    assert main(["crossvalidate", *machines, "--out", str(out), *options]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_all_agents_are_looked_for_before_any_is_tried(capsys: Capsys) -> None:
    # Far too many episodes to be tried within a test.
    assert main(["evaluate", "random", "nobody", "--environment", "corridor", "--episodes", "100000000"]) == 2
    assert "no agent named 'nobody'" in capsys.readouterr().err
