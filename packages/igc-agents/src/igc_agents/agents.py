"""Agents behind the protocol of the core, which also choose for many episodes at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

import numpy as np
import torch

from igc_agents import saving
from igc_agents.imitation import Labeller, any_of
from igc_agents.policy import CandidatePolicy
from igc_agents.shape import SLOTS, CodecIdentity
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from igc_agents.policy import AnyPolicy
    from igc_core.models import EncoderIdentity
    from igc_core.protocols import View
    from igc_core.tables import Layout

#: Key of an observation that tells which slots are legal, where the actions shown do not tell already.
_MASK = "action_mask"


@runtime_checkable
class BatchAgent(Protocol):
    """Chooses for many episodes at once."""

    def start(self, seed: int) -> None:
        """Begin."""
        ...

    def choose_batch(self, observations: Mapping[str, NDArray[Any]], masks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return a legal slot for each episode, shape ``(num_envs,)``."""
        ...


class PolicyAgent:
    """Acts by a trained policy.

    A view's ``observation`` must be that of the codec that the policy was trained with. Where it refers to tables, the
    tables are those of the layout bound last, or the observation's own ``layout``.

    Attributes:
        policy: The policy.
        encoder: The encoder that it learned with, where it did with one.
    """

    def __init__(self, policy: AnyPolicy, *, layout: Layout | None = None, deterministic: bool = True) -> None:
        """Wrap a policy.

        Args:
            policy: The policy.
            layout: Tables that observations refer to, where they do.
            deterministic: Whether to take the most probable action rather than to draw one.

        Raises:
            AgentError: The layout does not fit the policy.
        """
        self.policy = policy
        self._deterministic = deterministic
        self._random = np.random.default_rng(0)
        self._layout: Layout | None = None
        self._rows = ""
        self.encoder: EncoderIdentity | None = None
        if layout is not None:
            self.bind(layout)

    @classmethod
    def load(
        cls,
        path: str | Path = "",
        *,
        layout: Layout | None = None,
        codec: CodecIdentity | None = None,
        deterministic: bool = True,
    ) -> Self:
        """Load a saved agent.

        Args:
            path: Its folder.
            layout: Tables that observations refer to, where they do; may be bound later.
            codec: What will make its observations, to be refused unless it fits.
            deterministic: Whether to take the most probable action rather than to draw one.

        Raises:
            AgentError: There is no agent, its files are damaged, or it does not fit.
        """
        if not str(path):
            hint = "give the folder of a trained agent, e.g. runs/first/agent"
            raise AgentError("a trained policy lies in a folder, and none is named", code="agent-missing", hint=hint)
        saved = saving.load(Path(path), codec=codec)
        agent = cls(saved.policy, deterministic=deterministic)
        agent._rows, agent.encoder = saved.manifest.codec.rows, saved.manifest.encoder
        if layout is not None:
            agent.bind(layout)
        return agent

    def bind(self, layout: Layout) -> None:
        """Take the tables that observations will refer to.

        Raises:
            AgentError: They do not fit the policy.
        """
        if layout.fingerprint != self._rows and self._rows:
            raise AgentError(
                f"the agent learned from rows {self._rows!r}, and these are {layout.fingerprint!r}",
                code="agent-incompatible",
                hint="train it anew with this version",
            )
        if layout is not self._layout:
            self.policy.bind(layout)
            self._layout = layout

    def start(self, seed: int) -> None:
        """Begin an episode; the seed decides what is drawn."""
        self._random = np.random.default_rng(seed)

    def choose(self, view: View) -> int:
        """Return the index of an action in ``view.actions``.

        Raises:
            AgentError: The view has no observation, or one of another codec.
        """
        return int(self.choose_batch(*self._arrays(view))[0])

    def scores(self, view: View) -> NDArray[np.float32]:
        """How probable the policy makes each action of ``view.actions``, shape ``(len(view.actions),)``, summing to 1.

        Raises:
            AgentError: The view has no observation, or one of another codec.
        """
        probabilities: NDArray[np.float32] = np.exp(self.log_probabilities(*self._arrays(view))[0])
        return probabilities[: len(view.actions)]

    def choose_batch(self, observations: Mapping[str, NDArray[Any]], masks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return a legal slot for each episode, shape ``(num_envs,)``."""
        scores = self.log_probabilities(observations, masks)
        if not self._deterministic:
            # The largest of independently perturbed logits is a draw from the softmax (Gumbel, 1954).
            scores += self._random.gumbel(size=scores.shape).astype(np.float32)
        likeliest: NDArray[np.int64] = scores.argmax(1)
        return likeliest

    def log_probabilities(
        self, observations: Mapping[str, NDArray[Any]], masks: NDArray[np.bool_]
    ) -> NDArray[np.float32]:
        """How probable the policy makes each slot, shape ``(num_envs, slots)``."""
        tensors = {
            key: torch.from_numpy(np.ascontiguousarray(observations[key])) for key in self.policy.observation_keys()
        }
        with torch.inference_mode():
            return self.policy.log_probabilities(tensors, masks).numpy().copy()

    def _arrays(self, view: View) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
        """Return the observation of a view and its legal slots, both as a batch of one."""
        seen = view.observation
        if seen is None:
            raise AgentError(
                "the agent acts on arrays, and the view has none",
                code="agent-incompatible",
                hint="run it in an environment with the codec it was trained with",
            )
        if (layout := getattr(seen, "layout", None)) is not None:
            self.bind(layout)
        try:
            observations = {key: np.asarray(seen[key])[None] for key in self.policy.observation_keys()}
        except KeyError as error:
            raise AgentError(
                f"the agent reads {error}, which the view's observation lacks",
                code="agent-incompatible",
                hint="igc run shows candidates; evaluate an agent of the flat codec by `igc evaluate --codec flat`",
            ) from error
        return observations, self._mask(seen, len(view.actions))

    def _mask(self, seen: Mapping[str, Any], shown: int) -> NDArray[np.bool_]:
        """Which slots are legal: those of the actions shown, unless the observation says more. Shape ``(1, slots)``."""
        count = len(seen[SLOTS]) if isinstance(self.policy, CandidatePolicy) else self.policy.slots
        slots = np.arange(count) < shown
        if _MASK in seen:
            slots &= np.asarray(seen[_MASK], np.bool_)
        elif isinstance(self.policy, CandidatePolicy):
            slots &= np.asarray(seen[SLOTS]) != 0
        return slots[None]


class RandomAgent:
    """Draws any legal action."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(0)

    def start(self, seed: int) -> None:
        """Begin an episode; the seed decides what is drawn."""
        self._random = np.random.default_rng(seed)

    def choose(self, view: View) -> int:
        """Return the index of a legal action in ``view.actions``."""
        seen = view.observation
        if seen is not None and _MASK in seen:
            return int(self._random.choice(np.flatnonzero(seen[_MASK])))
        return int(self._random.integers(len(view.actions)))

    def choose_batch(self, observations: Mapping[str, NDArray[Any]], masks: NDArray[np.bool_]) -> NDArray[np.int64]:  # noqa: ARG002 - it looks at nothing
        """Return a legal slot for each episode, shape ``(num_envs,)``."""
        return any_of(masks, self._random)


class ExpertAgent:
    """Does what the environment itself labels as optimal; where it knows nothing, any legal action.

    The upper bound of what an agent can reach, in a batched environment that has labels.
    """

    def __init__(self, labeller: Labeller) -> None:
        self._labeller = labeller
        self._random = np.random.default_rng(0)

    def start(self, seed: int) -> None:
        """Begin; the seed decides among equals."""
        self._random = np.random.default_rng(seed)

    def choose_batch(self, observations: Mapping[str, NDArray[Any]], masks: NDArray[np.bool_]) -> NDArray[np.int64]:  # noqa: ARG002 - the environment knows them
        """Return a slot for each episode, shape ``(num_envs,)``."""
        labels = self._labeller.optimal_actions()
        return any_of(np.where(labels.any(1, keepdims=True), labels, masks), self._random)
