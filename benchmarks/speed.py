"""Speed and memory of captures, machines and environments; prints the tables of docs/benchmarks.md.

Times are CPU times of this process, the median of several rounds. Machines are generated, so the figures can be had
anywhere; with the captures of real machines at hand, those are measured too.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from igc_redfish.capture import Capture
from igc_redfish.generate import generate
from igc_redfish.machine import Machine
from igc_redfish.process.environment import BatchedRedfish, RedfishEnvironment, build_pool
from igc_redfish.process.planner import Planner

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
#: Share of the actions that are drawn at random in near-optimal episodes.
EXPLORATION = 0.1
NUM_ENVS = 256


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=Path, default=Path("../shared/captures"))
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    sizes = (100, 200, 1000, 4000)
    figures: dict[str, Any] = {"by size": [by_size(size) for size in sizes]}
    table(figures["by size"])
    if options.captures.is_dir():
        figures["captures"] = captures(options.captures)
        table([figures["captures"]])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


def by_size(size: int) -> dict[str, Any]:
    """Measure one generated machine of a size, in resources."""
    source = f"generated:11?manner=dotted&size={size}"
    planner = Planner()
    pool = build_pool([source], planner=planner, per_family=3)
    environment = RedfishEnvironment(pool)
    walks = [record(environment, planner, index) for index in range(len(pool.scenarios))]
    batch = BatchedRedfish(pool.scenarios, NUM_ENVS, planner=planner)
    single = rate(lambda: replay(environment, walks))
    return {
        "resources": size,
        "generate ms": milliseconds(lambda: generate(source)),
        "machine ms": milliseconds(lambda: Machine(generate(source)).reachable),
        "single steps/s, seen before": round(single),
        "batched steps/s, seen before": round(batched(batch, EXPLORATION)),
        "batched steps/s, first pass": round(cold(pool.scenarios, planner)),
        "batched steps/s, random legal": round(batched_random(pool.scenarios)),
    }


def record(environment: RedfishEnvironment, planner: Planner, index: int) -> list[int]:
    """Note the slots of one episode: the planner's, but one in ten drawn at random."""
    rng = np.random.default_rng(index)
    environment.reset(seed=index, options={"scenario": index})
    slots: list[int] = []
    done = False
    while not done:
        trial: Any = environment._session  # noqa: SLF001 - to label the very state
        best = planner.optimal(trial.scenario, trial.world, trial.stage, trial.known_actions)
        good = np.flatnonzero(np.isin(trial.slot_actions(), list(best)))
        legal = int(environment.action_masks().sum())
        slots.append(int(good[0]) if good.size and rng.random() >= EXPLORATION else int(rng.integers(legal)))
        _, _, terminated, truncated, _ = environment.step(slots[-1])
        done = terminated or truncated
    return slots


def replay(environment: RedfishEnvironment, walks: list[list[int]]) -> int:
    """Repeat recorded episodes, resets included; count the steps."""
    for index, slots in enumerate(walks):
        environment.reset(options={"scenario": index})
        for slot in slots:
            environment.action_masks()
            environment.step(slot)
    return sum(map(len, walks))


def batched(batch: BatchedRedfish, exploration: float) -> float:
    """Steps a second of near-optimal episodes that were seen before; choosing is not counted, resets are."""
    recorded: list[Any] = []
    _note_draws(batch, recorded)
    rng = np.random.default_rng(0)
    batch.reset(0)
    chosen = []
    for _ in range(60):
        chosen.append(near_optimal(batch, rng, exploration))
        batch.step(chosen[-1])

    def again() -> int:
        draws = iter(recorded)
        batch._draw = lambda n: next(draws)  # type: ignore[method-assign]  # noqa: ARG005, SLF001
        batch.reset(0)
        for actions in chosen:
            batch.step(actions)
        return NUM_ENVS * len(chosen)

    again()
    return rate(again)


def cold(scenarios: Any, planner: Planner) -> float:
    """The same episodes when they come for the first time, and the simulator has to answer."""
    batch = BatchedRedfish(scenarios, NUM_ENVS, planner=planner)
    rng = np.random.default_rng(1)
    batch.reset(1)
    spent = 0.0
    for _ in range(30):
        actions = near_optimal(batch, rng, EXPLORATION)
        began = time.process_time()
        batch.step(actions)
        spent += time.process_time() - began
    return 30 * NUM_ENVS / spent


def batched_random(scenarios: Any) -> float:
    """Steps a second when every legal request is as likely: most states were never seen before."""
    batch = BatchedRedfish(scenarios, NUM_ENVS)
    rng = np.random.default_rng(0)
    batch.reset(0)
    began = time.process_time()
    for _ in range(60):
        legal = batch.action_masks().sum(axis=1)
        batch.step((rng.random(NUM_ENVS) * legal).astype(np.int64))
    return 60 * NUM_ENVS / (time.process_time() - began)


def near_optimal(batch: BatchedRedfish, rng: np.random.Generator, exploration: float) -> Any:
    """Choose the planner's slots, but some at random."""
    best, legal = batch.optimal_actions(), batch.action_masks().sum(axis=1)
    drawn = (rng.random(NUM_ENVS) * legal).astype(np.int64)
    follow = (rng.random(NUM_ENVS) >= exploration) & best.any(axis=1)
    return np.where(follow, best.argmax(axis=1), drawn)


def captures(folder: Path) -> dict[str, Any]:
    """Open and read all captured machines in this one process."""
    paths = sorted(folder.glob("*.jsonl.gz"))
    began = time.process_time()
    machines = [Machine(Capture.open(path)) for path in paths]
    opened = time.process_time() - began
    resources = sum(len(machine.reachable) for machine in machines)
    return {
        "captures": len(machines),
        "reachable resources": resources,
        "open s": round(opened, 2),
        "open s per 1,000 resources": round(1000 * opened / resources, 3),
        "peak memory of the process MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def rate(work: Callable[[], int]) -> float:
    """Median of the steps a CPU-second."""
    rates = []
    for _ in range(ROUNDS):
        began = time.process_time()
        steps = work()
        rates.append(steps / (time.process_time() - began))
    return statistics.median(rates)


def milliseconds(work: Callable[[], object]) -> float:
    """Median CPU time of a call."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return round(statistics.median(times), 1)


def table(rows: list[dict[str, Any]]) -> None:
    """Print rows as Markdown."""
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(f"{value:,}" for value in row.values()) + " |")
    print()
    sys.stdout.flush()


def _note_draws(batch: BatchedRedfish, recorded: list[Any]) -> None:
    draw = batch._draw  # noqa: SLF001 - to repeat the same episodes

    def noted(n: int) -> Any:
        recorded.append(draw(n))
        return recorded[-1]

    batch._draw = noted  # type: ignore[method-assign]  # noqa: SLF001


if __name__ == "__main__":
    main()
