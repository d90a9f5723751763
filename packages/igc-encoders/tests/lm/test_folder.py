from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from igc_encoders import lm, tokens
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import render

BODY = {"@odata.id": "/redfish/v1/Systems/1", "PowerState": "On"}
TOKENIZER = tokens.train([render(BODY).text] * 3, 300)
SMALL = lm.Architecture(width=16, layers=1, heads=2, context=32)


def test_folder_loads_with_plain_transformers(tmp_path: Path) -> None:
    model = lm.create(TOKENIZER, SMALL)
    lm.save(tmp_path, model, TOKENIZER)
    assert (tmp_path / "model.safetensors").exists()
    assert not list(tmp_path.glob("*.bin"))
    plain = AutoModelForCausalLM.from_pretrained(tmp_path)
    ids = AutoTokenizer.from_pretrained(tmp_path)(render(BODY).text, return_tensors="pt")["input_ids"]
    loaded, _ = lm.load(tmp_path)
    for other in (plain, loaded):
        torch.testing.assert_close(other(ids).logits, model(ids).logits)


def test_seed_decides_the_weights_and_disturbs_nobody() -> None:
    before = torch.get_rng_state()
    first, second, other = (lm.create(TOKENIZER, SMALL, seed=seed).transformer.wte.weight for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.get_rng_state())


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match="no model in the folder") as found:
        lm.load(tmp_path)
    assert found.value.code == "encoder-corrupt"


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    lm.save(tmp_path, lm.create(TOKENIZER, SMALL), TOKENIZER)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(EncoderError, match="no model in the folder"):
        lm.load(tmp_path)


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    lm.save(tmp_path, lm.create(TOKENIZER, SMALL), TOKENIZER)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"n_embd": 32}))
    with pytest.raises(EncoderError, match="no model in the folder"):
        lm.load(tmp_path)


def test_tokenizer_of_another_model_is_refused(tmp_path: Path) -> None:
    lm.save(tmp_path, lm.create(TOKENIZER, SMALL), TOKENIZER)
    tokens.train(
        [render({"key": "value" * 9}).text for _ in range(9)] + [str(n) * 3 for n in range(999)] * 3, 900
    ).save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match="do not belong together"):
        lm.load(tmp_path)


@pytest.mark.parametrize("size", [{"width": 10, "heads": 3}, {"layers": 0}, {"context": 0}])
def test_size_that_cannot_be_built_is_refused(size: dict[str, int]) -> None:
    with pytest.raises(EncoderError, match="cannot be built"):
        lm.Architecture(**size)


@pytest.mark.parametrize("size", [{"width": 99_999_999}, {"layers": 99_999_999}, {"context": 99_999_999_999}])
def test_size_that_no_memory_holds_is_refused(size: dict[str, int]) -> None:
    with pytest.raises(EncoderError, match="weights; choose 10,000,000,000 at most"):
        lm.Architecture(**({"heads": 1} | size))


def test_weights_are_those_of_the_model() -> None:
    size = lm.Architecture(width=24, layers=2, heads=2, context=32)
    model = lm.create(TOKENIZER, size)
    last_norm = 2 * 24
    assert sum(one.numel() for one in model.parameters()) == size.weights + 24 * len(TOKENIZER) + last_norm
