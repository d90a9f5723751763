"""What was read of a service, and what was not and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from igc_core.files import write_atomically
from igc_redfish.crawl.facts import Failure, Note

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from pathlib import Path

#: Examples of each kind of failure that the text names; the file names all.
_EXAMPLES = 5
_PRETTY = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """The account of one crawl.

    Attributes:
        origin: The host, as a URL.
        started: When the crawl began, the first time.
        seconds: How long this run took.
        requests: How many requests this run has sent.
        resources: Resources that were read, in all runs.
        methods_known: How many of them told their allowed methods.
        failures: What could not be read, sorted by URI.
        notes: Cut logs, links out of the service, bounds that were reached.
    """

    origin: str
    started: datetime
    seconds: float
    requests: int
    resources: int
    methods_known: int
    failures: Sequence[Failure]
    notes: Sequence[Note]

    def disguised(self, hidden: Callable[[Any], Any]) -> CrawlReport:
        """Copy the report without identities.

        Args:
            hidden: Replaces those of a JSON value.
        """
        return replace(
            self,
            origin="",
            failures=[Failure(**hidden(asdict(failure))) for failure in self.failures],
            notes=[Note(**hidden(asdict(note))) for note in self.notes],
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        return asdict(self) | {
            "started": self.started.isoformat(),
            "seconds": round(self.seconds, 3),
            "failures": [asdict(failure) for failure in self.failures],
            "notes": [asdict(note) for note in self.notes],
        }

    def save(self, path: Path) -> None:
        """Write the report as JSON.

        Raises:
            DataError: The file cannot be written.
        """
        write_atomically(path, orjson.dumps(self.as_json(), option=_PRETTY))

    def lines(self) -> list[str]:
        """Tell the report to a person."""
        rate = self.requests / self.seconds if self.seconds else 0.0
        lines = [
            (
                f"read {self.resources} resources of {self.origin or 'a host'}: {self.requests} requests in "
                f"{self.seconds:.1f} s ({rate:.0f}/s), {self.methods_known} tell their methods, "
                f"{len(self.failures)} URIs could not be read"
            )
        ]
        for code, count in Counter(failure.code for failure in self.failures).most_common():
            lines.append(f"{code}: {count}")
            shown = [failure for failure in self.failures if failure.code == code][:_EXAMPLES]
            lines += [f"  {failure.uri}: {failure.message} (linked from {failure.source})" for failure in shown]
            lines += [f"  and {count - _EXAMPLES} more"] if count > _EXAMPLES else []
        for kind, count in Counter(note.kind for note in self.notes).most_common():
            first = next(note for note in self.notes if note.kind == kind)
            more = f", and {count - 1} more" if count > 1 else ""
            lines.append(f"{kind}: {first.uri or 'the crawl'} {first.message}{more}")
        return lines
