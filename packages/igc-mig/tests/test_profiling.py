from __future__ import annotations

import sys
from pathlib import Path

import pytest

from igc_core.errors import DataError
from igc_mig.commands_file import load_commands
from igc_mig.errors import MigError
from igc_mig.profiling import measure_tasks, parse_instances


def test_a_task_is_measured_on_every_size(tmp_path: Path) -> None:
    script = tmp_path / "task.py"
    script.write_text("import os, time; time.sleep(0.2 / int(os.environ['CUDA_VISIBLE_DEVICES'].split('-')[1]))")
    told: list[tuple[str, int]] = []
    batch = measure_tasks(
        {"a": f"{sys.executable} {script}"}, {4: "MIG-4", 1: "MIG-1"}, repeats=3, told=lambda *one: told.append(one[:2])
    )
    assert batch.sizes == (1, 4)
    assert told == [("a", 1), ("a", 4)]
    assert 0.2 < batch.times_s[0, 0] < 3
    assert batch.times_s[0, 1] < batch.times_s[0, 0]


def test_a_task_that_fails_is_told() -> None:
    with pytest.raises(MigError, match="the task 'a' ended with code 3"):
        measure_tasks({"a": f"{sys.executable} -c 'raise SystemExit(3)'"}, {1: "MIG-1"})


def test_an_end_that_is_wanted_comes_at_once() -> None:
    with pytest.raises(KeyboardInterrupt):
        measure_tasks({"a": "sleep 60"}, {1: "MIG-1"}, stopped=lambda: True)


def test_instances_are_pairs() -> None:
    assert parse_instances(["1=MIG-a", "7=MIG-b"]) == {1: "MIG-a", 7: "MIG-b"}
    for wrong in (["1"], ["x=MIG"], ["0=MIG"], ["1=a", "1=b"], ["1=a", "2=a"], ["5=a"], ["100=a"], ["1="]):
        with pytest.raises(MigError, match="is not a new size and a new UUID"):
            parse_instances(wrong)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name,command\na,\n", "line 2: the field command is missing"),
        ("name\na\n", "line 2: the field command is missing"),
        ("name,command\na,x\na,y\n", "line 3: the field name repeats 'a'"),
        ("name,command\na,  \n", "line 2: the field command is missing"),
        ("name,command,command\na,x,y\n", "line 1: a field stands twice"),
        ("name,command\n", "there is no task"),
    ],
)
def test_wrong_command_files_are_told(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "commands.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=problem):
        load_commands(file)
