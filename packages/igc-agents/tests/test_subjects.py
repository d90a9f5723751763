from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from igc_agents.subjects import Subject, read_subjects
from igc_core.errors import AgentError

if TYPE_CHECKING:
    from igc_agents.training import Training


def test_names_stand_for_themselves() -> None:
    assert read_subjects(["script", "random"]) == [Subject("script", ("script",)), Subject("random", ("random",))]


def test_run_folder_leads_to_its_agent_and_names_it(trained: Training) -> None:
    run = trained.agent.parent
    for text in (str(run), str(trained.agent)):
        assert read_subjects([text]) == [Subject(run.name, (str(trained.agent),))]


def test_several_trainings_are_one_agent(tmp_path: Path) -> None:
    for name in ("a0", "a1"):
        (tmp_path / name / "agent").mkdir(parents=True)
        (tmp_path / name / "agent" / "agent.json").touch()
    folders = tuple(str(tmp_path / name / "agent") for name in ("a0", "a1"))
    assert read_subjects([f"ours={tmp_path}/a0,{tmp_path}/a1"]) == [Subject("ours", folders)]
    assert read_subjects([f"ours={tmp_path}/a*"]) == [Subject("ours", folders)]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["script", "script"], "two agents are called 'script'"),
        (["=script"], "no agent is named by '=script'"),
        (["ours="], "no agent is named by 'ours='"),
        (["nowhere/*/agent"], "no folder matches 'nowhere/[*]/agent'"),
    ],
)
def test_what_names_no_agent_is_refused(
    texts: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AgentError, match=words):
        read_subjects(texts)
