from __future__ import annotations

import sys
from pathlib import Path

import pytest

from igc_agents import pictures
from igc_agents.comparison import Comparison
from igc_agents.curves import Curve
from igc_agents.evaluation import Result
from igc_agents.pictures import draw_pictures
from igc_agents.subjects import Subject
from igc_core.errors import DataError, PluginError

pytest.importorskip("matplotlib")

_PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def comparison() -> Comparison:
    results = [Result(family, machine, True, 4, 3) for family in ("power", "bios") for machine in ("hpe", "dell")]
    curve = Curve(run="first", steps=(1, 2), seconds=(1, 2), success=(0.1, 0.9), efficiency=(0.1, 0.8), imitated=1)
    tried = {Subject("ours", ("ours",)): results, Subject("script", ("script",)): results[:1]}
    return Comparison.of(tried, curves=(curve,))


def test_every_picture_is_drawn(comparison: Comparison, tmp_path: Path) -> None:
    drawn = draw_pictures(comparison, tmp_path / "pictures")
    assert [path.stem for path in drawn] == [
        "agents",
        "families-1-success",
        "families-1-efficiency",
        "families-2-success",
        "families-2-efficiency",
        "learning",
    ]
    assert all(path.read_bytes().startswith(_PNG) for path in drawn)


def test_drawing_leaves_no_window_and_no_state(comparison: Comparison, tmp_path: Path) -> None:
    draw_pictures(comparison, tmp_path)
    assert "matplotlib.pyplot" not in sys.modules


def test_missing_matplotlib_names_the_extra(
    comparison: Comparison, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda name: None)
    with pytest.raises(PluginError, match=r"pip install 'igc-agents\[report\]'"):
        draw_pictures(comparison, tmp_path)


def test_folder_that_cannot_be_made_is_told(comparison: Comparison, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="cannot make"):
        draw_pictures(comparison, tmp_path / "file" / "pictures")
