"""Corridors one by one: sessions, trials for evaluation, and a Gymnasium environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from igc_agents.corridor import NAMES, SLOTS, Corridor, candidate_space
from igc_core.env import GoalEnvironment
from igc_core.episode import Transition
from igc_core.errors import ActionError
from igc_core.models import Goal
from igc_core.protocols import Action, View
from igc_core.rest import Request, Response

if TYPE_CHECKING:
    from numpy.typing import NDArray


class CorridorSession:
    """One episode, as an :class:`igc_core.episode.Session`."""

    def __init__(self, seed: int, **options: Any) -> None:
        """Begin an episode; ``options`` are those of :class:`Corridor`."""
        self._corridor = Corridor(seed=seed, **options)
        self._observation = self._corridor.reset(seed)
        self._steps, self._status, self._reached = 0, 0, False

    @property
    def shortest(self) -> int:
        """Requests that the shortest way takes from where the episode is."""
        corridor = self._corridor
        return int(abs(corridor.goal[0] - corridor.room[0])) + 1

    @property
    def family(self) -> str:
        """Where the door lies."""
        corridor = self._corridor
        return corridor.families[int(np.sign(corridor.goal[0] - corridor.room[0])) + 1]

    def view(self) -> View:
        """Return what an agent may know."""
        corridor = self._corridor
        room, goal = int(corridor.room[0]), int(corridor.goal[0])
        uri = f"/rooms/{room}"
        rows: list[int] = self._observation["candidates"][0].tolist()
        names = [NAMES[row] for row in rows if row]
        return View(
            goal=Goal(family="door", verb="open", target=f"/rooms/{goal}"),
            actions=[Action(Request("POST", f"{uri}/{name}"), uri, "Room", name) for name in names],
            documents={uri: {"Id": str(room)}},
            current=uri,
            steps=self._steps,
            status=self._status,
            observation={key: array[0] for key, array in self._observation.items()},
        )

    def perform(self, index: int) -> Transition:
        """Do what is in a slot."""
        actions = self.view().actions
        if self._reached or not 0 <= index < len(actions):
            raise ActionError(f"there is no action {index} among {len(actions)}", code="action-illegal")
        self._observation, rewards, terminated, truncated, info = self._corridor.step(np.array([index]))
        self._steps += 1
        self._reached = bool(terminated[0])
        self._status = int(info["status"][0])
        request = actions[index].request
        return Transition(float(rewards[0]), self._reached, bool(truncated[0]), request, Response(self._status))

    def reached(self) -> bool:
        """Tell whether the door is open."""
        return self._reached


class CorridorTrial:
    """An episode to evaluate an agent on."""

    machine = "corridor"

    def __init__(self, session: CorridorSession) -> None:
        self._session = session
        self.family, self.shortest = session.family, session.shortest

    def start(self) -> CorridorSession:
        """Return the session; it can be used once."""
        return self._session


class CorridorCodec:
    """Passes on what the session observes."""

    @property
    def observation_space(self) -> spaces.Dict:
        """Space of the observations."""
        return candidate_space()

    @property
    def action_space(self) -> spaces.Discrete:
        """The slots."""
        return spaces.Discrete(SLOTS)

    def encode(self, view: View) -> tuple[Any, NDArray[np.bool_]]:
        """Return the observation, and which slots are legal."""
        return view.observation, np.arange(SLOTS) < len(view.actions)


def environment(**options: Any) -> GoalEnvironment:
    """Build the process as a Gymnasium environment; ``options`` are those of :class:`Corridor`."""
    return GoalEnvironment(lambda seed, _: CorridorSession(seed, **options), CorridorCodec())
