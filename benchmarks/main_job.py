"""The main job: train on generated machines and training captures, then reach goals on machines never seen.

Reads ``split.json`` in the captures folder; nothing of a validation machine is seen in training. Writes one JSON file
per seed into ``--out`` and prints the table that docs/benchmarks.md holds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Train and evaluate once per seed."""
    options = _options()
    captures = Path(os.environ["IGC_CAPTURES"])
    split = json.loads((captures / "split.json").read_text())
    train = ["generated:0-95", *([] if options.generated_only else split["train"])]
    rows = []
    for seed in options.seeds:
        run = options.out / f"seed{seed}"
        began = time.perf_counter()
        limits = ("--minutes", str(options.minutes), "--steps", str(options.steps))
        _igc("train", *_on(train), "--seed", str(seed), *limits, "--out", str(run))
        minutes = (time.perf_counter() - began) / 60
        for agent in (str(run / "agent"), *(["script", "random", "planner"] if seed == options.seeds[0] else [])):
            name = "agent" if "/" in agent else agent
            result = options.out / f"{name}-seed{seed}.json"
            _igc(
                "evaluate",
                agent,
                *_on(split["validation"]),
                "--every-goal",
                "--set",
                "per_family=1000",
                "--json",
                str(result),
            )
            rows.append((name, seed, minutes if name == "agent" else 0.0, json.loads(result.read_text())))
    _print(rows)


def _igc(*words: str) -> None:
    subprocess.run(["igc", *words], check=True)  # noqa: S603, S607 - the program under test


def _on(sources: list[str]) -> list[str]:
    return [word for source in sources for word in ("--on", source)]


def _print(rows: list[tuple[str, int, float, dict[str, Any]]]) -> None:
    print("| agent | seed | minutes | success | SPL | requests | refused |\n|---|---|---|---|---|---|---|")
    for name, seed, minutes, report in rows:
        total = report["overall"]
        cells = [f"{total[key]['mean']:.3f}" for key in ("success", "efficiency", "requests", "refused")]
        print(f"| {name} | {seed} | {minutes:.1f} | {' | '.join(cells)} |")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--minutes", type=float, default=9.0, help="wall-clock limit of one training")
    parser.add_argument("--steps", type=int, default=900_000, help="environment steps of reinforcement")
    parser.add_argument("--out", type=Path, default=Path("runs") / time.strftime("main-job-%Y%m%d-%H%M%S"))
    parser.add_argument("--generated-only", action="store_true", help="train on generated machines alone")
    return parser.parse_args()


if __name__ == "__main__":
    main()
