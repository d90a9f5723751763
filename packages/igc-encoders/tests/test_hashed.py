from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.errors import EncodingError
from igc_core.testing import EncoderContract
from igc_encoders.hashed import HashedTokenEncoder

if TYPE_CHECKING:
    from igc_core.protocols import StateEncoder

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def system(number: int = 1, power: str = "On", **more: Any) -> dict[str, Any]:
    return {
        "@odata.id": f"/redfish/v1/Systems/{number}",
        "@odata.type": "#ComputerSystem.v1_16_0.ComputerSystem",
        "PowerState": power,
        "Boot": {"BootSourceOverrideTarget": "None", "BootSourceOverrideEnabled": "Disabled"},
        "Links": {"Chassis": [{"@odata.id": f"/redfish/v1/Chassis/{number}"}]},
        "MemorySummary": {"TotalSystemMemoryGiB": 64},
    } | more


def thermal() -> dict[str, Any]:
    fans = [{"Name": f"Fan {number}", "Reading": 4000 + number, "ReadingUnits": "RPM"} for number in range(4)]
    return {"@odata.id": "/redfish/v1/Chassis/1/Thermal", "@odata.type": "#Thermal.v1_6_0.Thermal", "Fans": fans}


def cosine(encoder: StateEncoder, first: Any, second: Any) -> float:
    one, other = encoder.encode([first, second])
    return float(one @ other)


class TestHashedTokenEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> StateEncoder:
        return HashedTokenEncoder()

    @pytest.fixture
    def twin(self) -> StateEncoder:
        return HashedTokenEncoder()


def test_resources_of_one_type_are_nearer_than_those_of_another() -> None:
    encoder = HashedTokenEncoder()
    assert cosine(encoder, system(), system(power="Off")) > 0.8
    assert abs(cosine(encoder, system(), thermal())) < 0.5


def test_numbers_within_texts_and_paths_do_not_count() -> None:
    encoder = HashedTokenEncoder()
    assert cosine(encoder, system(1), system(2)) == pytest.approx(1)


def test_numbers_count_by_order_of_magnitude() -> None:
    encoder = HashedTokenEncoder(width=1024)
    near = cosine(encoder, {"Reading": 70}, {"Reading": 71})
    far = cosine(encoder, {"Reading": 70}, {"Reading": 70_000})
    opposite = cosine(encoder, {"Reading": 70}, {"Reading": -70})
    assert near == pytest.approx(1)
    assert far < 0.9
    assert opposite < 0.9


def test_depth_distinguishes_where_a_key_stands() -> None:
    encoder = HashedTokenEncoder(width=1024)
    assert cosine(encoder, {"Status": {"State": "Enabled"}}, {"State": "Enabled"}) < 0.9


def test_long_lists_do_not_drown_the_rest() -> None:
    encoder = HashedTokenEncoder()
    entries = [{"Message": "same", "Severity": "OK"} for _ in range(1000)]
    assert cosine(encoder, system(Entries=entries[:2]), system(Entries=entries)) > 0.9


def test_wider_vectors_collide_less() -> None:
    resources = [{f"Key{chr(97 + number)}": True} for number in range(26)]

    def worst(width: int) -> float:
        vectors = HashedTokenEncoder(width).encode(resources)
        angles = np.abs(vectors @ vectors.T) - np.eye(len(resources))
        return float(angles.mean())

    assert worst(2048) < 0.05 < worst(4)


def test_seed_chooses_the_hash_and_the_fingerprint() -> None:
    one, other = HashedTokenEncoder(seed=0), HashedTokenEncoder(seed=1)
    assert one.fingerprint != other.fingerprint
    assert not np.array_equal(one.encode([system()]), other.encode([system()]))
    assert HashedTokenEncoder(32).fingerprint != one.fingerprint


def test_vectors_are_the_same_in_every_process() -> None:
    # Python's own hash differs from process to process; this one must not.
    vector = HashedTokenEncoder(width=4).encode([{"PowerState": "On"}])[0]
    np.testing.assert_allclose(vector, [-(0.5**0.5), 0, 0.5**0.5, 0], atol=1e-6)


def test_forgetting_hashes_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = HashedTokenEncoder()
    before = encoder.encode([system(), thermal()])
    monkeypatch.setattr("igc_encoders.hashed._REMEMBERED", 0)
    np.testing.assert_array_equal(encoder.encode([system(), thermal()]), before)


def test_depth_of_nesting_is_no_matter() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"Oem": deep}
    assert np.linalg.norm(HashedTokenEncoder().encode([deep])) == pytest.approx(1)
    while deep:  # taken apart by hand, since freeing it recurses
        deep = deep["Oem"]


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_any_object_is_encoded(resource: dict[str, Any]) -> None:
    norm = np.linalg.norm(HashedTokenEncoder(16).encode([resource]))
    assert norm == pytest.approx(1, abs=1e-5) or norm == 0


@pytest.mark.parametrize("wrong", [[1, 2], "text", None, 3])
def test_what_is_no_object_is_refused(wrong: Any) -> None:
    with pytest.raises(EncodingError, match="resource 1 of the batch is a"):
        HashedTokenEncoder().encode([{}, wrong])


@pytest.mark.parametrize("options", [{"width": 0}, {"width": 10**11}, {"seed": -1}, {"seed": 2**64}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(EncodingError, match="must be in range"):
        HashedTokenEncoder(**options)


def test_a_resource_is_encoded_well_within_a_millisecond() -> None:
    encoder, resource = HashedTokenEncoder(), system(Members=[system(number) for number in range(10)])
    encoder.encode([resource])
    began = time.process_time()
    encoder.encode([resource] * 100)
    assert (time.process_time() - began) / 100 < 1e-3


def test_number_beyond_any_float_is_a_number_like_others() -> None:
    encoder = HashedTokenEncoder(16)
    vectors = encoder.encode([{"Count": 10**400}, {"Count": -(10**400)}, {"Count": 1}])
    assert len({vector.tobytes() for vector in vectors}) == 3


@pytest.mark.parametrize("options", [{"width": "abc"}, {"width": 1.5}, {"seed": True}, {"seed": None}])
def test_options_that_are_no_whole_numbers_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(EncodingError, match=r"cannot be: .* give whole numbers"):
        HashedTokenEncoder(**options)
