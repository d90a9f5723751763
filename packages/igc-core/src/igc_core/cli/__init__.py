"""The ``igc`` program, and what plugin authors need for commands of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_core.cli.output import console as console
    from igc_core.cli.output import printable as printable
    from igc_core.cli.output import show as show
    from igc_core.cli.output import show_json as show_json
    from igc_core.cli.output import warn as warn
    from igc_core.cli.running import plugin_manager as plugin_manager
    from igc_core.cli.running import run as run

_MODULES = {
    "console": "output",
    "plugin_manager": "running",
    "printable": "output",
    "run": "running",
    "show": "output",
    "show_json": "output",
    "warn": "output",
}
__getattr__, __dir__ = exports(__name__, _MODULES)
