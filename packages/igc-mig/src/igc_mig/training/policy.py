"""Policies that MaskablePPO of sb3-contrib trains on tasks as a set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from sb3_contrib.common.maskable.policies import MaskableMultiInputActorCriticPolicy
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnasium import spaces
    from sb3_contrib.common.maskable.distributions import MaskableDistribution

    from igc_mig.agent.features import Features

    Observation: TypeAlias = dict[str, Tensor]
    Masks: TypeAlias = Any

#: What a logit of an action that is not legal becomes.
_IMPOSSIBLE = -1e8


class SetNetwork(nn.Module):
    """The network of :mod:`igc_mig.agent.network`, and a value beside it.

    The value is minus the level times one plus what the network says, since nothing takes less than the level.
    """

    column: Tensor
    places: Tensor

    def __init__(self, features: Features, width: int = 96, context: int = 192) -> None:
        """Build an untrained network.

        Args:
            features: What it is told.
            width: Of a task's vector.
            context: Of the context.
        """
        super().__init__()
        self.sizes = features.sizes
        self.embed = nn.Linear(features.row, width)
        self.gather = nn.Linear(features.whole + 2 * width, context)
        self.think = nn.Linear(context, context)
        self.mix, self.tell = nn.Linear(width, width), nn.Linear(context, width)
        self.weigh, self.score = nn.Linear(width, width), nn.Linear(width, features.sizes)
        self.place = nn.Linear(context, features.placements)
        self.other = nn.Linear(context, 1 + features.layouts)
        self.judge, self.worth = nn.Linear(context, context), nn.Linear(context, 1)
        for layer in (self.score, self.place, self.other, self.worth):
            nn.init.uniform_(layer.weight, -0.01, 0.01)
        self.register_buffer("column", torch.from_numpy(features.column), persistent=False)
        self.register_buffer("places", torch.from_numpy(features.places), persistent=False)

    def forward(self, seen: Observation) -> tuple[Tensor, Tensor]:
        """Give logits ``(batch, actions)`` and values ``(batch, 1)``."""
        row, slot = torch.nonzero(seen["present"], as_tuple=True)
        batch, slots = seen["present"].shape
        embedded = torch.relu(self.embed(seen["rows"][row, slot]))
        total = embedded.new_zeros(batch, embedded.shape[1]).index_add(0, row, embedded)
        mean = total / seen["present"].sum(1, keepdim=True).clamp(min=1)
        places = row[:, None].expand_as(embedded)
        largest = torch.zeros_like(total).scatter_reduce(0, places, embedded, "amax")
        context = torch.relu(self.gather(torch.cat([seen["whole"], mean, largest], 1)))
        context = torch.relu(self.think(context))
        mixed = torch.relu(self.mix(embedded) + self.tell(context)[row])
        scored = self.score(torch.relu(self.weigh(mixed)))
        scores = scored.new_zeros(batch, slots, self.sizes).index_put((row, slot), scored)
        layout = seen["layout"][:, 0].long()
        column, places = self.column[layout], self.places[layout]
        starts = scores.gather(2, column[:, None].expand(-1, slots, -1))
        starts = starts + self.place(context).gather(1, places)[:, None]
        value = -seen["level"] * (1 + self.worth(torch.relu(self.judge(context))))
        return torch.cat([self.other(context), starts.flatten(1)], 1), value


class SetPolicy(MaskableMultiInputActorCriticPolicy):
    """Actor and critic over :class:`SetNetwork`."""

    def __init__(
        self,
        observation_space: spaces.Dict,
        action_space: spaces.Discrete,
        lr_schedule: Callable[[float], float],
        *,
        features: Features,
        width: int = 96,
        context: int = 192,
        **options: Any,
    ) -> None:
        """Build the policy.

        Args:
            observation_space: Of what :class:`~igc_mig.agent.features.Features` computes.
            action_space: The actions.
            lr_schedule: Learning rate by the share of training that is left.
            features: What the network is told.
            width: Of a task's vector.
            context: Of the context.
            options: Left to sb3-contrib.
        """
        self._shape = (features, width, context)
        super().__init__(
            observation_space, action_space, lr_schedule, features_extractor_class=_NoExtractor, net_arch=[], **options
        )

    def _build(self, lr_schedule: Callable[[float], float]) -> None:
        self.network = SetNetwork(*self._shape)
        options: dict[str, Any] = {"lr": lr_schedule(1), **self.optimizer_kwargs}
        self.optimizer = self.optimizer_class(self.network.parameters(), **options)

    def forward(  # type: ignore[override]
        self, obs: Observation, deterministic: bool = False, action_masks: Masks = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Choose actions; return them ``(batch,)``, values ``(batch, 1)`` and log-probabilities ``(batch,)``."""
        chances, values = self.judge(obs, action_masks)
        # The largest of logits with Gumbel noise is a sample of the softmax.
        noisy = chances if deterministic else chances - torch.empty_like(chances).exponential_().log()
        actions = noisy.argmax(1)
        return actions, values, chances.gather(1, actions[:, None])[:, 0]

    def evaluate_actions(  # type: ignore[override]
        self, obs: Observation, actions: Tensor, action_masks: Masks = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Give values ``(batch, 1)``, log-probabilities of actions and entropies, both ``(batch,)``."""
        chances, values = self.judge(obs, action_masks)
        entropy = -(chances.exp() * chances).sum(1)
        return values, chances.gather(1, actions.long()[:, None])[:, 0], entropy

    def judge(self, obs: Observation, action_masks: Masks = None) -> tuple[Tensor, Tensor]:
        """Give log-probabilities of actions ``(batch, actions)`` and values ``(batch, 1)``."""
        logits, values = self.network(obs)
        return _log_softmax(logits, action_masks), values

    def get_distribution(self, obs: Observation, action_masks: Masks = None) -> MaskableDistribution:  # type: ignore[override]
        """Give the distribution over actions."""
        return self.action_dist.proba_distribution(action_logits=_log_softmax(self.network(obs)[0], action_masks))

    def predict_values(self, obs: Observation) -> Tensor:  # type: ignore[override]
        """Value states, shape ``(batch, 1)``."""
        values: Tensor = self.network(obs)[1]
        return values


class _NoExtractor(BaseFeaturesExtractor):
    """What stable-baselines3 asks for; the network reads observations itself."""

    def __init__(self, observation_space: spaces.Dict) -> None:
        super().__init__(observation_space, features_dim=1)


def _log_softmax(logits: Tensor, masks: Masks) -> Tensor:
    if masks is not None:
        legal = torch.as_tensor(masks, dtype=torch.bool, device=logits.device).reshape(logits.shape)
        logits = torch.where(legal, logits, _IMPOSSIBLE)
    return torch.log_softmax(logits, 1)
