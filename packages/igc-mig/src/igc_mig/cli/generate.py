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
    load: Annotated[
        float | None, typer.Option(help="Let tasks arrive at random, their least work taking this share of an A100.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed draws the same tasks.")] = 0,
) -> None:
    """Draw a batch of tasks whose run time depends on the instance."""
    import numpy as np  # noqa: PLC0415 - help does without

    from igc_mig import batch_file, workloads  # noqa: PLC0415
    from igc_mig.arrivals import poisson_arrivals  # noqa: PLC0415
    from igc_mig.batch import Batch  # noqa: PLC0415
    from igc_mig.cli.output import demand_new  # noqa: PLC0415
    from igc_mig.geometry import gpu  # noqa: PLC0415

    demand_new(out)
    random = np.random.default_rng(seed)
    drawn = workloads.generate(workload, tasks, random)
    if load is not None:
        order = random.permutation(tasks)
        times = drawn.times_s[order]
        drawn = Batch(drawn.names, drawn.sizes, times, poisson_arrivals(gpu("a100"), times, load, random))
    batch_file.save(drawn, out)
    console().print(f"{out}: {tasks} tasks of {workload}")
