from __future__ import annotations

from pathlib import Path

import pytest
import torch

from igc_encoders import lm, tokens
from igc_encoders.corpus import Corpus
from igc_encoders.rendering import render


@pytest.fixture(scope="session")
def corpus(machines: Path) -> Corpus:
    return Corpus.of([machines]).select(["acme-1", "acme-2"])


@pytest.fixture(scope="session")
def language_model(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a language model with random weights."""
    home = tmp_path_factory.mktemp("lm")
    tokenizer = tokens.train([render(record.body).text for record in corpus.records()], 400)
    lm.save(home, lm.create(tokenizer, lm.Architecture(width=32, layers=3, heads=2, context=64)), tokenizer)
    return home


@pytest.fixture
def one_thread() -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
