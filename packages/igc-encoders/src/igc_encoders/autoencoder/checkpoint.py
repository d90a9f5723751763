"""A training of an autoencoder on disk, to go on from bit for bit: one file of safetensors, complete or absent."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import safetensors.torch
from safetensors import SafetensorError, safe_open

from igc_core.files import write_atomically
from igc_encoders.autoencoder.progress import Progress
from igc_encoders.errors import EncoderError
from igc_encoders.lm.checkpoint import moments_of, put_moments

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn
    from torch.optim import Optimizer

_WEIGHTS, _MOMENTS, _PROGRESS = "weights/", "moments/", "progress"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one training is kept.

    Attributes:
        path: The file. Its name should tell all that the training depends on.
    """

    path: Path

    def write(self, modules: nn.Module, optimizer: Optimizer, stand: Progress) -> None:
        """Keep what is needed to go on.

        Args:
            modules: All that is trained.
            optimizer: Its optimizer.
            stand: How training stands.

        Raises:
            DataError: The file cannot be written.
        """
        weights = {_WEIGHTS + name: value.detach().cpu().contiguous() for name, value in modules.state_dict().items()}
        moments = {_MOMENTS + name: value for name, value in moments_of(optimizer, modules).items()}
        content = safetensors.torch.save(weights | moments, {_PROGRESS: json.dumps(asdict(stand))})
        write_atomically(self.path, content)

    def restore(self, modules: nn.Module, optimizer: Optimizer) -> Progress:
        """Put all that is trained into the state that was kept; where none was, nothing changes.

        Args:
            modules: All that is trained.
            optimizer: Its optimizer.

        Returns:
            How training stands.

        Raises:
            EncoderError: The file is damaged.
        """
        if not self.path.exists():
            return Progress()
        try:
            with cast("Any", safe_open(self.path, "pt")) as file:
                tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
                stand = Progress(**json.loads(file.metadata()[_PROGRESS]))
            modules.load_state_dict(_below(_WEIGHTS, tensors))
        except (OSError, SafetensorError, ValueError, TypeError, KeyError, RuntimeError) as error:
            raise EncoderError(
                f"{self.path} is damaged", code="encoder-corrupt", hint="remove it to begin anew"
            ) from error
        put_moments(optimizer, modules, _below(_MOMENTS, tensors), self.path)
        return stand

    def drop(self) -> None:
        """Remove what was kept."""
        self.path.unlink(missing_ok=True)


def _below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
