from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from igc_core.errors import DataError
from igc_core.files import demand_writable, sha256, write_atomically


def test_content_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, "é")
    assert path.read_bytes() == "é".encode()
    write_atomically(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_survive_a_rewrite(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_atomically(path, "")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    write_atomically(path, "b")
    assert path.stat().st_mode & 0o777 == 0o600


def test_failure_leaves_the_old_content_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_atomically(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def write_nothing(path: Path) -> None:
    write_atomically(path, "")


def test_place_that_cannot_be_written_is_told_in_time(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    places = {
        tmp_path / "missing" / "x.json": "No such file or directory",
        tmp_path / "file" / "x.json": "Not a directory",
        tmp_path: "Is a directory",
    }
    for path, reason in places.items():
        for refuse in (demand_writable, write_nothing):
            with pytest.raises(DataError, match=f"^cannot write {path}: {reason}") as caught:
                refuse(path)
            assert caught.value.code == "data-missing"
            assert caught.value.hint
    demand_writable(tmp_path / "x.json")
    demand_writable(tmp_path / "file")
    assert sorted(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    for refuse in (demand_writable, write_nothing):
        with pytest.raises(DataError, match="Permission denied"):
            refuse(tmp_path / "x.json")


def test_long_names_are_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250)
    write_atomically(path, "x")
    assert path.read_text() == "x"


def test_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    content = os.urandom((1 << 20) + 17)
    (tmp_path / "a").write_bytes(content)
    assert sha256(tmp_path / "a") == hashlib.sha256(content).hexdigest()


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*none: No such file") as caught:
        sha256(tmp_path / "none")
    assert caught.value.code == "data-missing"
