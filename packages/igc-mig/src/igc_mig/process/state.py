"""The states of a batch of processes, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class State(NamedTuple):
    """``B`` processes of at most ``T`` tasks, of which ``R`` kinds are shown; changed in place.

    A *kind* is a row of ``times``: equal tasks are of one kind. Kind ``T`` stands for none, and takes no time.

    Attributes:
        times: Units that each kind takes on each size, sorted, shape ``(B, T + 1, sizes)``.
        kind: Of each task in the order of the queue, shape ``(B, T)``.
        total: Tasks of each episode, shape ``(B,)``.
        unit_s: Seconds of a unit, shape ``(B,)``.
        shown: Kinds shown, ascending, shape ``(B, R)``.
        counts: Tasks of each, shape ``(B, R)``.
        arrival: When each task arrives, in units, shape ``(B, T)``.
        waited: Units that tasks which had arrived spent waiting, all together, shape ``(B,)``.
        admitted: Tasks shown so far, shape ``(B,)``.
        layout: What each GPU is cut into, shape ``(B,)``.
        remaining: When each slice is idle, from now on, in units, shape ``(B, C)``.
        elapsed: Units since the beginning, shape ``(B,)``.
        just_cut: Whether the last action cut the GPU, shape ``(B,)``.
        swapped: Whether the pairs of slices are exchanged, shape ``(B,)``.
        started: Tasks started so far, shape ``(B,)``.
        plan: Kind and placement of each, in order, shape ``(B, T, 2)``.
        legal: Which actions are legal, shape ``(B, actions)``.
    """

    times: NDArray[np.float64]
    kind: NDArray[np.int64]
    total: NDArray[np.int64]
    unit_s: NDArray[np.float64]
    shown: NDArray[np.int64]
    counts: NDArray[np.int64]
    arrival: NDArray[np.float64]
    waited: NDArray[np.float64]
    admitted: NDArray[np.int64]
    layout: NDArray[np.int64]
    remaining: NDArray[np.float64]
    elapsed: NDArray[np.float64]
    just_cut: NDArray[np.bool_]
    swapped: NDArray[np.bool_]
    started: NDArray[np.int64]
    plan: NDArray[np.int64]
    legal: NDArray[np.bool_]

    @property
    def none(self) -> int:
        """The kind that stands for none."""
        return int(self.times.shape[1]) - 1


def empty(processes: int, tasks: int, slots: int, sizes: int, slices: int, actions: int) -> State:
    """Allocate states without tasks."""
    whole, real, flag = np.int64, np.float64, np.bool_
    return State(
        times=np.zeros((processes, tasks + 1, sizes), real),
        kind=np.full((processes, tasks), tasks, whole),
        total=np.zeros(processes, whole),
        unit_s=np.ones(processes, real),
        shown=np.full((processes, slots), tasks, whole),
        counts=np.zeros((processes, slots), whole),
        arrival=np.zeros((processes, tasks), real),
        waited=np.zeros(processes, real),
        admitted=np.zeros(processes, whole),
        layout=np.zeros(processes, whole),
        remaining=np.zeros((processes, slices), real),
        elapsed=np.zeros(processes, real),
        just_cut=np.zeros(processes, flag),
        swapped=np.zeros(processes, flag),
        started=np.zeros(processes, whole),
        plan=np.zeros((processes, tasks, 2), whole),
        legal=np.zeros((processes, actions), flag),
    )
