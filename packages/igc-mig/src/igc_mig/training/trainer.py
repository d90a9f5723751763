"""The course of a training: a warm start by imitation, then PPO, with checkpoints on the way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from igc_core.errors import AgentError, RunError
from igc_core.runs import RunFolder, RunManifest
from igc_mig.agent.saving import read_manifest
from igc_mig.training import checkpoint
from igc_mig.training.checkpoint import TrainingState
from igc_mig.training.imitation import demonstrate, imitate
from igc_mig.training.learner import Learner
from igc_mig.training.recipe import Recipe

if TYPE_CHECKING:
    from pathlib import Path

    from igc_core.interruption import Interruption

#: Folders of a run for the finished agent, and for TensorBoard.
AGENT, TENSORBOARD = "agent", "tensorboard"
#: Shares of a training that is limited by time after which demonstrations end, and imitation.
_SHOWN_UNTIL, _IMITATED_UNTIL = 0.1, 0.35


class Standing(NamedTuple):
    """How training stands.

    Attributes:
        phase: What it does.
        done: Steps, batches or passes so far.
        total: Of how many.
        per_second: Steps a second since training began or went on, 0 where nothing is stepped.
        reward: Mean return of recent episodes; minus the makespan over the lower bound.
    """

    phase: str
    done: int
    total: int
    per_second: float
    reward: float


class Watcher(Protocol):
    """Told how training stands."""

    def __call__(self, standing: Standing) -> None:
        """Take note."""
        ...


class Trainer:
    """One training in a run folder."""

    def __init__(self, recipe: Recipe, run: RunFolder, interruption: Interruption, watch: Watcher) -> None:
        """Build everything.

        Args:
            recipe: How to train.
            run: Where records and checkpoints go.
            interruption: Whether to stop.
            watch: Told how training stands.
        """
        self._recipe, self._run, self._interruption, self._watch = recipe, run, interruption, watch
        self.learner = Learner(recipe, run.path / TENSORBOARD)
        self.state = TrainingState()
        self._saved = -1
        self._began = time.monotonic()

    def restore(self) -> None:
        """Go on from the last checkpoint of the run; without one training begins anew."""
        if not self._run.checkpoints():
            return
        self.state = checkpoint.restore(self._run.latest(), self.learner)
        self._saved = self.state.steps
        self._began -= self.state.seconds

    def train(self) -> Path:
        """Train to the end, or until asked to stop; either way the true number of steps is saved.

        Returns:
            Folder of the agent.
        """
        self._restart()
        if not self.state.imitated:
            self._warm_start()
            self._checkpoint()
        first, since = self.state.steps, time.monotonic()
        while self.state.imitated and not self._interruption.requested and self._progress() < 1:
            self.learner.update(self._progress())
            self._note()
            speed = (self.state.steps - first) / (time.monotonic() - since)
            self._watch(Standing("ppo", self.state.steps, self._recipe.num_steps, speed, self.state.reward))
            self._run.log({**self.state.model_dump(mode="json"), "steps_per_second": speed})
            self.learner.logger.record("rollout/reward", self.state.reward)
            self.learner.logger.record("time/fps", speed)
            self.learner.logger.dump(self.state.steps)
            if self.state.steps - max(self._saved, 0) >= self._recipe.checkpoint_every:
                self._checkpoint()
        self._checkpoint()
        agent = self._run.path / AGENT
        agent.mkdir(exist_ok=True)
        checkpoint.write_agent(agent, self.learner, self._recipe, self.state)
        return agent

    @property
    def finished(self) -> bool:
        """Whether training came to its end, rather than being stopped."""
        return self._progress() >= 1

    def _progress(self) -> float:
        share = self.state.steps / self._recipe.num_steps
        if self._recipe.minutes is not None:
            share = max(share, (time.monotonic() - self._began) / (60 * self._recipe.minutes))
        return min(share, 1.0)

    def _warm_start(self) -> None:
        recipe = self._recipe

        def told(phase: str, done: int, total: int, until: float) -> bool:
            self._watch(Standing(phase, done, total, 0.0, 0.0))
            return not self._interruption.requested and self._progress() < until

        def showing(done: int) -> bool:
            return told("demonstrations", done, recipe.imitation, _SHOWN_UNTIL)

        def imitating(done: int) -> bool:
            return told("imitation", done, recipe.imitation_epochs, _IMITATED_UNTIL)

        shown = demonstrate(recipe, self.learner, showing)
        if shown is not None and not self._interruption.requested:
            imitate(recipe, self.learner, shown, imitating)
        update = {"imitated": not self._interruption.requested, "seconds": time.monotonic() - self._began}
        self.state = self.state.model_copy(update=update)

    def _note(self) -> None:
        returns = [total for total, _ in self.learner.vector.recent]
        self.state = self.state.model_copy(
            update={
                "steps": self.learner.num_timesteps,
                "seconds": time.monotonic() - self._began,
                "updates": self.learner.updates,
                "progress": self._progress(),
                "reward": float(np.mean(returns)) if returns else 0.0,
            }
        )

    def _checkpoint(self) -> None:
        """Save everything, unless it is saved already; a warm start that was cut short is not worth it."""
        if self.state.steps == self._saved or not self.state.imitated:
            return
        self._saved = self.state.steps
        with self._run.checkpoint(self.state.steps) as folder:
            checkpoint.write(folder, self.learner, self._recipe, self.state)
        self._restart()

    def _restart(self) -> None:
        """Begin every episode anew, with seeds that depend on how far training is and on nothing else."""
        sequence = np.random.SeedSequence([self._recipe.seed, max(self.state.steps, 0)])
        self.learner.restart(int(sequence.generate_state(1)[0]))


def begin(recipe: Recipe, folder: Path) -> RunFolder:
    """Make the folder of a new training.

    Raises:
        RunError: There is something already, or it cannot be made.
    """
    options = {"mig": recipe.model_dump(mode="json")}
    return RunFolder.create(folder, RunManifest.of_this_process(seeds={"training": recipe.seed}, options=options))


def recipe_of(run: RunFolder) -> Recipe:
    """Read how a training was begun, or how it was going on when it was saved last.

    Raises:
        RunError: The run is no training of this kind, or its last checkpoint is damaged.
    """
    found = run.manifest.options.get("mig")
    try:
        found = read_manifest(run.latest()).training["recipe"] if found and run.checkpoints() else found
    except (AgentError, KeyError) as error:
        raise RunError(
            f"the checkpoint {run.latest()} is damaged: {error}",
            code="run-corrupt",
            hint="remove it to go on from the one before",
        ) from error
    if not isinstance(found, dict):
        raise RunError(f"{run.path} is no run of igc mig train", code="run-corrupt")
    try:
        return Recipe.model_validate(found, strict=False)
    except ValueError as error:
        raise RunError(f"the recipe of {run.path} is damaged: {error}".splitlines()[0], code="run-corrupt") from error
