from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from igc_core.errors import DataError
from igc_mig.commands_file import load_commands
from igc_mig.errors import MigError
from igc_mig.measurements import Measurements
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


def _counting(tmp_path: Path, *, failing: str = "") -> dict[str, str]:
    """Tasks that write a line each time they run; one may fail."""
    log = tmp_path / "log"
    code = "import sys; open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit(sys.argv[2] == sys.argv[3])"
    return {name: shlex.join([sys.executable, "-c", code, str(log), name, failing]) for name in "abc"}


def test_what_is_measured_is_not_measured_again(tmp_path: Path) -> None:
    kept, instances = tmp_path / "kept", {1: "MIG-1", 2: "MIG-2"}
    with pytest.raises(MigError, match="the task 'c' ended with code 1"):
        measure_tasks(
            _counting(tmp_path, failing="c") | {"a": "true"}, instances, measurements=Measurements(kept, instances)
        )
    assert (tmp_path / "log").read_text() == "bbc"
    first = Measurements(kept, instances)
    assert first.count == 4
    commands = {**_counting(tmp_path, failing="c"), "a": "true", "c": "true"}
    batch = measure_tasks(commands, instances, repeats=2, measurements=first)
    assert (tmp_path / "log").read_text() == "bbcbb"
    assert batch.names == tuple(commands)
    assert Measurements(kept, instances).count == 12
    assert first.of("c", "true", 1) == Measurements(kept, instances).of("c", "true", 1)
    assert first.of("c", "false", 1) == [], "another command is another measurement"


def test_a_line_that_a_crash_tore_is_measured_again(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "kept", {1: "MIG-1"})
    assert not kept.path.exists(), "nothing is left of a profile that measured nothing"
    kept.keep("a", "true", 1, 2.0)
    kept.keep("a", "true", 1, 3.0)
    content = kept.path.read_bytes()
    kept.path.write_bytes(content[:-4])
    again = Measurements(kept.path, {1: "MIG-1"})
    assert again.of("a", "true", 1) == [2.0]
    again.keep("a", "true", 1, 3.0)
    assert kept.path.read_bytes() == content
    assert b"true" not in content, "a command may hold secrets"
    kept.path.write_bytes(content[:20])
    assert Measurements(kept.path, {1: "MIG-1"}).count == 0


def test_a_file_that_does_not_fit_is_refused_and_unharmed(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "kept", {1: "MIG-1"})
    kept.keep("a", "true", 1, 2.0)
    with pytest.raises(DataError, match="an unfinished profile of other instances; give those"):
        Measurements(kept.path, {1: "MIG-2"})
    anew = Measurements(kept.path, {1: "MIG-2"}, restart=True)
    assert anew.count == 0
    anew.keep("a", "true", 1, 5.0)
    assert Measurements(kept.path, {1: "MIG-2"}).of("a", "true", 1) == [5.0]
    kept.path.write_bytes(kept.path.read_bytes() + b"{}\n")
    with pytest.raises(DataError, match="line 3: no measured run; give --restart"):
        Measurements(kept.path, {1: "MIG-2"})
    for foreign in ("precious\n", "precious", "[]\n"):
        kept.path.write_text(foreign)
        with pytest.raises(DataError, match="is no unfinished profile"):
            Measurements(kept.path, {1: "MIG-1"}, restart=True)
        assert kept.path.read_text() == foreign
    kept.path.unlink()
    kept.path.mkdir()
    with pytest.raises(DataError, match="cannot read"):
        Measurements(kept.path, {1: "MIG-1"})


def test_a_run_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    kept = Measurements(tmp_path / "none" / "kept", {1: "MIG-1"})
    with pytest.raises(DataError, match=r"cannot write .*; make room"):
        kept.keep("a", "true", 1, 2.0)


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
        ("", "there is no task"),
    ],
)
def test_wrong_command_files_are_told(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "commands.csv"
    file.write_text(text)
    with pytest.raises(DataError, match=problem):
        load_commands(file)
