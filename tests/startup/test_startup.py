"""What it costs to start ``igc``."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

#: CPU time that ``igc --help`` may take, in seconds.
BUDGET_S = 0.3
HEAVY = ("gymnasium", "numpy", "orjson", "pydantic", "requests", "stable_baselines3", "torch", "transformers")

HELP = """
import contextlib, io, sys
from igc_core.cli.app import main
with contextlib.redirect_stdout(io.StringIO()) as out:
    code = main(["--help"])
assert code == 0 and "Usage: igc" in out.getvalue()
print([name for name in {heavy!r} if name in sys.modules])
"""


def cpu_seconds(command: list[str], environment: Mapping[str, str]) -> float:
    """User and system time of a command."""
    before = os.times()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """The environment of a user, without what measures the tests themselves."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("COV_", "COVERAGE_", "IGC_"))}


def test_help_stays_within_its_budget(environment: Mapping[str, str]) -> None:
    program = str(Path(sys.executable).with_name("igc"))
    cpu_seconds([program, "--help"], environment)  # the first start writes the byte code
    spent = [cpu_seconds([program, "--help"], environment) for _ in range(7)]
    assert statistics.median(spent) <= BUDGET_S, f"igc --help takes {sorted(spent)} s of CPU"


def test_help_imports_nothing_heavy(environment: Mapping[str, str]) -> None:
    probe = [sys.executable, "-c", HELP.format(heavy=HEAVY)]
    answer = subprocess.run(probe, env=environment, check=True, capture_output=True, text=True)
    assert answer.stdout.strip() == "[]"


def test_importing_the_core_costs_little(environment: Mapping[str, str]) -> None:
    bare = min(cpu_seconds([sys.executable, "-c", "pass"], environment) for _ in range(5))
    core = min(cpu_seconds([sys.executable, "-c", "import igc_core"], environment) for _ in range(5))
    assert core - bare <= 0.05
