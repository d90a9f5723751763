"""Policies that MaskablePPO of sb3-contrib trains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from gymnasium import spaces
from sb3_contrib.common.maskable.policies import MaskableActorCriticPolicy, MaskableMultiInputActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor

from igc_agents.network import IMPOSSIBLE, CandidateNetwork
from igc_agents.shape import CandidateShape, FlatShape
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy as np
    from numpy.typing import NDArray
    from sb3_contrib.common.maskable.distributions import MaskableDistribution

    from igc_agents.size import NetworkSize
    from igc_core.tables import Layout

    #: Observations, and masks of shape ``(batch, slots)``, as tensors or arrays.
    Observation = dict[str, Tensor]
    Masks = Tensor | NDArray[np.bool_] | None


class CandidatePolicy(MaskableActorCriticPolicy):
    """Chooses among candidates by score; the number and the order of the candidates do not matter.

    The network gives logits and value in one pass, so there are no separate actor and critic bodies.
    """

    network: CandidateNetwork

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Discrete,
        lr_schedule: Callable[[float], float],
        *,
        shape: CandidateShape,
        size: NetworkSize,
        layout: Layout | None = None,
        **_: Any,
    ) -> None:
        """Build the policy.

        Args:
            observation_space: Space of the observations; the shape tells all that matters.
            action_space: The slots.
            lr_schedule: Learning rate by the share of training that remains, from 1 to 0.
            shape: What observations look like.
            size: How large the network is.
            layout: Tables that observations refer to; may be given later by :meth:`bind`.
        """
        super().__init__(
            observation_space,
            action_space,
            lr_schedule,
            features_extractor_class=_NetworkExtractor,
            features_extractor_kwargs={"shape": shape, "size": size},
        )
        if layout is not None:
            self.bind(layout)

    def bind(self, layout: Layout) -> None:
        """Take the tables that observations will refer to.

        Raises:
            AgentError: They do not fit the network.
        """
        self.network.bind(layout)

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        """Make the optimiser; the features extractor is the whole network already."""
        extractor = self.features_extractor
        assert isinstance(extractor, _NetworkExtractor)  # noqa: S101 - narrows the type
        self.network = extractor.network
        options: dict[str, Any] = {"lr": lr_schedule(1), **self.optimizer_kwargs}
        self.optimizer = self.optimizer_class(self.parameters(), **options)

    def forward(  # type: ignore[override]
        self, obs: Observation, deterministic: bool = False, action_masks: Masks = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Choose actions.

        Returns:
            Actions ``(batch,)``, values ``(batch, 1)`` and log-probabilities of the actions ``(batch,)``.
        """
        log_probabilities, values = self.judge(obs, action_masks)
        if deterministic:
            actions = log_probabilities.argmax(1)
        else:
            actions = torch.multinomial(log_probabilities.exp(), 1).squeeze(1)
        return actions, values, _picked(log_probabilities, actions)

    def evaluate_actions(  # type: ignore[override]
        self, obs: Observation, actions: Tensor, action_masks: Masks = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Give values ``(batch, 1)``, log-probabilities of actions and entropies, both ``(batch,)``."""
        log_probabilities, values = self.judge(obs, action_masks)
        entropy = -(log_probabilities.exp() * log_probabilities).sum(1)
        return values, _picked(log_probabilities, actions), entropy

    def get_distribution(self, obs: Observation, action_masks: Masks = None) -> MaskableDistribution:  # type: ignore[override]
        """Give the distribution over slots."""
        return self.action_dist.proba_distribution(action_logits=self.log_probabilities(obs, action_masks))

    def predict_values(self, obs: Observation) -> Tensor:  # type: ignore[override]
        """Value steps, shape ``(batch, 1)``."""
        values: Tensor = self.network(obs)[1]
        return values

    def judge(self, obs: Observation, action_masks: Masks = None) -> tuple[Tensor, Tensor]:
        """Give log-probabilities ``(batch, slots)`` and values ``(batch, 1)``."""
        logits, values = self.network(obs)
        return masked_log_softmax(logits, action_masks), values

    def log_probabilities(self, obs: Observation, action_masks: Masks = None) -> Tensor:
        """Give log-probabilities ``(batch, slots)`` alone, which takes less time."""
        return masked_log_softmax(self.network.logits(obs), action_masks)

    @property
    def slots(self) -> int:
        """Number of slots to choose among."""
        return self.network.shape.slots

    def observation_keys(self) -> tuple[str, ...]:
        """What the policy reads of an observation."""
        shape = self.network.shape
        return (*shape.references, *shape.values, shape.slot_values)

    def weights(self) -> dict[str, Tensor]:
        """All that was learned."""
        return self.network.state_dict()

    def set_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over what :meth:`weights` gave.

        Raises:
            RuntimeError: Names or shapes differ.
        """
        self.network.load_state_dict(weights)


class FlatPolicy(MaskableMultiInputActorCriticPolicy):
    """A multi-layer perceptron over the observation's arrays; each slot stands for a fixed action."""

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Discrete,
        lr_schedule: Callable[[float], float],
        *,
        size: NetworkSize,
        **_: Any,
    ) -> None:
        """Build the policy; see :class:`CandidatePolicy` for the arguments.

        Raises:
            AgentError: It should do without some inputs, and plain arrays have no names for them.
        """
        if size.without:
            raise AgentError(
                f"a policy of plain arrays cannot do without {size.without[0]!r}: its inputs have no names",
                code="agent-incompatible",
                hint="leave network.without empty, or use the codec 'candidates'",
            )
        super().__init__(observation_space, action_space, lr_schedule, net_arch=[size.width, size.width])

    def bind(self, layout: Layout) -> None:
        """Do nothing: plain arrays refer to no tables."""

    def judge(self, obs: Observation, action_masks: Masks = None) -> tuple[Tensor, Tensor]:
        """Give log-probabilities ``(batch, slots)`` and values ``(batch, 1)``."""
        latent_actor, latent_critic = self.mlp_extractor(self.extract_features(dict(obs)))
        return masked_log_softmax(self.action_net(latent_actor), action_masks), self.value_net(latent_critic)

    def log_probabilities(self, obs: Observation, action_masks: Masks = None) -> Tensor:
        """Give log-probabilities ``(batch, slots)`` alone."""
        latent, _ = self.mlp_extractor(self.extract_features(dict(obs)))
        return masked_log_softmax(self.action_net(latent), action_masks)

    @property
    def slots(self) -> int:
        """Number of slots to choose among."""
        return cast("int", self.action_net.out_features)

    def observation_keys(self) -> tuple[str, ...]:
        """What the policy reads of an observation."""
        return tuple(cast("spaces.Dict", self.observation_space))

    def weights(self) -> dict[str, Tensor]:
        """All that was learned."""
        return self.state_dict()

    def set_weights(self, weights: Mapping[str, Tensor]) -> None:
        """Take over what :meth:`weights` gave.

        Raises:
            RuntimeError: Names or shapes differ.
        """
        self.load_state_dict(weights)


#: The policies that :func:`build_policy` builds.
AnyPolicy = CandidatePolicy | FlatPolicy


def policy_class(shape: CandidateShape | FlatShape) -> type[CandidatePolicy | FlatPolicy]:
    """Return the policy that reads observations of a shape."""
    return CandidatePolicy if isinstance(shape, CandidateShape) else FlatPolicy


def build_policy(shape: CandidateShape | FlatShape, size: NetworkSize) -> AnyPolicy:
    """Build an untrained policy for observations of a shape."""
    observations, actions = shape.observation_space(), spaces.Discrete(shape.slots)
    if isinstance(shape, CandidateShape):
        return CandidatePolicy(observations, actions, lambda _: 0.0, shape=shape, size=size)
    return FlatPolicy(observations, actions, lambda _: 0.0, size=size)


def masked_log_softmax(logits: Tensor, masks: Masks) -> Tensor:
    """Normalise logits over the legal slots; the others get a probability of exactly zero.

    Args:
        logits: Shape ``(batch, slots)``.
        masks: Which slots are legal, or None for those whose logit is not :data:`IMPOSSIBLE`.

    Returns:
        Log-probabilities of the same shape.
    """
    if masks is not None:
        legal = torch.as_tensor(masks, dtype=torch.bool, device=logits.device)
        logits = torch.where(legal, logits, IMPOSSIBLE)
    return torch.log_softmax(logits, dim=1)


class _NetworkExtractor(BaseFeaturesExtractor):
    """Lets stable-baselines3 own the network as its features extractor."""

    def __init__(self, observation_space: spaces.Dict, *, shape: CandidateShape, size: NetworkSize) -> None:
        super().__init__(observation_space, features_dim=1)
        self.network = CandidateNetwork(shape, size)


def _picked(log_probabilities: Tensor, actions: Tensor) -> Tensor:
    return log_probabilities.gather(1, actions.unsqueeze(1)).squeeze(1)
