from __future__ import annotations

import torch

from igc_agents.averaging import AveragedWeights
from igc_agents.corridor import Corridor
from igc_agents.policy import AnyPolicy, build_policy
from igc_agents.shape import shape_of
from igc_agents.size import NetworkSize


def policy(value: float) -> AnyPolicy:
    built = build_policy(shape_of(Corridor()), NetworkSize(width=4, slot_width=4, token_width=2))
    return set_all(built, value)


def set_all(built: AnyPolicy, value: float) -> AnyPolicy:
    built.set_weights({name: torch.full_like(weight, value) for name, weight in built.weights().items()})
    return built


def test_few_updates_count_equally_and_many_by_the_decay() -> None:
    average, built = AveragedWeights(0.75), policy(0.0)
    for value in (1.0, 2.0, 6.0):
        average.add(set_all(built, value))
    assert {float(found.max()) for found in average.tensors.values()} == {3.0}
    for _ in range(2):
        average.add(set_all(built, 7.0))
    assert torch.allclose(next(iter(average.tensors.values())), torch.tensor(0.75 * 4.0 + 0.25 * 7.0))


def test_averages_take_the_place_of_the_weights() -> None:
    average, built = AveragedWeights(0.5), policy(0.0)
    average.give(built)
    assert not any(weight.any() for weight in built.weights().values())
    average.add(policy(2.0))
    average.give(built)
    assert all((weight == 2).all() for weight in built.weights().values())


def test_no_decay_keeps_nothing() -> None:
    average = AveragedWeights(0.0)
    average.add(policy(1.0))
    assert not average.tensors
