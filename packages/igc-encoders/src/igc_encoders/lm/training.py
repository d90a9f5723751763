"""The training loop, on accelerate: one process or several, on CPU or GPU."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import torch
from accelerate.utils import DistributedType, gather_object  # type: ignore[import-untyped]
from torch import nn
from torch.nn import functional

from igc_encoders.errors import EncoderError
from igc_encoders.lm import checkpoint
from igc_encoders.lm.checkpoint import TrainingState
from igc_encoders.lm.evaluation import measure
from igc_encoders.lm.processes import prepared

if TYPE_CHECKING:
    from pathlib import Path

    from accelerate import Accelerator  # type: ignore[import-untyped]
    from torch import Tensor
    from transformers import PreTrainedModel

    from igc_core.interruption import Interruption
    from igc_core.runs import RunFolder
    from igc_encoders.dataset import Batch, Batches
    from igc_encoders.lm.recipe import LmRecipe

#: The best weights so far, in the run's folder.
BEST = "best.safetensors"
_KEPT = 2
_BETAS = (0.9, 0.95)


class Standing(NamedTuple):
    """How training stands.

    Attributes:
        step: Steps taken.
        steps: Steps in all.
        loss: Of the step, in nats for each token.
        rate: Learning rate of the step.
        best: Fewest bits per byte on held-out machines, or None before the first measurement.
        tokens_per_second: Targets learnt from, since this process began.
    """

    step: int
    steps: int
    loss: float
    rate: float
    best: float | None
    tokens_per_second: float


class Watcher(Protocol):
    """Told how training stands, after each step."""

    def __call__(self, standing: Standing) -> None:
        """Take notice."""
        ...


@dataclass(frozen=True)
class Data:
    """What is learnt, and what it is measured by.

    Attributes:
        train: Batches of the machines that are learnt.
        validation: Batches of held-out machines; ``None`` trains to the end, unmeasured.
    """

    train: Batches
    validation: Batches | None


class Trainer:
    """Trains a model, and keeps what is needed to go on.

    Attributes:
        state: How far training is.
        steps: Steps in all.
    """

    def __init__(
        self, recipe: LmRecipe, model: PreTrainedModel, data: Data, run: RunFolder, accelerator: Accelerator
    ) -> None:
        """Prepare training.

        Args:
            recipe: How.
            model: What; trained are its parameters that want a gradient.
            data: On what.
            run: Where checkpoints and metrics go.
            accelerator: On which processes and devices.
        """
        self._recipe, self._data, self._run, self._accelerator = recipe, data, run, accelerator
        self._plain = model
        optimizer = torch.optim.AdamW(_groups(model, recipe.weight_decay), lr=recipe.learning_rate, betas=_BETAS)
        self._model, self._optimizer = prepared(accelerator, model, optimizer)
        self._parted = accelerator.distributed_type == DistributedType.DEEPSPEED
        self._share = recipe.accumulate * accelerator.num_processes
        self._epoch_steps = max(1, len(data.train.epoch(0)) // self._share)
        self.steps = recipe.epochs * self._epoch_steps
        self.state = TrainingState(processes=accelerator.num_processes)
        self._plan: tuple[int, Any] = (-1, [])

    def resume(self, folder: Path) -> None:
        """Go on from a checkpoint.

        Raises:
            EncoderError: It is damaged, or of a model of another shape or another number of processes.
        """
        part = self._accelerator.process_index if self._parted else 0
        processes = self._accelerator.num_processes
        state = checkpoint.restore(folder, self._plain, self._optimizer, part, processes=processes)
        self.state = state.model_copy(update={"processes": processes})

    def train(self, interruption: Interruption, watch: Watcher) -> bool:
        """Train until all steps are taken, patience runs out, or somebody asks to stop.

        Args:
            interruption: Whether somebody did.
            watch: Told how training stands.

        Returns:
            Whether training has come to its end. A checkpoint has been written either way.

        Raises:
            EncoderError: The loss is no number any more.
        """
        began, before = time.monotonic(), self.state
        every = max(1, self._epoch_steps // self._recipe.evaluations)
        while not self.state.ended and not self._stopped(interruption):
            rate = self._recipe.rate(self.state.step, self.steps)
            loss, learnt = self._step(rate)
            seconds = before.seconds + time.monotonic() - began
            done = self.state.step + 1
            changed: dict[str, Any] = {"step": done, "tokens": self.state.tokens + learnt, "seconds": seconds}
            self.state = self.state.model_copy(update=changed | {"ended": done >= self.steps})
            if done % every == 0 or self.state.ended:
                self._evaluate()
            speed = (self.state.tokens - before.tokens) / max(seconds - before.seconds, 1e-9)
            self._tell(Standing(done, self.steps, loss, rate, self.state.best, speed), watch)
            if done % self._recipe.checkpoint_steps == 0:
                self._keep()
        self._keep()
        return self.state.ended

    def restore_best(self) -> None:
        """Put the model into the state that did best on held-out machines, in float32; every process takes part."""
        weights, path = checkpoint.weights_of(self._plain), self._run.path / BEST
        nn.Module.float(self._plain)  # DeepSpeed computes with weights in bfloat16
        if self._data.validation is not None and path.exists():
            checkpoint.restore_weights(path, self._plain)
        else:
            checkpoint.put(self._plain, weights, path)

    def _step(self, rate: float) -> tuple[float, int]:
        """Take one step of the optimizer; returns its mean loss, and how many targets it learnt from."""
        groups = cast("list[dict[str, Any]]", self._optimizer.param_groups)
        for group in groups:
            group["lr"] = rate
        self._model.train()
        total, learnt = 0.0, 0
        for part in range(self._recipe.accumulate):
            batch = self._batch(part)
            with self._accelerator.accumulate(self._model):
                loss = self._loss(batch)
                self._accelerator.backward(loss)
                if self._accelerator.sync_gradients:
                    self._accelerator.clip_grad_norm_(self._model.parameters(), self._recipe.clip)
                self._optimizer.step()
                self._optimizer.zero_grad()
            total += float(loss.detach())
            learnt += int((batch.weights > 0).sum())
        sums = torch.tensor([total / self._share, learnt], dtype=torch.float64, device=self._accelerator.device)
        loss_sum, learnt_sum = _numbers(self._accelerator.reduce(sums))
        if not math.isfinite(loss_sum):
            raise EncoderError(
                f"the loss of step {self.state.step} is {loss_sum}",
                code="encoder-training",
                hint="train anew with a lower learning rate: --set learning_rate=0.001",
            )
        return loss_sum, int(learnt_sum)

    def _batch(self, part: int) -> Batch:
        step, rank = self.state.step, self._accelerator.process_index
        epoch, within = divmod(step, self._epoch_steps)
        if self._plan[0] != epoch:
            self._plan = (epoch, self._data.train.epoch(epoch))
        place = (within * self._recipe.accumulate + part) * self._accelerator.num_processes + rank
        torch.manual_seed((self._recipe.seed << 32) + (step << 12) + (part << 6) + rank)
        return self._data.train.batch(self._plan[1][place % len(self._plan[1])], (epoch, place))

    def _loss(self, batch: Batch) -> Tensor:
        device = self._accelerator.device
        inputs, targets, weights = (
            torch.from_numpy(array).to(device) for array in (batch.inputs, batch.targets, batch.weights)
        )
        logits = cast("Tensor", self._model(input_ids=inputs, use_cache=False).logits)
        losses = functional.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), reduction="none")
        return (losses * weights.flatten()).sum() / weights.sum().clamp(min=1e-6)

    def _evaluate(self) -> None:
        """Measure held-out machines, and keep the best weights."""
        if self._data.validation is None:
            return
        found = self._measured(self._data.validation)
        bits = float(sum(value[0] for value in found.values()) / sum(value[1] for value in found.values()))
        changed: dict[str, Any] = {"worse": self.state.worse + 1}
        if self.state.best is None or bits < self.state.best:
            changed = {"worse": 0, "best": bits, "best_step": self.state.step}
            weights = checkpoint.weights_of(self._plain)
            if self._accelerator.is_main_process:
                checkpoint.write_weights(self._run.path / BEST, weights)
        ended = self.state.ended or 0 < self._recipe.patience <= changed["worse"]
        self.state = self.state.model_copy(update=changed | {"ended": ended})
        if self._accelerator.is_main_process:
            measured = ((name, part, whole) for name, (part, whole) in found.items() if whole)
            by_machine = {f"bits_per_byte/{name}": round(part / whole, 5) for name, part, whole in measured}
            self._run.log({"step": self.state.step, "validation": round(bits, 5), **by_machine})

    def _measured(self, batches: Batches) -> dict[str, tuple[float, float]]:
        """Return the bits and the bytes of each held-out machine; each process measures its share."""
        accelerator = self._accelerator
        most = self._recipe.measured_tokens or batches.store.size
        plan = batches.every()[:: max(1, batches.store.size // most)]
        plan = plan[accelerator.process_index :: accelerator.num_processes]
        with accelerator.autocast():
            found = measure(self._plain, batches, plan=plan)
        sums = torch.tensor([[value.bits, value.bytes] for value in found.values()], dtype=torch.float64)
        together = _numbers(cast("Tensor", accelerator.reduce(sums.to(accelerator.device))).flatten())
        return dict(zip(found, zip(together[::2], together[1::2], strict=True), strict=True))

    def _keep(self) -> None:
        """Write a checkpoint, where there is none of this step yet, and drop all but the last ones."""
        self._accelerator.wait_for_everyone()
        weights = checkpoint.weights_of(self._plain)
        own = [checkpoint.moments_of(self._optimizer, self._plain)]
        moments = cast("list[dict[str, Tensor]]", gather_object(own)) if self._parted else own
        if not self._accelerator.is_main_process:
            return
        names = {folder.name for folder in self._run.checkpoints()}
        if f"step-{self.state.step:012d}" in names:
            return
        with self._run.checkpoint(self.state.step) as folder:
            checkpoint.write(folder, weights, moments, self.state)
        drop_checkpoints(self._run, _KEPT)

    def _stopped(self, interruption: Interruption) -> bool:
        """Tell whether any process was asked to stop; all of them agree."""
        if self._accelerator.num_processes == 1:
            return interruption.requested
        asked = torch.tensor(float(interruption.requested), device=self._accelerator.device)
        return bool(cast("Tensor", self._accelerator.reduce(asked)) > 0)

    def _tell(self, standing: Standing, watch: Watcher) -> None:
        if not self._accelerator.is_main_process:
            return
        figures = {"loss": round(standing.loss, 5), "rate": standing.rate, "tokens": self.state.tokens}
        self._run.log({"step": standing.step, "seconds": round(self.state.seconds, 2), **figures})
        watch(standing)


def _numbers(tensor: Any) -> list[float]:
    """Return the numbers of a tensor of one dimension."""
    return [float(value) for value in tensor]


def drop_checkpoints(run: RunFolder, kept: int) -> None:
    """Remove the oldest checkpoints of a run."""
    import shutil  # noqa: PLC0415

    for folder in run.checkpoints()[:-kept]:
        shutil.rmtree(folder, ignore_errors=True)


def _groups(model: PreTrainedModel, decay: float) -> list[dict[str, Any]]:
    """Part parameters into matrices, which decay, and all else, which does not."""
    parameters = list(checkpoint.trained(model).values())
    matrices = [value for value in parameters if value.ndim > 1]
    others = [value for value in parameters if value.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
