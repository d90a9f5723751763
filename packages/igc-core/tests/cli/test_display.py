from __future__ import annotations

import io

from rich.console import Console

from igc_core.cli.display import WorkDisplay


def test_terminal_shows_a_bar() -> None:
    output = io.StringIO()
    with WorkDisplay(Console(file=output, force_terminal=True, width=140), unit="steps") as display:
        display.show("learning", 1500, 20_000, "4,321/s")
    for words in ("learning", "1,500/20,000 steps", "4,321/s"):
        assert words in output.getvalue()


def test_elsewhere_a_line_is_told_now_and_then() -> None:
    output = io.StringIO()
    with WorkDisplay(Console(file=output, width=140), line_every_s=3600.0) as display:
        display.show("learning", 1500, 20_000)
    assert output.getvalue() == ""
    with WorkDisplay(Console(file=output, width=140), line_every_s=0.0) as display:
        display.show("learning", 1500, 20_000)
    assert output.getvalue() == "learning 1,500/20,000\n"
