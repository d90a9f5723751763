"""Simulated annealing on the assignment of tasks to placements, many chains at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from igc_mig.replay import replay
from igc_mig.tree import blocking, columns, grow, steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu
    from igc_mig.replay import CostModel, Step

#: Temperatures at the beginning and at the end, as shares of the mean load.
_HOT, _COLD = 0.05, 0.0005
#: Share of the moves that let two tasks change places.
_SWAPS = 0.5
#: Weight of uneven loads beside the fullest slice: without it most moves change nothing.
_EVENNESS = 0.1


class Annealing:
    """Schedule by simulated annealing (Kirkpatrick, Gelatt and Vecchi, 1983).

    Attributes:
        name: How tables call it.
        chains: Chains that run beside each other.
        moves: Moves that each tries.
        seed: Of every plan, so the same tasks give the same plan.
    """

    name = "annealing"

    def __init__(self, chains: int = 64, moves: int = 1500, seed: int = 0) -> None:
        self.chains = chains
        self.moves = moves
        self.seed = seed

    def plan(self, gpu: Gpu, durations: NDArray[np.float64], cost: CostModel) -> list[Step]:
        """Make a plan: the chain that is shortest with its costs."""
        if not len(durations):
            return []
        plans = [
            steps(gpu, durations, grow(gpu, durations, chain.tolist()), serial=cost != "none")
            for chain in self.assignments(gpu, durations)[:4]
        ]
        return min(plans, key=lambda plan: replay(gpu, durations, plan, cost).makespan_s)

    def assignments(self, gpu: Gpu, durations: NDArray[np.float64]) -> NDArray[np.intp]:
        """Anneal.

        Each move gives a task another placement, or lets two tasks change places.

        Args:
            gpu: Where.
            durations: Seconds, shape ``(tasks, sizes)``, at least one task.

        Returns:
            The placements of the best assignment that each chain met, shape ``(chains, tasks)``, the best chain first.
        """
        random = np.random.default_rng(self.seed)
        loads = durations[:, columns(gpu), None] * blocking(gpu)
        tasks, places, _ = loads.shape
        chain = np.arange(self.chains)
        current = _least_work(gpu, durations, random.random((self.chains, tasks)))
        total = loads[np.arange(tasks), current].sum(1)
        energy = _energy(total)
        best, lowest = current.copy(), total.max(1)
        for heat in np.geomspace(_HOT, _COLD, self.moves) * total.mean():
            one, other = random.integers(tasks, size=(2, self.chains))
            swap = (random.random(self.chains) < _SWAPS) & (one != other)
            old_one, old_other = current[chain, one], current[chain, other]
            new_one = np.where(swap, old_other, random.integers(places, size=self.chains))
            new_other = np.where(swap, old_one, old_other)
            after = total + loads[one, new_one] - loads[one, old_one]
            after += np.where(swap[:, None], loads[other, new_other] - loads[other, old_other], 0.0)
            proposed = _energy(after)
            taken = np.log(random.random(self.chains)) * heat < energy - proposed
            total[taken], energy[taken] = after[taken], proposed[taken]
            current[chain[taken], other[taken]] = new_other[taken]
            current[chain[taken], one[taken]] = new_one[taken]
            fullest = total.max(1)
            better = fullest < lowest
            best[better], lowest[better] = current[better], fullest[better]
        return best[np.argsort(lowest, kind="stable")]


def _least_work(gpu: Gpu, durations: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.intp]:
    """Place each task somewhere where it takes least work; shape as ``chance``, which decides where."""
    column = np.array(columns(gpu))
    options = [np.flatnonzero(column == best) for best in (durations * np.array(gpu.sizes)).argmin(1)]
    chosen = [places[(chance[:, task] * len(places)).astype(int)] for task, places in enumerate(options)]
    return np.stack(chosen, axis=1)


def _energy(total: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a chain lowers: its fullest slice, and a little of the rest; shape ``(chains,)``."""
    return np.asarray(total.max(1) + _EVENNESS * total.mean(1), np.float64)
