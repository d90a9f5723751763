from __future__ import annotations

import pytest

from igc_mig.driver.commands import demand_known, dry_run
from igc_mig.errors import MigError
from igc_mig.plan_file import PlanFile


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


def test_every_task_needs_a_command(plan: PlanFile) -> None:
    with pytest.raises(MigError, match="the task 'b' of the plan has no command"):
        demand_known(plan, {"a": "true"})
