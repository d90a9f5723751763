from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from igc_agents.row_cache import RowCache

WEIGHT = 3.0


@pytest.fixture
def weight() -> nn.Parameter:
    return nn.Parameter(torch.tensor(WEIGHT))


def computing(weight: nn.Parameter, asked: list[list[int]]) -> Callable[[Tensor], dict[str, Tensor]]:
    def compute(rows: Tensor) -> dict[str, Tensor]:
        asked.append(rows.tolist())
        return {"rows": rows.unsqueeze(1) * weight.detach()}

    return compute


def test_each_row_is_computed_once(weight: nn.Parameter) -> None:
    cache, asked = RowCache([weight]), list[list[int]]()
    for rows in ([2, 1, 2], [1, 2], [3, 1]):
        index = torch.tensor(rows, dtype=torch.int32)
        found = cache.provide(index, 4, computing(weight, asked))["rows"]
        assert found.index_select(0, index).flatten().tolist() == [WEIGHT * row for row in rows]
    assert asked == [[1, 2], [3]]


def test_changed_weights_are_noticed(weight: nn.Parameter) -> None:
    cache, asked = RowCache([weight]), list[list[int]]()
    rows = torch.tensor([1])
    cache.provide(rows, 2, computing(weight, asked))
    weight.sum().backward()
    torch.optim.SGD([weight], lr=1.0).step()
    assert cache.provide(rows, 2, computing(weight, asked))["rows"][1] == WEIGHT - 1


def test_tables_may_grow(weight: nn.Parameter) -> None:
    cache, asked = RowCache([weight]), list[list[int]]()
    cache.provide(torch.tensor([1]), 2, computing(weight, asked))
    found = cache.provide(torch.tensor([1, 90]), 91, computing(weight, asked))["rows"]
    assert (found[1], found[90]) == (WEIGHT, 90 * WEIGHT)


def test_what_was_made_in_inference_mode_can_be_added_to_outside(weight: nn.Parameter) -> None:
    cache, asked = RowCache([weight]), list[list[int]]()
    with torch.inference_mode():
        cache.provide(torch.tensor([1]), 4, computing(weight, asked))
    with torch.no_grad():
        assert cache.provide(torch.tensor([2]), 4, computing(weight, asked))["rows"][2] == 2 * WEIGHT
