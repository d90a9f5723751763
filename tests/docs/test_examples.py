"""The examples keep their promise of being short, and run."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("name", "limit"), [("first_goal.py", 30), ("own_goal_handler/src/own_goal_handler/asset.py", 60)]
)
def test_example_is_short(root: Path, name: str, limit: int) -> None:
    assert len((root / "examples" / name).read_text().splitlines()) < limit


@pytest.mark.parametrize("agent", ["script", "planner"])
def test_first_goal_shows_its_requests_and_the_result(
    root: Path, agent: str, capsys: pytest.CaptureFixture[str]
) -> None:
    example = runpy.run_path(str(root / "examples" / "first_goal.py"))
    assert example["main"]("power off", "generated:3", agent) == 0
    *requests, result = capsys.readouterr().out.splitlines()
    assert "POST /redfish/v1/Systems/1/Actions/ComputerSystem.Reset {'ResetType': 'ForceOff'}" in requests[-1]
    assert result == f"reached and verified in {len(requests)} requests"
