from __future__ import annotations

import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from igc_agents.comparison import Comparison
from igc_agents.crossvalidation import Crossvalidation, Folds, by_vendor, is_finished, read_groups
from igc_agents.display import TrainingDisplay
from igc_agents.saving import read_manifest
from igc_core.cli.app import main
from igc_core.cli.running import EXIT_INTERRUPTED
from igc_core.errors import DataError, RunError, SettingsError

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.standing import Standing

RECIPE = "n_steps = 16\nbatch_size = 256\nwarm_start_steps = 1024\nsteps = 0\n"


class Igc:
    """Runs real commands, and remembers which."""

    def __init__(self, stop_before: int = 1_000) -> None:
        self.done: list[tuple[str, ...]] = []
        self.stop_before = stop_before

    def __call__(self, *words: str) -> int:
        if len(self.done) == self.stop_before:
            raise KeyboardInterrupt
        self.done.append(words)
        return main(list(words))


@pytest.fixture
def folds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folds:
    """Two groups in the corridor, which takes any machine for itself."""
    monkeypatch.setenv("IGC_PLUGINS_EXACT", "agents")
    (tmp_path / "recipe.toml").write_text(RECIPE)
    return Folds(
        groups={"dell": ["dell-a", "dell-b"], "hpe": ["hpe-a"]},
        more=("generated:0-3",),
        seeds=(0, 1),
        training=("--environment", "corridor", "--recipe", str(tmp_path / "recipe.toml")),
        evaluation=("--environment", "corridor", "--episodes", "20"),
        rivals=("random",),
    )


def test_groups_are_vendors_by_name_or_path() -> None:
    machines = ["dell-r740", "hpe-dl360", "/captures/dell-r750.jsonl.gz", "openbmc"]
    assert by_vendor(machines) == {
        "dell": ["dell-r740", "/captures/dell-r750.jsonl.gz"],
        "hpe": ["hpe-dl360"],
        "openbmc": ["openbmc"],
    }


@pytest.mark.parametrize(
    ("name", "text"), [("groups.toml", 'a = ["x", "y"]\nb = ["z"]'), ("groups.json", '{"a": ["x", "y"], "b": ["z"]}')]
)
def test_groups_are_read_from_a_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert read_groups(tmp_path / name) == {"a": ["x", "y"], "b": ["z"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("groups.toml", "a = ["),
        ("groups.toml", 'a = "x"'),
        ("groups.toml", "a = []"),
        ("groups.toml", '"../up" = ["x"]'),
        ("groups.json", "[1]"),
        ("groups.json", '{"": ["x"]}'),
        ("groups.json", '{"a": [1]}'),
        ("groups.json", "[" * 100_000),
    ],
)
def test_bad_groups_are_refused(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError):
        read_groups(tmp_path / name)


def test_a_group_is_never_trained_on_while_it_is_left_out(folds: Folds) -> None:
    assert folds.learned("dell") == ["hpe-a", "generated:0-3"]
    assert folds.learned("hpe") == ["dell-a", "dell-b", "generated:0-3"]


def test_something_must_be_left_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nothing is left to train on without 'dell'"):
        Crossvalidation(Folds({"dell": ["dell-a"]}), tmp_path / "across", Igc())


def test_all_groups_are_trained_without_and_evaluated(folds: Folds, tmp_path: Path) -> None:
    igc = Igc()
    validation = Crossvalidation(folds, tmp_path / "across", igc)
    assert [validation.run_fold(group) for group in folds.groups] == [0, 0]
    together = validation.together()
    assert together is not None
    assert [(agent.name, agent.report.overall.episodes) for agent in together.agents] == [
        ("trained", 80),
        ("random", 40),
    ]
    assert len(together.agents[0].spread["success"].values) == 2
    assert not together.partial
    assert [curve.run for curve in together.curves] == [
        f"{group}, seed-{n}" for group in ("dell", "hpe") for n in (0, 1)
    ]
    assert Comparison.read(tmp_path / "across" / "result.json") == together
    training = [words for words in igc.done if words[0] == "train"]
    assert len(training) == 4
    assert "dell-a" not in training[0]
    assert "hpe-a" in training[0]


def test_what_is_finished_is_not_done_again(folds: Folds, tmp_path: Path) -> None:
    first = Crossvalidation(folds, tmp_path / "across", Igc(stop_before=2))
    with pytest.raises(KeyboardInterrupt):
        first.run_fold("dell")
    assert first.finished() == {}
    again = Igc()
    second = Crossvalidation(folds, tmp_path / "across", again)
    assert second.run_fold("dell") == 0
    assert [words[0] for words in again.done] == ["evaluate"]
    assert list(second.finished()) == ["dell"]
    together = second.together()
    assert together is not None
    assert together.partial


def test_a_training_that_was_interrupted_is_gone_on_with(folds: Folds, tmp_path: Path) -> None:
    folds = replace(folds, seeds=(0,))
    run = tmp_path / "across" / "folds" / "dell" / "seed-0"
    first = Crossvalidation(folds, tmp_path / "across", _interrupted)
    assert first.run_fold("dell") == EXIT_INTERRUPTED
    assert (run / "agent" / "agent.json").is_file()
    assert not is_finished(run)
    again = Igc()
    assert Crossvalidation(folds, tmp_path / "across", again).run_fold("dell") == 0
    assert again.done[0] == ("train", "--resume", str(run))
    assert [words[0] for words in again.done] == ["train", "evaluate"]
    assert is_finished(run)
    assert read_manifest(run / "agent").training["imitated"] == 1024


def _interrupted(*words: str) -> int:
    """Train as commands do, and stop after the first update."""

    def stop(display: TrainingDisplay, standing: Standing) -> None:
        signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingDisplay, "__call__", stop)
        return main(list(words))


def test_an_agent_that_does_not_say_so_is_finished(tmp_path: Path) -> None:
    assert not is_finished(tmp_path)
    (tmp_path / "agent").mkdir()
    manifest = tmp_path / "agent" / "agent.json"
    for text, finished in (('{"training": {}}', True), ('{"training": {"finished": false}}', False), ("{", False)):
        manifest.write_text(text)
        assert is_finished(tmp_path) is finished


def test_the_plan_keeps_no_passwords(folds: Folds, tmp_path: Path) -> None:
    goals = 'goals=["account create user=a password=Zq9vault role=X"]'
    folds = replace(folds, training=(*folds.training, "--set", goals), evaluation=("--set", goals))
    for _ in range(2):  # the second finds what the first wrote
        Crossvalidation(folds, tmp_path / "across", Igc())
    plan = (tmp_path / "across" / "plan.json").read_text()
    assert "Zq9vault" not in plan
    assert "user=a password=<redacted> role=X" in plan


def test_a_folder_is_for_one_set_of_options(folds: Folds, tmp_path: Path) -> None:
    begun = Crossvalidation(folds, tmp_path / "across", Igc(stop_before=1))
    with pytest.raises(KeyboardInterrupt):
        begun.run_fold("dell")
    other = Folds(groups=folds.groups, more=("generated:0-7",))
    with pytest.raises(RunError, match="was begun with other options"):
        Crossvalidation(other, tmp_path / "across", Igc())
    (tmp_path / "mine").mkdir()
    with pytest.raises(RunError, match="holds no cross-validation"):
        Crossvalidation(folds, tmp_path / "mine", Igc())


def test_refused_options_do_not_stand_in_the_way_of_right_ones(folds: Folds, tmp_path: Path) -> None:
    wrong = replace(folds, training=("--environment", "corridor", "--recipe", "nowhere.toml"))
    assert Crossvalidation(wrong, tmp_path / "across", Igc()).run_fold("dell") == 2
    begun = Crossvalidation(folds, tmp_path / "across", Igc(stop_before=1))
    with pytest.raises(KeyboardInterrupt):
        begun.run_fold("dell")
    assert Crossvalidation(folds, tmp_path / "across", Igc()).finished() == {}


def test_a_place_that_cannot_be_made_is_told(folds: Folds, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot make"):
        Crossvalidation(folds, tmp_path / "recipe.toml" / "across", Igc())


@pytest.mark.parametrize(
    "wrong", [Folds(groups={"a": ["x"], "b": ["x", "y"]}), Folds(groups={"a": ["x"], "b": ["y"]}, more=("x",))]
)
def test_no_machine_is_trained_on_while_it_is_left_out(wrong: Folds, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the machine 'x' of 'a' would be trained on while 'a' is left out"):
        Crossvalidation(wrong, tmp_path / "across", Igc())


def _rooms(text: str) -> dict[str, str]:
    """Machines of a house: ``1-3`` are three rooms, and one of them is called the hall."""
    first, _, last = text.replace("hall", "2").partition("-")
    return {
        text if text == "hall" else f"room {number}": str(number)
        for number in range(int(first), int(last or first) + 1)
    }


@pytest.mark.parametrize(
    ("groups", "more", "told"),
    [
        ({"a": ["0-5"], "b": ["3-8"]}, (), "the machine 'room 3' of 'a' would be trained on while 'a' is left out"),
        ({"a": ["0-1"], "b": ["hall"]}, ("2",), "'hall' of 'b' would be trained on as 'room 2' while 'b' is left out"),
    ],
)
def test_a_machine_is_known_by_every_name(
    groups: dict[str, list[str]], more: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=told):
        Crossvalidation(Folds(groups, more), tmp_path / "across", Igc(), _rooms)
    Crossvalidation(Folds({"a": ["0-1"], "b": ["hall"]}, ("3-9",)), tmp_path / "across", Igc(), _rooms)
