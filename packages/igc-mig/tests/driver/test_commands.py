from __future__ import annotations

import numpy as np
import pytest

from igc_mig.batch import Batch
from igc_mig.driver.commands import demand_known, dry_run
from igc_mig.errors import MigError
from igc_mig.geometry import GPUS
from igc_mig.plan_file import PlanFile
from igc_mig.replay import Step


def test_placements_are_memory_slices(plan: PlanFile) -> None:
    lines = [line.text for line in dry_run(plan, 2, {"a": "python a.py"})]
    assert lines[0] == "nvidia-smi -i 2 -mig 1"
    created = [line.split()[5] for line in lines if "-cgi" in line]
    assert created == ["0:0", "5:0", "9:4", "14:0", "19:2"]
    assert "CUDA_VISIBLE_DEVICES=$UUID_7G_0 python a.py &" in lines
    assert lines[-1].startswith("nvidia-smi mig -i 2 -dci -gi $GI_")
    assert sum("-dgi" in line for line in lines) == 5


def test_without_costs_the_same_commands_come(plan: PlanFile) -> None:
    free = plan.model_copy(update={"cost": "none"})
    assert [line.text for line in dry_run(free)] == [line.text for line in dry_run(plan)]


def test_commands_come_in_the_order_in_which_they_are_due() -> None:
    a100 = GPUS["a100"]
    batch = Batch(tuple("abc"), (1, 2, 3, 4, 7), np.array([[9.0] * 5, [9.0] * 5, [1.0] * 5]))
    steps = [Step(task, a100.index(place)) for task, place in enumerate(["1g@0", "1g@0", "1g@1"])]
    plan = PlanFile.of(a100, batch, steps, cost="parallel", scheduler="test")
    lines = dry_run(plan)
    assert [line.at_s for line in lines] == sorted(line.at_s for line in lines)
    assert [line.text[-14:] for line in lines if "command of" in line.text] == [
        f"command of {name}> &"[-14:] for name in "acb"
    ]


def test_every_task_needs_a_command(plan: PlanFile) -> None:
    with pytest.raises(MigError, match="the task 'b' of the plan has no command"):
        demand_known(plan, {"a": "true"})
