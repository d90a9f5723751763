from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import PreTrainedTokenizerFast

from igc_encoders import lm, tokens
from igc_encoders.lm.embedding import grow
from igc_encoders.rendering import render

BODIES = [{"@odata.id": f"/redfish/v1/Chassis/{n}", "FrobnicationState": "Enabled"} for n in range(20)]
TEXTS = [render(body, methods=["GET", "PATCH"]).text for body in BODIES]


@pytest.fixture
def pretrained() -> PreTrainedTokenizerFast:
    """A tokenizer of GPT-2's kind, small and trained on no resource."""
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(
        vocab_size=320, initial_alphabet=alphabet, special_tokens=["<|endoftext|>"], show_progress=False
    )
    tokenizer.train_from_iterator(["the quick brown fox jumps over the lazy dog, enabled or not"] * 3, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>")


@pytest.fixture
def extended(pretrained: PreTrainedTokenizerFast, tmp_path: Path) -> PreTrainedTokenizerFast:
    pretrained.save_pretrained(tmp_path / "before")
    return tokens.extend(tokens.load(tmp_path / "before"), TEXTS, 50)


def test_own_entries_keep_their_numbers(pretrained: PreTrainedTokenizerFast, extended: PreTrainedTokenizerFast) -> None:
    assert pretrained.get_vocab().items() <= extended.get_vocab().items()


def test_structure_methods_and_frequent_properties_become_tokens(extended: PreTrainedTokenizerFast) -> None:
    vocabulary = extended.get_vocab()
    assert {'"@odata.id":"', "PATCH", '":{"', "/redfish/v1/", '","FrobnicationState":"'} <= vocabulary.keys()
    assert {str(tokens.SpecialToken.PAD), str(tokens.SpecialToken.MASK)} <= set(extended.all_special_tokens)
    assert extended.eos_token == "<|endoftext|>"


def test_texts_come_back_exactly_and_are_shorter(
    pretrained: PreTrainedTokenizerFast, extended: PreTrainedTokenizerFast, tmp_path: Path
) -> None:
    extended.save_pretrained(tmp_path / "after")
    loaded = tokens.load(tmp_path / "after")
    for body in [*BODIES, {"a": '<|mask|> "@odata.id":" \u00e9\N{SNOWMAN} null', "null": None}]:
        rendered = render(body, methods=["GET"])
        found = tokens.encode(loaded, rendered)
        assert tokens.decode(loaded, found.ids) == rendered.text
        assert not set(found.ids.tolist()) & set(loaded.all_special_ids)
    before, after = (len(tokens.encode(t, render(BODIES[0]))) for t in (pretrained, loaded))
    assert after < before / 2


def test_pieces_added_are_bounded(pretrained: PreTrainedTokenizerFast) -> None:
    size = len(pretrained)
    fixed = len(tokens.extend(pretrained, [], 50)) - size
    assert len(tokens.extend(pretrained, TEXTS, 3)) == size + fixed + 3


@pytest.mark.parametrize("tied", [True, False])
def test_new_rows_are_the_mean_of_the_pieces_they_replace(
    pretrained: PreTrainedTokenizerFast, extended: PreTrainedTokenizerFast, tied: bool
) -> None:
    model = lm.create(pretrained, lm.Architecture(width=8, layers=1, heads=2, context=16))
    if not tied:
        model.config.tie_word_embeddings = False
        model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
    old = [table.detach().clone() for table in (model.transformer.wte.weight, model.lm_head.weight)]
    grow(model, pretrained, extended)
    new = extended.convert_tokens_to_ids('"@odata.id":"')
    pieces = pretrained.backend_tokenizer.encode('"@odata.id":"', add_special_tokens=False).ids
    assert len(pieces) > 3
    for before, after in zip(old, (model.transformer.wte.weight, model.lm_head.weight), strict=True):
        assert after.shape == (len(extended), 8)
        assert torch.equal(after[: len(before)], before)
        torch.testing.assert_close(after[new], before[pieces].mean(0))
        torch.testing.assert_close(after[extended.pad_token_id], before.mean(0))
    assert model.config.vocab_size == len(extended)


def test_rows_beyond_the_old_entries_are_used_before_new_ones_are_made(
    pretrained: PreTrainedTokenizerFast, extended: PreTrainedTokenizerFast
) -> None:
    model = lm.create(pretrained, lm.Architecture(width=8, layers=1, heads=2, context=16))
    model.resize_token_embeddings(1000, mean_resizing=False)
    grow(model, pretrained, extended)
    new = extended.convert_tokens_to_ids("PATCH")
    pieces = pretrained.backend_tokenizer.encode("PATCH", add_special_tokens=False).ids
    table = model.transformer.wte.weight
    assert len(table) == 1000
    torch.testing.assert_close(table[new], table[pieces].mean(0))
