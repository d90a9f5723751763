from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_encoders.corpus import Corpus, Split
from igc_encoders.errors import EncoderError

LINE = json.dumps({"path": "/redfish/v1", "methods": None, "status": 200, "body": {"Id": "1"}})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("acme-1", "acme-2", "other-1"):
        (tmp_path / f"{name}.jsonl").write_text(LINE)
    return tmp_path


def test_folder_is_all_its_machines(folder: Path) -> None:
    corpus = Corpus.of([folder])
    assert corpus.machines == ("acme-1", "acme-2", "other-1")
    assert [record.machine for record in corpus.records()] == list(corpus.machines)


def test_selection_keeps_the_order_asked_for(folder: Path) -> None:
    assert Corpus.of([folder]).select(["other-1", "acme-1"]).machines == ("other-1", "acme-1")


def test_unknown_machine_is_named_beside_the_known(folder: Path) -> None:
    with pytest.raises(EncoderError, match="no machine acme-3; known are acme-1, acme-2, other-1"):
        Corpus.of([folder]).select(["acme-3"])


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_source_without_captures_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EncoderError, match=f"no capture at .*{name}"):
        Corpus.of([tmp_path / name])


def test_name_that_stands_twice_is_refused(folder: Path) -> None:
    (folder / "acme-1.jsonl.gz").write_text(LINE)
    with pytest.raises(EncoderError, match="the machine acme-1 is in"):
        Corpus.of([folder])


def test_fingerprint_follows_the_content(folder: Path) -> None:
    before = Corpus.of([folder]).fingerprint()
    assert before == Corpus.of([folder]).fingerprint()
    (folder / "acme-2.jsonl").write_text(LINE + "\n")
    assert before != Corpus.of([folder]).fingerprint()


def test_split_is_read_from_json(tmp_path: Path) -> None:
    path = tmp_path / "split.json"
    path.write_text('{"train": ["a", "b"], "validation": ["c"]}')
    assert Split.load(path) == Split(("a", "b"), ("c",))


@pytest.mark.parametrize("text", ["", "[]", '{"train": []}'])
def test_split_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "split.json"
    path.write_text(text)
    with pytest.raises(EncoderError):
        Split.load(path)


def test_machine_is_on_one_side_of_a_split() -> None:
    with pytest.raises(EncoderError, match="the machines b serve for training and for validation"):
        Split(("a", "b"), ("b",))


def test_vendor_is_left_out_whole() -> None:
    split = Split(("dell-1", "hpe-1", "dell-2"), ("intel-1",))
    assert split.without("dell-") == Split(("hpe-1",), ("dell-1", "dell-2"))


@pytest.mark.parametrize(("prefix", "which"), [("sun-", "no machine"), ("", "every machine")])
def test_leaving_nothing_or_everything_out_is_refused(prefix: str, which: str) -> None:
    with pytest.raises(EncoderError, match=which):
        Split(("dell-1",), ()).without(prefix)
