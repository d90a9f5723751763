from __future__ import annotations

import json
from pathlib import Path

import pytest

from igc_agents.comparison import Comparison, merged
from igc_agents.curves import Curve
from igc_agents.evaluation import Result
from igc_agents.report import Report
from igc_agents.subjects import Subject
from igc_core.errors import DataError

OURS = [
    Result("power", "hpe", True, 3, 3, 0, 0, 0.9, "power off", 0, 0),
    Result("bios", "hpe", False, 30, 5, 2, None, None, "bios set", 0, 1),
]
SCRIPT = [Result("power", "dell", True, 6, 3, None, None, None, "", 1, 0)]


def comparison(**results: list[Result]) -> Comparison:
    return Comparison.of({Subject(name, (name,)): found for name, found in results.items()})


def test_file_gives_every_episode_back(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    written = comparison(ours=OURS, script=SCRIPT)
    path.write_text(written.to_json())
    read = Comparison.read(path)
    assert read == written
    assert read.episodes.results(0) == OURS
    assert read.episodes.results(1) == SCRIPT


def test_file_begins_with_the_report_of_the_first_agent() -> None:
    written = comparison(ours=OURS, script=SCRIPT)
    told = json.loads(written.to_json())
    report = {name: told[name] for name in Report.model_fields}
    assert Report.model_validate(report) == written.agents[0].report


def test_agents_of_one_name_are_one_agent_in_several_files() -> None:
    together = merged([comparison(ours=OURS[:1]), comparison(ours=OURS[1:], script=SCRIPT)])
    assert [agent.name for agent in together.agents] == ["ours", "script"]
    assert together.episodes.results(0) == OURS
    assert together.agents[0].report.overall.episodes == 2


def test_curves_of_one_name_in_several_files_are_all_kept() -> None:
    one, other = (
        Curve(run="seed-0", steps=(1,), seconds=(1.0,), success=(share,), efficiency=(share,)) for share in (0.1, 0.2)
    )
    files = [comparison(ours=OURS).model_copy(update={"curves": (curve,)}) for curve in (one, other, one)]
    assert merged(files).curves == (one, other)


def test_worst_come_first() -> None:
    rows = comparison(ours=OURS, script=SCRIPT).rows_by("family")
    assert rows == [
        {"family": "bios", "ours": "0.00, 0.00", "script": ""},
        {"family": "power", "ours": "1.00, 1.00", "script": "1.00, 0.50"},
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[1]",
        b"\xff\xfe",
        b'{"format": 2}',
        b'{"overall": {"success": {}}}',
        b"[" * 100_000,
        json.dumps({"agents": [], "episodes": {"agent": [0], "run": []}}).encode(),
        json.dumps({"agents": [], "episodes": {"family": [3]}}).encode(),
    ],
)
def test_damaged_file_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        Comparison.read(path)
    assert caught.value.code == "data-invalid"
    assert "igc evaluate --json" in caught.value.hint


def test_missing_file_is_told() -> None:
    with pytest.raises(DataError, match=r"cannot read nowhere\.json"):
        Comparison.read(Path("nowhere.json"))
