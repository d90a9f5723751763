"""From what a person types to a capture."""

from __future__ import annotations

import difflib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from igc_core.redaction import redact_text
from igc_core.settings import Settings
from igc_redfish.capture.capture import Capture
from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.records import name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Where captures lie beside a checkout when no setting says otherwise.
_USUAL = Path("..", "shared", "captures")
#: How texts begin that name a machine which is made, not captured.
GENERATED = "generated:"
_PATTERNS = ("*.jsonl.gz", "*.jsonl")
_SHOWN = 8
_LONGEST = 100
_LIVE = "a real host is run on by `igc run --target URL`, and read into a capture by `igc capture crawl URL FILE`"


def captures_folder() -> Path:
    """Return the folder of captures: the setting ``captures`` (``IGC_CAPTURES``), else ``../shared/captures``."""
    return Settings.read().captures or _USUAL


def known_captures() -> dict[str, Path]:
    """List the captures of the folder by name, sorted."""
    folder = captures_folder()
    found = {name_of(path): path for pattern in _PATTERNS for path in folder.glob(pattern)}
    return dict(sorted(found.items()))


def locate(text: str) -> Path:
    """Find a capture by path or by name.

    Raises:
        CaptureError: There is none; the message suggests near misses.
    """
    if not text.strip():
        raise CaptureError("a capture has a path or a name, and this is empty", code="capture-missing", hint=_names())
    if "://" in text:
        problem = f"{redact_text(text)[:_LONGEST]!r} is the address of a host, not a capture"
        raise CaptureError(problem, code="capture-missing", hint=_LIVE)
    path = Path(text)
    with suppress(OSError, RuntimeError):  # names too long for the file system, unknown homes
        path = path.expanduser()
        if path.exists():
            return path
    known = known_captures()
    if text in known:
        return known[text]
    near = difflib.get_close_matches(text, known, n=3)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else _names(known)
    raise CaptureError(f"there is no capture {text[:_LONGEST]!r}", code="capture-missing", hint=hint)


def _names(known: Mapping[str, Path] | None = None) -> str:
    """Say what a person may give."""
    names = list(known_captures() if known is None else known)
    if not names:
        return f"give a path, or set IGC_CAPTURES: {captures_folder()} holds no captures"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"known are {', '.join(names[:_SHOWN])}{more}"


def open_machine_source(text: str) -> Capture:
    """Open a capture by path or name, or make one where the text begins with ``generated:``.

    Raises:
        CaptureError: There is no such capture, or it cannot be read.
    """
    if text.startswith(GENERATED):
        from igc_core.loading import load  # noqa: PLC0415 - the generator is imported by those who use it

        generate: Callable[[str], Capture] = load("igc_redfish.generate:generate")
        return generate(text)
    return Capture.open(locate(text))
