from __future__ import annotations

import torch

from igc_encoders.autoencoder.model import Encoder
from igc_encoders.autoencoder.sizes import Sizes


def test_latents_do_not_depend_on_where_chunks_end() -> None:
    torch.manual_seed(0)
    network = Encoder(Sizes(hidden=8, latent=4, channels=8, heads=2)).eval()
    parts = [torch.randn(1, 12, 8) for _ in range(3)]
    depths = torch.ones((3, 12), dtype=torch.long)
    chunks = network.summarise(torch.cat(parts), depths, torch.tensor([12, 12, 12]), torch.zeros(3, dtype=torch.long))
    together = network.merge(chunks, torch.zeros(3, dtype=torch.long), 1)
    first = type(chunks)(*(part[:2] for part in chunks))
    pair = torch.zeros(2, dtype=torch.long)
    assert not torch.allclose(network.merge(first, pair, 1), together)
    shuffled = type(chunks)(*(part[[2, 0, 1]] for part in chunks))
    torch.testing.assert_close(network.merge(shuffled, torch.zeros(3, dtype=torch.long), 1), together)


def test_padding_changes_nothing() -> None:
    network = Encoder(Sizes(hidden=8, latent=4, channels=8, heads=2)).eval()
    hidden = torch.randn(1, 10, 8)
    none, one = torch.zeros(1, dtype=torch.long), torch.tensor([10])
    padded = torch.cat([hidden, torch.full((1, 30, 8), 7.0)], 1)
    depths = [torch.ones(states.shape[:2], dtype=torch.long) for states in (hidden, padded)]
    found = [network.summarise(states, deep, one, none) for states, deep in zip((hidden, padded), depths, strict=True)]
    short, long = (network.merge(summary, none, 1) for summary in found)
    torch.testing.assert_close(short, long)


def test_the_same_words_elsewhere_in_a_body_are_something_else() -> None:
    network = Encoder(Sizes(hidden=8, latent=4, channels=8, heads=2)).eval()
    hidden, none, ten = torch.randn(1, 10, 8), torch.zeros(1, dtype=torch.long), torch.tensor([10])
    found = [network.summarise(hidden, torch.full((1, 10), depth), ten, none) for depth in (1, 2)]
    assert not torch.allclose(*(network.merge(summary, none, 1) for summary in found))
