from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from igc_encoders import tokens
from igc_encoders.corpus import Corpus
from igc_encoders.dataset import Batches, TokenStore, Window
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import render

BODIES = [{"@odata.id": f"/redfish/v1/Things/{n}", "Text": "w\u00f6rd " * (n % 7) * n} for n in range(40)]
TOKENIZER = tokens.train((render(body).text for body in BODIES), 400)
WINDOW = Window(context=20, overlap=4)


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    for name, part in (("a", BODIES[:25]), ("b", BODIES[25:])):
        lines = [json.dumps({"path": body["@odata.id"], "methods": None, "status": 200, "body": body}) for body in part]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    return TokenStore.build(Corpus.of([tmp_path]), TOKENIZER, tmp_path / "tokens")


def batches(store: TokenStore, window: Window = WINDOW, seed: int = 0) -> Batches:
    return Batches(store, TOKENIZER, window, tokens=100, seed=seed)


def test_each_token_and_each_end_is_a_target_once(store: TokenStore) -> None:
    found: dict[int, list[int]] = {}
    loader = batches(store)
    chunks = sorted(chunk for batch in loader.every() for chunk in batch)
    for chunk in chunks:
        batch = loader.batch([chunk])
        found.setdefault(chunk.resource, []).extend(batch.targets[0][batch.weights[0] > 0].tolist())
    for resource in range(len(store)):
        assert found[resource] == [*store.resource(resource)["id"].tolist(), TOKENIZER.eos_token_id]


def test_sizes_add_up_to_the_bytes_of_the_text(store: TokenStore) -> None:
    loader = batches(store)
    total = sum(int(loader.batch(chunks).sizes.sum()) for chunks in loader.every())
    assert total == sum(len(render(body).text.encode()) for body in BODIES)


def test_resources_begin_behind_an_end_token(store: TokenStore) -> None:
    loader = batches(store)
    first = [chunk for chunks in loader.every() for chunk in chunks if chunk.start == 0]
    assert len(first) == len(BODIES)
    assert all(loader.batch([chunk]).inputs[0, 0] == TOKENIZER.eos_token_id for chunk in first)


def test_batches_are_bounded_and_of_like_length(store: TokenStore) -> None:
    for chunks in batches(store).epoch(0):
        lengths = [chunk.stop - chunk.start - 1 for chunk in chunks]
        assert len(lengths) * max(lengths) <= 100
        assert max(lengths) <= WINDOW.context


def test_epoch_follows_from_seed_and_number(store: TokenStore) -> None:
    assert batches(store).epoch(3) == batches(store).epoch(3)
    assert batches(store).epoch(3) != batches(store).epoch(4)
    assert batches(store).epoch(3) != batches(store, seed=1).epoch(3)
    assert sorted(chunk for batch in batches(store).epoch(0) for chunk in batch) == sorted(
        chunk for batch in batches(store).every() for chunk in batch
    )


def test_batch_follows_from_seed_and_place(store: TokenStore) -> None:
    chunks = batches(store).epoch(0)[0]
    same, again, other = (batches(store).batch(chunks, key) for key in ((0, 1), (0, 1), (0, 2)))
    np.testing.assert_array_equal(same.inputs, again.inputs)
    np.testing.assert_array_equal(same.targets, other.targets)


def test_of_a_long_resource_the_first_chunk_and_some_others_are_learnt(store: TokenStore) -> None:
    loader = batches(store, Window(context=20, overlap=4, most=3))
    seen = set()
    for epoch in range(20):
        chunks = [chunk for batch in loader.epoch(epoch) for chunk in batch if chunk.resource == 34]
        assert len(chunks) == 3
        assert min(chunk.start for chunk in chunks) == 0
        seen |= set(chunks)
    assert len(seen) == len([chunk for batch in loader.every() for chunk in batch if chunk.resource == 34])


def test_store_without_resources_is_refused() -> None:
    with pytest.raises(EncoderError, match="no resources"):
        batches(TokenStore((), (), ()))


def test_window_without_progress_is_refused() -> None:
    with pytest.raises(EncoderError, match="cannot overlap"):
        Window(context=8, overlap=8)
