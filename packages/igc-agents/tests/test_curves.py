from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_agents.curves import learning_curve, learning_curves, run_folders
from igc_core.errors import RunError
from igc_core.runs import RunFolder, RunManifest

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.training import Training


def test_curve_is_what_the_run_logged(run: RunFolder) -> None:
    for step in range(1, 1001):
        phase = "imitation" if step <= 300 else "reinforcement"
        figures = {"episode/success": step / 1000, "episode/efficiency": step / 2000}
        run.log({"step": step, "seconds": step / 10, "phase": phase, **figures})
    run.log({"step": 1001, "note": "no figures here"})
    curve = learning_curve(run.path, "first")
    assert curve.run == "first"
    assert len(curve.steps) <= 200
    assert (curve.steps[0], curve.steps[-1]) == (1, 1000)
    assert curve.success[-1] == 1
    assert curve.imitated == 300


def test_what_a_killed_run_did_again_is_shown_once(run: RunFolder) -> None:
    for first, last, success in ((1, 9, 0.1), (6, 12, 0.2)):  # killed after step 9, with a checkpoint at step 5
        for step in range(first, last + 1):
            phase = "imitation" if step <= 7 else "reinforcement"
            run.log({"step": step, "phase": phase, "episode/success": success, "episode/efficiency": success})
    curve = learning_curve(run.path)
    assert curve.steps == tuple(range(1, 13))
    assert curve.success == (0.1,) * 5 + (0.2,) * 7
    assert curve.imitated == 7


def test_run_without_metrics_has_an_empty_curve(run: RunFolder) -> None:
    assert learning_curve(run.path).steps == ()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        learning_curve(tmp_path)


def test_agents_lead_to_their_runs(trained: Training) -> None:
    assert run_folders([str(trained.agent), "script"]) == [trained.agent.parent]


def test_runs_of_one_name_are_told_apart(tmp_path: Path) -> None:
    folders = [tmp_path / group / seed for group in ("dell", "hpe") for seed in ("seed-0", "seed-1")]
    for folder in folders:
        RunFolder.create(folder, RunManifest.of_this_process(command=["test"]))
    assert [curve.run for curve in learning_curves(folders[:2])] == ["seed-0", "seed-1"]
    names = ["dell/seed-0", "dell/seed-1", "hpe/seed-0", "hpe/seed-1"]
    assert [curve.run for curve in learning_curves(folders)] == names
    assert [curve.run for curve in learning_curves([folders[0], folders[0]])] == ["seed-0"]
