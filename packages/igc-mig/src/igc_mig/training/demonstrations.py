"""Episodes of an expert: assignments that a search found, acted out in the process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from igc_mig.process.layouts import layouts
from igc_mig.tree import grow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_mig.batched import BatchedMig
    from igc_mig.geometry import Gpu
    from igc_mig.tree import Tree

#: Worth of a layout's placements: of those that take tasks at once, will soon, and will at some time.
_NOW, _SOON, _LATER = 100, 10, 1


class Demonstrations(NamedTuple):
    """What an expert saw and did, one row a step.

    Attributes:
        seen: What it saw.
        legal: What was legal, shape ``(steps, actions)``.
        good: What it did and what is as good, shape ``(steps, actions)``.
        left: Minus the units that passed from there to the end, float32.
    """

    seen: dict[str, NDArray[Any]]
    legal: NDArray[np.bool_]
    good: NDArray[np.bool_]
    left: NDArray[np.float32]


class Expert:
    """Acts a schedule out: the widest instances first, on each the longest task, and it cuts where that is due."""

    def __init__(self, gpu: Gpu) -> None:
        self._gpu = gpu
        self._layouts = layouts(gpu)
        self._sets = [frozenset(one.places) for one in self._layouts]
        known = {place for one in self._layouts for place in one.places}
        self._above: list[list[int]] = []
        for parent in gpu.parents:  # parents come before their children
            self._above.append([] if parent < 0 else [parent, *self._above[parent]])
        #: Placements that no layout has are those that another one of the same slices dominates.
        self._instead = [place if place in known else gpu.parents[place] for place in range(len(gpu.placements))]
        self._width = max(len(one.places) for one in self._layouts)
        self._slices = [np.array(one.slices) for one in gpu.placements]

    def tree(self, durations: NDArray[np.float64], assignment: Sequence[int]) -> Tree:
        """Turn an assignment into what is left to act out."""
        return grow(self._gpu, durations, [self._instead[place] for place in assignment])

    def choose(self, batch: BatchedMig, index: int, tree: Tree) -> tuple[int, list[int]]:
        """Choose an action in one episode, and strike off the task that it starts.

        Returns:
            The action, and all that are as good: the tasks of an instance may run in any order.
        """
        state = batch.state
        remaining, layout = state.remaining[index], int(state.layout[index])
        ready = [
            place for place, tasks in enumerate(tree) if tasks and not any(tree[above] for above in self._above[place])
        ]
        idle = [place for place in ready if not remaining[self._slices[place]].any()]
        here = self._layouts[layout].places
        starting = [place for place in idle if place in here]
        if starting:
            slots = {kind: slot for slot, kind in enumerate(state.shown[index].tolist())}
            kinds = batch.episodes.kind[index].tolist()
            good = [
                1 + len(self._layouts) + slots[kinds[task]] * self._width + here.index(place)
                for place in starting
                for task in tree[place]
            ]
            tree[starting[0]].pop(0)
            return good[0], good
        chosen = 0 if not idle or state.just_cut[index] else 1 + self._target(here, remaining, idle, ready, tree)
        return chosen, [chosen]

    def _target(
        self, here: Sequence[int], remaining: NDArray[np.float64], idle: list[int], ready: list[int], tree: Tree
    ) -> int:
        """Choose the layout that keeps busy instances, and has most of what takes tasks."""
        busy = frozenset(place for place in here if remaining[self._slices[place]].any())
        worth = {place: float(_LATER) for place, tasks in enumerate(tree) if tasks}
        worth |= dict.fromkeys(ready, float(_SOON)) | dict.fromkeys(idle, float(_NOW))
        for place in here:
            worth[place] = worth.get(place, 0.0) + 0.5 * _LATER
        fitting = [number for number, one in enumerate(self._sets) if busy <= one]
        return max(fitting, key=lambda number: sum(worth.get(place, 0.0) for place in self._sets[number]))


def act_out(batch: BatchedMig, expert: Expert, trees: Sequence[Tree], features: Any) -> Demonstrations:
    """Act schedules out, one in each episode of a batch that was just loaded.

    Args:
        batch: The environment.
        expert: Who acts.
        trees: The schedules.
        features: Computes what a policy sees from an observation.

    Returns:
        All steps of all episodes.
    """
    seen: list[dict[str, NDArray[Any]]] = []
    parts: list[tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.float64], NDArray[np.intp]]] = []
    running = np.ones(batch.num_envs, np.bool_)
    observation = batch.look()
    for _ in range(batch.horizon):
        index = np.flatnonzero(running)
        chosen = np.zeros(batch.num_envs, np.int64)
        good = np.zeros((len(index), batch.state.legal.shape[1]), np.bool_)
        for place, row in enumerate(index):
            chosen[row], best = expert.choose(batch, int(row), trees[int(row)])
            good[place, best] = True
        seen.append({name: array[index] for name, array in features(observation).items()})
        parts.append((batch.action_masks()[index], good, batch.state.elapsed[index], index))
        _, over = batch.advance(np.where(running, chosen, -1))
        running &= ~over
        if not running.any():
            break
        observation = batch.look()
    last = batch.state.elapsed
    return Demonstrations(
        {name: np.concatenate([one[name] for one in seen]) for name in seen[0]},
        np.concatenate([legal for legal, *_ in parts]),
        np.concatenate([good for _, good, *_ in parts]),
        np.concatenate([moment - last[index] for *_, moment, index in parts]).astype(np.float32),
    )
