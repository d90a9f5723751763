"""The decision process: wait, cut the GPU anew, or start a task.

Actions are numbers: 0 waits until something ends; 1 to ``L`` change to that layout; ``1 + L + K * i + j`` starts a task
of slot ``i`` on instance ``j``, where ``K`` is the largest number of instances. Equal tasks share a slot.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from igc_core.errors import ActionError
from igc_mig.process.layouts import layouts, mirrored
from igc_mig.process.options import demand_named
from igc_mig.replay import Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from igc_mig.geometry import Gpu

#: When the GPU may be cut anew, and what that does. ``idle-only``: when the slices that change are idle, which are then
#: busy for a while. ``blocking``: at any time but twice in a row, and everything waits until it is done. ``flat``: as
#: blocking, but it costs 0.7 s that pass for no instance, and what changes is told by the numbers of instances (the
#: reference's online version).
Rule: TypeAlias = Literal["idle-only", "blocking", "flat"]
RULES: tuple[Rule, ...] = ("idle-only", "blocking", "flat")
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
        left: When each slice is idle, from now on, in units.
        slots: Of each kind of task its times in units and the tasks of that kind, sorted by times.
        elapsed: Units since the beginning.
        waited: Units that tasks which had arrived spent waiting, all together.
        running: Units that the task started last takes.
        just_cut: Whether the last action cut the GPU.
        plan: What was started, for :func:`~igc_mig.replay.replay`.
    """

    def __init__(self, gpu: Gpu, rules: Rules) -> None:
        demand_named("reconfiguration", rules.reconfiguration, RULES)
        self.gpu, self.rules = gpu, rules
        self.layouts = layouts(gpu)
        self.instances = max(len(one.places) for one in self.layouts)
        self.actions = 1 + len(self.layouts) + rules.slots * self.instances
        sizes = np.array([one.sizes for one in self.layouts])
        self._changes = sizes[:, None] != sizes[None]
        self._starts = [[gpu.placements[place].start for place in one.places] for one in self.layouts]
        self._changing = [[_changing(gpu, old.sizes, new.sizes) for new in self.layouts] for old in self.layouts]
        self._columns = [gpu.sizes.index(place.size) for place in gpu.placements]
        self._known: dict[tuple[int, tuple[bool, ...], bool], NDArray[np.bool_]] = {}
        self.reset(np.empty((0, len(gpu.sizes))), 1.0)

    def reset(self, times: NDArray[np.float64], unit_s: float, arrivals: NDArray[np.float64] | None = None) -> None:
        """Begin a batch on an idle GPU that is not cut.

        Args:
            times: Units that each task takes on each of ``gpu.sizes``, shape ``(tasks, sizes)``.
            unit_s: Seconds of a unit.
            arrivals: When each task arrives in units, ascending, shape ``(tasks,)``; all at once if None.
        """
        self.layout, self.elapsed, self.waited, self.unit_s = 0, 0.0, 0.0, unit_s
        self.running = 0.0
        self.left = [0.0] * self.gpu.compute_slices
        self.plan: list[Step] = []
        self.slots: list[tuple[tuple[float, ...], list[int]]] = []
        self._swapped, self.just_cut = False, False
        self._legal: NDArray[np.bool_] | None = None
        self._rows: NDArray[np.float64] | None = None
        self._visible = 0
        self.arrivals = [0.0] * len(times) if arrivals is None else arrivals.tolist()
        rows: list[list[float]] = times.tolist()
        self._pending = [(tuple(row), task) for task, row in reversed(list(enumerate(rows)))]
        self._admit()

    def occupy(self, layout: int, busy: Sequence[float]) -> None:
        """Begin in another layout, whose instances are busy for some units, from left to right."""
        self.layout, self._legal = layout, None
        self.left = [float(busy[owner]) for owner in self.layouts[layout].owners]

    @property
    def remaining(self) -> NDArray[np.float64]:
        """When each slice is idle, from now on, in units, shape ``(slices,)``."""
        return np.array(self.left)

    @property
    def rows(self) -> NDArray[np.float64]:
        """Times and number of the tasks of each slot, and zeros below, shape ``(rules.slots, sizes + 1)``.

        Kept, as nothing else takes as long to write down: copy what is to stay.
        """
        if self._rows is None:
            self._rows = np.zeros((self.rules.slots, len(self.gpu.sizes) + 1))
            if self.slots:
                self._rows[: len(self.slots)] = [(*times, len(tasks)) for times, tasks in self.slots]
        return self._rows

    @property
    def done(self) -> bool:
        """Whether every task has ended."""
        return not self.slots and not self._pending and not any(self.left)

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
        if not self.allows(action):
            raise ActionError(f"action {action} is not legal here")
        return self.act(action)

    def allows(self, action: int) -> bool:
        """Whether an action is legal."""
        return 0 <= action < self.actions and bool(self.mask()[action])

    def act(self, action: int) -> float:
        """Do what is known to be legal; return the units that passed."""
        before = self.elapsed
        cut = 1 <= action <= len(self.layouts)
        if action == 0:
            self._wait()
        elif cut:
            self._cut(action - 1)
        else:
            self._start(*divmod(action - 1 - len(self.layouts), self.instances))
        if self._pending:
            self._admit()
        self.just_cut, self._legal = cut, None
        return self.elapsed - before

    def _admit(self) -> None:
        """Show the tasks that have arrived and find room."""
        while self._pending and self._visible < self.rules.slots:
            times, task = self._pending[-1]
            late = self.elapsed - self.arrivals[task]
            if late < -NOTHING:
                return
            self._pending.pop()
            self._visible += 1
            place = bisect_left(self.slots, times, key=_times_of)
            alike = place < len(self.slots) and self.slots[place][0] == times
            if alike:
                self.slots[place][1].append(task)
            else:
                self.slots.insert(place, (times, [task]))
            if self._rows is not None:
                self._note(self._rows, place, None if alike else times)

    @staticmethod
    def _note(rows: NDArray[np.float64], place: int, times: tuple[float, ...] | None) -> None:
        """Write a task down: one more of a slot, or a new slot before it."""
        if times is None:
            rows[place, -1] += 1
        else:
            rows[place + 1 :] = rows[place:-1]
            rows[place] = (*times, 1.0)

    def _find_legal(self) -> NDArray[np.bool_]:
        if not self.slots:
            legal = np.zeros(self.actions, np.bool_)
            legal[0] = True  # without a task in sight there is nothing else to do
            return legal
        key = self.layout, tuple([left > 0 for left in self.left]), self.just_cut
        if key not in self._known:
            self._known[key] = self._legal_where(*key)
        legal = self._known[key].copy()
        legal[1 + len(self.layouts) + len(self.slots) * self.instances :] = False
        if self._pending and self._visible < self.rules.slots:
            legal[0] = True  # somebody is still to arrive
        return legal

    def _legal_where(self, layout: int, busy: tuple[bool, ...], just_cut: bool) -> NDArray[np.bool_]:
        """What is legal but for the tasks, as if every slot were filled."""
        taken = np.array(busy)
        head = np.full(1 + len(self.layouts), not just_cut)
        if self.rules.reconfiguration == "idle-only":
            head[1:] = ~(self._changes[layout] & taken).any(1)
        head[0], head[1 + layout] = any(busy), False
        idle = np.zeros(self.instances, np.bool_)
        idle[: len(self._starts[layout])] = ~taken[self._starts[layout]]
        return np.concatenate([head, np.tile(idle, self.rules.slots)])

    def _wait(self) -> None:
        """Pass the time until something ends or somebody arrives."""
        ahead = [left for left in self.left if left > 0]
        if self._pending and self._visible < self.rules.slots:
            ahead.append(self.arrivals[self._pending[-1][1]] - self.elapsed)
        self._pass(min(ahead, default=0.0))

    def _cut(self, target: int) -> None:
        if self.rules.reconfiguration == "flat":
            target = self._exchange(target)
            old, new = self.layouts[self.layout].owners, self.layouts[target].owners
            changing = [left for left, one, other in zip(self.left, old, new, strict=True) if one != other]
            self._pass(max(changing, default=0.0))
            self._tell_time(FLAT_S / self.unit_s)
        else:
            # Charged as the layout asked for, and carried out as its mirror image.
            slices = self._changing[self.layout][target]
            for number, cost_s in slices:
                self.left[number] += cost_s / self.unit_s
            if self.rules.reconfiguration == "blocking":
                self._pass(max([self.left[number] for number, _ in slices], default=0.0))
            target = self._exchange(target)
        self.layout = target

    def _exchange(self, target: int) -> int:
        """Exchange the pairs of slices where a layout is the mirror image of an earlier one, which is returned."""
        if not self.rules.exchange or self.layouts[target].mirror >= target:
            return target
        self.left[:4] = self.left[2], self.left[3], self.left[0], self.left[1]
        self._swapped = not self._swapped
        return self.layouts[target].mirror

    def _start(self, slot: int, number: int) -> None:
        times, tasks = self.slots[slot]
        rows = self.rows  # as they are before the task is gone
        place = self.layouts[self.layout].places[number]
        slices = self.gpu.placements[place].slices
        self.running = times[self._columns[place]]
        self.left[slices.start : slices.stop] = [self.running] * len(slices)
        self.plan.append(Step(tasks.pop(0), mirrored(self.gpu, place) if self._swapped else place))
        self._visible -= 1
        if tasks:
            rows[slot, -1] -= 1
        else:
            self.slots.pop(slot)
            rows[slot:-1], rows[-1] = rows[slot + 1 :], 0.0

    def _pass(self, units: float) -> None:
        self._tell_time(units)
        least = 0.0 if self.rules.residues else NOTHING
        self.left = [0.0 if left - units < least else left - units for left in self.left]

    def _tell_time(self, units: float) -> None:
        """Let time pass for those who wait."""
        now = self.elapsed + units
        self.waited += self._visible * units
        for _, task in reversed(self._pending):
            late = now - self.arrivals[task]
            if late <= 0:
                break
            self.waited += min(late, units)
        self.elapsed = now


def _times_of(slot: tuple[tuple[float, ...], list[int]]) -> tuple[float, ...]:
    return slot[0]


def _changing(gpu: Gpu, old: Sequence[int], new: Sequence[int]) -> list[tuple[int, float]]:
    """Slices that become part of another instance, and the seconds that this takes each."""
    sides = enumerate(zip(old, new, strict=True))
    return [
        (number, gpu.destroy_s[before] + gpu.create_s[after]) for number, (before, after) in sides if before != after
    ]
