"""The guard rails, in the order in which a request passes them. Each may stop it; none may change it."""

from __future__ import annotations

import time
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from igc_core.errors import GoalError
from igc_redfish.live.errors import NotPermittedError, NotReadyError
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.intent import Intent

_FAILED = 500
#: Failed changes in a row after which a host is left alone.
MOST_FAILURES = 3


class Guard:
    """One guard rail. Its name stands in the journal where it stopped a request."""

    name = "guard"

    def check(self, intent: Intent) -> str:
        """Let a request pass, or stop it.

        Returns:
            What the journal shall say of it, e.g. who approved; ``""`` for nothing.

        Raises:
            NotPermittedError: The request must not be sent.
            LiveError: There is another reason not to send it.
        """
        raise NotImplementedError

    def learn(self, intent: Intent, status: int) -> None:
        """Learn how a request was answered that passed all guards; 0 where nobody knows."""


class Allowance(Guard):
    """Nothing is changed but what was allowed: families of goals, or paths."""

    name = "allow"

    def __init__(self, entries: Iterable[str], book: GoalBook) -> None:
        """Read what is allowed.

        Args:
            entries: Names of goal families, and patterns of paths that begin with a slash (``*`` and ``?`` as in a
                shell). A family stands for the operations that it and the families it requires answer.
            book: The families.

        Raises:
            GoalError: There is no such family.
        """
        self.entries = tuple(part for entry in entries for part in entry.split(",") if part)
        self._paths = [entry.rstrip("/").casefold() for entry in self.entries if entry.startswith("/")]
        families = [entry.lower() for entry in self.entries if not entry.startswith("/")]
        try:
            self._operations = {name for family in families for name in book.operations(family)}
        except GoalError as error:
            hint = f"allow a family ({', '.join(book.families)}) or a path that begins with a slash"
            raise GoalError(error.message, code=error.code, hint=hint) from error
        self._book = book

    def demand(self, families: Iterable[str]) -> None:
        """Insist that all that a goal takes was allowed, before any of it is sent: a goal half done helps nobody.

        Where paths were allowed, only the requests themselves can tell.

        Args:
            families: Families of the goal's parts.

        Raises:
            LiveError: Some families were allowed, and one that the goal takes was not.
        """
        if not self.entries or self._paths:
            return
        missing = sorted({name for name in families if not self._operations.issuperset(self._book.operations(name))})
        if missing:
            raise NotPermittedError(
                f"the goal takes {' and '.join(missing)}, and only {', '.join(self.entries)} is allowed",
                code="live-not-allowed",
                hint=f"nothing was sent; allow it as well: --allow {','.join((*self.entries, *missing))}",
            )

    def check(self, intent: Intent) -> str:
        """Stop what was not allowed."""
        places = (intent.request.uri.rstrip("/").casefold(), intent.source.rstrip("/").casefold())
        if intent.operation in self._operations or any(
            fnmatchcase(place, pattern) for place in places for pattern in self._paths
        ):
            return ""
        what = f"only {', '.join(self.entries)} is" if self.entries else "the host is read, and nothing is changed"
        raise NotPermittedError(
            f"{intent.request.method} {intent.request.uri} is not allowed: {what}",
            code="live-not-allowed" if self.entries else "live-read-only",
            hint="allow a family of goals or a path with --allow",
        )


class Preview(Guard):
    """Shows each request with what the twin expects of it, before anybody is asked."""

    name = "preview"

    def __init__(self, show: Callable[[Intent], None]) -> None:
        self._show = show

    def check(self, intent: Intent) -> str:
        """Show the request."""
        self._show(intent)
        return ""


class Budget(Guard):
    """Bounds how much is changed, and how fast; after three failures in a row nothing more is."""

    name = "budget"

    def __init__(
        self,
        *,
        writes: int = 10,
        resets: int = 2,
        interval_s: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Begin with nothing spent.

        Args:
            writes: The most changes of one run.
            resets: The most resets of hosts among these.
            interval_s: Least time between two changes, in seconds.
            clock: Tells the time.
            sleep: Lets time pass.
        """
        self.writes, self.resets = writes, resets
        self._interval_s, self._clock, self._sleep = interval_s, clock, sleep
        self._next = 0.0
        self._failures = 0

    def check(self, intent: Intent) -> str:
        """Stop what is beyond the budget; wait for the next change's turn."""
        spent = "writes" if self.writes < 1 else "resets" if intent.resets and self.resets < 1 else ""
        if spent:
            raise NotPermittedError(
                f"{intent.request.method} {intent.request.uri} is beyond the budget of {spent}",
                code="live-over-budget",
                hint=f"look at the host, then allow more with --max-{spent}",
            )
        if self._failures >= MOST_FAILURES:
            raise NotReadyError(
                f"{intent.host} failed {self._failures} changes in a row; no further one is sent",
                code="live-failing",
                hint="look at the host and its journal",
            )
        pause = self._next - self._clock()
        if pause > 0:
            self._sleep(pause)
        return ""

    def learn(self, intent: Intent, status: int) -> None:
        """Count a request, whatever became of it."""
        self.writes -= 1
        self.resets -= intent.resets
        self._next = self._clock() + self._interval_s
        self._failures = self._failures + 1 if status >= _FAILED else 0


class Destructive(Guard):
    """What destroys, or may lock people out, needs a word of its own for each request: the name of the host."""

    name = "destructive"

    def __init__(self, words: Sequence[str] = (), ask: Callable[[Intent], str] | None = None) -> None:
        """Keep the words.

        Args:
            words: Names of hosts, each good for one request.
            ask: Has a person type the word; nobody is there if None.
        """
        self._words = list(words)
        self._ask = ask

    def check(self, intent: Intent) -> str:
        """Stop what destroys, unless the host was named for it."""
        if intent.risk < Risk.R3:
            return ""
        host = host_name(intent.host)
        if host in self._words:
            self._words.remove(host)
            return "the host was named beforehand"
        if self._ask is not None and self._ask(intent).strip() == host:
            return "the host was named for it"
        raise NotPermittedError(
            f"{intent.request.method} {intent.request.uri} destroys something or may lock people out",
            code="live-destructive",
            hint=f"it takes the name of the host, for this one request: --destructive {host}",
        )


def host_name(url: str) -> str:
    """Return the name or address of a host: ``"r7-u12-bmc"`` of ``"https://r7-u12-bmc:8443"``."""
    return urlsplit(url).hostname or url
