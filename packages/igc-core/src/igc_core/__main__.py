"""``igc``, and ``python -m igc_core``: the program."""

from __future__ import annotations

import sys


def main() -> int:
    """Run ``igc``, and return its exit code; a Ctrl-C before it is all imported is told as any later one is."""
    try:
        from igc_core.cli.app import main as run  # noqa: PLC0415 - takes a fifth of a second
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)  # noqa: T201 - the output of a command
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
