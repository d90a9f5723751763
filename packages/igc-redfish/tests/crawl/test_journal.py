from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from igc_redfish.capture import ROOT, Capture, CaptureError, Resource
from igc_redfish.crawl.facts import Failure, Link, Note, Visit
from igc_redfish.crawl.journal import Journal

HOST = "https://bmc7"
SYSTEMS = f"{ROOT}/Systems"
VISIT = Visit(
    Link(f"{SYSTEMS}/", ROOT),
    resources=[
        Resource(SYSTEMS, {"Members": []}, methods=["GET"], headers={"ETag": "1"}),
        Resource(f"{SYSTEMS}/1", {"Name": "R\u00fcbe\n"}),
    ],
    failures=[Failure(f"{SYSTEMS}/2", SYSTEMS, "status-404", "not there", 404, {"error": {}})],
    notes=[Note("log-cut", SYSTEMS, "3 left out")],
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    with Journal(tmp_path / "x.partial", HOST) as journal:
        journal.keep(VISIT)
    return tmp_path / "x.partial"


def read(file: Path) -> list[Visit]:
    with Journal(file, HOST) as journal:
        return journal.visits


def test_what_was_kept_is_read_again(file: Path) -> None:
    visits = read(file)
    resources = [resource for visit in visits for resource in visit.resources]
    assert [r.canonical_line() for r in resources] == [r.canonical_line() for r in VISIT.resources]
    assert [visit.link.target for visit in visits[:2]] == [f"{SYSTEMS}/", f"{SYSTEMS}/1"]
    assert [failure for visit in visits for failure in visit.failures] == VISIT.failures
    assert [note for visit in visits for note in visit.notes] == VISIT.notes


def test_file_is_its_owners_alone(file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("lost", range(1, 200, 7))
def test_line_that_was_cut_off_is_dropped(file: Path, lost: int) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:-lost])
    whole = content[:-lost].count(b"\n")
    assert len(read(file)) == max(whole - 1, 0)
    with Journal(file, HOST) as journal:
        journal.keep(VISIT)
    assert len(read(file)) == max(whole - 1, 0) + 4


def test_crawl_of_another_host_is_refused(file: Path) -> None:
    with pytest.raises(CaptureError) as caught:
        Journal(file, "https://bmc8")
    assert caught.value.code == "capture-exists"
    assert HOST in str(caught.value)
    assert len(read(file)) == 4


def test_restart_forgets(file: Path) -> None:
    with Journal(file, "https://bmc8", restart=True) as journal:
        assert journal.visits == []


@pytest.mark.parametrize(
    "content", [b"hello", b"hello\n", b'{"format": "other"}\n', b"[]\n", b'{"format": "igc-crawl", "version": 2}\n']
)
def test_other_file_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.partial"
    file.write_bytes(content)
    with pytest.raises(CaptureError):
        Journal(file, HOST)
    assert file.read_bytes() == content


@pytest.mark.parametrize("line", [b"{", b"{}", b'{"resource": {}}', b'{"failure": {"x": 1}}', b"7"])
def test_damage_is_named(file: Path, line: bytes) -> None:
    file.write_bytes(file.read_bytes() + line + b"\n")
    with pytest.raises(CaptureError) as caught:
        Journal(file, HOST)
    assert "line 6" in str(caught.value)


def test_file_of_a_running_crawl_is_left_to_it(file: Path) -> None:
    with Journal(file, HOST), pytest.raises(CaptureError) as caught:
        Journal(file, HOST, restart=True)
    assert caught.value.code == "capture-exists"


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.partial").mkdir()
    with pytest.raises(CaptureError) as caught:
        Journal(tmp_path / "x.partial", HOST)
    assert caught.value.code == "capture-unwritable"


def test_disk_that_is_full_is_told_of_and_what_was_written_stays(file: Path) -> None:
    size = file.stat().st_size
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, usual[1]))
    try:
        with pytest.raises(CaptureError) as caught, Journal(file, HOST) as journal:
            journal.keep(VISIT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert caught.value.code == "capture-unwritable"
    assert len(read(file)) == 4


# -- processes that are stopped ----------------------------------------------------------------------------------------


@pytest.fixture
def slow_host(web: Any, make_body: Any, make_collection: Any) -> Any:
    """Sixty systems behind a session, two hundredths of a second each."""
    sessions = f"{ROOT}/SessionService/Sessions"
    links = {"Systems": SYSTEMS}
    web.pages[f"{ROOT}/"] = make_body("ServiceRoot", **links)
    web.pages[SYSTEMS] = make_collection("ComputerSystem", *(f"{SYSTEMS}/{n}" for n in range(60)))
    web.pages[f"POST {sessions}"] = 201, {}, {"X-Auth-Token": "t0ken-t0ken", "Location": f"{sessions}/2"}
    web.pages[f"DELETE {sessions}/2"] = 204

    def system(handler: Any) -> Any:
        time.sleep(0.02)
        return 200, make_body("ComputerSystem") | {"Name": handler.path}, {"Allow": "GET"}

    web.pages |= {f"{SYSTEMS}/{n}": system for n in range(60)}
    return web


def start(url: str, destination: Path, *options: str) -> subprocess.Popen[str]:
    variables = os.environ | {"IGC_REDFISH_USER": "root", "IGC_REDFISH_PASSWORD": "correct horse"}
    command = [
        sys.executable,
        "-m",
        "igc_core",
        "capture",
        "crawl",
        url,
        str(destination),
        "--concurrency",
        "2",
        *options,
    ]
    return subprocess.Popen(
        command, env=variables, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def wait_for_requests(web: Any, number: int) -> None:
    until = time.monotonic() + 60
    while len(web.asked) < number and time.monotonic() < until:
        time.sleep(0.005)


def asked_systems(web: Any) -> list[str]:
    return [path for _, path in web.asked if path.startswith(f"{SYSTEMS}/")]


def test_killed_crawl_goes_on_where_it_was(slow_host: Any, tmp_path: Path) -> None:
    destination = tmp_path / "host.igc.jsonl.gz"
    killed = start(slow_host.url, destination)
    wait_for_requests(slow_host, 30)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    before = set(asked_systems(slow_host))
    assert 10 < len(before) < 60
    assert not destination.exists()
    slow_host.asked.clear()
    resumed = start(slow_host.url, destination)
    _, errors = resumed.communicate(timeout=60)
    assert resumed.returncode == 0, errors
    again = before & set(asked_systems(slow_host))
    assert len(again) <= 4  # under way, or answered and not written down
    assert len(Capture.open(destination)) == 62
    assert not destination.with_name("host.igc.jsonl.gz.partial").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_crawl_says_how_to_go_on_and_logs_out(
    slow_host: Any, tmp_path: Path, number: signal.Signals
) -> None:
    destination = tmp_path / "host.igc.jsonl.gz"
    stopped = start(slow_host.url, destination)
    wait_for_requests(slow_host, 30)
    stopped.send_signal(number)
    _, errors = stopped.communicate(timeout=60)
    assert stopped.returncode == 130
    assert "goes on" in errors
    assert "Traceback" not in errors
    assert slow_host.asked[-1] == ("DELETE", f"{ROOT}/SessionService/Sessions/2")
    partial = destination.with_name("host.igc.jsonl.gz.partial")
    assert b"correct horse" not in partial.read_bytes()
    kept = len(partial.read_bytes().splitlines())
    assert 10 < kept < 60


@pytest.mark.parametrize("started", ["", ',"started":null', ',"started":"noon"'])
def test_first_line_without_a_time_is_told_as_damaged(started: str, tmp_path: Path) -> None:
    path = tmp_path / "x.partial"
    path.write_text(f'{{"format":"igc-crawl","version":1,"origin":"{HOST}"{started}}}\n')
    with pytest.raises(CaptureError, match=r"line 1 of .* is damaged; give --restart"):
        Journal(path, HOST)
    with Journal(path, HOST, restart=True) as journal:
        assert journal.visits == []
