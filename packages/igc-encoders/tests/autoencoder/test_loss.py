from __future__ import annotations

import torch

from igc_encoders.autoencoder.facts import FactBook
from igc_encoders.autoencoder.loss import FactLoss, choices, spread


def test_collapse_costs_and_spread_does_not() -> None:
    torch.manual_seed(0)
    collapsed = torch.ones(64, 8) / 8**0.5
    spread_out = torch.nn.functional.normalize(torch.randn(64, 8), dim=1)
    assert spread(collapsed) > 0.9
    assert spread(spread_out) < 0.4
    assert spread(collapsed[:2]) == 0


def test_fact_loss_is_the_cross_entropy_of_each_property() -> None:
    book = FactBook({"a": ("", "x", "y"), "b": ("", "z")})
    logits, labels = torch.randn(4, 5), torch.tensor([[1, 1], [2, -1], [0, 1], [1, 0]])
    ours = FactLoss(book, absent=1.0)(logits, labels)
    parts = [
        torch.nn.functional.cross_entropy(logits[row, bounds], labels[row, place])
        for row in range(4)
        for place, bounds in ((0, slice(0, 3)), (1, slice(3, 5)))
        if labels[row, place] >= 0
    ]
    torch.testing.assert_close(ours, torch.stack(parts).mean())


def test_the_type_counts_as_many_properties() -> None:
    def loss(name: str) -> float:
        logits = torch.tensor([[9.0, 0.0, 0.0, 9.0]])  # the first property wrong, the second right
        book = FactBook({name: ("", "x"), "b": ("", "z")})
        return float(FactLoss(book)(logits, torch.tensor([[1, 1]])))

    assert loss("@odata.type") > 1.6 * loss("a")


def test_choices_are_judged_against_what_else_a_property_could_say() -> None:
    logits = torch.tensor([[0.0, 1.0, 2.0, 5.0], [4.0, 0.0, 0.0, 1.0]])
    pairs = torch.tensor([[[0, 1], [2, 3], [-1, -1]], [[0, 0], [1, 2], [3, 3]]])
    found = choices(logits, pairs, torch.tensor([1, 2]), torch.tensor([0, 1]), torch.tensor([3.0, 1.0]))
    expected = [
        torch.nn.functional.cross_entropy(torch.tensor([1.0, 7.0]), torch.tensor(1)),
        torch.nn.functional.cross_entropy(torch.tensor([8.0, 0.0, 2.0]), torch.tensor(2)),
    ]
    torch.testing.assert_close(found, (3 * expected[0] + expected[1]) / 4)


def test_resources_without_choices_cost_nothing() -> None:
    logits = torch.randn(2, 4, requires_grad=True)
    none = torch.zeros(0, dtype=torch.long)
    found = choices(logits, torch.zeros((0, 3, 2), dtype=torch.long), none, none, torch.zeros(0))
    found.backward()
    assert found == 0
    assert not logits.grad.any()  # type: ignore[union-attr]
