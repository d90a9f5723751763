"""How an agent is trained."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, JsonValue, ValidationError, model_validator

from igc_agents.size import NetworkSize
from igc_agents.toml import to_toml
from igc_core.errors import DataError
from igc_core.files import write_atomically
from igc_core.models import Model
from igc_core.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


#: The recipe that is used where none is named, with the reasons for its values.
_DEFAULT = "default"
_FOLDER, _SUFFIX = "recipes", ".toml"


class Recipe(Model):
    """Every number that decides how training goes. The defaults suit the candidate codec on two cores.

    Steps and batches count those of all processes together, so that more processes take fewer updates each and the
    learner sees the same number of updates for as many steps.

    Attributes:
        seed: Seed of weights, choices, batches and episodes.
        processes: Processes that train together, each on a core of its own, with ``n_envs`` episodes of its own and
            its part of the machines.
        steps: Environment steps of PPO.
        minutes: Wall-clock limit in minutes for everything, or None. The learning rate decays towards whichever of
            ``steps`` and ``minutes`` is nearer.
        n_envs: Episodes that a process steps together.
        n_steps: Steps of each episode between updates.
        batch_size: Steps in a minibatch; the last one of a pass may have fewer, or one more.
        epochs: Passes over the steps of one update.
        learning_rate: Adam's step size at the start.
        learning_rate_end: Share of it that is left at the end.
        entropy: Weight of the entropy bonus at the start.
        entropy_end: Share of it that is left at the end.
        gamma: Discount.
        gae_lambda: Trade-off of bias and variance in advantages (Schulman et al., 2016).
        clip_range: How far a probability ratio may move in one update (Schulman et al., 2017).
        value_weight: Weight of the value loss.
        max_gradient: Largest norm of a gradient.
        warm_start_steps: Environment steps of imitation before PPO; 0 to learn from rewards alone.
        warm_start_epochs: How often each of its steps is learned from, on average.
        warm_start_memory: The most steps that are remembered as demonstrations.
        warm_start_learning_rate: Adam's step size meanwhile.
        expert_share_end: Share of the actions that the expert takes at its end; it starts at 1.
        rehearsal: Steps of imitation that go on beside PPO, as a share of its steps; 0 for none.
        rehearsal_expert_share: Share of the actions that the expert takes in them.
        renew_every: Steps of one process after which an environment that can be renewed takes fresh machines; 0 for
            never again after the start (see :class:`~igc_agents.renewal.Renewable`).
        average: Decay of an average of the weights over the updates of PPO, which the agent then gets; 0 for the
            weights of the last update.
        checkpoint_every: Environment steps between checkpoints.
        threads: Threads of PyTorch. A second one gains up to a half while the cores are free; where they are shared
            it loses more than it gains, since threads that wait for each other keep spinning.
        network: How large the network is, and what it does without.
        environment: Options of the environment's factory, for ``igc train``; its command line goes before them.
    """

    seed: int = Field(default=0, ge=0, lt=2**32)
    processes: int = Field(default=1, ge=1, le=64)
    steps: int = Field(default=250_000, ge=0)
    minutes: float | None = Field(default=None, gt=0)
    n_envs: int = Field(default=64, ge=1)
    n_steps: int = Field(default=64, ge=1)
    batch_size: int = Field(default=1024, ge=2)
    epochs: int = Field(default=3, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    learning_rate_end: float = Field(default=0.05, ge=0, le=1)
    entropy: float = Field(default=0.01, ge=0)
    entropy_end: float = Field(default=1.0, ge=0, le=1)
    gamma: float = Field(default=0.98, ge=0, le=1)
    gae_lambda: float = Field(default=0.95, ge=0, le=1)
    clip_range: float = Field(default=0.2, gt=0)
    value_weight: float = Field(default=0.5, ge=0)
    max_gradient: float = Field(default=0.5, gt=0)
    warm_start_steps: int = Field(default=20_000, ge=0)
    warm_start_epochs: int = Field(default=8, ge=1)
    warm_start_memory: int = Field(default=20_000, ge=1)
    warm_start_learning_rate: float = Field(default=1e-3, gt=0)
    expert_share_end: float = Field(default=0.1, ge=0, le=1)
    rehearsal: float = Field(default=0.0, ge=0, le=1)
    rehearsal_expert_share: float = Field(default=0.5, ge=0, le=1)
    renew_every: int = Field(default=50_000, ge=0)
    average: float = Field(default=0.0, ge=0, lt=1)
    checkpoint_every: int = Field(default=50_000, ge=1)
    threads: int = Field(default=1, ge=1, le=1024)
    network: NetworkSize = NetworkSize()
    environment: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_batches(self) -> Self:
        if self.batch_size < 2 * self.processes:
            problem = f"a batch of {self.batch_size} leaves some of {self.processes} processes less than two steps"
            raise ValueError(problem)
        if self.n_envs * self.n_steps == 1:
            problem = "one step of one episode is too little for an update: raise n_envs or n_steps"
            raise ValueError(problem)
        return self

    @property
    def batch_of_each(self) -> int:
        """Steps in one process's part of a minibatch."""
        return self.batch_size // self.processes

    @classmethod
    def shipped(cls, name: str = _DEFAULT) -> Self:
        """Read a recipe that comes with the package; the values of ``default`` are the defaults.

        Raises:
            DataError: None of that name comes with the package.
        """
        if name not in (known := shipped_recipes()):
            raise DataError(
                f"there is no recipe {name!r}",
                code="data-missing",
                hint=f"name a TOML file, or one that comes with igc-agents: {', '.join(known)}",
            )
        text = resources.files("igc_agents").joinpath(_FOLDER, f"{name}{_SUFFIX}").read_text(encoding="utf-8")
        return cls.parse(tomllib.loads(text), f"the recipe {name!r}")

    @classmethod
    def find(cls, given: Path) -> Self:
        """Read a recipe out of a file, or by its name if it is a bare one and no file.

        Raises:
            DataError: There is no such recipe, or it says something that no recipe says.
        """
        bare = len(given.parts) == 1 and not given.suffix
        return cls.shipped(given.name) if bare and not given.exists() else cls.read(given)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a recipe out of a TOML file.

        Raises:
            DataError: The file cannot be read, or says something that no recipe says.
        """
        try:
            stated = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataError(f"cannot read the recipe {path}: {error.strerror}", code="data-missing") from error
        except (ValueError, RecursionError) as error:
            raise DataError(f"the recipe {path} is not TOML: {error}", code="data-invalid") from error
        return cls.parse(stated, f"the recipe {path}")

    @classmethod
    def parse(cls, stated: Mapping[str, Any], source: str = "the recipe") -> Self:
        """Check what a recipe states.

        Args:
            stated: Values by name of the field.
            source: What the message blames.

        Raises:
            DataError: A name is unknown, or a value is not allowed.
        """
        try:
            return cls.model_validate(stated)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise DataError(
                f"{source} is not valid: {where}: {first['msg']}",
                code="data-invalid",
                hint=f"a recipe may set {', '.join(cls.model_fields)}",
            ) from error

    def write(self, path: Path) -> None:
        """Write the recipe as TOML, every field of it; secrets among the environment's options are masked.

        Raises:
            DataError: The file cannot be written.
        """
        write_atomically(path, to_toml(redact(self.model_dump(mode="json", exclude_none=True))))


def shipped_recipes() -> list[str]:
    """Names of the recipes that come with the package."""
    found = (entry.name for entry in resources.files("igc_agents").joinpath(_FOLDER).iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))
