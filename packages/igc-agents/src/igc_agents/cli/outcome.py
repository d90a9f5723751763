"""Where commands put what was measured: a JSON file, a page, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
        DataError: Something is there already, cannot be written, or is to hold two things.
        PluginError: Pictures are wanted, and what draws them is not installed.
    """
    outputs = [path.resolve() for path in (json, html, png) if path is not None]
    for path in outputs:
        if outputs.count(path) > 1:
            raise DataError(f"{path} cannot hold two outputs", code="data-exists", hint="give each a place of its own")
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


def write_outputs(comparison: Comparison, json: Path | None, html: Path | None, png: Path | None) -> list[str]:
    """Write what was asked for.

    Commands do so before they print anything, since nobody may read on.

    Returns:
        Lines that tell where it is.

    Raises:
        DataError: A file cannot be written.
    """
    told: list[str] = []
    if json is not None:
        write_atomically(json, comparison.to_json())
    if html is not None:
        from igc_agents.page import build_page  # noqa: PLC0415 - only where a page is wanted

        write_atomically(html, build_page(comparison))
        told.append(f"{html}: open it in a browser")
    if png is not None:
        from igc_agents.pictures import draw_pictures  # noqa: PLC0415

        told.extend(map(str, draw_pictures(comparison, png)))
    return told
