from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from igc_core.errors import DataError
from igc_mig.batch_file import load, save
from igc_mig.geometry import Gpu
from igc_mig.workloads import generate


@pytest.mark.parametrize("name", ["tasks.csv", "tasks.json"])
def test_what_is_saved_is_loaded(tmp_path: Path, name: str) -> None:
    batch = generate("wide_times", 14, np.random.default_rng(0))
    save(batch, tmp_path / name)
    again = load(tmp_path / name)
    assert (again.names, again.sizes) == (batch.names, batch.sizes)
    assert np.array_equal(again.times_s, batch.times_s)


def test_names_may_be_left_out_and_a_gpu_takes_the_sizes_it_has(tmp_path: Path, a30: Gpu) -> None:
    file = tmp_path / "tasks.csv"
    file.write_text("t4,t1,t2\n1,3,2\n", encoding="utf-8-sig")
    batch = load(file)
    assert batch.names == ("task0",)
    assert batch.durations(a30).tolist() == [[3.0, 2.0, 1.0]]


def test_a_size_that_the_gpu_has_and_the_tasks_lack_is_named(tmp_path: Path, a100: Gpu) -> None:
    file = tmp_path / "tasks.csv"
    file.write_text("t1,t2\n3,2\n")
    with pytest.raises(DataError, match="the field t3 is missing: a100"):
        load(file).durations(a100)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.csv", "name,t1\na,-3\n", "line 2: the field t1 is '-3'"),
        ("a.csv", "name,t1\na,0\n", "line 2: the field t1 is '0'"),
        ("a.csv", "name,t1\na,nan\n", "line 2: the field t1 is 'nan'"),
        ("a.csv", "name,t1\na,inf\n", "line 2: the field t1 is 'inf'"),
        ("a.csv", "name,t1\na,fast\n", "line 2: the field t1 is 'fast'"),
        ("a.csv", "name,t1,t2\na,3,\n", "line 2: the field t2 is missing"),
        ("a.csv", "name,t1,t2\na,3\n", "line 2: the field t2 is missing"),
        ("a.csv", "name,t1\na,3,4\n", "line 2: more values than fields"),
        ("a.csv", "name,t1,speed\na,3,4\n", "the field 'speed' is neither name, arrival nor a time"),
        ("a.csv", "name\na\n", "the field t1 is missing"),
        ("a.csv", "name,t1\n", "the field tasks is empty"),
        ("a.csv", 'name,t1\n"a,3\n', "is not CSV"),
        ("a.csv", "name,t1,t1\na,3,4\n", "line 1: the field 't1' stands twice"),
        ("a.csv", "name,t1\na,1e300\n", "line 2: the field t1 is '1e300', more than 1e+12 seconds"),
        ("a.json", '{"tasks": [{"t1": 1, "t1": 2}]}', "the field t1 stands twice"),
        ("a.json", "{", "is not JSON"),
        ("a.json", "[]", "the field tasks is no list"),
        ("a.json", '{"tasks": []}', "the field tasks is empty"),
        ("a.json", '{"tasks": [3]}', "task 0: no record"),
        ("a.json", '{"tasks": [{"t1": NaN}]}', "task 0: the field t1 is nan"),
        ("a.json", '{"tasks": [{"t1": true}]}', "task 0: the field t1 is True"),
        ("a.json", '{"tasks": [{"t1": [1]}]}', "task 0: the field t1 is"),
        ("a.json", '{"tasks": [{"t1": 1' + "0" * 400 + "}]}", "task 0: the field t1 is"),
        ("a.json", '{"tasks": [{"t1": 1}, {"t2": 1}]}', "task 0: the field t2 is missing"),
        ("a.txt", "", "ends neither in .json nor in .csv"),
    ],
)
def test_bad_input_is_one_line_that_names_the_field(tmp_path: Path, name: str, text: str, problem: str) -> None:
    file = tmp_path / name
    file.write_text(text)
    with pytest.raises(DataError, match=r"^[^\n]*$") as caught:
        load(file)
    assert problem in str(caught.value)
    assert file.read_text() == text


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="No such file"):
        load(tmp_path / "none.csv")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        load(tmp_path / "a.csv")
