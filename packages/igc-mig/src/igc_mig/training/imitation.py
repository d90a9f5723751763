"""The warm start: learn from what a search would do, before learning from rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from igc_mig.batched import BatchedMig
from igc_mig.schedulers.beam import Beam
from igc_mig.training.demonstrations import Demonstrations, Expert, act_out
from igc_mig.training.policy import SetPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_mig.training.learner import Learner
    from igc_mig.training.recipe import Recipe
    from igc_mig.tree import Tree

#: Batches shown at a time, width of the search that shows them, and steps of a minibatch.
_CHUNK, _WIDTH, _BATCH = 100, 40, 512
#: Weight of the critic's loss: returns are near -1, and their errors small.
_VALUE_WEIGHT = 5.0
_RATE = 1e-3


def demonstrate(recipe: Recipe, learner: Learner, told: Callable[[int], bool]) -> Demonstrations | None:
    """Let a search schedule batches, and act its schedules out.

    Args:
        recipe: How to train.
        learner: Whose features are computed.
        told: Told of the batches so far; says whether to go on.

    Returns:
        All steps of the batches shown before it was to stop, or None where there are none.
    """
    parts: list[Demonstrations] = []
    for done in range(0, recipe.imitation, _CHUNK):
        if not told(done):
            break
        options: dict[str, Any] = {**recipe.batched(), "seed": [recipe.seed, done]}
        batch = BatchedMig(min(_CHUNK, recipe.imitation - done), **options)
        batch.reset()
        expert, episodes = Expert(batch.gpu), batch.episodes
        trees: list[Tree] = []
        for row in range(batch.num_envs):
            durations = episodes.seconds[row, : episodes.total[row]]
            assignment = Beam(_WIDTH, finalists=1).assignments(batch.gpu, durations)[0]
            trees.append(expert.tree(durations, assignment.tolist()))
        parts.append(act_out(batch, expert, trees, learner.features))
    if not parts:
        return None
    return Demonstrations(
        {name: np.concatenate([part.seen[name] for part in parts]) for name in parts[0].seen},
        np.concatenate([part.legal for part in parts]),
        np.concatenate([part.good for part in parts]),
        np.concatenate([part.left for part in parts]),
    )


def imitate(recipe: Recipe, learner: Learner, shown: Demonstrations, told: Callable[[int], bool]) -> None:
    """Fit policy and value; the loss of a step is that of doing anything as good as what was shown.

    Args:
        recipe: How to train.
        learner: Whose policy is fitted.
        shown: What an expert did.
        told: Told of the passes so far; says whether to go on.
    """
    seen = {name: torch.from_numpy(values) for name, values in shown.seen.items()}
    legal, good, left = (torch.from_numpy(values) for values in (shown.legal, shown.good, shown.left))
    policy = learner.policy
    assert isinstance(policy, SetPolicy)  # noqa: S101 - narrows the type: only sets are shown
    optimizer = torch.optim.Adam(policy.parameters(), _RATE)
    random = np.random.default_rng([recipe.seed, len(left)])
    for epoch in range(recipe.imitation_epochs):
        if not told(epoch):
            return
        for group in optimizer.param_groups:
            group["lr"] = _RATE * (1 - epoch / recipe.imitation_epochs)
        order = torch.from_numpy(random.permutation(len(left)))
        for first in range(0, len(left), _BATCH):
            index = order[first : first + _BATCH]
            drawn = {name: values[index].to(learner.device) for name, values in seen.items()}
            chances, values = policy.judge(drawn, legal[index])
            chosen = torch.where(good[index].to(chances.device), chances, -torch.inf)
            loss = -torch.logsumexp(chosen, 1).mean()
            loss = loss + _VALUE_WEIGHT * (values[:, 0] - left[index].to(values.device)).square().mean()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
