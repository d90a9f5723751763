from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer

from igc_core.errors import EncodingError
from igc_core.testing import EncoderContract
from igc_encoders.baselines.terms import terms
from igc_encoders.baselines.tfidf import TERMS, WEIGHTS, TfidfEncoder
from igc_encoders.errors import EncoderError


def bodies() -> list[dict[str, Any]]:
    """Systems in two states, and fans."""
    systems = [
        {"@odata.id": f"/redfish/v1/Systems/{number}", "PowerState": power, "Boot": {"BootSourceOverrideTarget": boot}}
        for number in range(6)
        for power in ("On", "Off")
        for boot in ("None", "Pxe", "Cd")
    ]
    fans = [{"@odata.id": f"/redfish/v1/Fans/{number}", "Reading": number % 5, "Members": []} for number in range(20)]
    named = [{"Name": "température \N{SNOWMAN}", "Enabled": bool(number % 2), "Nothing": None} for number in range(4)]
    return systems + fans + named


@pytest.fixture(scope="module")
def trained() -> TfidfEncoder:
    return TfidfEncoder.train(bodies(), width=8)


class TestTfidfEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, trained: TfidfEncoder) -> TfidfEncoder:
        return trained

    @pytest.fixture
    def twin(self, trained: TfidfEncoder, tmp_path: Path) -> TfidfEncoder:
        trained.save(tmp_path / "saved")
        return TfidfEncoder.load(tmp_path / "saved")


def test_vectors_are_those_of_scikit_learn(trained: TfidfEncoder) -> None:
    vectorizer = TfidfVectorizer(analyzer=lambda body: list(terms(body)), min_df=2, sublinear_tf=True)
    weighted = vectorizer.fit_transform(bodies())
    expected = TruncatedSVD(8, random_state=0).fit(weighted).transform(weighted)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(trained.encode(bodies()), expected, atol=1e-5)


def test_resources_of_one_type_are_nearer_than_those_of_another(trained: TfidfEncoder) -> None:
    on, off, fan = trained.encode([bodies()[0], bodies()[3], bodies()[40]])
    assert on @ off > 0.5 > abs(on @ fan)


def test_what_no_term_is_known_of_is_zero(trained: TfidfEncoder) -> None:
    assert not trained.encode([{"Unheard": "of"}]).any()


def test_saved_files_hold_no_code(trained: TfidfEncoder, tmp_path: Path) -> None:
    trained.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {TERMS, WEIGHTS}
    assert json.loads((tmp_path / TERMS).read_text())["format"] == "igc-tfidf"


def test_too_little_text_is_refused() -> None:
    for few in ([], [{"Id": "1"}], bodies()[:6]):
        with pytest.raises(EncoderError, match="needs more resources"):
            TfidfEncoder.train(few, width=64)


@pytest.mark.parametrize(("name", "content"), [(WEIGHTS, b"cut"), (TERMS, b"{"), (TERMS, b"[]"), (TERMS, b"{}")])
def test_damaged_files_are_refused(trained: TfidfEncoder, tmp_path: Path, name: str, content: bytes) -> None:
    trained.save(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(EncoderError, match="is damaged"):
        TfidfEncoder.load(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="no TF-IDF encoder"):
        TfidfEncoder.load(tmp_path)


def test_bad_bodies_are_encoded_or_refused(trained: TfidfEncoder) -> None:
    deep: dict[str, Any] = {"PowerState": "On"}
    for _ in range(10_000):
        deep = {"Oem": deep}
    odd: list[Any] = [deep, {"PowerState": float("nan"), "Id": 10**5000}, {"PowerState": "x" * 20_000_000}]
    assert np.isfinite(trained.encode(odd)).all()
    with pytest.raises(EncodingError, match="resource 0 of the batch is a list"):
        trained.encode([[]])  # type: ignore[list-item]
