from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from igc_core.errors import DataError
from igc_mig.errors import MigError
from igc_mig.geometry import Gpu
from igc_mig.plan_file import PlanFile
from igc_mig.replay import replay
from igc_mig.schedulers.far import Far
from igc_mig.workloads import generate


@pytest.fixture
def made(a100: Gpu) -> PlanFile:
    batch = generate("wide_times", 14, np.random.default_rng(0))
    plan = Far().plan(a100, batch.durations(a100), "serial")
    return PlanFile.of(a100, batch, plan, cost="serial", scheduler="far")


def test_what_is_written_is_read_and_replays_the_same(made: PlanFile, tmp_path: Path, a100: Gpu) -> None:
    made.write(tmp_path / "plan.json")
    again = PlanFile.read(tmp_path / "plan.json")
    assert again == made
    durations = generate("wide_times", 14, np.random.default_rng(0)).durations(a100)
    plan = Far().plan(a100, durations, "serial")
    assert again.timeline().makespan_s == pytest.approx(replay(a100, durations, plan, "serial").makespan_s)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"cost": "dear"}, "cost"),
        ({"tasks": []}, "tasks"),
        ({"lower_bound_s": -1.0}, "lower_bound_s"),
        ({"tasks": [{"name": "a", "placement": "1g@0", "seconds": -2}]}, r"tasks\.0\.seconds"),
        ({"tasks": [{"name": "a", "placement": "1g@0", "seconds": 1e308}]}, r"tasks\.0\.seconds"),
    ],
)
def test_a_bad_field_is_named(made: PlanFile, tmp_path: Path, change: dict[str, object], field: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(made.model_dump() | change))
    with pytest.raises(DataError, match=f"the field {field}: "):
        PlanFile.read(file)


def test_a_missing_file_and_an_unknown_placement_are_told(made: PlanFile, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        PlanFile.read(tmp_path / "none.json")
    odd = made.tasks[0].model_copy(update={"placement": "5g@0"})
    with pytest.raises(MigError, match="no placement '5g@0'"):
        made.model_copy(update={"tasks": (odd,)}).timeline()
