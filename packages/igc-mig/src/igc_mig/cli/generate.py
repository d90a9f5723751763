"""``igc mig generate``: draw a batch of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from igc_core.cli import console


def generate(
    workload: Annotated[str, typer.Argument(help="Kind of batch, e.g. mix_scaling_soft.")],
    out: Annotated[Path, typer.Argument(help="New file for the tasks: .csv or .json.")],
    tasks: Annotated[int, typer.Option(help="Number of tasks.")] = 14,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same tasks.")] = 0,
) -> None:
    """Draw a batch of tasks whose run time depends on the instance."""
    import numpy as np  # noqa: PLC0415 - help does without

    from igc_mig import batch_file, workloads  # noqa: PLC0415
    from igc_mig.cli.output import demand_new  # noqa: PLC0415

    demand_new(out)
    batch_file.save(workloads.generate(workload, tasks, np.random.default_rng(seed)), out)
    console().print(f"{out}: {tasks} tasks of {workload}")
