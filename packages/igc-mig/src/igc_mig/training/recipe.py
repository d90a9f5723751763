"""How an agent is trained: what is asked for, and what follows from the version."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import Field

from igc_core.models import Model
from igc_core.plugins import suggestion
from igc_mig.environment import PRESETS
from igc_mig.errors import MigError
from igc_mig.geometry import gpu
from igc_mig.process.options import demand_counts
from igc_mig.workloads import named

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The version that is not the reference's: tasks as a set, one agent for all kinds and numbers.
SET = "set"
#: Kinds of batch that ``all`` stands for.
OFFLINE = ("good_scaling", "bad_scaling", "mix_scaling_extreme", "mix_scaling_soft", "wide_times")
_FALLING = (0.01, 0.00075, 0.0005, 0.0)
#: Entropy bonus in equal shares of the training.
_ENTROPY: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {SET: (0.003, 0.002, 0.001, 0.0), "entropy": _FALLING, "direct_reconfig": _FALLING}
)
_RANDOM_START = ("one_hot", "float", "entropy", "direct_reconfig")


class Recipe(Model):
    """How an agent is trained.

    Attributes:
        version: ``set``, or one of the reference's versions.
        gpu: Name of the model.
        workloads: Kinds of batch, each as likely.
        fewest: Tasks of a batch at least.
        most: At most.
        window: Kinds of task shown at once, where that is not all of a batch.
        levels: Levels of the times, of the reference's versions.
        num_steps: Environment steps of PPO.
        minutes: Wall-clock limit, None for none; the schedules follow whichever limit comes first.
        seed: Of everything.
        device: Where the network lives.
        envs: Episodes at a time.
        rollout: Steps of each between updates.
        batch_size: Steps of a minibatch.
        epochs: Passes over the steps of an update.
        learning_rate: At the beginning; it falls to a twentieth.
        gae_lambda: Of generalised advantage estimation.
        value_weight: Of the critic's loss.
        entropy: Bonus in equal shares of the training.
        imitation: Batches that an expert shows first.
        imitation_epochs: Passes over what it shows.
        width: Of a task's vector.
        context: Of the context.
        checkpoint_every: Steps between checkpoints.
    """

    version: str = SET
    gpu: str = "a100"
    workloads: tuple[str, ...] = OFFLINE
    fewest: int = Field(5, ge=1)
    most: int = Field(50, ge=1)
    window: int | None = Field(None, ge=1)
    levels: int = Field(14, ge=1)
    num_steps: int = Field(8_000_000, ge=1)
    minutes: float | None = Field(None, gt=0)
    seed: int = Field(0, ge=0)
    device: str = "cpu"
    envs: int = Field(256, ge=1)
    rollout: int = Field(32, ge=1)
    batch_size: int = Field(1024, ge=2)
    epochs: int = Field(2, ge=1)
    learning_rate: float = Field(7e-4, gt=0)
    gae_lambda: float = 0.98
    value_weight: float = 1.0
    entropy: tuple[float, ...] = Field(_ENTROPY[SET], min_length=1)
    imitation: int = Field(8000, ge=0)
    imitation_epochs: int = Field(12, ge=1)
    width: int = Field(96, ge=1)
    context: int = Field(192, ge=1)
    checkpoint_every: int = Field(250_000, ge=1)

    def environment(self) -> dict[str, Any]:
        """Options of the environment that decide what an agent sees and may do."""
        if self.version == SET:
            return {"observation": "set", "reconfiguration": "blocking"}
        preset = {name: value for name, value in PRESETS[self.version].items() if name not in ("workload", "tasks")}
        return {**preset, "levels": self.levels, "slots": self.window or preset.get("slots", self.most)}

    def batched(self) -> dict[str, Any]:
        """Options of the batched environment."""
        options = {**self.environment(), "gpu": self.gpu, "workload": self.workloads, "seed": self.seed}
        return options | {"tasks": (self.fewest, self.most), "random_start": self.version in _RANDOM_START}

    def entropy_at(self, progress: float) -> float:
        """Entropy bonus once a share of the training is done."""
        return self.entropy[min(int(progress * len(self.entropy)), len(self.entropy) - 1)]


def recipe(version: str = SET, *, type_tasks: str = "", tasks: int | None = None, **options: Any) -> Recipe:
    """Fill in what a version takes for granted.

    Args:
        version: ``set``, or one of the reference's versions.
        type_tasks: Kind of the batches, ``all``, or empty for what the version was made for.
        tasks: Tasks of a batch: exactly so many of the reference's versions, at most so many of ``set``. Of ``online``,
            whose queues have a length of their own, how many are shown at once.
        options: Of :class:`Recipe`; None for what is usual.

    Raises:
        MigError: The version, the GPU or the kind is unknown, a version of the reference is to imitate, or ``set`` to
            have levels.
        DataError: There are to be no tasks, levels or steps, or too many.
    """
    known = (SET, *PRESETS)
    if version not in known:
        raise MigError(f"no version named {version!r}", hint=suggestion(version, known))
    chosen: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    gpu(chosen.get("gpu", "a100"))
    demand_counts(N=tasks, M=chosen.get("levels"), num_steps=chosen.get("num_steps"))
    demand_counts(imitation=chosen.get("imitation") or None, checkpoint_every=chosen.get("checkpoint_every"))
    kinds = _kinds(version, type_tasks)
    if version == SET:
        if "levels" in chosen:
            raise MigError(
                f"the field M is {chosen['levels']}: the version {SET!r} is told times as they are, without levels",
                code="mig-options-refused",
                hint="leave it out, or train a version of the reference",
            )
        most = tasks or 50
        return Recipe(workloads=kinds, most=most, fewest=min(5, most), **chosen)
    if chosen.get("imitation"):
        raise MigError(
            f"the field imitation is {chosen['imitation']}: the version {version!r} learns from rewards alone",
            code="mig-options-refused",
            hint="leave it out, or train the version set",
        )
    preset = PRESETS[version]
    windowed = "slots" in preset
    most = int(preset["tasks"]) if windowed else tasks or 14
    usual: dict[str, Any] = {
        "window": (tasks or preset["slots"]) if windowed else None,
        "levels": preset["levels"],
        "num_steps": 2_500_000,
        "epochs": 4,
        "imitation": 0,
        "learning_rate": 3e-4,
        "gae_lambda": 0.95,
        "value_weight": 0.5,
    }
    usual |= {"entropy": _ENTROPY.get(version, (0.01,)), "width": 512 if version == "online" else 256}
    return Recipe(version=version, workloads=kinds, fewest=most, most=most, **{**usual, **chosen})


def going_on(begun: Recipe, **options: Any) -> Recipe:
    """Change what a training may do otherwise when it goes on.

    Args:
        begun: How it was begun.
        options: Its limits, its device and how often it is saved; None for what they were.

    Raises:
        DataError: There are to be no steps.
    """
    demand_counts(num_steps=options.get("num_steps"))
    return begun.model_copy(update={name: value for name, value in options.items() if value is not None})


def _kinds(version: str, type_tasks: str) -> tuple[str, ...]:
    if type_tasks == "all" or (not type_tasks and version == SET):
        return OFFLINE
    kind = type_tasks or str(PRESETS[version].get("workload", "mix_scaling_soft"))
    named(kind)
    return (kind,)
