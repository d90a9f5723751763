from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_core.cli.output import console, printable, show, show_json, warn

ROWS: list[dict[str, object]] = [{"name": "a[b]", "note": "x" * 300}, {"name": None, "note": "two\nlines \x1b[31m"}]


def test_table_cuts_nothing_and_reads_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, title="Things")
    out = capsys.readouterr().out
    assert out.startswith("Things")
    assert "a[b]" in out
    assert "x" * 300 in out
    assert "None" not in out
    assert "two lines \\x1b[31m" in out


def test_columns_stay_aligned_where_a_record_lacks_one(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"a": 1, "b": 2}, {"a": 3, "c": 4, "b": 5}])
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines == [["a", "b", "c"], ["1", "2"], ["3", "5", "4"]]


def test_nothing_follows_the_last_value_of_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"a": "雪", "b": "x" * 20}, {"a": "yes", "b": "y"}, {"a": "n"}])
    assert capsys.readouterr().out.splitlines() == ["a    b", "雪   " + "x" * 20, "yes  y", "n"]


@pytest.mark.parametrize("unfolded", [True, False])
def test_a_narrow_terminal_folds_what_may_be_folded(
    unfolded: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    uri = "/redfish/v1/Systems/437XR1138R2"
    show([{"goal": uri}], unfolded=unfolded)
    assert (uri in capsys.readouterr().out) is unfolded


def test_empty_table_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    show([])
    assert capsys.readouterr().out.strip() == ""


def test_json_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, as_json=True)
    assert json.loads(capsys.readouterr().out) == ROWS
    show_json({"path": Path("a")})
    assert json.loads(capsys.readouterr().out) == {"path": "a"}


def test_warning_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    warn("care\nful")
    assert capsys.readouterr() == ("", "warning: care ful\n")


def test_console_fits_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert console().width == 10_000
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "77")
    assert console().width == 77


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n b\tc\r", "a b c"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b31m", "\\x9b31m"),
        ("naïve ☃", "naïve ☃"),
    ],
)
def test_terminal_is_not_steered(text: str, shown: str) -> None:
    assert printable(text) == shown
