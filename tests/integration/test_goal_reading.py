"""Goals in free words, from the examples of one package to the reader of another to a machine of the first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_core import PluginManager
from igc_core.cli.app import main

Capsys = pytest.CaptureFixture[str]
QUICK = [f"--set={each}" for each in ("steps=120", "learning_rate=0.01", "wrong=0.1", "variants=8", "folds=2")]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader that learned for seconds."""
    folder = tmp_path_factory.mktemp("reader") / "words"
    assert main(["encoder", "train", "reader", "hashed-tokens", "--out", str(folder), *QUICK]) == 0
    return folder


def run(text: str, reader: Path, *more: str) -> int:
    return main(["run", text, "--on", "generated:3", "--agent", "script", "--reader", str(reader), *more])


def test_every_example_is_learned_from_or_judged_by(reader: Path) -> None:
    stated = json.loads((reader / "reader.json").read_text())
    assert stated["examples"] > 1000
    assert stated["held_out"]["texts"] > 500
    assert 0.1 < stated["held_out"]["right"] < 1


def test_run_shows_what_it_understood_before_it_acts(reader: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", reader) == 0
    first, title, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("understood as: boot once /redfish/v1/Systems/1 source=Pxe  (")
    assert title.startswith("boot once /redfish/v1/Systems/1 source=Pxe")


def test_output_for_programs_stays_json(reader: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", reader, "--json") == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["goal"] == "boot once /redfish/v1/Systems/1 source=Pxe"
    assert "understood as: boot once" in shown.err


def test_password_is_masked_wherever_the_goal_is_shown(reader: Path, capsys: Capsys) -> None:
    assert run("create a user 'bob' with password 'aA3#k9dYRRnC' and role Operator", reader) in {0, 1}
    shown = capsys.readouterr()
    assert "account create" in shown.out
    assert "aA3#k9dYRRnC" not in shown.out + shown.err


def test_foreign_text_is_declined_before_anything_is_done(reader: Path, capsys: Capsys) -> None:
    assert run("make me a coffee", reader) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error[goal-uncertain]: ")


def test_without_a_reader_free_words_are_no_goal(capsys: Capsys) -> None:
    assert main(["run", "start from the network next time", "--on", "generated:3", "--agent", "script"]) == 2
    assert capsys.readouterr().err.startswith("error[goal-unknown-family]: ")


def test_folder_of_no_reader_is_refused(tmp_path: Path, capsys: Capsys) -> None:
    assert run("start from the network next time", tmp_path) == 2
    assert capsys.readouterr().err.startswith("error[encoder-missing]: ")


def test_reader_and_phrasebook_are_in_the_catalogue(plugins: PluginManager) -> None:
    assert "similarity" in plugins.specs("goal-reader")
    assert "redfish" in plugins.specs("phrasebook")
