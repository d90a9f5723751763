from __future__ import annotations

import json
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
