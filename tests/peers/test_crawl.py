"""What is crawled of services that nobody here wrote can be simulated, solved and trained on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from igc_core.episode import run_episode
from igc_redfish.capture import Capture, validate
from igc_redfish.process.environment import build_pool
from igc_redfish.process.oracles import PlannerAgent
from igc_redfish.process.planner import Planner
from igc_redfish.process.trial import Trial

pytestmark = pytest.mark.slow


def igc(*arguments: str | Path, variables: dict[str, str] | None = None) -> str:
    command = [sys.executable, "-m", "igc_core", *map(str, arguments)]
    done = subprocess.run(
        command,
        env=os.environ | (variables or {}),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def crawled(peer: Any, tmp_path: Path) -> Path:
    destination = tmp_path / "peer.igc.jsonl.gz"
    igc("capture", "crawl", peer.url, destination, *peer.options, variables=peer.variables)
    return destination


def test_crawl_can_be_validated_solved_and_trained_on(crawled: Path, tmp_path: Path) -> None:
    capture = Capture.open(crawled)
    assert len(capture) > 20
    assert [finding for finding in validate(capture) if finding.level == "error"] == []
    igc("capture", "validate", crawled)

    planner = Planner()
    scenarios = build_pool([str(crawled)], planner=planner, per_family=3).scenarios
    families = {part.family for scenario in scenarios for part in scenario.goal.parts}
    assert {"power", "boot"} <= families
    for scenario in scenarios:
        assert run_episode(PlannerAgent(planner), Trial(scenario, slots=128)).success

    told = igc("train", "--on", crawled, "--steps", "256", "--minutes", "0.3", "--out", tmp_path / "run")
    assert "success" in told
