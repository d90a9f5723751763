from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.errors import DataError, EncodingError
from igc_core.testing import EncoderContract
from igc_encoders import cache, content
from igc_encoders.cache import VectorCache
from igc_encoders.cached import CachedEncoder
from igc_encoders.content import DIGEST_BYTES, digest
from igc_encoders.hashed import HashedTokenEncoder

BODIES = [{"Id": str(number), "Status": {"Health": "OK"}, "Value": number / 7} for number in range(40)]


class Counting(HashedTokenEncoder):
    """Hashes tokens, and remembers what it was asked for."""

    def __init__(self, width: int = 8) -> None:
        super().__init__(width)
        self.asked: list[Any] = []

    def encode(self, resources: Sequence[Any]) -> Any:
        self.asked += resources
        return super().encode(resources)


class TestCachedEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self, tmp_path: Path) -> CachedEncoder:
        return CachedEncoder(HashedTokenEncoder(), tmp_path)


def segments(encoder: CachedEncoder) -> list[Path]:
    return sorted(encoder.cache.folder.glob("[!.]*.safetensors"))


def test_each_distinct_body_is_encoded_once(tmp_path: Path) -> None:
    inner = Counting()
    encoder = CachedEncoder(inner, tmp_path)
    first = encoder.encode([*BODIES, *BODIES])
    np.testing.assert_array_equal(encoder.encode(BODIES), first[:40])
    assert inner.asked == BODIES


def test_another_process_finds_what_was_written(tmp_path: Path) -> None:
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    encoder.encode(BODIES)
    encoder.cache.flush()
    later = Counting()
    np.testing.assert_array_equal(CachedEncoder(later, tmp_path).encode(BODIES), HashedTokenEncoder(8).encode(BODIES))
    assert not later.asked


def test_open_caches_see_what_others_write_meanwhile(tmp_path: Path) -> None:
    one, other = (CachedEncoder(Counting(), tmp_path) for _ in range(2))
    one.encode(BODIES)
    one.cache.flush()
    other.encode(BODIES)
    assert isinstance(other.encoder, Counting)
    assert not other.encoder.asked


def test_encoders_of_other_fingerprints_share_nothing(tmp_path: Path) -> None:
    one = CachedEncoder(HashedTokenEncoder(8, seed=0), tmp_path)
    one.encode(BODIES)
    one.cache.flush()
    other = CachedEncoder(HashedTokenEncoder(8, seed=1), tmp_path)
    np.testing.assert_array_equal(other.encode(BODIES), HashedTokenEncoder(8, seed=1).encode(BODIES))


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from igc_encoders.cached import CachedEncoder\n"
        "from igc_encoders.hashed import HashedTokenEncoder; import igc_encoders.cache as cache\n"
        "cache._SEGMENTS = 3; encoder = CachedEncoder(HashedTokenEncoder(8), sys.argv[1])\n"
        "for number in range(int(sys.argv[2]), 60, 2):\n"
        "    encoder.encode([{'Id': f'{number:x}'}]); encoder.cache.flush()\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), part]) for part in "01"]
    assert [process.wait(60) for process in running] == [0, 0]
    found = CachedEncoder(Counting(), tmp_path)
    bodies = [{"Id": f"{number:x}"} for number in range(60)]
    np.testing.assert_array_equal(found.encode(bodies), HashedTokenEncoder(8).encode(bodies))
    assert isinstance(found.encoder, Counting)
    assert not found.encoder.asked


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "empty"])
def test_a_damaged_segment_is_dropped_and_its_bodies_encoded_anew(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    expected = encoder.encode(BODIES)
    encoder.cache.flush()
    (path,) = segments(encoder)
    whole = path.read_bytes()
    broken = {"cut": whole[:-9], "flipped": whole[:-1] + bytes([whole[-1] ^ 1]), "foreign": b"{}" * 20, "empty": b""}
    path.write_bytes(broken[damage])
    again = CachedEncoder(Counting(), tmp_path)
    assert "damaged segment" in caplog.text
    assert not path.exists()
    np.testing.assert_array_equal(again.encode(BODIES), expected)
    assert isinstance(again.encoder, Counting)
    assert again.encoder.asked == BODIES


def test_a_draft_of_a_crash_is_no_segment_and_is_swept_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = VectorCache(tmp_path, "one", 8).folder
    draft = folder / ".abc.safetensors-x1"
    draft.write_bytes(b"half")
    assert len(VectorCache(tmp_path, "one", 8)) == 0
    assert draft.exists()
    monkeypatch.setattr(cache, "_STALE_S", -1.0)
    VectorCache(tmp_path, "one", 8)
    assert not draft.exists()


def test_many_segments_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_SEGMENTS", 4)
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    for body in BODIES:
        encoder.encode([body])
        encoder.cache.flush()
    assert len(segments(encoder)) <= 5
    assert len(VectorCache(tmp_path, encoder.fingerprint, 8)) == len(BODIES)


def test_vectors_are_written_when_many_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PENDING", 10)
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    encoder.encode(BODIES[:9])
    assert not segments(encoder)
    encoder.encode(BODIES[9:20])
    assert len(segments(encoder)) == 1


def test_vectors_are_written_when_the_process_ends(tmp_path: Path) -> None:
    script = (
        "import sys; from igc_encoders.cached import CachedEncoder\n"
        "from igc_encoders.hashed import HashedTokenEncoder\n"
        "CachedEncoder(HashedTokenEncoder(8), sys.argv[1]).encode([{'Id': '1'}])"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)
    assert len(VectorCache(tmp_path, HashedTokenEncoder(8).fingerprint, 8)) == 1


def test_bodies_are_not_kept(tmp_path: Path) -> None:
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    encoder.encode([{"Password": "hunter2-verysecret"}])
    encoder.cache.flush()
    assert not any(b"hunter2" in path.read_bytes() or b"Password" in path.read_bytes() for path in segments(encoder))


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot make the cache"):
        CachedEncoder(HashedTokenEncoder(), tmp_path / "file")


def test_what_is_no_object_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodingError, match="resource 1 of the batch is a list"):
        CachedEncoder(HashedTokenEncoder(), tmp_path).encode([{}, [1]])  # type: ignore[list-item]


def test_of_a_large_batch_that_fails_the_beginning_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Counting):
        def encode(self, resources: Sequence[Any]) -> Any:
            if len(self.asked) >= 20:
                raise EncodingError("the device is gone")
            return super().encode(resources)

    monkeypatch.setattr("igc_encoders.cached._GROUP", 10)
    encoder = CachedEncoder(Failing(), tmp_path)
    with pytest.raises(EncodingError, match="gone"):
        encoder.encode(BODIES)
    assert len(encoder.cache) == 20
    np.testing.assert_array_equal(encoder.encode(BODIES[:20]), HashedTokenEncoder(8).encode(BODIES[:20]))


def test_a_failed_batch_leaves_the_cache_as_it_was(tmp_path: Path) -> None:
    encoder = CachedEncoder(HashedTokenEncoder(8), tmp_path)
    with pytest.raises(EncodingError, match="no JSON"):
        encoder.encode([{"Id": "1"}, {"Id": {1, 2}}])  # type: ignore[dict-item]
    assert len(encoder.cache) == 0


def test_a_thousand_known_bodies_take_less_than_50_ms(tmp_path: Path) -> None:
    bodies = [{"Id": number, "Oem": {f"Key{key}": "value" * 4 for key in range(40)}} for number in range(1000)]
    CachedEncoder(HashedTokenEncoder(128), tmp_path).encode(bodies)
    cache._close_all()
    encoder = CachedEncoder(HashedTokenEncoder(128), tmp_path)
    took: list[float] = []
    for _ in range(3):
        began = time.process_time()
        encoder.encode(bodies)
        took.append(time.process_time() - began)
    assert min(took) < 0.05


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_writing_without_recursion_gives_the_same_text(body: dict[str, Any]) -> None:
    assert "".join(content._pieces(body)) == content._dumps(body)


def test_any_depth_and_any_mapping_has_a_digest() -> None:
    deep: dict[str, Any] = {"PowerState": "On"}
    for _ in range(10_000):
        deep = {"Oem": deep}
    assert len(digest(deep)) == DIGEST_BYTES
    assert digest(MappingProxyType({"Id": ("1", 2)})) == digest({"Id": ["1", 2]})


def test_digests_tell_every_difference() -> None:
    bodies: list[Any] = [{}, {"a": 1}, {"a": 1.0}, {"a": True}, {"a": "1"}, {"a": None}, {"a": [1]}, {"b": 1}]
    bodies += [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": float("nan")}, {"a": "\ud800"}]
    assert len({digest(body) for body in bodies}) == len(bodies)


def test_what_refers_to_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["Oem"] = loop
    with pytest.raises(EncodingError, match="no JSON"):
        digest(loop)
