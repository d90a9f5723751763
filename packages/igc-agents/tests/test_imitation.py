from __future__ import annotations

import numpy as np
import pytest
import torch

from igc_agents.corridor import Corridor
from igc_agents.imitation import Demonstrations, Expert, any_of, imitation_loss
from igc_agents.learner import Learner
from igc_agents.recipe import Recipe


class Labels:
    def __init__(self, labels: list[list[bool]]) -> None:
        self._labels = np.array(labels)

    def optimal_actions(self) -> np.ndarray:
        return self._labels


def test_loss_is_that_of_doing_anything_optimal() -> None:
    probabilities = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [1.0, 0.0, 0.0]])
    labels = torch.tensor([[True, True, False], [False, False, True], [False, False, False]])
    loss, agreement = imitation_loss(probabilities.log(), labels)
    assert loss.item() == pytest.approx(-(np.log(0.8) + np.log(0.8)) / 2)
    assert agreement.item() == pytest.approx(0.8)


def test_loss_pulls_equally_at_all_that_is_optimal() -> None:
    logits = torch.zeros(1, 4, requires_grad=True)
    loss, _ = imitation_loss(torch.log_softmax(logits, 1), torch.tensor([[True, True, False, False]]))
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, 0] == logits.grad[0, 1] < 0 < logits.grad[0, 2]


def test_loss_without_labels_is_zero() -> None:
    loss, agreement = imitation_loss(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.bool))
    assert loss.item() == agreement.item() == 0


def test_expert_acts_in_its_share_and_only_where_it_knows() -> None:
    labeller = Labels([[False, True, True], [False, False, False]] * 500)
    chosen = np.zeros(1000, np.int64)
    actions, labels = Expert(labeller, np.random.default_rng(0), share=0.5)(chosen)
    assert labels.shape == (1000, 3)
    known, unknown = actions[::2], actions[1::2]
    assert (unknown == 0).all()
    assert 0.4 < (known != 0).mean() < 0.6
    assert 0.3 < (known[known != 0] == 1).mean() < 0.7


def test_any_of_picks_true_slots_only() -> None:
    labels = np.random.default_rng(0).random((200, 5)) < 0.4
    labels[0] = False
    picked = any_of(labels, np.random.default_rng(1))
    known = labels.any(1)
    assert labels[np.arange(200), picked][known].all()
    assert picked[0] == 0


def test_demonstrations_forget_the_oldest() -> None:
    environment = Corridor(num_envs=4)
    learner = Learner(Recipe(n_envs=4, n_steps=2, batch_size=4), environment)
    learner.restart(0)
    memory = Demonstrations(capacity=20)
    rollout = learner.empty_rollout(3)
    for round_ in range(3):
        learner.collect(rollout, lambda _: None, Expert(environment, np.random.default_rng(0)))
        rollout.returns[:] = round_
        memory.add(rollout)
    assert len(memory) == 20
    drawn = memory.sample(500, np.random.default_rng(0))
    counts = np.bincount(drawn["returns"].numpy().astype(int))
    assert counts[2] > counts[1] > counts[0] == 0  # twelve steps, eight and none are left
    assert drawn["labels"].any(1).all()
    memory.clear()
    assert len(memory) == 0
