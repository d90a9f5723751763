from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Work that tells of itself by every way of printing, and leaves a result.
WORK = """
import sys, typer
from pathlib import Path
from igc_core.cli import console, run, show, show_json, warn
from igc_core.cli.display import WorkDisplay

def work(*, args, prog_name):
    with WorkDisplay(console(), line_every_s=0.0) as display:
        for step in range(500):
            display.show("learning", step, 500)
    with console().status("working"):
        show([{"step": step} for step in range(20_000)])
    show_json({"success": 1.0})
    warn("careful")
    typer.echo("done")
    typer.echo(b"done")
    sys.stderr.buffer.write(b"noted")
    Path(args[0]).write_text("the result")

sys.exit(run(work, sys.argv[1:], "work"))
"""
FULL = Path("/dev/full")
needs_full_disk = pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")


def _work(result: Path, *, buffered: bool = True, **streams: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "" if buffered else "1"}
    program = [sys.executable, "-c", WORK, str(result)]
    return subprocess.run(program, env=environment, text=True, check=False, timeout=60, **streams)  # type: ignore[call-overload, no-any-return]


def _closed_pipe() -> int:
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize("buffered", [True, False])
def test_work_goes_on_when_its_reader_leaves(tmp_path: Path, buffered: bool) -> None:
    pipe = _closed_pipe()
    done = _work(tmp_path / "result", buffered=buffered, stdout=pipe, stderr=subprocess.PIPE)
    os.close(pipe)
    assert (done.returncode, done.stderr) == (0, "warning: careful\nnoted")
    assert (tmp_path / "result").read_text() == "the result"


def test_work_goes_on_when_nobody_reads_its_warnings(tmp_path: Path) -> None:
    pipe = _closed_pipe()
    done = _work(tmp_path / "result", stdout=pipe, stderr=pipe)
    os.close(pipe)
    assert done.returncode == 0
    assert (tmp_path / "result").read_text() == "the result"


@needs_full_disk
@pytest.mark.parametrize("buffered", [True, False])
def test_output_that_a_full_disk_took_is_told_in_one_line(tmp_path: Path, buffered: bool) -> None:
    with FULL.open("w") as full:
        done = _work(tmp_path / "result", buffered=buffered, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    told = "error[data-missing]: cannot write standard output: No space left on device\n"
    assert done.stderr == f"warning: careful\nnoted{told}"
    assert (tmp_path / "result").read_text() == "the result"


@needs_full_disk
@pytest.mark.parametrize("arguments", [("--help",), ("plugins", "list"), ("plugins", "list", "--json")])
def test_every_way_of_printing_knows_a_full_disk(arguments: tuple[str, ...]) -> None:
    program = [sys.executable, "-m", "igc_core", *arguments]
    with FULL.open("w") as full:
        done = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    told = "error[data-missing]: cannot write standard output: No space left on device\n"
    assert (done.returncode, done.stderr) == (2, told)


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")
def test_program_without_streams_does_its_work(tmp_path: Path) -> None:
    program = ["sh", "-c", '"$@" >&- 2>&-', "sh", sys.executable, "-c", WORK, str(tmp_path / "result")]
    assert subprocess.run(program, check=False).returncode == 0
    assert (tmp_path / "result").read_text() == "the result"
