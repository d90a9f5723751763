"""What a policy sees of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import gymnasium as gym
import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from igc_mig.process.machine import Machine
    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables

#: The least divisor of the reference's observations.
_DIVISOR = 19


class Observer(Protocol):
    """Arrays for states."""

    def space(self, machine: Machine) -> gym.Space[Any]:
        """Space of the observations."""
        ...

    def observe(self, machine: Machine) -> Any:
        """Describe the state."""
        ...

    def observe_all(self, steps: ModuleType, tables: Tables, state: State) -> Any:
        """Describe the states of a batch; ``steps`` is the module that steps it."""
        ...


class FloatObserver:
    """One vector as the reference has it: layout, slots, slices, all divided by one number.

    Attributes:
        levels: Levels of the times.
        cut_flag: Whether the last value tells that the last action cut the GPU.
    """

    def __init__(self, levels: int, *, cut_flag: bool = False) -> None:
        self.levels = levels
        self.cut_flag = cut_flag

    def space(self, machine: Machine) -> gym.Space[Any]:
        """Values from 0 to 1, shape ``(1 + slots * (sizes + 1) + slices [+ 1],)``, float32."""
        return gym.spaces.Box(0.0, 1.0, (len(_numbers(machine)) + self.cut_flag,), np.float32)

    def observe(self, machine: Machine) -> NDArray[np.float32]:
        """Describe the state; what the divisor is too small for is clipped."""
        numbers = [*_numbers(machine), *([float(machine.just_cut)] * self.cut_flag)]
        return np.minimum(np.array(numbers) / self._divisor(machine.rules.slots), 1.0).astype(np.float32)

    def observe_all(self, steps: ModuleType, tables: Tables, state: State) -> NDArray[np.float32]:  # noqa: ARG002
        """Describe the states of a batch."""
        found: NDArray[np.float32] = steps.observe_float(state, self._divisor(state.shown.shape[1]), self.cut_flag)
        return found

    def _divisor(self, slots: int) -> float:
        return float(max(self.levels + 1, slots, _DIVISOR))


class OneHotObserver:
    """The same numbers as categories, for policies that encode each in one-hot form.

    Attributes:
        levels: Levels of the times.
    """

    def __init__(self, levels: int) -> None:
        self.levels = levels

    def space(self, machine: Machine) -> gym.Space[Any]:
        """The layout, the times and count of each slot, the time of each slice."""
        categories = self._categories(machine)
        self._highest = np.array(categories) - 1
        return gym.spaces.MultiDiscrete(categories)

    def observe(self, machine: Machine) -> NDArray[np.int64]:
        """Describe the state; times are rounded up, and the longest category takes what is longer."""
        return self._limited(np.array(_numbers(machine), np.float64))

    def observe_all(self, steps: ModuleType, tables: Tables, state: State) -> NDArray[np.int64]:  # noqa: ARG002
        """Describe the states of a batch."""
        return self._limited(steps.numbers(state))

    def _limited(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        limited: NDArray[np.int64] = np.minimum(np.ceil(numbers), self._highest).astype(np.int64)
        return limited

    def _categories(self, machine: Machine) -> list[int]:
        slot = [self.levels + 2] * len(machine.gpu.sizes) + [machine.rules.slots + 1]
        slices = [self.levels + 2] * machine.gpu.compute_slices
        return [len(machine.layouts), *slot * machine.rules.slots, *slices]


class SetObserver:
    """The tasks as a set of rows, and the GPU apart: what one policy for any number of tasks needs."""

    def space(self, machine: Machine) -> gym.Space[Any]:
        """``tasks``: times and count of each slot; ``present``: which rows are slots; ``gpu``: slices and layout."""
        rows, width = machine.rules.slots, len(machine.gpu.sizes) + 1
        gpu = 2 * machine.gpu.compute_slices + len(machine.layouts) + 1
        return gym.spaces.Dict(
            {
                "gpu": gym.spaces.Box(0.0, np.inf, (gpu,), np.float32),
                "present": gym.spaces.MultiBinary(rows),
                "tasks": gym.spaces.Box(0.0, np.inf, (rows, width), np.float32),
            }
        )

    def observe(self, machine: Machine) -> dict[str, NDArray[Any]]:
        """Describe the state, in units: of each slice the time left and the share of the GPU that its instance has."""
        tasks = np.zeros((machine.rules.slots, len(machine.gpu.sizes) + 1), np.float32)
        for row, (times, members) in enumerate(machine.slots):
            tasks[row] = (*times, len(members))
        layout = np.zeros(len(machine.layouts))
        layout[machine.layout] = 1.0
        sizes = np.array(machine.layouts[machine.layout].sizes) / machine.gpu.compute_slices
        gpu = np.concatenate([machine.remaining, sizes, layout, [machine.just_cut]]).astype(np.float32)
        present = np.arange(machine.rules.slots) < len(machine.slots)
        return {"gpu": gpu, "present": present.astype(np.int8), "tasks": tasks}

    def observe_all(self, steps: ModuleType, tables: Tables, state: State) -> dict[str, NDArray[Any]]:
        """Describe the states of a batch."""
        tasks, present, gpu = steps.observe_set(tables, state)
        return {"gpu": gpu, "present": present, "tasks": tasks}


def _numbers(machine: Machine) -> list[float]:
    """Layout, times and count of each slot, time of each slice."""
    found: list[float] = [machine.layout]
    for times, tasks in machine.slots:
        found += (*times, len(tasks))
    found += [0.0] * ((machine.rules.slots - len(machine.slots)) * (len(machine.gpu.sizes) + 1))
    return [*found, *machine.remaining.tolist()]
