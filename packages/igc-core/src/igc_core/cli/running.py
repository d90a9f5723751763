"""The one place where a command's errors become exit codes."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from igc_core.cli.outlets import Outlets
from igc_core.cli.output import printable
from igc_core.errors import DataError, IgcError
from igc_core.plugins import PluginManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    class Program(Protocol):
        """A ``typer.Typer``, or what is called like one."""

        def __call__(self, *, args: Sequence[str], prog_name: str) -> object:
            """Read the arguments and act."""
            ...


#: Bad input, an unknown name, a wrong option.
EXIT_ERROR = 2
#: Stopped from the keyboard (128 + SIGINT).
EXIT_INTERRUPTED = 130

#: The manager of the program that is running, so that its commands see the same plugins as it does.
current: ContextVar[PluginManager | None] = ContextVar("igc_plugin_manager", default=None)


def plugin_manager() -> PluginManager:
    """Return the plugins of the running program, or discover them where a command runs on its own."""
    return current.get() or PluginManager.from_environment()


def run(app: Program, args: Sequence[str], prog_name: str = "igc") -> int:
    """Run a Typer app as a program.

    Args:
        app: The app.
        args: Its arguments.
        prog_name: How the program is called in its help.

    Returns:
        Exit code: 0, 2 for a wrong use or an :class:`~igc_core.errors.IgcError` (told in one line on standard
        error), 130 when stopped from the keyboard, or what the command itself asked for. A command whose output
        cannot be written goes on; it ends with 2 unless the output's reader left.
    """
    with Outlets() as outlets:
        code = _outcome(app, args, prog_name)
        if problem := outlets.problem():
            lost = DataError(f"cannot write standard output: {problem}", code="data-missing")
            _tell(f"error[{lost.code}]: {lost}")
        return code or (EXIT_ERROR if problem else 0)


def _outcome(app: Program, args: Sequence[str], prog_name: str) -> int:
    try:
        app(args=args, prog_name=prog_name)
    except SystemExit as ended:
        code = _code(ended)
    except IgcError as error:
        _tell(f"error[{error.code}]: {printable(str(error))}")
        return EXIT_ERROR
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    else:
        code = 0
    if code == EXIT_INTERRUPTED:
        _tell("interrupted")
    return code


def _code(ended: SystemExit) -> int:
    if ended.code is None or isinstance(ended.code, int):
        return ended.code or 0
    _tell(printable(ended.code))
    return 1


def _tell(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - the output of a command
