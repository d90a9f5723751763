"""A decision process small enough to check a learner on, and of the same form as the large ones.

A corridor of rooms; the goal is to open the door of one of them. The doors are told apart by tokens alone, so a policy
has to learn which way each room lies. The shortest way is known: walk straight there, then open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from igc_core.errors import GoalError, SettingsError
from igc_core.tables import Column, Layout, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from igc_agents.corridor_session import CorridorTrial

#: What can be done in a room, and the row of the table of candidates that describes it.
LEFT, RIGHT, OPEN, SING = 1, 2, 3, 4
NAMES = ("", "left", "right", "open", "sing")
SLOTS, _MEMORY, _VOCABULARY = 6, 3, 64
_STEP_REWARD, _REFUSAL_REWARD, _SUCCESS_REWARD = -0.05, -0.05, 1.0
_OK, _REFUSED = 200, 409
_CODECS = ("candidates", "flat")
#: Of rooms, requests and episodes.
_MOST = 100_000


def _demand(**numbers: tuple[object, int]) -> None:
    """Make sure that options are whole numbers, each from its least on."""
    for name, (value, least) in numbers.items():
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
            raise SettingsError(
                f"the option {name!r} cannot be {value!r:.80}; it takes a whole number from {least} to {_MOST:,}"
            )


class Corridor:
    """Many episodes in corridors, stepped together; an :class:`igc_core.protocols.BatchedEnvironment`.

    Attributes:
        families: Where the door lies from where the episode starts.
        machines: Names of the corridors; there is one.
        room: Where each episode is, int64, ``(num_envs,)``.
        goal: Where its door is, likewise.
    """

    families = ("left", "here", "right")
    machines = ("corridor",)
    codec_name = "corridor"

    def __init__(
        self,
        sources: Sequence[str] = (),  # noqa: ARG002 - what every environment is told
        num_envs: int = 1,
        codec: str = "candidates",
        families: Sequence[str] = (),
        seed: int = 0,
        rooms: int = 6,
        horizon: int = 12,
    ) -> None:
        """Build the corridors.

        Args:
            sources: Not needed; every corridor is the same.
            num_envs: Number of episodes.
            codec: ``"candidates"``, or ``"flat"`` for plain arrays.
            families: Families to draw goals from; all by default.
            seed: Seed of the first episodes.
            rooms: Number of rooms.
            horizon: Requests after which an episode is cut short.

        Raises:
            GoalError: There is no such family.
            SettingsError: Another option is not what it may be.
        """
        _demand(num_envs=(num_envs, 1), rooms=(rooms, 2), horizon=(horizon, 1))
        if codec not in _CODECS:
            raise SettingsError(f"the option 'codec' cannot be {codec!r}; it takes {' or '.join(_CODECS)}")
        if unknown := [name for name in families if name not in self.families]:
            problem = f"the corridor has no family of goals {unknown[0]!r}"
            raise GoalError(problem, code="goal-unknown-family", hint=f"it has {', '.join(self.families)}")
        self.num_envs, self.rooms, self.horizon = num_envs, rooms, horizon
        self.layout = _layout(rooms) if codec == "candidates" else None
        self.observation_space = candidate_space() if codec == "candidates" else _flat_space(rooms)
        self.action_space = spaces.Discrete(SLOTS)
        self._signs = [self.families.index(name) - 1 for name in families or self.families]
        self.reset(seed)

    def reset(self, seed: int | None = None) -> dict[str, NDArray[Any]]:
        """Start every episode."""
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self.room, self.goal, self._start, self._steps, self._refused = (
            np.zeros(self.num_envs, np.int64) for _ in range(5)
        )
        self._last_refused = np.zeros(self.num_envs, np.bool_)
        self._history = np.zeros((self.num_envs, _MEMORY), np.int32)
        self._begin(np.arange(self.num_envs))
        self._deal()
        return self._observe()

    def step(
        self, actions: NDArray[np.integer[Any]]
    ) -> tuple[
        dict[str, NDArray[Any]], NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_], Mapping[str, NDArray[Any]]
    ]:
        """Do one thing in each episode."""
        done = self._slots[np.arange(self.num_envs), actions]
        opened = done == OPEN
        terminated = opened & (self.room == self.goal)
        self._last_refused = (opened & ~terminated) | (done == 0)
        self.room = self.room + (done == RIGHT) - (done == LEFT)
        self._steps += 1
        self._refused += self._last_refused
        self._history = np.column_stack([done, self._history[:, :-1]]).astype(np.int32)
        rewards = _STEP_REWARD + _REFUSAL_REWARD * self._last_refused + _SUCCESS_REWARD * terminated
        truncated = ~terminated & (self._steps >= self.horizon)
        self._deal()
        info = self._report(terminated, truncated)
        ended = np.flatnonzero(terminated | truncated)
        if ended.size:
            self._begin(ended)
            self._deal()
        return self._observe(), rewards.astype(np.float32), terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots."""
        legal: NDArray[np.bool_] = self._slots != 0
        return legal

    def optimal_actions(self) -> NDArray[np.bool_]:
        """Slots on a shortest way."""
        wanted = np.where(self.goal < self.room, LEFT, np.where(self.goal > self.room, RIGHT, OPEN))
        optimal: NDArray[np.bool_] = self._slots == wanted[:, None]
        return optimal

    def trials(self, episodes: int, seed: int = 0) -> Iterator[CorridorTrial]:
        """Yield episodes to evaluate an agent on, one by one."""
        from igc_agents.corridor_session import CorridorSession, CorridorTrial  # noqa: PLC0415 - sessions are built of this

        for number in range(episodes):
            yield CorridorTrial(CorridorSession(seed + number, rooms=self.rooms, horizon=self.horizon))

    def _begin(self, which: NDArray[np.intp]) -> None:
        """Draw a room to start in, and a goal of one of the families."""
        signs = self._random.choice(self._signs, len(which))
        distances = self._random.integers(1, self.rooms, len(which)) * (signs != 0)
        low = np.asarray(self._random.integers(0, self.rooms - distances), np.int64)
        self._start[which] = self.room[which] = np.where(signs < 0, low + distances, low)
        self.goal[which] = np.where(signs < 0, low, low + distances)
        self._steps[which] = self._refused[which] = 0
        self._last_refused[which] = False
        self._history[which] = 0

    def _deal(self) -> None:
        """Put what can be done into slots: in random order without gaps, or each in its own slot for plain arrays."""
        kinds = np.tile(np.arange(1, len(NAMES), dtype=np.int32), (self.num_envs, 1))
        if self.layout is not None:
            kinds = self._random.permuted(kinds, axis=1)
        kinds[(kinds == LEFT) & (self.room == 0)[:, None]] = 0
        kinds[(kinds == RIGHT) & (self.room == self.rooms - 1)[:, None]] = 0
        if self.layout is not None:
            kinds = np.take_along_axis(kinds, (kinds == 0).argsort(1, kind="stable"), 1)
        self._slots = np.zeros((self.num_envs, SLOTS), np.int32)
        self._slots[:, : kinds.shape[1]] = kinds

    def _report(self, terminated: NDArray[np.bool_], truncated: NDArray[np.bool_]) -> dict[str, Any]:
        cut = np.flatnonzero(truncated)
        return {
            "success": terminated,
            "length": self._steps.copy(),
            "shortest": np.abs(self.goal - self._start) + 1,
            "family": np.sign(self.goal - self._start) + 1,
            "machine": np.zeros(self.num_envs, np.int64),
            "refused": self._refused.copy(),
            "status": np.where(self._last_refused, _REFUSED, _OK),
            "terminal_index": cut,
            "terminal_observation": {key: array[cut] for key, array in self._observe().items()},
        }

    def _observe(self) -> dict[str, NDArray[Any]]:
        if self.layout is None:
            rooms = np.arange(self.rooms)
            places = [self.room[:, None] == rooms, self.goal[:, None] == rooms]
            return {"observation": np.hstack(places).astype(np.float32)}
        progress = np.column_stack([self._steps / self.horizon, self._last_refused])
        return {
            "candidates": self._slots,
            "slot_values": (self._slots == self._history[:, :1]).astype(np.float32)[:, :, None],
            "document": (self.room[:, None] + 1).astype(np.int32),
            "goal": (self.goal[:, None] + 1).astype(np.int32),
            "history": self._history,
            "values": progress.astype(np.float32),
        }


def _layout(rooms: int) -> Layout:
    tables = {
        "candidates": Table({"tokens": Column(2, "tokens", _VOCABULARY), "match": Column(1, "values")}),
        "documents": Table({"tokens": Column(2, "tokens", _VOCABULARY), "flags": Column(1, "values")}),
        "goals": Table({"tokens": Column(2, "tokens", _VOCABULARY)}),
    }
    for row in range(1, len(NAMES)):
        tables["candidates"].intern(row, {"tokens": np.array([row]), "match": np.array([row == OPEN], np.float32)})
    for room in range(rooms):
        token = len(NAMES) + room
        tables["documents"].intern(room, {"tokens": np.array([token]), "flags": np.array([room == 0], np.float32)})
        tables["goals"].intern(room, {"tokens": np.array([token])})
    references = {"candidates": "candidates", "document": "documents", "goal": "goals", "history": "candidates"}
    return Layout(tables, references, ("values",), "slot_values")


def candidate_space() -> spaces.Dict:
    """Space of one episode's observations in the codec of candidates."""
    most = np.iinfo(np.int32).max
    return spaces.Dict(
        {
            "candidates": spaces.Box(0, most, (SLOTS,), np.int32),
            "slot_values": spaces.Box(0, 1, (SLOTS, 1), np.float32),
            "document": spaces.Box(0, most, (1,), np.int32),
            "goal": spaces.Box(0, most, (1,), np.int32),
            "history": spaces.Box(0, most, (_MEMORY,), np.int32),
            "values": spaces.Box(0, 1, (2,), np.float32),
        }
    )


def _flat_space(rooms: int) -> spaces.Dict:
    return spaces.Dict({"observation": spaces.Box(0, 1, (2 * rooms,), np.float32)})
