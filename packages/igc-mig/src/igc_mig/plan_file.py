"""Plans as JSON files: the tasks, the steps, and what they were made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, ValidationError

from igc_core.errors import DataError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_mig.batch import LONGEST_S
from igc_mig.bounds import lower_bound_s
from igc_mig.geometry import Gpu, gpu
from igc_mig.replay import Step, Timeline, replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from igc_mig.batch import Batch
    from igc_mig.replay import CostModel


class PlannedTask(Model):
    """A task and its place in the plan.

    Attributes:
        name: Of the task.
        placement: Profile and first memory slice, e.g. ``"3g@4"``.
        seconds: How long it runs there.
        ready_s: Nothing happens for it before then.
    """

    name: str
    placement: str
    seconds: float = Field(gt=0, le=LONGEST_S, allow_inf_nan=False)
    ready_s: float = Field(0.0, ge=0, le=LONGEST_S, allow_inf_nan=False)


class PlanFile(Model):
    """A plan that can be kept, drawn and applied.

    Attributes:
        gpu: Name of the model.
        cost: How reconfigurations were reckoned.
        scheduler: Who made it.
        lower_bound_s: No schedule of these tasks is shorter.
        tasks: In the order of the plan.
    """

    gpu: str
    cost: Literal["none", "parallel", "serial"]
    scheduler: str
    lower_bound_s: float = Field(ge=0, allow_inf_nan=False)
    tasks: tuple[PlannedTask, ...] = Field(min_length=1)

    @classmethod
    def of(
        cls,
        model: Gpu,
        batch: Batch,
        plan: Sequence[Step],
        *,
        cost: CostModel,
        scheduler: str,
        ready_s: Sequence[float] | None = None,
        bound_s: float = 0.0,
    ) -> PlanFile:
        """Record a plan.

        Args:
            model: The GPU.
            batch: The tasks.
            plan: The steps.
            cost: How reconfigurations are reckoned.
            scheduler: Who made the plan.
            ready_s: Of each step, before when nothing happens for it; 0 if None.
            bound_s: What no schedule is shorter than, where more is known than :func:`~igc_mig.bounds.lower_bound_s`.
        """
        durations = batch.durations(model)
        tasks = tuple(
            PlannedTask(
                name=batch.names[task],
                placement=model.placements[place].name,
                seconds=float(durations[task, model.sizes.index(model.placements[place].size)]),
                ready_s=ready,
            )
            for (task, place), ready in zip(plan, ready_s or [0.0] * len(plan), strict=True)
        )
        bound_s = max(bound_s, lower_bound_s(model, durations, batch.arrivals_s))
        return cls(gpu=model.name, cost=cost, scheduler=scheduler, lower_bound_s=bound_s, tasks=tasks)

    @classmethod
    def read(cls, path: Path) -> PlanFile:
        """Read a plan.

        Raises:
            DataError: The file is missing or no plan; the message names the field.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise DataError(f"cannot read {path}: {error.strerror}", code="data-missing") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "file"
            raise DataError(f"{path} is no plan: the field {field}: {first['msg']}", code="data-invalid") from error

    def write(self, path: Path) -> None:
        """Write the plan.

        Raises:
            DataError: The file cannot be written.
        """
        write_atomically(path, self.model_dump_json(indent=1) + "\n")

    def timeline(self) -> Timeline:
        """Replay the plan; tasks are numbered in its order.

        Raises:
            MigError: The GPU or a placement is unknown.
        """
        model = gpu(self.gpu)
        places = [model.index(task.placement) for task in self.tasks]
        # Only the planned size is known, and only it is looked up.
        durations = np.repeat(np.array([[task.seconds] for task in self.tasks]), len(model.sizes), axis=1)
        ready_s = [task.ready_s for task in self.tasks]
        return replay(model, durations, [Step(*pair) for pair in enumerate(places)], self.cost, ready_s=ready_s)
