"""How good trained agents of igc-mig are on fresh batches, beside FAR, annealing and the default plan.

``python benchmarks/mig_agent.py [AGENT...] [--batches 50] [--tasks 14] [--samples 32] [--json FILE]``: folders of
agents that differ in nothing but the seed of their training. Means over agents, with 95 % intervals: of the other
methods by bootstrap over batches, of several agents over their seeds by Student's t.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from pathlib import Path

import numpy as np

from igc_mig.agent.saving import shipped
from igc_mig.bounds import lower_bound_s
from igc_mig.evaluation import batches, interval
from igc_mig.geometry import gpu
from igc_mig.replay import replay
from igc_mig.schedulers.catalogue import learned, scheduler

BENCH = Path(os.environ.get("IGC_BENCH") or Path(__file__).parents[2] / "shared" / "bench")
KINDS = ("good_scaling", "bad_scaling", "mix_scaling_extreme", "mix_scaling_soft", "wide_times")
#: Quantiles of Student's t at 97.5 % by degrees of freedom.
STUDENT = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776}
#: No training or choice of an agent has seen batches of this seed.
SEED = 2026


def main() -> None:
    """Print one table for each number of tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("agents", nargs="*", type=Path, default=[shipped()])
    parser.add_argument("--batches", type=int, default=50)
    parser.add_argument("--tasks", type=int, nargs="+", default=[14])
    parser.add_argument("--samples", type=int, default=32)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--bench", action="store_true", help="the bench's batches, of 14 tasks")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = {tasks: table(options, tasks) for tasks in ([14] if options.bench else options.tasks)}
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


def table(options: argparse.Namespace, tasks: int) -> dict[str, dict[str, list[float]]]:
    """Measure and print; return the ratios of each method on each kind."""
    model = gpu("a100")
    drawn = {kind: list(batches(kind, tasks, options.batches, options.seed, model)) for kind in KINDS}
    if options.bench:
        content = json.loads(gzip.decompress((BENCH / "mig-batches.json.gz").read_bytes()))
        drawn = {kind: [np.array(one["tasks"]) for one in content["batches"][f"offline/{kind}"]] for kind in KINDS}
    fixed = {name: scheduler(name) for name in ("far", "fixed-best", "annealing", "portfolio")}
    agents = {
        name: [learned(samples, folder) for folder in options.agents]
        for name, samples in (("rl", 0), (f"rl:{options.samples}", options.samples))
    }
    print(f"\n{tasks} tasks\n\n| method | {' | '.join(KINDS)} | CPU ms |\n|{'---|' * (len(KINDS) + 2)}")
    kept: dict[str, dict[str, list[float]]] = {}
    for name, members in [*((name, [one]) for name, one in fixed.items()), *agents.items()]:
        begun, cells = time.process_time(), []
        for kind in KINDS:
            ratios = [[ratio(model, one, member) for one in drawn[kind]] for member in members]
            means = np.array([np.mean(row) for row in ratios])
            kept.setdefault(name, {})[kind] = means.tolist()
            if len(members) > 1:
                half = STUDENT[len(members) - 1] * means.std(ddof=1) / len(members) ** 0.5
                low, high = means.mean() - half, means.mean() + half
            else:
                low, high = interval(np.array(ratios[0]))
            cells.append(f"{means.mean():.3f} ({low:.3f}-{high:.3f})")
        spent = 1000 * (time.process_time() - begun) / (sum(map(len, drawn.values())) * len(members))
        print(f"| {name} | {' | '.join(cells)} | {spent:.1f} |", flush=True)
    return kept


def ratio(model, durations, member) -> float:  # noqa: ANN001 - of one plan
    """Makespan over the bound, with serial costs."""
    plan = member.plan(model, durations, "serial")
    return replay(model, durations, plan, "serial").makespan_s / lower_bound_s(model, durations)


if __name__ == "__main__":
    main()
