from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from igc_core.cli import run
from igc_mig.cli.app import app


def igc(*args: object) -> int:
    return run(app, [str(arg) for arg in args], prog_name="igc mig")


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    file = tmp_path / "tasks.csv"
    assert igc("generate", "mix_scaling_soft", file, "--tasks", 8, "--seed", 3) == 0
    return file


@pytest.mark.parametrize("suffix", [".svg", ".png"])
def test_a_batch_is_generated_planned_and_drawn(
    tasks: Path, tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if suffix == ".png":
        pytest.importorskip("matplotlib")
    plot, plan = tmp_path / f"plan{suffix}", tmp_path / "plan.json"
    assert igc("plan", tasks, "--gpu", "h100", "--plot", plot, "--json", plan) == 0
    shown = capsys.readouterr().out
    assert "8 tasks on H100 in" in shown
    assert "slice 6" in shown
    assert "ms of CPU time" in shown
    again = tmp_path / f"again{suffix}"
    assert igc("render", plan, "--plot", again) == 0
    assert plot.read_bytes()[:4] == again.read_bytes()[:4]
    assert "slice 6" in capsys.readouterr().out


def test_a_solver_says_what_it_has_proven(tasks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ortools")
    assert igc("plan", tasks, "--method", "exact", "--cost", "none") == 0
    printed = " ".join(capsys.readouterr().out.split())
    found = re.search(
        r"tasks alone take ([\d.]+) s, the best without reconfigurations; proven: .* than ([\d.]+) s", printed
    )
    assert found is not None
    assert float(found[1]) == float(found[2])
    assert "at most 0.0 % above the shortest possible" in printed


def test_a_plan_is_kept_though_nobody_reads_what_is_printed(tasks: Path, tmp_path: Path) -> None:
    files = [tmp_path / "plan.json", tmp_path / "plan.svg"]
    program = "import sys; from igc_core.cli.app import main; sys.exit(main())"
    words = [sys.executable, "-c", program, "mig", "plan", tasks, "--json", files[0], "--plot", files[1]]
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.close()
    process.wait(60)
    assert all(file.exists() for file in files)


def test_evaluation_prints_a_table_and_writes_all_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "figures.json"
    options = ["--workload", "wide_times", "--workload", "bad_scaling", "--batches", 3, "--tasks", 6, "--json", out]
    assert igc("evaluate", "--scheduler", "far", "--scheduler", "fixed-1x7", *options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["scheduler", "wide_times", "bad_scaling", "CPU", "ms"]
    assert [line.split()[0] for line in lines[2:4]] == ["far", "fixed-1x7"]
    figures = json.loads(out.read_text())
    assert len(figures["measurements"]) == 4
    assert all(len(one["ratios"]) == 3 for one in figures["measurements"])


@pytest.mark.parametrize(
    ("args", "problem"),
    [
        (("plan", "none.csv"), "cannot read none.csv"),
        (("plan", "{tasks}", "--gpu", "v100"), "no GPU named 'v100'"),
        (("plan", "{tasks}", "--scheduler", "fra"), "no scheduler named 'fra'; did you mean 'far'?"),
        (("plan", "{tasks}", "--plot", "plan.jpg"), "ends neither in .svg nor in .png"),
        (("plan", "{tasks}", "--json", "{tasks}"), "exists already"),
        (("plan", "{tasks}", "--plot", "{tasks}"), "exists already"),
        (("generate", "wide_times", "{tasks}"), "exists already"),
        (("generate", "wide", "new.csv"), "no workload named 'wide'"),
        (("generate", "wide_times", "new.csv", "--tasks", "0"), "the number of tasks is 0"),
        (("render", "{tasks}"), "is no plan"),
        (("evaluate", "--scheduler", "fra"), "no scheduler named 'fra'"),
        (("evaluate", "--method", "far", "--method", "rl", "--gpu", "a30"), "whose partitions a30 does not have"),
        (("evaluate", "--load", "1", "--method", "rl", "--gpu", "a30"), "whose partitions a30 does not have"),
        (("evaluate", "--load", "-1"), "the field load is -1.0"),
        (("evaluate", "--load", "0.5", "--scheduler", "fra"), "no scheduler named 'fra'"),
        (("plan", "{tasks}", "--method", "rl:x"), "is not 1 or more"),
        (("plan", "{tasks}", "--method", "rl", "--agent", "none"), "there is no agent in none"),
        (("plan", "{tasks}", "--method", "rl", "--gpu", "a30"), "whose partitions a30 does not have"),
        (("plan", "{tasks}", "--agent", "none"), "the agent none is given, and portfolio asks none"),
        (("evaluate", "--method", "far", "--agent", "none"), "the agent none is given, and far asks none"),
        (
            ("evaluate", "--load", "1", "--method", "far", "--agent", "none"),
            "the agent none is given, and far asks none",
        ),
        (("evaluate", "--workload", "wide_times", "--workload", "wide"), "no workload named 'wide'"),
        (("plan", "{tasks}", "--plot", "a.svg", "--json", "a.svg"), "a.svg is to be two files"),
        (("train", "--version", "flaot"), "no version named 'flaot'; did you mean 'float'?"),
        (("train", "--N", "0"), "the field N is 0"),
        (("train", "--version", "float", "--M", "0"), "the field M is 0"),
        (("train", "--M", "14"), "the field M is 14: the version 'set' is told times as they are"),
        (("train", "--N", "9999999"), "the field N is 9999999, more than 10,000"),
        (("train", "--version", "float", "--M", "9999999"), "the field M is 9999999, more than 10,000"),
        (("train", "--version", "one_hot", "--M", "10000"), "are 770,380 categories; 100,000 at most"),
        (("train", "--num_steps", "9" * 30), "the field num_steps is 999999999999999999999999999999, more than"),
        (("train", "--imitation", "9" * 9), "the field imitation is 999999999, more than 1,000,000"),
        (("train", "--checkpoint-every", "9" * 30), "the field checkpoint_every is"),
        (("generate", "wide_times", "new.csv", "--tasks", "9" * 9), "the field tasks is 999999999, more than"),
        (("evaluate", "--method", "far", "--tasks", "9" * 9), "the field tasks is 999999999, more than 1,000,000"),
        (("evaluate", "--method", "far", "--batches", "9" * 9), "the field batches is 999999999, more than 10,000"),
        (("evaluate", "--load", "0.8", "--tasks", "9" * 9), "the field tasks is 999999999, more than 1,000,000"),
        (("evaluate", "--tasks", "1000000"), "50 batches of 1,000,000 tasks are more than 10,000,000 tasks at once"),
        (("plan", "{tasks}", "--method", "rl:99999999"), "'rl:99999999' is not 1 or more, or more than 10,000"),
        (("train", "--type-tasks", "wide"), "no workload named 'wide'"),
        (("train", "--gpu", "v100"), "no GPU named 'v100'"),
        (("train", "--restore", "none"), "there is no run in none"),
        (("train", "--restore", "none", "--N", "5", "--gpu", "a30"), "cannot use --N, --gpu"),
        (("train", "--version", "float", "--imitation", "5"), "the version 'float' learns from rewards alone"),
        (("train", "--device", "tpu"), "the field device is 'tpu'"),
        (("apply", "none.json"), "cannot read none.json"),
        (("apply", "--recover", "none.jsonl"), "cannot read none.jsonl"),
        (("profile", "none.csv", "new.csv", "--instance", "1=MIG-a"), "cannot read none.csv"),
        (("profile", "none.csv", "{tasks}", "--instance", "1=MIG-a"), "exists already"),
    ],
)
def test_bad_input_is_told_in_one_line_and_destroys_nothing(
    args: tuple[str, ...],
    problem: str,
    tasks: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    before = tasks.read_text()
    capsys.readouterr()
    assert igc(*(arg.format(tasks=tasks) for arg in args)) == 2
    told = capsys.readouterr().err
    assert problem in told
    assert told.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tasks.csv"]
    assert tasks.read_text() == before


def test_tasks_that_arrive_are_planned_as_they_come(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tasks, plan = tmp_path / "stream.csv", tmp_path / "plan.json"
    assert igc("generate", "wide_times", tasks, "--tasks", 8, "--load", 0.8) == 0
    assert tasks.read_text().splitlines()[0] == "name,t1,t2,t3,t4,t7,arrival"
    assert igc("plan", tasks, "--json", plan) == 0
    assert "tasks are in the system for" in capsys.readouterr().out
    assert igc("render", plan) == 0
    figures = tmp_path / "flow.json"
    options = ["--load", 0.8, "--workload", "wide_times", "--tasks", 10, "--batches", 2, "--json", figures]
    assert igc("evaluate", "--scheduler", "far", "--scheduler", "fifo-fixed-best", *options) == 0
    assert len(json.loads(figures.read_text())["measurements"]) == 2
    assert igc("evaluate", "--gpu", "a30", "--load", 1, "--workload", "wide_times", "--tasks", 4, "--batches", 1) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[-3:]] == [
        "fifo-fixed-best",
        "far",
        "portfolio",
    ]


def test_a_plan_becomes_commands_and_changes_nothing(
    tasks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, commands = tmp_path / "plan.json", tmp_path / "commands.csv"
    assert igc("plan", tasks, "--gpu", "h100", "--json", plan) == 0
    commands.write_text("name,command\n" + "".join(f"task{number},python {number}.py\n" for number in range(8)))
    capsys.readouterr()
    assert igc("apply", plan, "--commands", commands) == 0
    shown = capsys.readouterr().out
    assert "nvidia-smi mig -i 0 -cgi" in shown
    assert "python 7.py &" in shown
    assert "dry run: nothing was changed" in shown
    assert igc("apply", plan, "--execute") == 2
    assert "has no commands" in capsys.readouterr().err
    assert igc("profile", commands, tmp_path / "new.csv", "--instance", "1=MIG-a", "--instance", "7=MIG-b") == 0
    assert "CUDA_VISIBLE_DEVICES=MIG-b python 3.py" in capsys.readouterr().out
    assert not (tmp_path / "new.csv").exists()


def test_a_profile_goes_on_where_it_was_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands, out, partial = tmp_path / "commands.csv", tmp_path / "tasks.csv", tmp_path / "tasks.csv.partial"
    commands.write_text("name,command\na,true\nb,false\n")
    arguments = ("profile", commands, out, "--instance", "1=MIG-a", "--execute")
    assert igc(*arguments) == 2
    shown = capsys.readouterr()
    assert "the task 'b' ended with code 1" in shown.err
    assert f"kept in {partial}: the same command goes on from there" in shown.err
    assert not out.exists()
    commands.write_text("name,command\na,true\nb,true\n")
    assert igc(*arguments[:-1]) == 0
    assert partial.exists(), "a dry run changes nothing"
    assert igc(*arguments) == 0
    assert f"{partial}: 1 runs were measured before" in capsys.readouterr().out
    assert [line.partition(",")[0] for line in out.read_text().splitlines()] == ["name", "a", "b"]
    assert not partial.exists()


@pytest.mark.slow
def test_an_agent_is_trained_and_plans(tasks: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert igc("train", "--num_steps", 1, "--N", 5, "--imitation", 2, "--out", out) == 0
    assert igc("plan", tasks, "--method", "rl:2", "--agent", out / "agent") == 0
    assert "by rl:2" in capsys.readouterr().out
    assert igc("train", "--restore", out, "--out", out) == 2
