"""Write docs/reference/cli.md out of the commands' own help.

``python scripts/cli_reference.py`` writes the page, ``--check`` fails where the page is not what would be written.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

# The page must not depend on the terminal, nor on how Typer would draw boxes in it.
os.environ |= {"TYPER_USE_RICH": "0", "COLUMNS": "80", "IGC_PLUGINS_EXACT": "agents,encoders,mig,redfish"}

import typer

from igc_core.cli.app import compose
from igc_core.loading import load
from igc_core.plugins import PluginManager

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
HEAD = """\
<!-- Written by scripts/cli_reference.py: run it after changing a command. -->

# Command line

Every command and its options, as `--help` prints them. Plugins may add further commands.

Exit codes: 0 for success, 1 where a goal was not reached or a capture is not valid, 2 for wrong use and for every
[error](errors.md), 130 after Ctrl-C. Results go to standard output, warnings and errors to standard error.
Work goes on when its output is no longer read, as after `| head -1`; a full disk under it is told at the end, with 2.
"""


def main() -> int:
    """Write the page, or compare it with what is there."""
    content = HEAD + "".join(f"\n{'#' * level} {name}\n\n```text\n{text}```\n" for level, name, text in sections())
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(content, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == content:
        return 0
    print(f"{PAGE} is out of date; run python scripts/cli_reference.py", file=sys.stderr)
    return 1


def sections() -> Iterator[tuple[int, str, str]]:
    """Yield level, name and help of every command, parents first."""
    manager = PluginManager.from_environment()
    yield 2, "igc", help_of(compose(manager), [], "igc")
    for spec in manager.specs("command").values():
        app = load(spec.factory)
        name = f"igc {spec.name}"
        yield 2, name, help_of(app, [], name)
        for words in below(typer.main.get_command(app)):
            yield 2 + len(words), " ".join([name, *words]), help_of(app, words, name)


def below(command: Any) -> Iterator[list[str]]:
    """Yield the words of every command of a group, and of the groups in it."""
    commands: dict[str, Any] = getattr(command, "commands", {})
    for name, one in commands.items():
        yield [name]
        yield from ([name, *words] for words in below(one))


def help_of(app: typer.Typer, args: list[str], name: str) -> str:
    """Return what ``--help`` prints."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
        app(args=[*args, "--help"], prog_name=name)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
