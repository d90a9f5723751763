from __future__ import annotations

import warnings
import xml.etree.ElementTree as ET

import pytest
from rich.cells import cell_len

from igc_mig.drawing.chart import Chart, shortened
from igc_mig.drawing.png import draw_png
from igc_mig.drawing.svg import draw_svg
from igc_mig.drawing.terminal import draw_terminal
from igc_mig.drawing.ticks import ticks
from igc_mig.plan_file import PlanFile, PlannedTask

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def chart() -> Chart:
    tasks = (
        PlannedTask(name="whole", placement="7g@0", seconds=10),
        PlannedTask(name="<left> & $right", placement="3g@0", seconds=20),
        PlannedTask(name="small\x1b[31m", placement="1g@6", seconds=15),
    )
    return Chart(PlanFile(gpu="a100", cost="serial", scheduler="far", lower_bound_s=25, tasks=tasks))


def test_title_tells_makespan_and_distance_to_the_bound(chart: Chart) -> None:
    assert chart.title == "3 tasks on A100 in 30.7 s by far; at most 22.6 % above the shortest possible"


def test_svg_shows_tasks_and_reconfigurations(chart: Chart) -> None:
    root = ET.fromstring(draw_svg(chart))
    tips = [tip.text or "" for tip in root.iter(f"{SVG}title")]
    assert [tip.partition(":")[0] for tip in tips] == [
        "create 7g",
        "whole",
        "destroy 7g",
        "create 3g",
        "<left> & $right",
        "create 1g",
        "small\\x1b[31m",
    ]
    assert tips[1] == "whole: 0.24 to 10.24 s on 7g"


def test_an_instance_covers_every_slice_that_it_blocks(chart: Chart) -> None:
    rows = {one.label: (one.first, one.rows) for one in chart.rectangles() if one.bar.kind == "task"}
    assert list(rows.values()) == [(0, 7), (0, 4), (6, 1)]


def test_terminal_shows_a_row_a_slice_and_an_axis(chart: Chart) -> None:
    lines = draw_terminal(chart, 80).plain.splitlines()
    assert [line.split()[0] + line.split()[1][0] for line in lines[:7]] == [f"slice{row}" for row in range(7)]
    assert "whole" in lines[3]
    assert "$right" in lines[1]
    assert "." in lines[4]
    assert "#" in lines[6]
    assert "\x1b" not in draw_terminal(chart, 80).plain
    assert lines[7].split() == ["0s", "10s", "20s"]


def test_wide_letters_take_two_cells_and_lines_stay_as_long() -> None:
    names = ("\u6a21\u578b\u8bad\u7ec3\u4efb\u52a1", "a\u0301b", "\U0001f600" * 40)
    tasks = [PlannedTask(name=name, placement=f"1g@{at}", seconds=40) for at, name in enumerate(names)]
    tasks += [PlannedTask(name="next", placement="2g@0", seconds=9)]
    drawn = Chart(PlanFile(gpu="a100", cost="serial", scheduler="far\x1b[1m", lower_bound_s=25, tasks=tuple(tasks)))
    assert "by far\\x1b[1m;" in drawn.title
    for width in range(20, 60):
        lines = draw_terminal(drawn, width).plain.splitlines()
        assert {cell_len(line) for line in lines[:7]} == {width}
    assert names[0] in lines[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert draw_png(drawn).startswith(b"\x89PNG")


def test_a_name_that_has_no_room_does_not_look_like_another() -> None:
    tasks = tuple(PlannedTask(name=f"training{number}", placement="1g@0", seconds=5) for number in range(20))
    drawn = Chart(PlanFile(gpu="a100", cost="none", scheduler="far", lower_bound_s=25, tasks=tasks))
    assert draw_terminal(drawn, 129).plain.splitlines()[0].split("|")[1:3] == ["trai~", "trai~"]
    assert "|training15" in draw_terminal(drawn, 300).plain
    labels = [text.text for text in ET.fromstring(draw_svg(drawn)).iter(f"{SVG}text")]
    assert labels.count("traini\N{HORIZONTAL ELLIPSIS}") == 20
    assert shortened("task12", 6) == "task12"


def test_png_is_a_picture_whatever_tasks_are_called(chart: Chart) -> None:
    pytest.importorskip("matplotlib")
    assert draw_png(chart).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("end", "expected"), [(0, [0]), (1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (95, [0, 20, 40, 60, 80]), (0.003, None)]
)
def test_ticks_are_round_and_few(end: float, expected: list[float] | None) -> None:
    found = ticks(end)
    assert expected is None or found == expected
    assert len(found) <= 10
