from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from igc_core.cli import run as run_app
from igc_core.errors import DataError
from igc_mig.cli.app import app
from igc_mig.driver.conductor import Conductor, launch, recover
from igc_mig.driver.journal import Journal
from igc_mig.driver.nvml import NvmlDriver
from igc_mig.driver.tasks import end
from igc_mig.errors import MigError
from igc_mig.plan_file import PlanFile

COMMANDS = dict.fromkeys("abcde", "unused")


class Task:
    """Runs for some looks at it, then ends with a code."""

    def __init__(self, looks: int = 1, code: int = 0) -> None:
        self.looks, self.code = looks, code

    def poll(self) -> int | None:
        self.looks -= 1
        return None if self.looks >= 0 else self.code

    def terminate(self) -> None:
        self.looks, self.code = 0, -15

    def kill(self) -> None:
        raise AssertionError("it ended when asked to")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal.jsonl")
    made.begin()
    return made


def conductor(driver: NvmlDriver, plan: PlanFile, journal: Journal, start: Any = lambda *_: Task()) -> Conductor:
    return Conductor(driver, plan, COMMANDS, journal, start=start, poll_s=0.0)


def test_a_plan_is_carried_out_and_the_gpu_left_as_it_was(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    started: list[tuple[str, list[str]]] = []

    def start(command: str, uuid: str) -> Task:
        started.append((uuid, [f"{one.profile}:{one.start}" for one in nvml.handles]))
        return Task(looks=2)

    ran: list[str] = []
    conductor(driver, plan, journal, start).run(lambda one: ran.append(one.placement))
    assert started[0][1] == ["0:0"]
    assert nvml.log[:4] == ["create 0:0", "destroy 0:0", "create 5:0", "create 9:4"]
    assert nvml.log[4:7] == ["destroy 5:0", "create 14:0", "create 19:2"]
    assert sorted(ran) == ["1g@2", "2g@0", "3g@4", "4g@0", "7g@0"]
    assert nvml.handles == []
    events = [json.loads(line)["event"] for line in journal.path.read_text().splitlines()]
    assert events.count("started") == events.count("ended") == 5
    assert events.count("created") == events.count("destroyed") == 5
    assert not any(journal.standing())


def test_what_was_there_before_is_there_again(driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any) -> None:
    driver.create(next(one for one in driver.shapes() if one.compute == 2), 4)
    conductor(driver, plan, journal).run()
    assert [(one.profile, one.start) for one in nvml.handles] == [(14, 4)]


def test_a_busy_instance_is_never_destroyed(driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any) -> None:
    driver.create(next(one for one in driver.shapes() if one.compute == 2), 4)
    nvml.handles[0].pids.append(4711)
    nvml.log.clear()
    with pytest.raises(MigError, match="process 4711 runs on GPU instance 1"):
        conductor(driver, plan, journal).run()
    assert nvml.log == []


def test_nothing_is_done_with_mig_off_or_for_another_gpu(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    nvml.enabled = False
    with pytest.raises(MigError, match="MIG is off on NVIDIA A100"):
        conductor(driver, plan, journal).run()
    other = plan.model_copy(update={"gpu": "a30", "tasks": (plan.tasks[0].model_copy(update={"placement": "4g@0"}),)})
    assert conductor(driver, other, journal)  # an A100 has a 4g too
    other = other.model_copy(update={"tasks": (plan.tasks[0].model_copy(update={"placement": "1g@3"}),)})
    assert conductor(driver, other, journal)
    nvml.NVML_GPU_INSTANCE_PROFILE_1_SLICE = 1
    with pytest.raises(MigError, match="has no placement 1g@3: the plan is for a30"):
        conductor(driver, other, journal)
    assert nvml.log == []


@pytest.mark.parametrize("failing", [0, 2])
def test_a_task_that_fails_ends_all_and_cleans_up(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any, failing: int
) -> None:
    made: list[Task] = []

    def start(command: str, uuid: str) -> Task:
        made.append(Task(looks=1, code=3) if len(made) == failing else Task(looks=3))
        return made[-1]

    with pytest.raises(MigError, match=f"the task '{'abcde'[failing]}' ended with code 3"):
        conductor(driver, plan, journal, start).run()
    assert nvml.handles == []
    assert all(task.looks < 0 for task in made)


def test_ctrl_c_ends_tasks_and_cleans_up(driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any) -> None:
    class Interrupting(Task):
        def poll(self) -> int | None:
            if self.looks > 0:
                self.looks = 0
                raise KeyboardInterrupt
            return super().poll()

    with pytest.raises(KeyboardInterrupt):
        conductor(driver, plan, journal, lambda *_: Interrupting()).run()
    assert nvml.handles == []


def test_an_end_that_is_wanted_comes_between_changes(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    with pytest.raises(KeyboardInterrupt):
        conductor(driver, plan, journal).run(stopped=lambda: len(nvml.log) > 2)
    assert nvml.handles == []
    assert not any(journal.standing())


def test_a_run_that_was_refused_leaves_no_journal(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    nvml.enabled = False
    with pytest.raises(MigError, match="MIG is off"):
        conductor(driver, plan, journal).run()
    assert not journal.path.exists()


def test_what_cannot_be_cleaned_up_does_not_keep_the_rest(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    def start(command: str, uuid: str) -> Task:
        running = [one for one in nvml.handles if f"MIG-{one.number:04}" == uuid]
        if running[0].profile == 5:
            running[0].pids.append(4711)  # what the task started goes on without it
            return Task(code=3)
        return Task(looks=5)

    halves = plan.model_copy(update={"tasks": plan.tasks[1:]})
    with pytest.raises(MigError, match=r"'b' ended with code 3; besides, the GPU is not .* process 4711 .*--recover"):
        conductor(driver, halves, journal, start).run()
    assert [(one.profile, one.start) for one in nvml.handles] == [(5, 0)]
    nvml.handles[0].pids.clear()
    assert recover(driver, journal) == (1, 0)


def test_an_instance_that_was_refused_is_nobodys(
    driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any
) -> None:
    nvml.refuses.add("create")
    with pytest.raises(MigError, match="the driver refuses an instance"):
        conductor(driver, plan, journal).run()
    nvml.refuses.clear()
    driver.create(next(one for one in driver.shapes() if one.compute == 7), 0)
    assert recover(driver, journal) == (0, 0)


def test_a_crash_is_recovered_from(driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any) -> None:
    before = driver.create(next(one for one in driver.shapes() if one.compute == 2), 4)
    journal.write("found", before)
    driver.destroy(before)
    journal.write("destroyed", before)
    journal.write("creating", None, profile=0, start=0)
    made = driver.create(next(one for one in driver.shapes() if one.compute == 7), 0)
    with journal.path.open("a") as file:
        file.write('{"event": "crea')  # torn by the crash
    nvml.handles[0].pids.append(9)
    with pytest.raises(MigError, match="process 9 still runs"):
        recover(driver, journal)
    nvml.handles[0].pids.clear()
    assert made in driver.instances()
    assert recover(driver, journal) == (1, 1)
    assert [(one.profile, one.start) for one in nvml.handles] == [(14, 4)]


def test_recovering_twice_changes_nothing(driver: NvmlDriver, plan: PlanFile, journal: Journal, nvml: Any) -> None:
    made = driver.create(driver.shapes()[0], 3)
    journal.write("created", made)
    assert recover(driver, journal) == (1, 0)
    assert recover(driver, journal) == (0, 0)


def test_what_was_made_again_stays_when_recovering_twice(driver: NvmlDriver, journal: Journal, nvml: Any) -> None:
    before = driver.create(next(one for one in driver.shapes() if one.compute == 2), 4)
    for event in ("found", "destroyed"):
        journal.write(event, before)  # type: ignore[arg-type]
    driver.destroy(before)
    journal.write("creating", None, profile=14, start=4)
    driver.create(next(one for one in driver.shapes() if one.compute == 2), 4)  # and then it broke off
    assert recover(driver, journal) == (1, 1)
    assert recover(driver, journal) == (0, 0)
    assert [(one.profile, one.start) for one in nvml.handles] == [(14, 4)]


def test_a_journal_knows_its_gpu(tmp_path: Path) -> None:
    made = Journal(tmp_path / "other.jsonl")
    made.begin(3)
    assert made.device() == 3
    assert run_app(app, ["apply", "--recover", str(made.path), "--device", "1"]) == 2


def test_what_a_task_starts_ends_with_it(tmp_path: Path) -> None:
    out = tmp_path / "pid"
    task = launch(f"sh -c 'sleep 60 & echo $! > {out}; wait'", "MIG-1")
    while not (out.exists() and out.read_text().endswith("\n")):
        assert task.poll() is None
    end([task])
    assert task.poll() is not None
    stat = Path(f"/proc/{out.read_text().strip()}/stat")
    limit = time.monotonic() + 5
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < limit


def test_journals_are_never_written_over(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="exists already"):
        journal.begin()
    journal.path.write_text("no journal\n{}\n")
    with pytest.raises(DataError, match="line 1: no event"):
        journal.standing()


def test_a_command_sees_its_instance(tmp_path: Path) -> None:
    out = tmp_path / "seen"
    script = tmp_path / "task.py"
    script.write_text("import os, sys; open(sys.argv[1], 'w').write(os.environ['CUDA_VISIBLE_DEVICES'])")
    process = launch(f"{sys.executable} {script} {out}", "MIG-1")
    while process.poll() is None:
        pass
    assert out.read_text() == "MIG-1"
    for wrong in ("no-such-program", " "):
        with pytest.raises(MigError, match=f"cannot run '{wrong}'"):
            launch(wrong, "MIG-1")
