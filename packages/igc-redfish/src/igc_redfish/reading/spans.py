"""Values that stand in a text as they are: in quotes, as URLs, URIs and addresses, or as names that are known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SPANS = re.compile(
    r"""
    "(?P<double>[^"]+)" | (?<!\w)'(?P<single>[^']+)'(?!\w)
    | (?P<url>\b[A-Za-z][A-Za-z0-9+.-]*://[^\s"']+ | \bmailto:[^\s"']+)
    | (?P<uri>(?<![\w/.:])/[\w.\-/%@]+)
    | (?P<address>(?<![\w.])(?:\d{1,3}(?:\.\d{1,3}){3} | [0-9A-Fa-f]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:]*
        | [\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?!\w|\.\w)))
    | (?P<name>\b(?=\w[\w-]*[\d_])\w[\w-]*\w\b)
    """,
    re.VERBOSE,
)
_QUOTED = frozenset({"double", "single"})
_TAIL = ".,;:!?)"
_CUE = r"(?:passwords?|passphrases?|passcode|secret|credentials)"
_OWNER = re.compile(rf"{_CUE}\s+(?:of|for)\s+(?:(?:the|user|account|login)\s+)*$", re.IGNORECASE)
_BEFORE = re.compile(_CUE, re.IGNORECASE)
_AFTER = re.compile(rf"\s+as\s+(?:(?:the|a|its|new)\s+)*{_CUE}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """A value in a text.

    Attributes:
        start: Where it begins, its quotes included.
        end: Where it ends.
        text: The value.
        kind: ``quoted``, ``url``, ``uri``, ``address``, or ``name`` for a word that looks like an identifier.
    """

    start: int
    end: int
    text: str
    kind: str

    @property
    def is_plain(self) -> bool:
        """Whether it is beyond doubt a value, which no reading may leave out."""
        return self.kind != "name"


def spans(text: str) -> list[Span]:
    """Find the values in a text, from left to right."""
    return list(_spans(text))


def _spans(text: str) -> Iterator[Span]:
    for found in _SPANS.finditer(text):
        kind = found.lastgroup or ""
        if kind in _QUOTED:
            yield Span(found.start(), found.end(), found[kind], "quoted")
            continue
        value = found[kind].rstrip(_TAIL)
        yield Span(found.start(), found.start() + len(value), value, kind)


def occurrences(text: str, value: str) -> list[Span]:
    """Find a known value where it stands as words of its own, in upper or lower case."""
    pattern = rf"(?<![\w]){re.escape(value)}(?![\w])"
    return [Span(found.start(), found.end(), value, "known") for found in re.finditer(pattern, text, re.IGNORECASE)]


def secret_among(text: str, found: Sequence[Span], names: Iterable[str]) -> Span | None:
    """Find the quoted value that is a password.

    A value that the text calls a password is one; else, where somebody is named besides, the only quoted one that is
    not their name.

    Args:
        text: The text.
        found: Its values.
        names: Names that are known.

    Returns:
        The value, or None where none is quoted, or more than one might be meant.
    """
    quoted = [span for span in found if span.kind == "quoted"]
    gaps = {span: text[_end_before(span, found) : span.start] for span in quoted}
    owners = {span for span in quoted if _OWNER.search(gaps[span])}
    called = [
        span for span in quoted if span not in owners and (_BEFORE.search(gaps[span]) or _AFTER.match(text, span.end))
    ]
    if called:
        return called[0] if len(called) == 1 else None
    known = {name.casefold() for name in names}
    left = [span for span in quoted if span not in owners and span.text.casefold() not in known]
    somebody = bool(owners) or any(occurrences(text, name) for name in known)
    return left[0] if somebody and len(left) == 1 else None


def _end_before(span: Span, found: Sequence[Span]) -> int:
    return max((other.end for other in found if other.is_plain and other.end <= span.start), default=0)


def replaced(text: str, marks: Iterable[tuple[Span, str]]) -> str:
    """Put other words where values stand."""
    for span, mark in sorted(marks, key=lambda item: item[0].start, reverse=True):
        text = f"{text[: span.start]}{mark}{text[span.end :]}"
    return " ".join(text.split())
