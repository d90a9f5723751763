"""How long answers take on purpose."""

from __future__ import annotations

import random
import re

from igc_core.errors import DataError

_TEXT = re.compile(r"(\d+(?:\.\d+)?)(ms|s)(?:-(\d+(?:\.\d+)?)(ms|s))?")
_LONGEST_S = 3600.0


class Latency:
    """Draws delays in real seconds, evenly between two bounds.

    Attributes:
        low_s: Shortest delay.
        high_s: Longest delay.
    """

    def __init__(self, low_s: float = 0.0, high_s: float | None = None, *, seed: int = 0) -> None:
        self.low_s = low_s
        self.high_s = low_s if high_s is None else high_s
        self._random = random.Random(seed)  # noqa: S311 - delays need repetition, not secrecy

    def draw(self) -> float:
        """Return the next delay, in seconds."""
        if self.low_s == self.high_s:
            return self.low_s
        return self._random.uniform(self.low_s, self.high_s)


def parse_latency(text: str, *, seed: int = 0) -> Latency:
    """Read ``5ms``, ``0.2s`` or ``5ms-40ms``.

    Args:
        text: One delay, or two bounds.
        seed: Of the draws between them.

    Raises:
        DataError: The text is none of these.
    """
    found = _TEXT.fullmatch(text.strip())
    low = _seconds(found[1], found[2]) if found else 0.0
    high = _seconds(found[3], found[4]) if found and found[3] else low
    if found is None or not low <= high <= _LONGEST_S:
        hint = "write it as 5ms, 0.2s or 5ms-40ms"
        raise DataError(f"{text[:40]!r} is no latency", code="data-invalid", hint=hint)
    return Latency(low, high, seed=seed)


def _seconds(number: str, unit: str) -> float:
    return float(number) / (1000 if unit == "ms" else 1)
