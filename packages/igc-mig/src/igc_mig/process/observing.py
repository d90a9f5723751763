"""What a policy sees of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import gymnasium as gym
import numpy as np

from igc_core.errors import DataError

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from igc_mig.process.machine import Machine
    from igc_mig.process.state import State
    from igc_mig.process.tables import Tables

#: The least divisor of the reference's observations.
_DIVISOR = 19
#: The most numbers that categories may be in one-hot form: a network has some hundred weights for each.
_MOST_CATEGORIES = 100_000


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
        return gym.spaces.Box(0.0, 1.0, _numbers(machine, cut_flag=self.cut_flag).shape, np.float32)

    def observe(self, machine: Machine) -> NDArray[np.float32]:
        """Describe the state; what the divisor is too small for is clipped."""
        numbers = _numbers(machine, cut_flag=self.cut_flag) / self._divisor(machine.rules.slots)
        return np.minimum(numbers, 1.0, out=numbers).astype(np.float32)

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
        """The layout, the times and count of each slot, the time of each slice.

        Raises:
            DataError: There are more categories than a network can be told of.
        """
        categories = self._categories(machine)
        if sum(categories) > _MOST_CATEGORIES:
            problem = f"{machine.rules.slots:,} slots of {self.levels:,} levels are {sum(categories):,} categories"
            hint = f"{_MOST_CATEGORIES:,} at most: give fewer tasks or levels, or use observation='float'"
            raise DataError(problem, code="data-invalid", hint=hint)
        self._highest = np.array(categories) - 1
        return gym.spaces.MultiDiscrete(categories)

    def observe(self, machine: Machine) -> NDArray[np.int64]:
        """Describe the state; times are rounded up, and the longest category takes what is longer."""
        return self._limited(_numbers(machine))

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

    def __init__(self) -> None:
        self._layouts: list[NDArray[np.float32]] = []

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
        if not self._layouts:
            self._layouts = [_layout_numbers(machine, number) for number in range(len(machine.layouts))]
        present = np.zeros(machine.rules.slots, np.int8)
        present[: len(machine.slots)] = 1
        gpu = self._layouts[machine.layout].copy()
        gpu[: len(machine.left)] = machine.left
        gpu[-1] = machine.just_cut
        return {"gpu": gpu, "present": present, "tasks": machine.rows.astype(np.float32)}

    def observe_all(self, steps: ModuleType, tables: Tables, state: State) -> dict[str, NDArray[Any]]:
        """Describe the states of a batch."""
        tasks, present, gpu = steps.observe_set(tables, state)
        return {"gpu": gpu, "present": present, "tasks": tasks}


def _layout_numbers(machine: Machine, layout: int) -> NDArray[np.float32]:
    """Room for the slices; shares of the GPU that the instance on each has; the layout, one-hot; room for the flag."""
    shares = [size / machine.gpu.compute_slices for size in machine.layouts[layout].sizes]
    one_hot = [float(one == layout) for one in range(len(machine.layouts))]
    return np.array([*[0.0] * len(shares), *shares, *one_hot, 0.0], np.float32)


def _numbers(machine: Machine, *, cut_flag: bool = False) -> NDArray[np.float64]:
    """Layout, times and count of each slot, time of each slice, and on demand whether the last action cut the GPU."""
    rows, slices = machine.rows, machine.gpu.compute_slices
    found = np.empty(1 + rows.size + slices + cut_flag)
    found[0] = machine.layout
    found[1 : 1 + rows.size] = rows.ravel()
    found[1 + rows.size : 1 + rows.size + slices] = machine.left
    if cut_flag:
        found[-1] = machine.just_cut
    return found
