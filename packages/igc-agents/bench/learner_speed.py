"""Measure how many environment steps a second the learner takes, with an environment that costs next to nothing.

The observations are as large as those of Redfish: 96 slots of which about 30 are filled, 16 tokens and 8 match features
a candidate, 48 tokens a document. Prints steps per second of wall-clock and of CPU time, collecting, learning and both.

    python packages/igc-agents/bench/learner_speed.py [--threads 1] [--filled 30]
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from gymnasium import spaces
from stable_baselines3.common.logger import Logger

from igc_agents.agents import PolicyAgent
from igc_agents.learner import Learner
from igc_agents.recipe import Recipe
from igc_agents.standing import RecentEpisodes
from igc_core.tables import Column, Layout, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SLOTS, POOL, PER_EPISODE, LENGTH = 96, 20_000, 150, 12


class Replay:
    """Random episodes of fixed length: each shows candidates out of a pool of its own."""

    families = ("any",)

    def __init__(self, num_envs: int, filled: int) -> None:
        self.num_envs, self._filled = num_envs, filled
        self._random = np.random.default_rng(0)
        self.layout = _layout(self._random)
        self.action_space = spaces.Discrete(SLOTS)
        self.observation_space = _space()
        self._steps = np.arange(num_envs) % LENGTH
        self._pools = self._random.integers(1, POOL, (num_envs, PER_EPISODE), dtype=np.int32)
        self._goals = self._random.integers(1, 500, (num_envs, 1), dtype=np.int32)

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Show something."""
        self._random = np.random.default_rng(seed)
        return self._observe()

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Show something else."""
        self._steps += 1
        done = self._steps >= LENGTH
        count = int(done.sum())
        self._steps[done] = 0
        self._pools[done] = self._random.integers(1, POOL, (count, PER_EPISODE), dtype=np.int32)
        numbers = np.full(self.num_envs, LENGTH)
        info = {"success": done, "length": numbers, "shortest": numbers // 2, "family": np.zeros_like(numbers)}
        return self._observe(), (actions == 0).astype(np.float32), done, np.zeros_like(done), info

    def action_masks(self) -> NDArray[np.bool_]:
        """Show which slots are filled."""
        legal: NDArray[np.bool_] = self._candidates != 0
        return legal

    def _observe(self) -> dict[str, NDArray[Any]]:
        envs, random = self.num_envs, self._random
        filled = random.integers(self._filled // 2, self._filled * 3 // 2, (envs, 1))
        starts = random.integers(0, PER_EPISODE - SLOTS, (envs, 1))
        shown = np.take_along_axis(self._pools, starts + np.arange(SLOTS), 1)
        self._candidates = np.where(np.arange(SLOTS) < filled, shown, 0).astype(np.int32)
        return {
            "candidates": self._candidates,
            "slot_values": random.random((envs, SLOTS, 8), np.float32),
            "document": random.integers(1, 3000, (envs, 1), dtype=np.int32),
            "goal": self._goals,
            "history": self._candidates[:, :3],
            "values": random.random((envs, 20), np.float32),
        }


def _layout(random: np.random.Generator) -> Layout:
    tables = {
        "candidates": Table({"tokens": Column(16, "tokens", 4096), "match": Column(8, "values")}),
        "documents": Table({"tokens": Column(48, "tokens", 4096), "flags": Column(12, "values")}),
        "goals": Table({"tokens": Column(16, "tokens", 4096)}),
    }
    for name, rows in (("candidates", POOL), ("documents", 3000), ("goals", 500)):
        for row in range(rows):
            tables[name].intern(row, {key: _content(column, random) for key, column in tables[name].columns.items()})
    references = {"candidates": "candidates", "document": "documents", "goal": "goals", "history": "candidates"}
    return Layout(tables, references, ("values",), "slot_values")


def _content(column: Column, random: np.random.Generator) -> NDArray[Any]:
    if column.kind == "tokens":
        return random.integers(1, column.vocabulary, random.integers(4, column.width + 1))
    return random.random(column.width, np.float32)


def _space() -> spaces.Dict:
    widths = {"candidates": SLOTS, "document": 1, "goal": 1, "history": 3}
    rows = {key: spaces.Box(0, POOL, (width,), np.int32) for key, width in widths.items()}
    values = {"slot_values": (SLOTS, 8), "values": (20,)}
    return spaces.Dict({**rows, **{key: spaces.Box(0, 1, shape, np.float32) for key, shape in values.items()}})


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--filled", type=int, default=30)
    parser.add_argument("--updates", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    recipe = Recipe()
    learner = Learner(recipe, Replay(recipe.n_envs, options.filled))
    learner.set_logger(Logger(None, []))
    learner.restart(0)
    parameters = sum(weight.numel() for weight in learner.policy.weights().values())
    print(f"{parameters:,} parameters, {recipe.n_envs} x {recipe.n_steps} steps, {recipe.epochs} epochs")
    follow = RecentEpisodes()
    spent = {"collecting": np.zeros(2), "learning": np.zeros(2)}
    for update in range(options.updates + 1):
        marks = [_clocks()]
        learner.collect(learner.rollout_buffer, follow)
        marks.append(_clocks())
        learner.train()
        marks.append(_clocks())
        if update:  # the first is for warming up
            spent["collecting"] += marks[1] - marks[0]
            spent["learning"] += marks[2] - marks[1]
    steps = options.updates * len(learner.rollout_buffer)
    for name, seconds in (*spent.items(), ("both", spent["collecting"] + spent["learning"])):
        wall, cpu = steps / seconds
        print(f"{name:10s} {wall:8,.0f} steps/s of wall-clock, {cpu:8,.0f} of CPU time")
    _measure_decisions(learner)


def _measure_decisions(learner: Learner, decisions: int = 200) -> None:
    """Measure what one choice costs, one at a time."""
    environment = Replay(1, 30)
    agent = PolicyAgent(learner.policy, layout=environment.layout)
    observations = environment.reset()
    began = time.process_time()
    for _ in range(decisions):
        agent.choose_batch(observations, environment.action_masks())
    print(f"deciding   {1e3 * (time.process_time() - began) / decisions:8.2f} ms of CPU time a decision")


def _clocks() -> NDArray[np.float64]:
    return np.array([time.perf_counter(), time.process_time()])


if __name__ == "__main__":
    main()
