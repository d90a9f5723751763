"""FAR's third phase: take work from the slice that ends last, for an instance of the same size that ends earlier.

Two habits of the authors' program are kept, since they decide its results: rivals are compared by as many slices as
their size counts (so the fourth slice below a 3g at start 0 is overlooked), and between rounds the ends are shifted by
what moved, without reckoning the costs anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_mig.tree import columns, walk

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.tree import Tree

#: Rounds at most, and seconds that a move must leave of the gap.
ROUNDS, MARGIN_S = 100, 1e-5


def refine(gpu: Gpu, durations: NDArray[np.float64], tree: Tree, *, serial: bool, rounds: int = ROUNDS) -> Tree:
    """Shorten a schedule by moves and swaps between instances of one size.

    Args:
        gpu: Where.
        durations: Seconds, shape ``(tasks, sizes)``.
        tree: The schedule; it stays as it is.
        serial: Reckon with serial costs.
        rounds: How many moves and swaps are made at most.

    Returns:
        The new schedule. With costs it can be longer, as they are not reckoned on the way.
    """
    refinement = _Refinement(gpu, durations, tree, walk(gpu, durations, tree, serial=serial)[1])
    for _ in range(rounds):
        if not refinement.improve():
            break
    return refinement.tree


class _Refinement:
    """A schedule under change, and when its slices end."""

    def __init__(self, gpu: Gpu, durations: NDArray[np.float64], tree: Tree, ends: list[float]) -> None:
        self.gpu = gpu
        self.tree = [list(tasks) for tasks in tree]
        self.times = [durations[:, column].tolist() for column in columns(gpu)]
        self.leaves = [place for place, inside in enumerate(gpu.children) if not inside]
        self.ends = {gpu.placements[leaf].start: ends[leaf] for leaf in self.leaves}

    def improve(self) -> bool:
        """Change something for the slices that end last, or else for what is around them; False where nothing helps."""
        latest = max(self.ends.values())
        queue = [leaf for leaf in self.leaves if self.ends[self.gpu.placements[leaf].start] >= latest]
        while queue:
            place = queue.pop(0)
            if self.gpu.parents[place] < 0:
                return False
            rival = min(self._rivals(place), key=self._span)
            gap = latest - self._span(rival)
            if rival != place and (self._move(place, rival, gap) or self._swap(place, rival, gap)):
                return True
            queue.append(self.gpu.parents[place])
        return False

    def _rivals(self, place: int) -> list[int]:
        placements = self.gpu.placements
        return [index for index, other in enumerate(placements) if other.size == placements[place].size]

    def _span(self, place: int) -> float:
        """When the last of as many slices ends as the size counts."""
        one = self.gpu.placements[place]
        return max(self.ends[place] for place in range(one.start, one.start + one.size))

    def _move(self, place: int, rival: int, gap: float) -> bool:
        """Move the task that halves the gap best."""
        time = self.times[place]
        fitting = [task for task in self.tree[place] if time[task] < gap - MARGIN_S]
        if not fitting:
            return False
        task = min(fitting, key=lambda one: abs(time[one] - gap / 2))
        self._transfer(task, place, rival)
        return True

    def _swap(self, place: int, rival: int, gap: float) -> bool:
        """Swap the two tasks whose difference halves the gap best."""
        time = self.times[place]
        pairs = [
            (abs(time[longer] - time[shorter] - gap / 2), longer, shorter)
            for longer in self.tree[place]
            for shorter in self.tree[rival]
            if 0 < time[longer] - time[shorter] < gap
        ]
        if not pairs:
            return False
        _, longer, shorter = min(pairs)
        self._transfer(longer, place, rival)
        self._transfer(shorter, rival, place)
        return True

    def _transfer(self, task: int, source: int, target: int) -> None:
        """Move a task; placements keep their longest first."""
        time = self.times[source][task]
        self.tree[source].remove(task)
        self.tree[target].append(task)
        self.tree[target].sort(key=lambda one: -self.times[target][one])
        for place, change in ((source, -time), (target, time)):
            for one in self.gpu.placements[place].slices:
                self.ends[one] += change
