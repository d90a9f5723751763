"""The course of a training: imitation, then PPO, with renewals and checkpoints on the way."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from stable_baselines3.common.logger import Logger

from igc_agents import checkpoint
from igc_agents.averaging import AveragedWeights
from igc_agents.checkpoint import TrainingState
from igc_agents.errors import TrainingError
from igc_agents.imitation import Demonstrations, Expert, Labeller, imitate
from igc_agents.learner import Learner
from igc_agents.renewal import Renewals
from igc_agents.standing import EpisodeTotals, RecentEpisodes, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from igc_agents.group import Group
    from igc_agents.journal import Journal
    from igc_agents.recipe import Recipe
    from igc_agents.rollout import Rollout
    from igc_core.interruption import Interruption
    from igc_core.protocols import BatchedEnvironment

#: An imitation round is this many times shorter than a rollout of PPO, so that the expert corrects sooner.
_ROUNDS_PER_ROLLOUT = 4
_IMITATION = "imitation"


class Trainer:
    """One process's part of a training.

    Every process collects steps of its own and computes gradients from them; the gradients are averaged before each
    step of the optimiser, so that all of them keep the same weights. Process 0 measures time, decides when to stop and
    keeps the records.
    """

    def __init__(
        self, recipe: Recipe, environment: BatchedEnvironment, group: Group, journal: Journal | None = None
    ) -> None:
        """Prepare.

        Args:
            recipe: How to train.
            environment: What this process trains on.
            group: Those that train together.
            journal: Keeps the records, in process 0.
        """
        self._recipe, self._environment, self._group, self._journal = recipe, environment, group, journal
        self._learner = Learner(recipe, environment)
        self._choices = np.random.default_rng(0)
        self._recent = RecentEpisodes()
        self._memory = Demonstrations(max(1, recipe.warm_start_memory // group.size))
        self._average = AveragedWeights(recipe.average)
        self._rehearsal = self._learner.empty_rollout(math.ceil(recipe.n_steps * recipe.rehearsal) or 1)
        self._renewals = Renewals(environment, recipe.renew_every, recipe.seed, group.rank)
        self._state = TrainingState()
        self._totals = EpisodeTotals()
        self._saved = -1
        self._finished = False
        self._began = time.perf_counter()
        self._time_share = 0.0
        self._logger = Logger(None, [])
        self._learner.set_logger(self._logger)

    def restore(self, folder: Path) -> None:
        """Go on from a checkpoint."""
        self._state = state = checkpoint.restore(folder, self._learner, self._average)
        self._began -= state.seconds
        self._saved = self.done

    def run(self, interruption: Interruption) -> None:
        """Train to the end, or until process 0 is asked to stop."""
        threads = torch.get_num_threads()
        torch.set_num_threads(self._recipe.threads)
        try:
            self._begin()
            if self._recipe.warm_start_steps and isinstance(self._environment, Labeller):
                self._imitate(self._environment, interruption)
            self._reinforce(interruption)
            self._finished = not interruption.requested
            self._checkpoint()
            self._average.give(self._learner.policy)
            if self._journal is not None:
                state = self._standing_state()
                self._journal.keep_agent(self._learner, state, self._totals, finished=self._finished)
        finally:
            torch.set_num_threads(threads)

    @property
    def done(self) -> int:
        """Environment steps so far, of both phases and of all processes."""
        return self._state.imitated + self._state.steps

    @property
    def finished(self) -> bool:
        """Whether training came to its end, rather than being stopped."""
        return self._finished

    @property
    def seconds(self) -> float:
        """Wall-clock time so far, in seconds."""
        return time.perf_counter() - self._began

    @property
    def totals(self) -> EpisodeTotals:
        """Sums over the recent episodes of all processes."""
        return self._totals

    def _begin(self) -> None:
        """Start from the same weights everywhere, with the machines that it is time for."""
        for weight in self._learner.policy.parameters():
            self._group.follow(weight.data)
        self._group.average_gradients(self._learner.policy.optimizer)
        self._agree_on_time(stop=False)
        if self._saved < 0:
            self._renewals.advance(self._own_steps, 0.0)
        else:
            self._renewals.restore(self._state, self._own_steps, self._progress)
        self._restart()

    def _imitate(self, labeller: Labeller, interruption: Interruption) -> None:
        recipe, learner = self._recipe, self._learner
        rollout = learner.empty_rollout(max(1, recipe.n_steps // _ROUNDS_PER_ROLLOUT))
        while self._state.imitated < recipe.warm_start_steps and not self._must_stop(interruption):
            began = time.perf_counter()
            share = 1 + (recipe.expert_share_end - 1) * self._state.imitated / recipe.warm_start_steps
            learner.set_learning_rate(recipe.warm_start_learning_rate)
            metrics = self._follow_expert(labeller, rollout, share)
            steps = self._count(imitated=len(rollout))
            self._report(_IMITATION, steps / (time.perf_counter() - began), metrics)
        self._memory.clear()

    def _reinforce(self, interruption: Interruption) -> None:
        recipe, learner = self._recipe, self._learner
        rollout = learner.rollout_buffer
        while self._state.steps < recipe.steps and not self._must_stop(interruption):
            began = time.perf_counter()
            learner.collect(rollout, self._recent)
            learner.progress = max(self._state.steps / recipe.steps, self._time_share)
            learner.train()
            metrics = {name.removeprefix("train/"): value for name, value in self._logger.name_to_value.items()}
            self._logger.dump()
            steps = self._count(steps=len(rollout))
            if recipe.rehearsal and isinstance(self._environment, Labeller):
                found = self._follow_expert(self._environment, self._rehearsal, recipe.rehearsal_expert_share)
                metrics |= {f"rehearsal_{name}": value for name, value in found.items()}
                steps += self._count(imitated=len(self._rehearsal))
            self._average.add(learner.policy)
            self._report("reinforcement", steps / (time.perf_counter() - began), metrics)

    def _follow_expert(self, labeller: Labeller, rollout: Rollout, share: float) -> dict[str, float]:
        """Collect labelled steps, and learn from those remembered."""
        recipe, learner = self._recipe, self._learner
        learner.collect(rollout, self._recent, Expert(labeller, self._choices, share))
        self._memory.add(rollout)
        updates = math.ceil(recipe.warm_start_epochs * len(rollout) * self._group.size / recipe.batch_size)
        return imitate(learner, self._memory, updates, self._choices)

    def _must_stop(self, interruption: Interruption) -> bool:
        """Learn from process 0 whether to stop, so that nobody waits for one that left."""
        return self._agree_on_time(stop=interruption.requested) or self._time_share >= 1

    def _agree_on_time(self, *, stop: bool) -> bool:
        share = self.seconds / (60 * self._recipe.minutes) if self._recipe.minutes else 0.0
        agreed, self._time_share = self._group.agreed([stop, share])
        return bool(agreed)

    @property
    def _own_steps(self) -> int:
        return self.done // self._group.size

    @property
    def _progress(self) -> float:
        """Share of the whole training that is done."""
        recipe = self._recipe
        whole = max(1, recipe.warm_start_steps + recipe.steps + self._rehearsed(recipe.steps))
        return min(max(self.done / whole, self._time_share), 1.0)

    def _asked(self, phase: str) -> int:
        """Steps of both phases; imitation ends with a round, and so may take some more than were asked for."""
        recipe, state = self._recipe, self._state
        imitated = max(state.imitated, recipe.warm_start_steps) if phase == _IMITATION else state.imitated
        return recipe.steps + imitated + self._rehearsed(max(0, recipe.steps - state.steps))

    def _rehearsed(self, steps: int) -> int:
        """Steps of imitation that go beside so many of PPO."""
        if not self._recipe.rehearsal or not isinstance(self._environment, Labeller):
            return 0
        updates = math.ceil(steps / (len(self._learner.rollout_buffer) * self._group.size))
        return updates * len(self._rehearsal) * self._group.size

    def _count(self, *, imitated: int = 0, steps: int = 0) -> int:
        """Count the steps that each process took, and return those of all together."""
        state, all_of = self._state, self._group.size
        update = {"imitated": state.imitated + all_of * imitated, "steps": state.steps + all_of * steps}
        self._state = state.model_copy(update=update)
        return all_of * (imitated + steps)

    def _report(self, phase: str, steps_per_second: float, metrics: Mapping[str, Any]) -> None:
        """Tell how an update went, and between updates save and renew where it is time to."""
        self._demand_numbers()
        self._totals = totals = EpisodeTotals.gathered(self._group.gather(self._recent.totals().to_json()))
        if self._journal is not None:
            figures = (steps_per_second, totals.success, totals.efficiency, totals.requests)
            standing = Standing(phase, self.done, self._asked(phase), *figures)
            self._journal.report(standing, totals, metrics, self.seconds)
        every = self._recipe.checkpoint_every
        saves = self.done // every > max(self._saved, 0) // every
        if saves:
            self._checkpoint()
        if self._renewals.advance(self._own_steps, self._progress) or saves:
            self._restart()

    def _demand_numbers(self) -> None:
        """Stop before weights that are none are kept.

        Raises:
            TrainingError: A weight is no longer a finite number.
        """
        if not all(bool(weight.isfinite().all()) for weight in self._learner.policy.parameters()):
            raise TrainingError(
                f"after {self.done:,} steps the weights are no longer finite numbers",
                code="training-diverged",
                hint="lower learning_rate, warm_start_learning_rate or entropy in the recipe",
            )

    def _checkpoint(self) -> None:
        if self.done == self._saved:
            return
        self._saved = self.done
        self._memory.clear()  # who goes on from here starts without it too
        if self._journal is not None:
            self._journal.checkpoint(self._learner, self._average, self._standing_state(), self._totals)

    def _standing_state(self) -> TrainingState:
        return self._state.model_copy(
            update={
                "seconds": self.seconds,
                "updates": self._learner.updates,
                "progress": self._learner.progress,
                "averaged": self._average.updates,
                "renewals": self._renewals.count,
                "renewal_progress": self._renewals.progress,
            }
        )

    def _restart(self) -> None:
        """Begin every episode anew, with seeds that depend on how far training is and on nothing else."""
        sequence = np.random.SeedSequence([self._recipe.seed, self.done, self._group.rank])
        episodes, sampling, batches, choices = (int(seed) for seed in sequence.generate_state(4))
        torch.manual_seed(sampling)
        self._learner.rollout_buffer.random = np.random.default_rng(batches)
        self._choices = np.random.default_rng(choices)
        if self._learner.rebind():
            self._memory.clear()
        self._recent.families = tuple(getattr(self._environment, "families", ()))
        self._learner.restart(episodes)
