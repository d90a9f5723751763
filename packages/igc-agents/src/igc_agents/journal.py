"""What is kept of a training: figures, checkpoints and the agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stable_baselines3.common.logger import TensorBoardOutputFormat

from igc_agents import checkpoint, saving
from igc_agents.shape import CodecIdentity, shape_of
from igc_agents.standing import finite
from igc_core.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from igc_agents.averaging import AveragedWeights
    from igc_agents.checkpoint import TrainingState
    from igc_agents.learner import Learner
    from igc_agents.recipe import Recipe
    from igc_agents.standing import EpisodeTotals, Standing
    from igc_core.protocols import BatchedEnvironment
    from igc_core.runs import RunFolder

    #: Told how training stands after each update.
    Watcher = Callable[[Standing], None]

#: Folder of the finished agent, in the run's folder.
AGENT = "agent"
#: The recipe as it was resolved, in the run's folder.
RECIPE = "recipe.toml"
_EPISODE_FIGURES = ("success", "efficiency", "requests", "reward")


class Journal:
    """Writes into a run's folder, and tells who watches."""

    def __init__(self, recipe: Recipe, environment: BatchedEnvironment, run: RunFolder, watch: Watcher) -> None:
        """Open the records.

        Args:
            recipe: How it is trained; its copy in the folder is brought up to date.
            environment: What it is trained on.
            run: Where all is kept.
            watch: Told how training stands after each update.
        """
        self._recipe, self._environment, self._run, self._watch = recipe, environment, run, watch
        recipe.write(run.path / RECIPE)
        self._board = TensorBoardOutputFormat(str(run.path / "tensorboard"))

    def report(self, standing: Standing, totals: EpisodeTotals, metrics: Mapping[str, Any], seconds: float) -> None:
        """Log the figures of an update."""
        figures = [(f"{standing.phase}/{name}", value) for name, value in metrics.items()]
        figures += [(f"episode/{name}", getattr(totals, name)) for name in _EPISODE_FIGURES]
        figures += [(f"success/{name}", value) for name, value in totals.success_by_family().items()]
        logged = finite([*figures, ("steps_per_second", standing.steps_per_second)])
        self._run.log({"step": standing.done, "seconds": round(seconds, 3), "phase": standing.phase, **logged})
        self._board.write(logged, dict.fromkeys(logged, ()), standing.done)
        self._watch(standing)

    def checkpoint(
        self, learner: Learner, average: AveragedWeights, state: TrainingState, totals: EpisodeTotals
    ) -> None:
        """Keep all that is needed to go on."""
        with self._run.checkpoint(state.imitated + state.steps) as folder:
            checkpoint.write(folder, learner, average, self._manifest(state, totals), state)

    def keep_agent(
        self, learner: Learner, state: TrainingState, totals: EpisodeTotals, *, finished: bool = True
    ) -> None:
        """Keep the agent, and whether its training came to its end."""
        manifest = self._manifest(state, totals, finished=finished)
        saving.save(self.agent, learner.policy, manifest, overwrite=True)

    @property
    def agent(self) -> Path:
        """Where the agent is kept."""
        return self._run.path / AGENT

    def close(self) -> None:
        """Write what is still to be written."""
        self._board.close()

    def _manifest(self, state: TrainingState, totals: EpisodeTotals, *, finished: bool = False) -> saving.AgentManifest:
        figures = (("success", totals.success), ("efficiency", totals.efficiency), ("seconds", state.seconds))
        return saving.AgentManifest(
            codec=CodecIdentity.of(self._environment),
            encoder=getattr(getattr(self._environment, "layout", None), "encoder", None),
            shape=shape_of(self._environment),
            size=self._recipe.network,
            seeds={"training": self._recipe.seed},
            versions=saving.installed_versions(),
            training={
                "recipe": redact(self._recipe.model_dump(mode="json")),
                "finished": finished,
                "imitated": state.imitated,
                "steps": state.steps,
                "families": list(getattr(self._environment, "families", ())),
                **finite(figures),
            },
        )
