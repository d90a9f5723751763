"""What an agent costs on small and on large machines: requests for each goal, and time for each request.

Every goal is reached as by ``igc run``: one decision at a time, on a machine of which nothing is known yet. Machines of
all sizes are of the same styles and take turns within one process, whose CPU time is measured, on one core.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from igc_agents.agents import PolicyAgent
from igc_redfish.process.engine import Engine
from igc_redfish.process.environment import build_pool
from igc_redfish.process.planner import Planner
from igc_redfish.process.rows import Rows
from igc_redfish.process.scenario import Scenario
from igc_redfish.process.semantics import SLOTS
from igc_redfish.process.starts import prepared
from igc_redfish.process.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Seeds from here on are of machines that no recipe trains on.
FIRST_SEED = 900_000
SIZES = (200, 4000)


@dataclass
class Cost:
    """What was measured on machines of one size.

    Attributes:
        requests: Of every episode that reached its goal.
        shortest: The fewest requests that reach these goals.
        episodes: Number of episodes.
        decisions_s: Time of every choice.
        requests_s: Time of every request: to see, to choose, to perform and to take in the answer.
        starts_s: Time before the first request of every episode, the opening of the machine's capture left out.
    """

    requests: list[int] = field(default_factory=list[int])
    shortest: list[int] = field(default_factory=list[int])
    episodes: int = 0
    decisions_s: list[float] = field(default_factory=list[float])
    requests_s: list[float] = field(default_factory=list[float])
    starts_s: list[float] = field(default_factory=list[float])

    def figures(self) -> dict[str, float]:
        """Sum up: means, and of times medians too, in milliseconds."""
        return {
            "episodes": self.episodes,
            "success": len(self.requests) / self.episodes,
            "requests": statistics.mean(self.requests),
            "fewest": statistics.mean(self.shortest),
            "decision ms, median": 1e3 * statistics.median(self.decisions_s),
            "decision ms, mean": 1e3 * statistics.mean(self.decisions_s),
            "request ms, median": 1e3 * statistics.median(self.requests_s),
            "request ms, mean": 1e3 * statistics.mean(self.requests_s),
            "start ms, mean": 1e3 * statistics.mean(self.starts_s),
            "request ms, mean, start included": 1e3
            * (sum(self.starts_s) + sum(self.requests_s))
            / len(self.requests_s),
        }


def measure(folder: Path, seeds: Sequence[int], sizes: Sequence[int]) -> dict[int, dict[str, float]]:
    """Try an agent on machines of some sizes.

    Args:
        folder: Folder of the agent.
        seeds: Seeds of the machines.
        sizes: Their numbers of resources.
    """
    torch.set_num_threads(1)
    costs = {size: Cost() for size in sizes}
    agent = PolicyAgent.load(folder)
    for place, seed in enumerate([seeds[0], *seeds]):
        found = {size: _by_family(seed, size) for size in sizes}
        for family in sorted(set.intersection(*(set(goals) for goals in found.values()))):
            for size, goals in found.items():
                # The first machine comes twice, for what a process does only once (loading, compiling) not to count.
                _try(agent, goals[family], costs[size] if place else Cost())
    return {size: cost.figures() for size, cost in costs.items()}


def _by_family(seed: int, size: int) -> Mapping[str, Scenario]:
    """Take one goal of each family on a generated machine."""
    pool = build_pool([f"generated:{seed}?size={size}"], per_family=1, planner=Planner())
    return {scenario.family: scenario for scenario in pool.scenarios}


def _try(agent: PolicyAgent, known: Scenario, cost: Cost) -> None:
    scenario = _forgotten(known)
    gc.freeze()  # else collections go through all machines of the benchmark, at moments that say nothing of this one
    began = time.process_time()
    trial = Trial(scenario, slots=SLOTS)
    agent.start(0)
    cost.starts_s.append(time.process_time() - began)
    over = False
    while not over:
        began = time.process_time()
        view = trial.view()
        seen = time.process_time()
        slot = agent.choose(view)
        chosen = time.process_time()
        done = trial.perform(slot)
        cost.requests_s.append(time.process_time() - began)
        cost.decisions_s.append(chosen - seen)
        over = done.terminated or done.truncated
    cost.episodes += 1
    if trial.reached():
        cost.requests.append(trial.steps)
        cost.shortest.append(known.shortest)


def _forgotten(known: Scenario) -> Scenario:
    """Make the same scenario anew, with nothing computed or described yet."""
    book = known.book
    engine = Engine(known.engine.machine, list(book))
    start = prepared(engine, book, known.goal)
    assert start is not None  # noqa: S101 - it was prepared before
    return Scenario(engine, known.goal, book, start, Rows())


def table(found: Mapping[int, Mapping[str, float]]) -> None:
    """Print the figures of each size, and how the largest compares with the smallest."""
    names = list(next(iter(found.values())))
    print(f"| resources | {' | '.join(names)} |")
    print("|" + "---|" * (len(names) + 1))
    for size, figures in found.items():
        print(f"| {size} | {' | '.join(f'{figures[name]:.3g}' for name in names)} |")
    small, large = found[min(found)], found[max(found)]
    print(f"| ratio | {' | '.join(f'{large[name] / small[name]:.2f}' for name in names)} |", flush=True)


def main() -> None:
    """Measure, print, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("agent", type=Path, help="folder of a trained agent")
    parser.add_argument("--machines", type=int, default=16, help="number of machines of each size")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    found = measure(options.agent, range(FIRST_SEED, FIRST_SEED + options.machines), options.sizes)
    table(found)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
