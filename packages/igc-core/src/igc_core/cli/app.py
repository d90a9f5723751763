"""The ``igc`` program, composed of the commands that plugins offer."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import metadata
from itertools import takewhile
from typing import Annotated, TextIO

import typer

from igc_core.cli.output import warn
from igc_core.cli.running import current, run
from igc_core.errors import PluginError
from igc_core.loading import load
from igc_core.plugins import PluginManager, PluginWarning
from igc_core.specs import ComponentSpec

#: Whatever follows a plugin's command is the plugin's to read, ``--help`` included.
_PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
#: Packages of this project that bring the commands which its documentation speaks of.
_HOMES = {
    **dict.fromkeys(("capture", "goals", "run", "fleet", "serve"), "igc-redfish"),
    **dict.fromkeys(("train", "evaluate", "crossvalidate", "report", "demo"), "igc-agents"),
    "encoder": "igc-encoders",
    "mig": "igc-mig",
}


def main(args: Sequence[str] | None = None) -> int:
    """Run ``igc`` with the installed plugins.

    Args:
        args: Its arguments; those of the process if None.

    Returns:
        The exit code.
    """
    args = sys.argv[1:] if args is None else args
    with warnings.catch_warnings():
        _show_plugin_warnings_as_lines()
        return run(_start, args)


def compose(manager: PluginManager) -> typer.Typer:
    """Build the program out of the commands in a catalogue."""
    # Typer's rich help imports a Markdown parser: half of the start-up budget for a list of commands.
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)
    app.callback()(_options)
    for spec in manager.specs("command").values():
        _mount(app, spec)
    return app


def _start(args: Sequence[str], prog_name: str) -> None:
    # The flag decides which commands there are, so it is read before there is a parser.
    strict = "--strict-plugins" in takewhile(lambda word: word.startswith("-"), args)
    manager = PluginManager.from_environment(strict=strict)
    command = next((word for word in args if not word.startswith("-")), "")
    if command in _HOMES and command not in manager.specs("command"):
        hint = f"igc {command} comes with {_HOMES[command]}, which is not installed or not active"
        raise PluginError(f"there is no command {command!r}", code="plugin-unknown-component", hint=hint)
    token = current.set(manager)
    try:
        compose(manager)(args=args, prog_name=prog_name)
    finally:
        current.reset(token)


def _mount(app: typer.Typer, spec: ComponentSpec) -> None:
    """Add a command that imports its own app only when it runs."""

    @app.command(spec.name, help=spec.summary, context_settings=_PASS_THROUGH, add_help_option=False)
    def delegate(ctx: typer.Context) -> None:  # pyright: ignore[reportUnusedFunction] - Typer keeps it
        load(spec.factory)(args=ctx.args, prog_name=ctx.command_path)


def _show_plugin_warnings_as_lines() -> None:
    usual = warnings.showwarning

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, PluginWarning):
            warn(str(message))
        else:
            usual(message, category, filename, lineno, file, line)

    warnings.simplefilter("always", PluginWarning)
    warnings.showwarning = show


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"igc {metadata.version('igc-core')}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    strict_plugins: Annotated[
        bool, typer.Option("--strict-plugins", help="Fail where an installed plugin is broken.")
    ] = False,
) -> None:
    """Teach agents to reach goals on infrastructure through its REST APIs."""
