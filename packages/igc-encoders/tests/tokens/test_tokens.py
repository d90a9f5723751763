from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_encoders import tokens
from igc_encoders.errors import EncoderError
from igc_encoders.rendering import Kind, render
from igc_encoders.tokens.encoding import BLOCK

BODIES = [
    {"@odata.id": f"/redfish/v1/Chassis/{n}", "Status": {"State": "Enabled", "Health": "OK"}, "PowerState": "On"}
    for n in range(20)
]
TOKENIZER = tokens.train((render(body).text for body in BODIES), 500)


@given(st.text() | st.text("{}[]\",:/redfish v1<|mask|>0'"))
def test_any_text_comes_back_exactly(text: str) -> None:
    rendered = render({"a": text})
    assert tokens.decode(TOKENIZER, tokens.encode(TOKENIZER, rendered).ids) == rendered.text


def test_frequent_keys_become_one_token() -> None:
    encoded = tokens.encode(TOKENIZER, render(BODIES[0]))
    assert TOKENIZER.convert_tokens_to_ids('","Status":{"State":"'.replace('{"State":"', '{"')) in encoded.ids
    assert len(encoded) < len(json.dumps(BODIES[0])) / 4


def test_text_cannot_utter_special_tokens() -> None:
    encoded = tokens.encode(TOKENIZER, render({"a": "".join(map(str, tokens.SpecialToken))}))
    assert not set(encoded.ids.tolist()) & set(TOKENIZER.all_special_ids)


def test_tokens_have_the_kind_of_what_they_hold() -> None:
    rendered = render(BODIES[3])
    encoded = tokens.encode(TOKENIZER, rendered)
    texts = [tokens.decode(TOKENIZER, [token]) for token in encoded.ids]
    by_kind = {kind: "".join(t for t, k in zip(texts, encoded.kinds, strict=True) if k == kind) for kind in Kind}
    assert by_kind[Kind.PATH] == "/redfish/v1/Chassis/3" * 2
    assert by_kind[Kind.ENUM] == "EnabledOKOn"
    assert by_kind[Kind.METHOD] == "*"
    assert [rendered.text.find(text, start) for text, start in zip(texts, encoded.starts, strict=True)] == list(
        encoded.starts
    )


def test_long_texts_are_tokenized_in_blocks() -> None:
    rendered = render({"a": "x\N{SNOWMAN}" * (BLOCK // 2 + 9)})
    encoded = tokens.encode(TOKENIZER, rendered)
    assert tokens.decode(TOKENIZER, encoded.ids) == rendered.text
    assert encoded.ids.dtype == np.int32
    assert np.all(np.diff(encoded.starts) >= 0)
    assert encoded.kinds[len(encoded) // 2] == Kind.VALUE


def test_tokenizer_loads_from_its_folder(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    loaded = tokens.load(tmp_path)
    rendered = render(BODIES[1])
    np.testing.assert_array_equal(tokens.encode(loaded, rendered).ids, tokens.encode(TOKENIZER, rendered).ids)
    assert loaded.all_special_tokens == list(tokens.SpecialToken)


def test_training_is_repeatable() -> None:
    again = tokens.train((render(body).text for body in BODIES), 500)
    assert again.get_vocab() == TOKENIZER.get_vocab()


def test_vocabulary_that_cannot_hold_all_bytes_is_refused() -> None:
    with pytest.raises(EncoderError, match="cannot hold all bytes"):
        tokens.train([], 200)


@pytest.mark.parametrize("source", ["no-such/tokenizer", "/no/such/folder"])
def test_unknown_tokenizer_is_refused_on_one_line(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(EncoderError, match="no tokenizer called") as found:
        tokens.load(source)
    assert found.value.code == "encoder-missing"
    assert "\n" not in str(found.value)


def test_damaged_tokenizer_is_refused(tmp_path: Path) -> None:
    TOKENIZER.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_text("{")
    with pytest.raises(EncoderError, match="no tokenizer in the folder"):
        tokens.load(tmp_path)


def test_tokenizer_that_loses_text_is_refused(tmp_path: Path) -> None:
    from tokenizers import Tokenizer  # noqa: PLC0415
    from tokenizers.models import WordLevel  # noqa: PLC0415
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415

    words = Tokenizer(WordLevel({"a": 0, "?": 1}, unk_token="?"))
    PreTrainedTokenizerFast(tokenizer_object=words, unk_token="?").save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match="does not give each text back exactly"):
        tokens.load(tmp_path)
