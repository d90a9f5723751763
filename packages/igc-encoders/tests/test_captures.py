"""What real machines answer is rendered and tokenized without loss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_encoders import tokens
from igc_encoders.corpus import Corpus, Split
from igc_encoders.rendering import render


def demand_round_trips(corpus: Corpus) -> None:
    texts = [render(record.body, path=record.path).text for record in list(corpus.records())[:50]]
    tokenizer = tokens.train(texts, 600)
    for record in corpus.records():
        rendered = render(record.body, path=record.path, methods=record.methods, status=record.status)
        assert json.loads(rendered.body) == record.body, record.path
        assert tokens.decode(tokenizer, tokens.encode(tokenizer, rendered).ids) == rendered.text, record.path


def test_bodies_of_a_capture_come_back_exactly(captures: Path) -> None:
    demand_round_trips(Corpus.of([captures]).select(["dmtf-bladed", "sunfish-nvmeof"]))


@pytest.mark.slow
def test_bodies_of_all_captures_come_back_exactly(captures: Path) -> None:
    demand_round_trips(Corpus.of([captures]))


def test_split_of_the_captures_names_whole_machines(captures: Path) -> None:
    corpus, split = Corpus.of([captures]), Split.load(captures / "split.json")
    assert sorted([*split.train, *split.validation]) == sorted(corpus.machines)
    left_out = split.without("dell-").validation
    assert left_out
    assert all(name.startswith("dell-") for name in left_out)
