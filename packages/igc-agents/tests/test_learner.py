from __future__ import annotations

import numpy as np
import pytest
import torch
from stable_baselines3.common.logger import Logger

from igc_agents.corridor import Corridor
from igc_agents.learner import Learner
from igc_agents.recipe import Recipe
from igc_agents.standing import RecentEpisodes
from igc_agents.vector import Ended


def learner(codec: str = "candidates", **changes: object) -> Learner:
    recipe = Recipe(n_steps=32, learning_rate=3e-3).model_copy(update=changes)
    built = Learner(recipe, Corridor(num_envs=recipe.n_envs, codec=codec))
    built.set_logger(Logger(None, []))
    built.restart(0)
    return built


@pytest.mark.parametrize("codec", ["candidates", "flat"])
def test_ppo_finds_the_door_without_an_expert(codec: str) -> None:
    found, updates, recent = learner(codec), 26, RecentEpisodes()
    for update in range(updates):
        found.collect(found.rollout_buffer, recent)
        found.progress = update / updates
        found.train()
    assert recent.totals().success > 0.95
    assert recent.totals().efficiency > 0.9


def test_values_of_episodes_cut_short_are_added_to_their_last_reward() -> None:
    found = learner(n_envs=3, n_steps=5, batch_size=4)
    found.vector.set_attr("horizon", 4)
    with torch.no_grad():
        found.policy.network.value[-1].bias.fill_(10.0)  # type: ignore[union-attr,index]
        found.policy.network.value[-1].weight.zero_()  # type: ignore[union-attr,index]
    found.restart(1)
    ended: list[Ended] = []
    found.collect(found.rollout_buffer, ended.append)
    cut = {(3, int(index)) for one in ended for index in one.index[~one.success] if (one.length == 4).all()}
    rewards = found.rollout_buffer.rewards
    assert cut
    for step, env in cut:
        assert rewards[step, env] == pytest.approx(found.gamma * 10, abs=0.2)
    assert (rewards < 2).sum() == rewards.size - len(cut)


def test_learning_rate_falls_to_its_end_in_a_straight_line() -> None:
    found = learner(learning_rate=1e-2, learning_rate_end=0.1)
    rates = [found.lr_schedule(left) for left in (1.0, 0.5, 0.0)]
    np.testing.assert_allclose(rates, [1e-2, 5.5e-3, 1e-3])
    found.progress = 2.0
    assert found.progress == 1


def test_same_seed_gives_the_same_weights() -> None:
    def weights() -> torch.Tensor:
        found = learner(n_steps=8, batch_size=64)
        found.collect(found.rollout_buffer, lambda _: None)
        found.train()
        return torch.cat([weight.flatten() for weight in found.policy.weights().values()])

    assert torch.equal(weights(), weights())


def test_entropy_bonus_falls_to_its_end() -> None:
    found = learner(entropy=0.02, entropy_end=0.25)
    assert found.ent_coef == 0.02
    found.progress = 1.0
    assert found.ent_coef == pytest.approx(0.005)


def test_weights_stay_finite_where_batches_leave_one_step_over() -> None:
    found = learner(n_envs=5, n_steps=5, batch_size=12)
    found.collect(found.rollout_buffer, lambda _: None)
    found.train()
    assert all(weight.isfinite().all() for weight in found.policy.weights().values())
