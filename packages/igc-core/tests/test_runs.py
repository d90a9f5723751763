from __future__ import annotations

import hashlib
import platform
import resource
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from igc_core.errors import RunError
from igc_core.runs import RunFolder, RunManifest


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.create(tmp_path / "runs" / "first", RunManifest.of_this_process(seeds={"training": 7}))


def test_manifest_tells_how_the_run_came_about(tmp_path: Path) -> None:
    capture = tmp_path / "x.igc"
    capture.write_bytes(b"capture")
    manifest = RunManifest.of_this_process(
        command=["igc", "train", "--steps", "5"], seeds={"a": 1}, captures=[capture], options={"rate": 0.1}
    )
    assert manifest.command == ("igc", "train", "--steps", "5")
    assert manifest.captures == {"x.igc": hashlib.sha256(b"capture").hexdigest()}
    assert manifest.python == platform.python_version()
    assert {"igc-core", "numpy", "gymnasium"} <= set(manifest.versions)
    assert "never-heard-of" not in manifest.versions
    assert manifest.options == {"rate": 0.1}
    assert manifest.started.endswith("+00:00")


def test_command_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["igc", "train"])
    assert RunManifest.of_this_process().command == ("igc", "train")


def test_secrets_do_not_reach_the_manifest() -> None:
    words = ["igc", "--password", "hunter2", "--token=hunter2", "--user=alice", "--password", "--verbose", "--secret"]
    words += ["set password of root to hunter2"]
    manifest = RunManifest.of_this_process(command=words, options={"Password": "hunter2"})
    assert "hunter2" not in manifest.model_dump_json()
    assert "--user=alice" in manifest.command
    assert manifest.command[-3:-1] == ("--verbose", "--secret")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["password=hunter2"], ("password=<redacted>",)),
        (["root.Password=hunter2=x", "seed=3"], ("root.Password=<redacted>", "seed=3")),
        (["-p", "hunter2", "-v"], ("-p", "<redacted>", "-v")),
        (["--password", "-hunter2"], ("--password", "<redacted>")),
        (["--password", "--json"], ("--password", "--json")),
        (['{"Password":"hunter2"}'], ("<redacted>",)),
        (["image=http://root:hunter2@h/x.iso"], ("image=http://<redacted>@h/x.iso",)),
        (["--steps=5", "power off", "generated:7"], ("--steps=5", "power off", "generated:7")),
    ],
)
def test_words_of_the_command_are_kept_without_their_secrets(given: list[str], kept: tuple[str, ...]) -> None:
    assert RunManifest.of_this_process(command=given).command == kept


def test_package_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("igc_core.runs._NOTED", ("no-such-package",))
    assert "no-such-package" not in RunManifest.of_this_process().versions


def test_run_is_opened_as_it_was_created(run: RunFolder) -> None:
    assert RunFolder.open(run.path).manifest == run.manifest


def test_existing_folder_is_not_touched(run: RunFolder) -> None:
    before = (run.path / "manifest.json").read_bytes()
    with pytest.raises(RunError, match="exists already; choose another name, or resume that run") as caught:
        RunFolder.create(run.path, RunManifest.of_this_process())
    assert caught.value.code == "run-exists"
    assert (run.path / "manifest.json").read_bytes() == before


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match=r"cannot make .*: Not a directory"):
        RunFolder.create(tmp_path / "file" / "run", RunManifest.of_this_process())


def test_missing_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no run in") as caught:
        RunFolder.open(tmp_path / "none")
    assert caught.value.code == "run-missing"


@pytest.mark.parametrize("content", [b"", b"\xff", b"{", b"[]", b'{"started": 3, "python": "3", "platform": "x"}'])
def test_damaged_manifest_is_told(run: RunFolder, content: bytes) -> None:
    (run.path / "manifest.json").write_bytes(content)
    with pytest.raises(RunError, match=r"manifest\.json is not a run manifest") as caught:
        RunFolder.open(run.path)
    assert caught.value.code == "run-corrupt"


def test_metrics_come_back_in_order(run: RunFolder) -> None:
    assert list(run.metrics()) == []
    for step in range(3):
        run.log({"step": step, "success": step / 2})
    assert [record["step"] for record in RunFolder.open(run.path).metrics()] == [0, 1, 2]


@pytest.mark.parametrize("torn", [b'{"step": 1, "succ', b"\xff\xfe", b"[1]\n", b"{}x\n"])
def test_torn_line_costs_itself_alone(run: RunFolder, torn: bytes) -> None:
    run.log({"step": 0})
    with (run.path / "metrics.jsonl").open("ab") as file:
        file.write(torn)
    run.log({"step": 2})
    assert list(run.metrics()) == [{"step": 0}, {"step": 2}]


def test_latest_checkpoint_has_the_most_steps(run: RunFolder) -> None:
    for step in (2_000, 10_000, 300):
        with run.checkpoint(step) as folder:
            (folder / "agent.json").write_text(str(step))
            (folder / "weights").mkdir()
            (folder / "weights" / "w.safetensors").write_bytes(b"")
    assert (run.latest() / "agent.json").read_text() == "10000"
    assert len(run.checkpoints()) == 3


def test_run_without_checkpoint_is_told(run: RunFolder) -> None:
    with pytest.raises(RunError, match="has no checkpoint") as caught:
        run.latest()
    assert caught.value.code == "run-missing"


def test_failed_checkpoint_leaves_nothing(run: RunFolder) -> None:
    def interrupted() -> None:
        with run.checkpoint(1) as folder:
            (folder / "agent.json").write_text("{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list((run.path / "checkpoints").iterdir()) == []


def test_checkpoint_is_not_overwritten(run: RunFolder) -> None:
    with run.checkpoint(1) as folder:
        (folder / "agent.json").write_text("first")
    with pytest.raises(RunError, match="exists already"), run.checkpoint(1):
        pytest.fail("the block must not run")
    assert (run.latest() / "agent.json").read_text() == "first"


@contextmanager
def nearly_full(size_bytes: int) -> Generator[None]:
    """Let no file grow beyond a size, as a disk does that is nearly full."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize("size_bytes", [10, 15])
def test_metrics_that_do_not_fit_are_told_of(run: RunFolder, size_bytes: int) -> None:
    run.log({"step": 0})
    with nearly_full(size_bytes), pytest.raises(RunError, match=r"metrics\.jsonl"):
        run.log({"step": 1})
    assert list(run.metrics()) == [{"step": 0}]


def test_checkpoint_that_does_not_fit_is_told_of_and_leaves_nothing(run: RunFolder) -> None:
    with nearly_full(10), pytest.raises(RunError, match="step-000000000001"), run.checkpoint(1) as folder:
        (folder / "agent.json").write_text("x" * 1000)
    assert run.checkpoints() == []


def test_files_that_may_carry_code_are_refused(run: RunFolder) -> None:
    with pytest.raises(RunError, match=r"may not hold weights\.pt; keep arrays in"), run.checkpoint(1) as folder:
        (folder / "weights.pt").write_bytes(b"")
    with pytest.raises(RunError, match=r"may not hold link\.json"), run.checkpoint(1) as folder:
        (folder / "link.json").symlink_to("/etc/hostname")
    assert run.checkpoints() == []


def test_runs_import_no_tensor_library() -> None:
    probe = "import sys, igc_core.runs; print([m for m in ('torch', 'safetensors', 'numpy') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", probe], text=True).strip() == "[]"


def test_folder_of_a_run_that_is_refused_before_it_began_is_removed(tmp_path: Path) -> None:
    for name, begun in (("refused", False), ("begun", True)):
        run = RunFolder.create(tmp_path / name, RunManifest.of_this_process())
        if begun:
            run.log({"step": 1})
        with pytest.raises(RunError), run.removed_unless_begun():
            raise RunError("no", code="run-missing")
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]
