"""How good the default plan of igc-mig is, and how long it takes: on the bench's 250 offline batches.

``python benchmarks/mig.py [--exact SECONDS [--keep FILE]] [--pairs N]``. The batches lie in ``$IGC_BENCH``, or in
``../shared/bench`` beside the repository.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from igc_mig.bounds import lower_bound_s
from igc_mig.geometry import gpu
from igc_mig.replay import COST_MODELS, replay
from igc_mig.schedulers.catalogue import scheduler
from igc_mig.schedulers.exact import Exact
from igc_mig.schedulers.far import plan_batches

KINDS = ("good_scaling", "bad_scaling", "mix_scaling_extreme", "mix_scaling_soft", "wide_times")
BENCH = Path(os.environ.get("IGC_BENCH") or Path(__file__).parents[2] / "shared" / "bench")


def main() -> None:
    """Print a Markdown table for the default plan, and one for the solver where that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--exact", type=float, default=0.0, metavar="SECONDS", help="also prove optima, so long a batch"
    )
    parser.add_argument("--pairs", type=int, default=0, help="also join so many pairs of batches of each kind")
    parser.add_argument("--keep", type=Path, help="file of solved batches, to go on with after a break")
    options = parser.parse_args()
    with gzip.open(BENCH / "mig-batches.json.gz") as file:
        content = json.load(file)
    found = {kind: [np.array(one["tasks"]) for one in content["batches"][f"offline/{kind}"]] for kind in KINDS}
    print("| costs | " + " | ".join(KINDS) + " | mean CPU ms | longest | worse than FAR or the best partition |")
    print("|---" * (len(KINDS) + 4) + "|")
    for cost in COST_MODELS:
        ratios, spent, worse = [], [], 0
        for kind in KINDS:
            measured = [plan_one(durations, cost) for durations in found[kind]]
            ratios.append(np.mean([ratio for ratio, _, _ in measured]))
            spent += [seconds for _, seconds, _ in measured]
            worse += sum(lost for _, _, lost in measured)
        figures = " | ".join(f"{ratio:.4f}" for ratio in ratios)
        print(f"| {cost} | {figures} | {1000 * np.mean(spent):.1f} | {1000 * np.max(spent):.1f} | {worse} |")
    if options.exact:
        prove(found, options.exact, options.keep)
    if options.pairs:
        join(found, options.pairs)


def plan_one(durations: np.ndarray, cost: str) -> tuple[float, float, bool]:
    """Plan a batch; return makespan over the bound, CPU seconds, and whether a simpler method is better."""
    model = gpu("a100")
    begun = time.process_time()
    plan = scheduler("portfolio").plan(model, durations, cost)
    spent = time.process_time() - begun
    makespan = replay(model, durations, plan, cost).makespan_s
    others = [scheduler(name).plan(model, durations, cost) for name in ("far", "fixed-best")]
    best = min(replay(model, durations, other, cost).makespan_s for other in others)
    return makespan / lower_bound_s(model, durations), spent, makespan > best + 1e-9


def join(found: dict[str, list[np.ndarray]], count: int) -> None:
    """Print what it is worth to slide a batch onto the one before: makespan of two, over the bound of both together."""
    model, cost = gpu("a100"), "serial"
    print(f"\n| {count} pairs, serial costs | FAR, one after the other | FAR, slid | portfolio on both at once |")
    print("|---|---|---|---|")
    for kind, batches in found.items():
        rows = []
        for number in range(count):
            pair = batches[2 * number : 2 * number + 2]
            both = np.concatenate(pair)
            apart = sum(replay(model, one, scheduler("far").plan(model, one, cost), cost).makespan_s for one in pair)
            slid = replay(model, both, plan_batches(model, pair, cost), cost).makespan_s
            at_once = replay(model, both, scheduler("portfolio").plan(model, both, cost), cost).makespan_s
            rows.append(np.array([apart, slid, at_once]) / lower_bound_s(model, both))
        print(f"| {kind} | {' | '.join(f'{value:.3f}' for value in np.mean(rows, 0))} |", flush=True)


def prove(found: dict[str, list[np.ndarray]], limit_s: float, kept: Path | None) -> None:
    """Print how many optima the solver proves, and how far it stays from the bound.

    Args:
        found: Batches of each kind.
        limit_s: Of each batch.
        kept: File of what was solved before, one JSON object a line; what is missing there is solved and added.
    """
    solved = {}
    if kept is not None and kept.exists():
        solved = {(one["kind"], one["batch"]): one for one in map(json.loads, kept.read_text().splitlines())}
    for kind, batches in found.items():
        for number, durations in enumerate(batches):
            if (kind, number) not in solved:
                one = Exact(limit_s).solve(gpu("a100"), durations)
                solved[kind, number] = {"kind": kind, "batch": number, **asdict(one)}
                if kept is not None:
                    with kept.open("a") as file:
                        file.write(json.dumps(solved[kind, number]) + "\n")
    print(f"\n| {limit_s:g} s a batch | proven | of | makespan / bound | best bound / bound |\n|---|---|---|---|---|")
    for kind, batches in found.items():
        ours = [solved[kind, number] for number in range(len(batches))]
        bounds = [lower_bound_s(gpu("a100"), one) for one in batches]
        above, below = (
            np.mean([one[name] / bound for one, bound in zip(ours, bounds, strict=True)])
            for name in ("makespan_s", "bound_s")
        )
        print(f"| {kind} | {sum(one['proven'] for one in ours)} | {len(ours)} | {above:.4f} | {below:.4f} |")


if __name__ == "__main__":
    main()
