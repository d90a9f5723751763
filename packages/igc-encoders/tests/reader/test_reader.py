from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from igc_core.protocols import Example, GoalReader
from igc_encoders.errors import EncoderError
from igc_encoders.hashed import HashedTokenEncoder
from igc_encoders.reader.folder import STATED, WEIGHTS, load
from igc_encoders.reader.reader import SimilarityReader
from igc_encoders.reader.texts import WordTexts, bag, spaced, text_encoder
from igc_encoders.reader.training import Material, ReaderRecipe, chosen, judge, stem, train

MEANINGS = ["door open colour=Blue", "door open colour=Red", "light on"]


def best(reader: SimilarityReader, text: str) -> str:
    return MEANINGS[int(reader.weigh([text] * 3, MEANINGS).argmax())]


def test_reader_keeps_the_protocol(folder: Path) -> None:
    reader = SimilarityReader(folder)
    assert isinstance(reader, GoalReader)
    assert 0 < reader.confidence <= 1


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("please turn the lamp on", "light on"),
        ("open that red door", "door open colour=Red"),
        ("unlock the blue gate", "door open colour=Blue"),
    ],
)
def test_new_wording_finds_its_meaning(folder: Path, text: str, meaning: str) -> None:
    assert best(SimilarityReader(folder), text) == meaning


def test_weights_are_probabilities_and_what_is_missing_means_nothing(folder: Path) -> None:
    reader = SimilarityReader(folder)
    known, foreign = (reader.weigh([text] * 3, MEANINGS) for text in ("turn the lamp on", "sing a song there"))
    for weights in (known, foreign):
        assert weights.shape == (3,)
        assert weights.dtype == np.float32
        assert (weights >= 0).all()
    assert 1 - known.sum() < known.max()
    assert 1 - foreign.sum() > foreign.max()


def test_nothing_to_choose_from_weighs_nothing(folder: Path) -> None:
    assert SimilarityReader(folder).weigh([], []).shape == (0,)


def test_weights_depend_on_neither_order_nor_what_was_asked_before(folder: Path) -> None:
    reader = SimilarityReader(folder)
    reader.weigh(["something else"] * 3, MEANINGS)
    forward = reader.weigh(["shine"] * 3, MEANINGS)
    backward = SimilarityReader(folder).weigh(["shine"] * 3, MEANINGS[::-1])
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-6)


def test_training_is_repeatable(learn: Callable[[str, Path], Path], folder: Path, tmp_path: Path) -> None:
    assert (learn("hashed-tokens", tmp_path) / WEIGHTS).read_bytes() == (folder / WEIGHTS).read_bytes()


def test_tfidf_of_the_examples_is_kept_with_the_reader(examples: list[Example], tmp_path: Path) -> None:
    from igc_encoders.baselines.tfidf import TfidfEncoder  # noqa: PLC0415 - an extra
    from igc_encoders.reader import folder as saved  # noqa: PLC0415

    from .conftest import RECIPE, quiet  # noqa: PLC0415

    words = WordTexts(TfidfEncoder.train([bag(example.text) for example in examples], width=8))
    head, confidence = train(Material(examples, MEANINGS, words, quiet), RECIPE, quiet)
    saved.save(tmp_path, head, words, "tfidf", confidence, {})
    assert load(tmp_path).encoder.fingerprint == words.fingerprint


def test_judged_shares_are_those_of_what_was_read(folder: Path, examples: list[Example]) -> None:
    found = load(folder)
    judged = judge(found.head, Material(examples, MEANINGS, found.encoder, lambda *_: None), found.confidence)
    assert judged.texts == len(examples)
    assert judged.right > 0.9
    assert 0 <= judged.wrong <= 1


def test_few_examples_of_each_meaning_are_chosen_but_all_that_mean_none() -> None:
    many = [Example(f"way {number}", meaning) for meaning in ("a", "") for number in range(50)]
    kept = chosen(many, ReaderRecipe(variants=5))
    assert [sum(one.meaning == meaning for one in kept) for meaning in ("a", "")] == [5, 50]


def test_nothing_to_learn_from_is_an_error() -> None:
    with pytest.raises(EncoderError) as caught:
        Material([], [], WordTexts(HashedTokenEncoder(8)), lambda *_: None)
    assert caught.value.code == "encoder-training"


def test_verb_is_a_meaning_without_its_values() -> None:
    assert stem("boot once source=Pxe") == "boot once"


def test_camel_case_is_parted() -> None:
    assert spaced("the BiosSetup of USBSticks") == "the Bios Setup of USB Sticks"


def test_bag_holds_words_pairs_and_pieces_but_marks_whole() -> None:
    keys = set(bag("Open {image}"))
    assert {"open", "{image}", "open {image}", "#<op", "#pen>"} <= keys
    assert not any(key.startswith("#") and "image" in key for key in keys)


# -- bad input ---------------------------------------------------------------------------------------------------------


def copied(folder: Path, target: Path) -> Path:
    target.mkdir()
    for name in (STATED, WEIGHTS):
        (target / name).write_bytes((folder / name).read_bytes())
    return target


def code(folder: Path) -> str:
    with pytest.raises(EncoderError) as caught:
        SimilarityReader(folder)
    return caught.value.code


def test_missing_reader_is_told_how_to_be_made(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="igc encoder train reader") as caught:
        SimilarityReader(tmp_path / "none")
    assert caught.value.code == "encoder-missing"


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": "igc-reader", "version": 99}', "[" * 100_000])
def test_damaged_statement_is_refused(folder: Path, tmp_path: Path, damage: str) -> None:
    home = copied(folder, tmp_path / "r")
    (home / STATED).write_text(damage)
    assert code(home) == "encoder-corrupt"


def test_weights_of_another_reader_are_refused(folder: Path, tmp_path: Path) -> None:
    home = copied(folder, tmp_path / "r")
    (home / WEIGHTS).write_bytes((folder / WEIGHTS).read_bytes()[:-1])
    assert code(home) == "encoder-corrupt"


@pytest.mark.parametrize("change", [{"encoder": {}}, {"encoder": 5}, {"confidence": "much"}])
def test_statement_without_a_part_is_refused(folder: Path, tmp_path: Path, change: dict[str, object]) -> None:
    home = copied(folder, tmp_path / "r")
    (home / STATED).write_text(json.dumps(json.loads((home / STATED).read_text()) | change))
    assert code(home) == "encoder-corrupt"


def test_encoder_that_is_another_by_now_is_refused(folder: Path, tmp_path: Path) -> None:
    home = copied(folder, tmp_path / "r")
    stated = json.loads((home / STATED).read_text())
    stated["encoder"]["fingerprint"] = "words-0-other"
    (home / STATED).write_text(json.dumps(stated))
    assert code(home) == "encoder-incompatible"


def test_unknown_encoder_is_told_what_there_is() -> None:
    with pytest.raises(EncoderError, match="hashed-tokens, tfidf, or a folder"):
        text_encoder("nonesuch")
