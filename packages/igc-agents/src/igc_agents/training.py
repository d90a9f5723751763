"""Training an agent: imitation first where there is an expert, then maskable PPO."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from stable_baselines3.common.logger import Logger, TensorBoardOutputFormat

from igc_agents import checkpoint, saving
from igc_agents.checkpoint import TrainingState
from igc_agents.imitation import Demonstrations, Expert, Labeller, imitate
from igc_agents.interruption import Interruption, interruptible
from igc_agents.learner import Learner
from igc_agents.shape import CodecIdentity, shape_of
from igc_agents.standing import RecentEpisodes, Standing, finite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_agents.recipe import Recipe
    from igc_core.protocols import BatchedEnvironment
    from igc_core.runs import RunFolder

    #: Told how training stands after each update.
    Watcher = Callable[[Standing], None]

#: Folder of the finished agent, in the run's folder.
AGENT = "agent"
#: An imitation round is this many times shorter than a rollout of PPO, so that the expert corrects sooner.
_ROUNDS_PER_ROLLOUT = 4


@dataclass(frozen=True, slots=True)
class Training:
    """What training led to.

    Attributes:
        agent: Folder of the agent.
        finished: Whether it came to its end, rather than being stopped.
        steps: Environment steps, of imitation and of PPO.
        seconds: Wall-clock time, in seconds.
        success: Share of the last episodes that reached their goal.
        efficiency: Their mean success weighted by path length.
    """

    agent: Path
    finished: bool
    steps: int
    seconds: float
    success: float
    efficiency: float


def train(
    recipe: Recipe,
    environment: BatchedEnvironment,
    run: RunFolder,
    *,
    resume: bool = False,
    watch: Watcher | None = None,
    interruption: Interruption | None = None,
) -> Training:
    """Train an agent, and keep it in the run's folder.

    A Ctrl-C ends the update under way, saves a checkpoint and returns. Episodes begin anew at every checkpoint, with
    seeds that follow from the recipe's, so a run that goes on from a checkpoint takes the very steps of one that made
    that checkpoint without stopping, given an environment whose tables have the same order.

    Args:
        recipe: How to train.
        environment: What to train on, with ``recipe.n_envs`` episodes.
        run: Where metrics, checkpoints and the agent are kept.
        resume: Whether to go on from the run's latest checkpoint.
        watch: Told how training stands after each update.
        interruption: How to ask for a stop; Ctrl-C by default.

    Returns:
        What it led to.

    Raises:
        AgentError: No policy reads the environment's observations, or the checkpoint is of another codec.
        RunError: There is no checkpoint to resume from, or it is damaged.
    """
    trainer = _Trainer(recipe, environment, run, watch or (lambda _: None))
    if resume:
        trainer.restore(run.latest())
    if interruption is not None:
        return trainer.run(interruption)
    with interruptible() as from_keyboard:
        return trainer.run(from_keyboard)


class _Trainer:
    """One training under way."""

    def __init__(self, recipe: Recipe, environment: BatchedEnvironment, run: RunFolder, watch: Watcher) -> None:
        self._recipe, self._environment, self._run, self._watch = recipe, environment, run, watch
        self._learner = Learner(recipe, environment)
        self._choices = np.random.default_rng([recipe.seed, 1])
        self._recent = RecentEpisodes(getattr(environment, "families", ()))
        self._state = TrainingState()
        self._saved = -1
        self._began = time.perf_counter()
        self._logger = Logger(None, [])
        self._learner.set_logger(self._logger)
        self._board = TensorBoardOutputFormat(str(run.path / "tensorboard"))

    def restore(self, folder: Path) -> None:
        """Go on from a checkpoint."""
        self._state = state = checkpoint.restore(folder, self._learner)
        checkpoint.set_random_state(self._learner.rollout_buffer.random, state.batches)
        checkpoint.set_random_state(self._choices, state.choices)
        self._began -= state.seconds
        self._saved = self._done

    def run(self, interruption: Interruption) -> Training:
        """Train to the end, or until asked to stop."""
        threads = torch.get_num_threads()
        torch.set_num_threads(self._recipe.threads)
        try:
            self._restart()
            if self._warm_steps and isinstance(self._environment, Labeller):
                self._imitate(self._environment, interruption)
            self._reinforce(interruption)
            self._checkpoint()
            agent = self._run.path / AGENT
            saving.save(agent, self._learner.policy, self._manifest(), overwrite=True)
        finally:
            self._board.close()
            torch.set_num_threads(threads)
        finished = not interruption.requested
        recent = self._recent
        return Training(agent, finished, self._done, self._seconds, recent.success, recent.efficiency)

    @property
    def _warm_steps(self) -> int:
        return self._recipe.warm_start_steps

    @property
    def _done(self) -> int:
        return self._state.imitated + self._state.steps

    @property
    def _seconds(self) -> float:
        return time.perf_counter() - self._began

    def _share_of_time(self) -> float:
        return self._seconds / (60 * self._recipe.minutes) if self._recipe.minutes else 0.0

    def _imitate(self, labeller: Labeller, interruption: Interruption) -> None:
        recipe, learner = self._recipe, self._learner
        memory = Demonstrations(recipe.warm_start_memory)
        length = max(1, recipe.n_steps // _ROUNDS_PER_ROLLOUT)
        rollout = learner.empty_rollout(length)
        while self._state.imitated < self._warm_steps and not self._must_stop(interruption):
            began = time.perf_counter()
            share = 1 + (recipe.expert_share_end - 1) * self._state.imitated / self._warm_steps
            learner.collect(rollout, self._recent, Expert(labeller, self._choices, share))
            memory.add(rollout)
            learner.set_learning_rate(recipe.warm_start_learning_rate)
            updates = math.ceil(recipe.warm_start_epochs * len(rollout) / recipe.batch_size)
            metrics = imitate(learner, memory, updates, self._choices)
            self._count(imitated=len(rollout))
            self._report("imitation", len(rollout) / (time.perf_counter() - began), metrics)
            if self._saved == self._done:  # who goes on from here starts without them too
                memory.clear()

    def _reinforce(self, interruption: Interruption) -> None:
        recipe, learner = self._recipe, self._learner
        rollout = learner.rollout_buffer
        while self._state.steps < recipe.steps and not self._must_stop(interruption):
            began = time.perf_counter()
            learner.collect(rollout, self._recent)
            learner.progress = max(self._state.steps / recipe.steps, self._share_of_time())
            learner.train()
            self._count(steps=len(rollout))
            metrics = {name.removeprefix("train/"): value for name, value in self._logger.name_to_value.items()}
            self._logger.dump()
            self._report("reinforcement", len(rollout) / (time.perf_counter() - began), metrics)

    def _must_stop(self, interruption: Interruption) -> bool:
        return interruption.requested or self._share_of_time() >= 1

    def _count(self, *, imitated: int = 0, steps: int = 0) -> None:
        state = self._state
        self._state = state.model_copy(update={"imitated": state.imitated + imitated, "steps": state.steps + steps})

    def _report(self, phase: str, steps_per_second: float, metrics: dict[str, Any]) -> None:
        """Log the figures of an update, and save where it is time to."""
        recent, done = self._recent, self._done
        total = self._recipe.steps + self._state.imitated
        standing = Standing(phase, done, total, steps_per_second, recent.success, recent.efficiency, recent.requests)
        figures = [(f"{phase}/{name}", value) for name, value in metrics.items()]
        figures += [(f"episode/{name}", getattr(recent, name)) for name in _EPISODE_FIGURES]
        figures += [(f"success/{name}", value) for name, value in recent.success_by_family().items()]
        logged = finite([*figures, ("steps_per_second", steps_per_second)])
        self._run.log({"step": done, "seconds": round(self._seconds, 3), "phase": phase, **logged})
        self._board.write(logged, dict.fromkeys(logged, ()), done)
        self._watch(standing)
        if done // self._recipe.checkpoint_every > max(self._saved, 0) // self._recipe.checkpoint_every:
            self._checkpoint()
            self._restart()

    def _checkpoint(self) -> None:
        if self._done == self._saved:
            return
        self._saved = self._done
        state = self._state.model_copy(
            update={
                "seconds": self._seconds,
                "updates": self._learner.updates,
                "progress": self._learner.progress,
                "batches": checkpoint.random_state(self._learner.rollout_buffer.random),
                "choices": checkpoint.random_state(self._choices),
            }
        )
        with self._run.checkpoint(self._done) as folder:
            checkpoint.write(folder, self._learner, self._manifest(), state)

    def _restart(self) -> None:
        """Begin every episode anew, with a seed that depends on how far training is and on nothing else."""
        seed = np.random.SeedSequence([self._recipe.seed, self._done]).generate_state(1)
        self._learner.restart(int(seed[0]))

    def _manifest(self) -> saving.AgentManifest:
        recent = self._recent
        summary = finite([("success", recent.success), ("efficiency", recent.efficiency), ("seconds", self._seconds)])
        return saving.AgentManifest(
            codec=CodecIdentity.of(self._environment),
            shape=shape_of(self._environment),
            size=self._recipe.network,
            seeds={"training": self._recipe.seed},
            versions=saving.installed_versions(),
            training={
                "recipe": self._recipe.model_dump(mode="json"),
                "imitated": self._state.imitated,
                "steps": self._state.steps,
                "families": list(getattr(self._environment, "families", ())),
                **summary,
            },
        )


_EPISODE_FIGURES = ("success", "efficiency", "requests", "reward")
