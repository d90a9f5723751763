"""Processes that learn together: what one knows, all know."""

from __future__ import annotations

import os
import socket
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Self, cast

import torch
from torch import Tensor, distributed

from igc_agents.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

#: How long a process waits for the others, who may be building machines.
_PATIENCE = timedelta(minutes=10)
_INTERFACE = "GLOO_SOCKET_IFNAME"


class Group:
    """One process among those that train together; by default the only one, for which every method is free.

    Every process must call the same methods in the same order.

    Attributes:
        rank: Number of this process, from 0; process 0 keeps the records.
        size: Number of processes.
    """

    def __init__(self) -> None:
        """Stand alone; see :meth:`join`."""
        self.rank, self.size = 0, 1

    @classmethod
    def join(cls, meeting_point: Path, rank: int, size: int) -> Self:
        """Meet the other processes, and talk to them over the loopback interface only.

        Args:
            meeting_point: A file that all of them can write, and that none has written before.
            rank: Number of this process.
            size: Number of processes.

        Raises:
            TrainingError: They do not come.
        """
        group = cls()
        group.rank, group.size = rank, size
        with _told_of_loss(), _on_loopback():
            distributed.init_process_group(
                "gloo", init_method=f"file://{meeting_point}", rank=rank, world_size=size, timeout=_PATIENCE
            )
        return group

    def leave(self) -> None:
        """Part from the others."""
        if self.size > 1:
            distributed.destroy_process_group()

    def sum(self, tensor: Tensor) -> None:
        """Replace a tensor by the sum of those of all processes.

        Raises:
            TrainingError: A process is gone.
        """
        if self.size > 1:
            with _told_of_loss():
                distributed.all_reduce(tensor)

    def follow(self, tensor: Tensor) -> None:
        """Replace a tensor by that of process 0.

        Raises:
            TrainingError: A process is gone.
        """
        if self.size > 1:
            with _told_of_loss():
                distributed.broadcast(tensor, 0)

    def agreed(self, values: Sequence[float]) -> list[float]:
        """Return the values that process 0 gave."""
        tensor = torch.tensor(values, dtype=torch.float64)
        self.follow(tensor)
        return cast("list[float]", tensor.tolist())

    def gather(self, text: str) -> list[str]:
        """Return the texts of all processes, by rank.

        Raises:
            TrainingError: A process is gone.
        """
        if self.size == 1:
            return [text]
        content = torch.frombuffer(bytearray(text.encode()), dtype=torch.uint8)
        lengths = torch.zeros(self.size, dtype=torch.int64)
        lengths[self.rank] = len(content)
        self.sum(lengths)
        padded = torch.zeros(self.size, int(lengths.max()), dtype=torch.uint8)
        padded[self.rank, : len(content)] = content
        self.sum(padded)
        return [row.numpy().tobytes()[: int(length)].decode() for row, length in zip(padded, lengths, strict=True)]

    def average_gradients(self, optimizer: torch.optim.Optimizer) -> None:
        """Average the gradients of all processes from now on, before each step of an optimiser.

        Norms are clipped before that, in each process: the mean of clipped gradients has no larger norm either.
        """
        if self.size == 1:
            return
        parameters: list[Tensor] = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        sizes = [parameter.numel() for parameter in parameters]

        def average(*_: object) -> None:
            gradients = [torch.zeros_like(one) if one.grad is None else one.grad for one in parameters]
            flat = torch.cat([gradient.flatten() for gradient in gradients])
            self.sum(flat)
            flat /= self.size
            for parameter, mean in zip(parameters, torch.split(flat, sizes), strict=True):
                parameter.grad = mean.view_as(parameter)

        optimizer.register_step_pre_hook(average)


@contextmanager
def _told_of_loss() -> Generator[None]:
    """Say in the words of training that another process does not answer."""
    try:
        yield
    except RuntimeError as error:
        raise TrainingError(
            "another process of the training is gone", hint="go on from the last checkpoint with igc train --resume"
        ) from error


@contextmanager
def _on_loopback() -> Generator[None]:
    """Keep gloo from listening on interfaces that other machines can reach."""
    loopback = next((name for _, name in socket.if_nameindex() if name.startswith("lo")), None)
    before = os.environ.get(_INTERFACE)
    if loopback is not None:
        os.environ[_INTERFACE] = loopback
    try:
        yield
    finally:
        os.environ.pop(_INTERFACE, None)
        if before is not None:
            os.environ[_INTERFACE] = before
