"""A server in a process of its own, as `igc serve` makes it."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from igc_core.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence


@contextmanager
def served(*arguments: str, environment: Mapping[str, str] | None = None) -> Generator[Sequence[str]]:
    """Run ``igc serve`` with these arguments; give the URLs of the machines, and end it afterwards.

    Args:
        arguments: What follows ``igc serve``, for example ``"generated:1", "--port", "0"``.
        environment: Variables on top of this process's.

    Raises:
        BackendError: It did not start.
    """
    command = [sys.executable, "-m", "igc_core", "serve", *arguments]
    variables = {**os.environ, **(environment or {})}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env=variables, text=True)  # noqa: S603 - ourselves
    try:
        yield _urls(process)
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def _urls(process: subprocess.Popen[str]) -> list[str]:
    """Read the lines that tell where the machines are served; the last one is ``ready``."""
    found: list[str] = []
    for line in process.stdout or ():
        words = line.split()
        if words == ["ready"]:
            return found
        found += [word for word in words if word.startswith(("http://", "https://"))]
    raise BackendError(f"igc serve ended with {process.wait()} before it was ready", hint="its errors say why")
