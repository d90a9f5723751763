"""Faults on demand: the next answers that fit are spoilt."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase

from pydantic import Field

from igc_core.models import Model


class Injection(Model):
    """What happens to requests that fit.

    Attributes:
        method: The method, or ``*``.
        uri: Pattern of the path, e.g. ``/redfish/v1/Systems/*``.
        status: Answer with this status and do nothing; 0 for the real answer.
        latency_s: Let the client wait, in real seconds.
        drop: Close the connection without an answer.
        count: How many requests it is for; 0 for all.
        probability: Share of the fitting requests that it happens to.
        seed: Equal seeds give equal draws.
    """

    method: str = "*"
    uri: str = "*"
    status: int = Field(default=0, ge=0, le=599)
    latency_s: float = Field(default=0.0, ge=0, le=3600)
    drop: bool = False
    count: int = Field(default=1, ge=0)
    probability: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0


class Injections:
    """The faults that wait for their requests, first come, first served.

    Attributes:
        waiting: Each with the draws of its probability, and for how many requests it still is.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[Injection, random.Random, list[int]]] = []

    def __len__(self) -> int:
        """Count the faults that wait."""
        return len(self.waiting)

    def add(self, injection: Injection) -> None:
        """Have a fault wait."""
        self.waiting.append((injection, random.Random(injection.seed), [injection.count]))  # noqa: S311 - repeatable

    def clear(self) -> None:
        """Forget all."""
        self.waiting.clear()

    def take(self, method: str, path: str) -> Injection | None:
        """Find the fault of a request, and use it up."""
        for entry in self.waiting:
            injection, draws, left = entry
            fits = injection.method in {"*", method} and fnmatchcase(path, injection.uri)
            if fits and draws.random() < injection.probability:
                left[0] -= 1
                if left[0] == 0:
                    self.waiting.remove(entry)
                return injection
        return None
