"""Training an agent: imitation first where there is an expert, then maskable PPO."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_agents.crew import Crew
from igc_agents.errors import TrainingError
from igc_agents.group import Group
from igc_agents.journal import Journal
from igc_agents.source import EnvironmentSource
from igc_agents.trainer import Trainer
from igc_core.interruption import Interruption, interruptible

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.journal import Watcher
    from igc_agents.recipe import Recipe
    from igc_core.protocols import BatchedEnvironment
    from igc_core.runs import RunFolder


@dataclass(frozen=True, slots=True)
class Training:
    """What training led to.

    Attributes:
        agent: Folder of the agent.
        finished: Whether it came to its end, rather than being stopped.
        steps: Environment steps, of imitation and of PPO, by all processes.
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
    environment: BatchedEnvironment | EnvironmentSource,
    run: RunFolder,
    *,
    resume: bool = False,
    watch: Watcher | None = None,
    interruption: Interruption | None = None,
    crew: Crew | None = None,
) -> Training:
    """Train an agent, and keep it in the run's folder.

    A Ctrl-C ends the update under way, saves a checkpoint and returns. Episodes begin anew at every checkpoint, with
    seeds that follow from the recipe's, so a run that goes on from a checkpoint takes the very steps of one that made
    that checkpoint without stopping, given an environment whose tables have the same order.

    Args:
        recipe: How to train.
        environment: What to train on, with ``recipe.n_envs`` episodes; where ``recipe.processes`` is above 1, what each
            process builds its environment from, or that of this process where the others are in ``crew``.
        run: Where metrics, checkpoints and the agent are kept.
        resume: Whether to go on from the run's latest checkpoint.
        watch: Told how training stands after each update.
        interruption: How to ask for a stop; Ctrl-C by default.
        crew: The other processes, where they were started before.

    Returns:
        What it led to.

    Raises:
        AgentError: No policy reads the environment's observations, or the checkpoint is of another codec.
        RunError: There is no checkpoint to resume from, or it is damaged.
        TrainingError: Several processes are wanted and there is no source to build their environments from, or one
            of them died.
    """
    with ExitStack() as stack:
        if isinstance(environment, EnvironmentSource):
            crew = crew or stack.enter_context(Crew(recipe, environment))
            environment = environment.build(0, recipe.processes)
        if recipe.processes > 1 and (crew is None or crew.size != recipe.processes):
            raise TrainingError(
                f"{recipe.processes} processes cannot train on one built environment",
                code="training-not-divisible",
                hint="give train() an EnvironmentSource, from which each process builds its own",
            )
        checkpoint = run.latest() if resume else None
        group = Group()
        if crew is not None:
            group = crew.assemble(checkpoint)
            stack.callback(group.leave)
            stack.enter_context(crew.explaining_losses())
        journal = stack.enter_context(closing(Journal(recipe, environment, run, watch or (lambda _: None))))
        trainer = Trainer(recipe, environment, group, journal)
        if checkpoint is not None:
            trainer.restore(checkpoint)
        wish = interruption or stack.enter_context(interruptible())
        trainer.run(wish)
        totals, finished = trainer.totals, trainer.finished
        return Training(journal.agent, finished, trainer.done, trainer.seconds, totals.success, totals.efficiency)
