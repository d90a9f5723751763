"""The decision process: wait, cut the GPU anew, or start a task.

Actions are numbers: 0 waits until something ends; 1 to ``L`` change to that layout; ``1 + L + K * i + j`` starts a task
of slot ``i`` on instance ``j``, where ``K`` is the largest number of instances. Equal tasks share a slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from igc_core.errors import ActionError
from igc_mig.process.layouts import layouts, mirrored
from igc_mig.replay import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: When the GPU may be cut anew, and what that does. ``idle-only``: when the slices that change are idle, which are then
#: busy for a while. ``blocking``: at any time but twice in a row, and everything waits until it is done. ``flat``: as
#: blocking, but it costs 0.7 s that pass for nobody, and what changes is told by the numbers of instances (the
#: reference's online version).
Rule: TypeAlias = Literal["idle-only", "blocking", "flat"]
#: Seconds that a flat reconfiguration costs.
FLAT_S = 0.7
#: Times below this are none: what subtraction leaves of equal numbers.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a process allows.

    Attributes:
        slots: Kinds of task shown at once; further tasks come in as others start.
        reconfiguration: When the GPU may be cut anew.
        exchange: Whether a mirrored layout is reached by exchanging the pairs of slices instead (the reference's way).
        residues: Whether the 1e-16 that subtraction leaves of equal times keeps a slice busy (the reference's bug).
    """

    slots: int
    reconfiguration: Rule = "blocking"
    exchange: bool = False
    residues: bool = False


class Machine:
    """A GPU at work on a batch.

    Attributes:
        gpu: The GPU.
        rules: What is allowed.
        layouts: What it can be cut into.
        layout: What it is cut into, an index.
        remaining: When each slice is idle, from now on, in units, shape ``(slices,)``.
        slots: Of each kind of task its times in units and the tasks of that kind, sorted by times.
        elapsed: Units since the beginning.
        just_cut: Whether the last action cut the GPU.
        plan: What was started, for :func:`~igc_mig.replay.replay`.
    """

    def __init__(self, gpu: Gpu, rules: Rules) -> None:
        self.gpu, self.rules = gpu, rules
        self.layouts = layouts(gpu)
        self.instances = max(len(one.places) for one in self.layouts)
        self.actions = 1 + len(self.layouts) + rules.slots * self.instances
        sizes = np.array([one.sizes for one in self.layouts])
        self._changes = sizes[:, None] != sizes[None]
        self._starts = [np.array([gpu.placements[place].start for place in one.places]) for one in self.layouts]
        self._cost_s = np.array(
            [[_changing_s(gpu, old.sizes, new.sizes) for new in self.layouts] for old in self.layouts]
        )
        self.reset(np.empty((0, len(gpu.sizes))), 1.0)

    def reset(self, times: NDArray[np.float64], unit_s: float) -> None:
        """Begin a batch on an idle GPU that is not cut.

        Args:
            times: Units that each task takes on each of ``gpu.sizes``, shape ``(tasks, sizes)``.
            unit_s: Seconds of a unit.
        """
        self.layout, self.elapsed, self.unit_s = 0, 0.0, unit_s
        self.remaining = np.zeros(self.gpu.compute_slices)
        self.plan: list[Step] = []
        self.slots: list[tuple[tuple[float, ...], list[int]]] = []
        self._swapped, self.just_cut = False, False
        self._legal: NDArray[np.bool_] | None = None
        rows: list[list[float]] = times.tolist()
        self._pending = [(tuple(row), task) for task, row in reversed(list(enumerate(rows)))]
        for _ in range(min(self.rules.slots, len(self._pending))):
            self._admit()

    @property
    def done(self) -> bool:
        """Whether every task has ended."""
        return not self.slots and not self.remaining.any()

    def mask(self) -> NDArray[np.bool_]:
        """Which actions are legal, shape ``(actions,)``; reckoned once a step, and not to be written to."""
        if self._legal is None:
            self._legal = self._find_legal()
        return self._legal

    def step(self, action: int) -> float:
        """Act.

        Returns:
            Units that passed.

        Raises:
            ActionError: The action is not legal.
        """
        if not (0 <= action < self.actions and self.mask()[action]):
            raise ActionError(f"action {action} is not legal here")
        before = self.elapsed
        cut = 1 <= action <= len(self.layouts)
        if action == 0:
            self._pass(min((left for left in self.remaining.tolist() if left > 0), default=0.0))
        elif cut:
            self._cut(action - 1)
        else:
            self._start(*divmod(action - 1 - len(self.layouts), self.instances))
        self.just_cut, self._legal = cut, None
        return self.elapsed - before

    def _admit(self) -> None:
        """Show the next task."""
        times, task = self._pending.pop()
        for known, tasks in self.slots:
            if known == times:
                tasks.append(task)
                return
        self.slots.append((times, [task]))
        self.slots.sort(key=lambda slot: slot[0])

    def _find_legal(self) -> NDArray[np.bool_]:
        legal = np.zeros(self.actions, np.bool_)
        busy = self.remaining > 0
        first = 1 + len(self.layouts)
        if not self.slots:
            legal[0] = True  # an episode that is over can only wait
            return legal
        legal[0] = busy.any()
        if self.rules.reconfiguration == "idle-only":
            legal[1:first] = ~(self._changes[self.layout] & busy).any(1)
        else:
            legal[1:first] = not self.just_cut
        legal[1 + self.layout] = False
        starts = self._starts[self.layout]
        slots = legal[first : first + len(self.slots) * self.instances].reshape(-1, self.instances)
        slots[:, : len(starts)] = ~busy[starts]
        return legal

    def _cut(self, target: int) -> None:
        if self.rules.reconfiguration == "flat":
            target = self._exchange(target)
            old, new = self.layouts[self.layout].owners, self.layouts[target].owners
            self._pass(float(self.remaining[np.not_equal(old, new)].max(initial=0.0)))
            self.elapsed += FLAT_S / self.unit_s
        else:
            # Charged as the layout asked for, and carried out as its mirror image.
            cost = self._cost_s[self.layout, target] / self.unit_s
            self.remaining += cost
            if self.rules.reconfiguration == "blocking":
                self._pass(float(self.remaining[cost > 0].max(initial=0.0)))
            target = self._exchange(target)
        self.layout = target

    def _exchange(self, target: int) -> int:
        """Exchange the pairs of slices where a layout is the mirror image of an earlier one, which is returned."""
        if not self.rules.exchange or self.layouts[target].mirror >= target:
            return target
        self.remaining[:4] = self.remaining[[2, 3, 0, 1]]
        self._swapped = not self._swapped
        return self.layouts[target].mirror

    def _start(self, slot: int, number: int) -> None:
        times, tasks = self.slots[slot]
        place = self.layouts[self.layout].places[number]
        slices = self.gpu.placements[place].slices
        self.remaining[slices.start : slices.stop] = times[self.gpu.sizes.index(self.gpu.placements[place].size)]
        self.plan.append(Step(tasks.pop(0), mirrored(self.gpu, place) if self._swapped else place))
        if not tasks:
            self.slots.pop(slot)
        if self._pending:
            self._admit()

    def _pass(self, units: float) -> None:
        self.elapsed += units
        self.remaining = np.maximum(self.remaining - units, 0.0)
        if not self.rules.residues:
            self.remaining[self.remaining < NOTHING] = 0.0


def _changing_s(gpu: Gpu, old: Sequence[int], new: Sequence[int]) -> list[float]:
    """Seconds that each slice takes to become part of another instance."""
    return [
        gpu.destroy_s[before] + gpu.create_s[after] if before != after else 0.0
        for before, after in zip(old, new, strict=True)
    ]
