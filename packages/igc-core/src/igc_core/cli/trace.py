"""Episodes as people read them: one line a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from igc_core.cli.output import console, printable
from igc_core.rest import WAIT

if TYPE_CHECKING:
    from igc_core.episode import Outcome, Step

_REFUSED = 400
_LONGEST_BODY = 100


def print_outcome(outcome: Outcome, *, title: str = "") -> None:
    """Print an episode: its requests with their answers, and how it ended.

    Args:
        outcome: The episode; its secrets are masked already.
        title: Stands above it.
    """
    from rich.text import Text  # noqa: PLC0415 - JSON does without rich

    out = console()
    if title:
        out.print(Text(printable(title), style="bold"))
    for number, step in enumerate(outcome.steps, 1):
        line = Text(f"{number:3}  {_words(step)}")
        line.append(f"  {step.status or ''}", style="red" if step.status >= _REFUSED else "green")
        out.print(line)
    out.print(Text(ending(outcome), style="bold green" if outcome.success else "bold red"))


def ending(outcome: Outcome) -> str:
    """Tell in one line how an episode ended."""
    count = len(outcome.steps)
    requests = f"{count} request{'' if count == 1 else 's'}, {outcome.refused} refused"
    if outcome.success:
        return f"reached and verified: {requests}" if count else "reached already: nothing to do"
    return f"not reached: {outcome.problem or requests}"


def _words(step: Step) -> str:
    request = step.request
    if request.method == WAIT:
        return "WAIT"
    if request.body is None:
        return printable(f"{request.method:6} {request.uri}")
    body = json.dumps(request.body, default=dict)
    shown = body if len(body) <= _LONGEST_BODY else f"{body[:_LONGEST_BODY]}..."
    return printable(f"{request.method:6} {request.uri}  {shown}")
