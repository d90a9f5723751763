"""Flow times of igc-mig's dispatchers at three loads: ``python benchmarks/mig_flow.py [--streams 3] [--tasks 100]``."""

from __future__ import annotations

import argparse

from igc_mig.flow import USUAL, dispatcher, evaluate_flow
from igc_mig.geometry import gpu

KINDS = ("good_scaling", "bad_scaling", "mix_scaling_extreme", "mix_scaling_soft", "wide_times")


def main() -> None:
    """Print a table: mean flow time and its 95th percentile, in seconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=3)
    parser.add_argument("--tasks", type=int, default=100)
    options = parser.parse_args()
    print(f"| load | dispatcher | {' | '.join(KINDS)} |\n|{'---|' * (len(KINDS) + 2)}")
    for load in (0.5, 0.8, 0.95):
        for name in USUAL:
            found = evaluate_flow(
                [dispatcher(name)], KINDS, gpu("a100"), load=load, tasks=options.tasks, count=options.streams, seed=1
            )
            cells = [f"{one.mean_s:.0f}, {one.p95_s:.0f}" for one in found.measurements]
            print(f"| {load} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
