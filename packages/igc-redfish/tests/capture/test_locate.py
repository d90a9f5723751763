from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_redfish.capture import Capture, CaptureError, locate, open_machine_source, validate
from igc_redfish.capture.locate import captures_folder, known_captures

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: Capture) -> Path:
    monkeypatch.setenv("IGC_CAPTURES", str(tmp_path))
    monkeypatch.delenv("IGC_SETTINGS", raising=False)
    small.save(tmp_path / "dell-r740.igc.jsonl.gz")
    small.export(tmp_path / "dell-r750.jsonl.gz", "jsonl")
    return tmp_path


def test_names_are_found_in_the_folder(folder: Path) -> None:
    assert captures_folder() == folder
    assert list(known_captures()) == ["dell-r740", "dell-r750"]
    assert locate("dell-r740") == folder / "dell-r740.igc.jsonl.gz"
    assert len(open_machine_source("dell-r750")) == 5


def test_paths_come_before_names(folder: Path) -> None:
    path = folder / "dell-r750.jsonl.gz"
    assert locate(str(path)) == path


def test_near_misses_are_suggested(folder: Path) -> None:
    with pytest.raises(CaptureError, match=r"did you mean .*'dell-r740'") as caught:
        locate("dell-r470")
    assert caught.value.code == "capture-missing"


def test_without_near_misses_the_known_names_are_listed(folder: Path) -> None:
    with pytest.raises(CaptureError, match="known are dell-r740, dell-r750"):
        locate("zzz")


def test_an_empty_folder_says_how_to_set_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IGC_CAPTURES", str(tmp_path))
    with pytest.raises(CaptureError, match="set IGC_CAPTURES"):
        locate("dell-r740")


def test_text_too_long_for_a_path_is_no_capture(folder: Path) -> None:
    with pytest.raises(CaptureError):
        locate("x" * 5000)
    with pytest.raises(CaptureError):
        locate("a\0b")


def test_generated_machines_are_made_on_the_spot() -> None:
    capture = open_machine_source("generated:7?size=40")
    assert validate(capture) == []
    assert open_machine_source("generated:7?size=40").digest == capture.digest
