"""Where commands put what was measured: a JSON file, a page, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.cli import console
from igc_core.errors import DataError
from igc_core.files import demand_writable, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from igc_agents.comparison import Comparison

HTML_HELP = "File to write a page to that shows all figures, and episodes step by step."
PNG_HELP = "New or empty folder to write pictures to; needs igc-agents[report]."


def demand_outputs(json: Path | None, html: Path | None, png: Path | None) -> None:
    """Make sure, before long work, that its results can be written and that nothing is written over.

    Raises:
        DataError: Something is there already, or cannot be written.
        PluginError: Pictures are wanted, and what draws them is not installed.
    """
    for file in (json, html):
        if file is not None and file.exists():
            raise DataError(f"{file} exists already", code="data-exists", hint="choose another file")
        if file is not None:
            demand_writable(file)
    if png is not None:
        if png.exists() and (not png.is_dir() or any(png.iterdir())):
            raise DataError(f"{png} exists already", code="data-exists", hint="choose another folder")
        demand_writable(png / "any" if png.is_dir() else png)
        from igc_agents.pictures import demand_matplotlib  # noqa: PLC0415 - only where pictures are wanted

        demand_matplotlib()


def write_outputs(comparison: Comparison, json: Path | None, html: Path | None, png: Path | None) -> None:
    """Write what was asked for, and tell where it is.

    Raises:
        DataError: A file cannot be written.
    """
    out = console()
    if json is not None:
        write_atomically(json, comparison.to_json())
    if html is not None:
        from igc_agents.page import build_page  # noqa: PLC0415 - only where a page is wanted

        write_atomically(html, build_page(comparison))
        out.print(f"{html}: open it in a browser")
    if png is not None:
        from igc_agents.pictures import draw_pictures  # noqa: PLC0415

        for path in draw_pictures(comparison, png):
            out.print(str(path))
