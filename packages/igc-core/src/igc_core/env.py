"""A Gymnasium environment over the protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

import gymnasium as gym

from igc_core.redaction import redact

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from igc_core.episode import Session, Transition
    from igc_core.protocols import View

    #: Begins an episode: ``(seed, options) -> session``. The same arguments give the same episode.
    SessionFactory: TypeAlias = Callable[[int, Mapping[str, Any]], Session]

#: Session seeds are drawn below this.
_SEEDS = 2**31


@runtime_checkable
class Codec(Protocol):
    """Turns views into arrays, and slots into actions."""

    @property
    def observation_space(self) -> gym.Space[Any]:
        """Space of the observations."""
        ...

    @property
    def action_space(self) -> gym.spaces.Discrete:
        """The slots; slot ``i`` stands for ``view.actions[i]``."""
        ...

    def encode(self, view: View) -> tuple[Any, NDArray[np.bool_]]:
        """Turn a view into an observation.

        Returns:
            A member of the observation space, and which slots are legal, shape ``(slots,)``.
        """
        ...


@runtime_checkable
class GoalCodec(Codec, Protocol):
    """A codec whose observations hold ``achieved_goal`` and ``desired_goal``."""

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """Judge what was achieved against what was wanted, for one pair or a batch.

        It must hold that ``reward == compute_reward(observation["achieved_goal"], observation["desired_goal"], info)``
        for what :meth:`GoalEnvironment.step` returned.
        """
        ...


class GoalEnvironment(gym.Env[Any, Any]):
    """Reach goals on services, one request a step.

    An illegal slot sends nothing: the step costs ``illegal_reward`` and counts towards ``horizon``. An episode is
    ``terminated`` by its session, and ``truncated`` by its session or the horizon.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"]}  # noqa: RUF012 - gymnasium declares it so

    def __init__(
        self,
        sessions: SessionFactory,
        codec: Codec,
        *,
        horizon: int | None = None,
        illegal_reward: float = -0.1,
        render_mode: str | None = None,
    ) -> None:
        """Build the environment.

        Args:
            sessions: Begins an episode from a seed and the options of :meth:`reset`.
            codec: Arrays for views.
            horizon: The most steps of an episode, or None to leave it to the session.
            illegal_reward: Reward of choosing a slot that is masked.
            render_mode: None or ``"ansi"``.
        """
        self.observation_space = codec.observation_space
        self.action_space = codec.action_space
        self.render_mode = render_mode
        self._sessions, self._codec = sessions, codec
        self._horizon, self._illegal_reward = horizon, illegal_reward
        self._session: Session | None = None
        self._steps = 0
        self._last: Transition | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Seeds this episode and those after it.
            options: Passed to the session factory.

        Returns:
            The first observation, and ``info`` with ``is_success``.
        """
        super().reset(seed=seed)
        self._session = self._sessions(int(self.np_random.integers(_SEEDS)), options or {})
        self._steps, self._last = 0, None
        self._look()
        return self._observation, {"is_success": self._session.reached()}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Send the request in a slot.

        Args:
            action: The slot.

        Returns:
            Observation, reward, terminated, truncated, and ``info``: ``status`` of the answer, ``illegal`` where
            nothing was sent, ``is_success``.
        """
        session = self._running()
        slot = int(action)
        self._steps += 1
        if not (0 <= slot < len(self._mask) and self._mask[slot]):
            self._look()  # what was returned before is the caller's
            info = {"status": 0, "illegal": True, "is_success": False}
            return self._observation, self._illegal_reward, False, self._is_late(), info
        self._last = done = session.perform(slot)
        self._look()
        info = {"status": done.response.status, "illegal": False, "is_success": done.terminated and session.reached()}
        truncated = not done.terminated and (done.truncated or self._is_late())
        return self._observation, float(done.reward), done.terminated, truncated, info

    def action_masks(self) -> NDArray[np.bool_]:
        """Legal slots, shape ``(slots,)``."""
        self._running()
        return self._mask.copy()

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """Judge what was achieved, as the codec does.

        Raises:
            TypeError: The codec has no goals in its observations.
        """
        if not isinstance(self._codec, GoalCodec):
            raise TypeError(f"{type(self._codec).__name__} is no goal codec: it has no compute_reward")
        return self._codec.compute_reward(achieved_goal, desired_goal, info)

    def render(self) -> str | None:
        """Tell the goal, the last request and the number of legal actions, as text; None without a render mode."""
        if self.render_mode is None:
            return None
        view = self._running().view()
        lines = [f"goal     {view.goal}", f"step     {self._steps}"]
        if self._last is not None:
            request = self._last.request
            body = "" if request.body is None else f" {redact(request.body)}"
            lines.append(f"request  {request.method} {request.uri}{body} -> {self._last.response.status}")
        return "\n".join([*lines, f"legal    {int(self._mask.sum())} of {len(self._mask)}"])

    def _look(self) -> None:
        self._observation, self._mask = self._codec.encode(self._running().view())

    def _is_late(self) -> bool:
        return self._horizon is not None and self._steps >= self._horizon

    def _running(self) -> Session:
        if self._session is None:
            raise gym.error.ResetNeeded("call reset() before anything else")
        return self._session
