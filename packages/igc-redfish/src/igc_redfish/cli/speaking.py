"""What a run on a real host shows and asks."""

from __future__ import annotations

import sys
import termios
from getpass import getuser
from typing import TYPE_CHECKING, TextIO

import orjson

from igc_core.cli.output import printable
from igc_core.redaction import mask
from igc_redfish.live.guards import host_name
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from igc_core.rest import Json
    from igc_redfish.live.intent import Intent
    from igc_redfish.live.twin import Change

_YES = frozenset({"y", "yes"})
_REFUSED = 400


class Speaker:
    """Shows requests and plans, and asks the person at the terminal, where there is one."""

    def __init__(self, out: TextIO | None = None) -> None:
        """Speak on a stream: standard output, or standard error where the output is for programs."""
        self._out = out or sys.stdout
        self.is_person = sys.stdin.isatty()

    def say(self, text: str) -> None:
        """Print one line."""
        print(text, file=self._out, flush=True)

    def show(self, intent: Intent) -> None:
        """Show a request with what is expected of it."""
        for line in described(intent):
            self.say(line)

    def show_plan(self, intents: Sequence[Intent], host: str) -> None:
        """Show what a run would send."""
        if not intents:
            self.say(f"nothing would be changed on {host}")
        for number, intent in enumerate(intents, 1):
            first, *rest = described(intent)
            self.say(f"{number:3}  {first}")
            for line in rest:
                self.say(f"   {line}")

    @property
    def person(self) -> str:
        """Who sits at the terminal, as the journal names them."""
        try:
            return getuser()
        except (OSError, KeyError):
            return "somebody"

    def asker(self) -> Callable[[Intent], str] | None:
        """Return what asks about one request; None where nobody is there."""
        return self._ask if self.is_person else None

    def word_asker(self) -> Callable[[Intent], str] | None:
        """Return what asks for the word that a destructive request takes; None where nobody is there."""
        return self._ask_word if self.is_person else None

    def agrees(self, question: str) -> bool:
        """Ask for a yes or a no."""
        return self._read(f"{question} [y/N] ").strip().lower() in _YES

    def _ask(self, intent: Intent) -> str:
        return self._read(f"send it to {intent.host}? [y/N] ")

    def _ask_word(self, intent: Intent) -> str:
        self.say("this destroys something or may lock people out")
        return self._read(f"to send it to {intent.host}, type the name of the host ({host_name(intent.host)}): ")

    def _read(self, prompt: str) -> str:
        if self.is_person:  # what was typed before the question answers another one
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
        print(prompt, end="", file=self._out, flush=True)
        return sys.stdin.readline()


def described(intent: Intent) -> Iterator[str]:
    """Describe a request in lines: what would be sent, what it does, what is expected to change."""
    request = intent.request
    # Whole, however long: nobody approves what they do not see.
    body = "" if request.body is None else f"  {_json(mask(request.body, intent.secrets))}"
    yield printable(f"{request.method} {mask(request.uri, intent.secrets)}{body}")
    condition = "  If-Match" if "If-Match" in request.headers else ""
    yield f"  does      {printable(f'{intent.operation} on {intent.source}')}  risk {intent.risk.name}{condition}"
    yield from _expected(intent)
    if intent.risk >= Risk.R3:
        yield "  careful   it destroys something or may lock people out"


def _expected(intent: Intent) -> Iterator[str]:
    prediction = intent.prediction
    if prediction.status >= _REFUSED:
        yield f"  expected  to be refused: the twin answers {prediction.status}"
        return
    if not prediction.changes:
        yield "  expected  nothing that could be seen"
    for number, change in enumerate(prediction.changes):
        head = "expected" if number == 0 else "        "
        yield f"  {head}  {printable(_worded(change, intent.source, intent.secrets))}"


def _worded(change: Change, source: str, secrets: frozenset[str]) -> str:
    is_source = change.uri.rstrip("/") == source.rstrip("/")
    place = (change.path or "the resource") if is_source else f"{change.uri} {change.path}".strip()
    shown = mask({change.path.rpartition("/")[2]: [change.old, change.new]}, secrets)
    old, new = next(iter(shown.values()))
    return f"{place}: {_shortened(_json(old))} -> {_shortened(_json(new))}"


def _json(value: Json) -> str:
    return orjson.dumps(value, default=str).decode()


def _shortened(text: str) -> str:
    return text if len(text) <= 160 else f"{text[:160]}..."  # noqa: PLR2004 - what fits two lines
