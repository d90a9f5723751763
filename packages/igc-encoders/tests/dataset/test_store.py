from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from igc_encoders import tokens
from igc_encoders.corpus import Corpus
from igc_encoders.dataset import TOKEN, TokenStore
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import render

BODIES = [{"@odata.id": f"/redfish/v1/Things/{n}", "Name": "\N{SNOWMAN} thing"} for n in range(6)]
TOKENIZER = tokens.train((render(body).text for body in BODIES), 300)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    for name in ("a", "b"):
        lines = [json.dumps({"path": body["@odata.id"], "methods": ["GET"], "body": body}) for body in BODIES]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines))
    return Corpus.of([tmp_path])


def test_resources_are_kept_as_they_were_tokenized(corpus: Corpus, tmp_path: Path) -> None:
    store = TokenStore.build(corpus, TOKENIZER, tmp_path / "tokens")
    assert (len(store), store.machines, store.owners.tolist()) == (12, ("a", "b"), [0] * 6 + [1] * 6)
    for index in range(12):
        rendered = render(BODIES[index % 6], methods=["GET"])
        found, encoded = store.resource(index), tokens.encode(TOKENIZER, rendered)
        np.testing.assert_array_equal(found["id"], encoded.ids)
        np.testing.assert_array_equal(found["kind"], encoded.kinds)
        assert found["size"].sum() == len(rendered.text.encode())
    assert store.lengths.sum() == store.size
    with pytest.raises(IndexError):
        store.resource(12)


def test_tokens_are_mapped_not_read(corpus: Corpus, tmp_path: Path) -> None:
    store = TokenStore.build(corpus, TOKENIZER, tmp_path / "tokens")
    assert all(isinstance(part, np.memmap) for part in store.tokens)


def test_only_machines_that_are_missing_are_tokenized(corpus: Corpus, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    TokenStore.build(corpus.select(["a"]), TOKENIZER, folder)
    before = {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    TokenStore.build(corpus, TOKENIZER, folder)
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert len(list(folder.iterdir())) == 2 * len(before)


def test_another_capture_or_tokenizer_is_another_file(corpus: Corpus, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    first = TokenStore.build(corpus, TOKENIZER, folder)
    other = TokenStore.build(corpus, tokens.train(["other"], 270), folder)
    assert other.size > first.size
    (tmp_path / "a.jsonl").write_text(json.dumps({"path": "/", "body": {}}))
    assert len(TokenStore.build(corpus, TOKENIZER, folder)) == 7
    assert len(list(folder.glob("*.tokens.npy"))) == 5


def test_resources_of_one_shape_are_thinned(corpus: Corpus, tmp_path: Path) -> None:
    assert len(TokenStore.build(corpus, TOKENIZER, tmp_path / "tokens", repeats=2)) == 4


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"pickle"])
def test_damaged_tokens_are_refused(corpus: Corpus, tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "tokens"
    TokenStore.build(corpus, TOKENIZER, folder)
    next(folder.glob("a-*.tokens.npy")).write_bytes(content)
    with pytest.raises(EncoderError, match="are damaged"):
        TokenStore.build(corpus, TOKENIZER, folder)


def test_objects_are_never_unpickled(corpus: Corpus, tmp_path: Path) -> None:
    folder = tmp_path / "tokens"
    TokenStore.build(corpus, TOKENIZER, folder)
    with next(folder.glob("a-*.tokens.npy")).open("wb") as file:
        np.save(file, np.asarray([{}, {}], object), allow_pickle=True)
    with pytest.raises(EncoderError, match="are damaged"):
        TokenStore.build(corpus, TOKENIZER, folder)


def test_type_of_a_token_is_packed() -> None:
    assert TOKEN.itemsize == 7
