from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizerFast

from igc_core.errors import EncodingError
from igc_core.testing import EncoderContract
from igc_encoders.baselines.sentence import SentenceTransformerEncoder
from igc_encoders.errors import EncoderError

sentence_transformers = pytest.importorskip("sentence_transformers")
modules = pytest.importorskip("sentence_transformers.sentence_transformer.modules")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a sentence-transformer with random weights that knows characters as words."""
    home = tmp_path_factory.mktemp("sentence")
    letters = [chr(code) for code in range(33, 127)]
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (home / "vocab.txt").write_text("\n".join(words), "utf-8")
    base = home / "bert"
    torch.manual_seed(0)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **size)).save_pretrained(base)
    BertTokenizerFast(str(home / "vocab.txt")).save_pretrained(base)
    inner = modules.Transformer(str(base), max_seq_length=64)
    saved = home / "model"
    sentence_transformers.SentenceTransformer(modules=[inner, modules.Pooling(16)], device="cpu").save(str(saved))
    return saved


class TestSentenceTransformerEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, folder: Path) -> SentenceTransformerEncoder:
        return SentenceTransformerEncoder(str(folder))

    @pytest.fixture
    def twin(self, folder: Path) -> SentenceTransformerEncoder:
        return SentenceTransformerEncoder(str(folder))


def test_long_resources_are_read_to_their_end(folder: Path) -> None:
    encoder = SentenceTransformerEncoder(str(folder))
    long: dict[str, Any] = {f"Key{number}": "value" for number in range(100)}
    one, other = encoder.encode([{**long, "PowerState": "On"}, {**long, "PowerState": "Off"}])
    assert not np.array_equal(one, other)


def test_a_missing_model_is_refused_without_a_download(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no sentence-transformer"):
        SentenceTransformerEncoder(str(tmp_path / "nothing"))


def test_foreign_bodies_are_refused(folder: Path) -> None:
    with pytest.raises(EncodingError, match="JSON object"):
        SentenceTransformerEncoder(str(folder)).encode([[1]])  # type: ignore[list-item]
