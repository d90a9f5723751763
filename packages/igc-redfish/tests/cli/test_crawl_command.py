from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli.app import main
from igc_redfish.capture import ROOT, Capture


@pytest.fixture(autouse=True)
def host(web: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("IGC_REDFISH_USER", "IGC_REDFISH_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    system = f"{ROOT}/Systems/[bold]1"
    web.pages[f"{ROOT}/"] = {
        "Systems": {"@odata.id": f"{ROOT}/Systems"},
        "UUID": "4c4c4544-0051-3310-8057-b5c04f4e4332",
    }
    web.pages[f"{ROOT}/Systems"] = {"Members": [{"@odata.id": system}]}
    web.pages[f"{ROOT}/Systems/[bold]1"] = 404, {"error": {"message": "no\x1b[31m such\nsystem"}}, {}
    return web


def run(*arguments: str | Path) -> int:
    return main([*map(str, ("capture", "crawl", *arguments))])


def test_crawl_writes_capture_and_report(host: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz") == 0
    told = capsys.readouterr().out
    assert "read 2 resources" in told
    assert "status-404: 1" in told
    assert "\x1b" not in told
    assert len(Capture.open(tmp_path / "r7.igc.jsonl.gz")) == 2
    assert json.loads((tmp_path / "r7.igc.jsonl.gz.crawl.json").read_text())["resources"] == 2


def test_report_can_be_had_as_json(host: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz", "--json") == 0
    assert json.loads(capsys.readouterr().out)["failures"][0]["status"] == 404


def test_identities_can_be_faked(host: Any, tmp_path: Path) -> None:
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz", "--fake-identities") == 0
    capture = Capture.open(tmp_path / "r7.igc.jsonl.gz")
    assert capture[ROOT].body["UUID"] == "00000000-0000-4000-8000-000000000001"
    assert "127.0.0.1" not in (tmp_path / "r7.igc.jsonl.gz.crawl.json").read_text()
    assert capture.provenance["origin"] == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["https://u:p4ssw0rd@bmc7"], "client-address"),
        (["http://192.0.2.1"], "client-insecure"),
        (["https://bmc7", "--fingerprint", "12"], "client-untrusted"),
        (["https://bmc7", "--password-env", "RACK7", "--user", "root"], "client-credentials"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments[0], tmp_path / "r7.igc.jsonl.gz", *arguments[1:]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"error[{code}]")
    assert told.count("\n") == 1
    assert "p4ssw0rd" not in told
    assert not list(tmp_path.iterdir())


def test_insecure_says_what_it_gives_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("https://127.0.0.1:1", tmp_path / "r7.igc.jsonl.gz", "--insecure", "--attempts", "1") == 2
    assert "not verified" in capsys.readouterr().err


def test_folder_that_cannot_be_written_is_said_before_anything_is_asked(host: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run(host.url, tmp_path / "file" / "r7.igc.jsonl.gz") == 2
    assert not host.asked


def test_existing_capture_is_kept(host: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r7.igc.jsonl.gz").write_text("mine")
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (tmp_path / "r7.igc.jsonl.gz").read_text() == "mine"


def test_host_that_is_not_there_is_told_apart_and_leaves_nothing_behind(
    host: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("http://127.0.0.1:1", tmp_path / "r7.igc.jsonl.gz", "--attempts", "1") == 2
    assert capsys.readouterr().err.startswith("error[client-unreachable]: http://127.0.0.1:1 cannot be read")
    assert not list(tmp_path.iterdir())
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz") == 0


@pytest.mark.parametrize("seconds", ["inf", "1e300", "nan"])
def test_a_time_without_end_is_refused_at_the_start(
    seconds: str, host: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(host.url, tmp_path / "r7.igc.jsonl.gz", "--timeout", seconds) == 2
    assert "--timeout" in capfd.readouterr().err
    assert list(tmp_path.iterdir()) == []
