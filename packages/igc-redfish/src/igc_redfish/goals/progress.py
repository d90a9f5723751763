"""How far a goal is reached: its sub-goals, their order, and the resets they may cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from igc_core.models import AnyGoal, Goal
    from igc_core.protocols import Reader
    from igc_core.rest import JsonObject

    #: ``holds(goal, now, before)``: whether one goal is reached.
    Holds = Callable[[Goal, Reader, Reader], bool]


@dataclass(frozen=True, slots=True)
class Sight:
    """A reader of what a few resources showed at one moment; two of the same content are equal.

    Attributes:
        bodies: The resources by URI.
        content: Canonical text of them.
    """

    bodies: Mapping[str, JsonObject | None] = field(compare=False)
    content: bytes

    def get(self, uri: str) -> JsonObject | None:
        """Return the body at a URI, None where it was not looked at."""
        return self.bodies.get(uri)

    def authenticate(self, username: str, password: str) -> bool:  # noqa: ARG002 - nothing is known of credentials
        """Let nobody in."""
        return False


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an ordered goal stands: all that must be remembered between two requests. Hashable.

    Attributes:
        count: How many leading sub-goals were reached, each after those before it.
        since: What each of them left for the next to be compared with (a restart must come after it).
    """

    count: int = 0
    since: tuple[Sight, ...] = ()


#: Where every goal begins.
START = Stage()


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal as judged in one state.

    Attributes:
        stage: To be handed to the next judgement.
        done: How many sub-goals count as reached.
        reached: Whether the whole goal is.
        failed: Whether it cannot be reached any more (too many resets).
    """

    stage: Stage
    done: int
    reached: bool
    failed: bool = False


def judge(
    goal: AnyGoal,
    holds: Holds,
    lasting: tuple[bool, ...],
    states: tuple[Reader, Reader],
    stage: Stage = START,
    resets: int = 0,
) -> Progress:
    """Judge a goal.

    A conjunction counts the sub-goals that hold. A sequence counts the leading ones that were reached one after the
    other; where one of those is undone that should have lasted, the sequence falls back to before it.

    Args:
        goal: A bound goal of any kind.
        holds: Tells whether a single goal is reached.
        lasting: Of each sub-goal, whether it must still hold at the end.
        states: The present state and the state when the episode began.
        stage: What the last judgement returned; only sequences need it.
        resets: Host resets since the episode began.
    """
    now, before = states
    limit = getattr(goal, "max_resets", None)
    failed = limit is not None and resets > limit
    parts = goal.parts
    if getattr(goal, "ordered", False):
        stage = _advance(parts, holds, lasting, states, stage)
        done = stage.count
    else:
        done = sum(holds(part, now, before) for part in parts)
    return Progress(stage, done, done == len(parts) and not failed, failed)


def _advance(
    parts: tuple[Goal, ...], holds: Holds, lasting: tuple[bool, ...], states: tuple[Reader, Reader], stage: Stage
) -> Stage:
    now, before = states
    since = list(stage.since)
    for index in range(stage.count):
        if lasting[index] and not holds(parts[index], now, since[index - 1] if index else before):
            since = since[:index]
            break
    while len(since) < len(parts) and holds(parts[len(since)], now, since[-1] if since else before):
        since.append(_look(parts, len(since) + 1, holds, now))
    return Stage(len(since), tuple(since))


def _look(parts: tuple[Goal, ...], following: int, holds: Holds, now: Reader) -> Sight:
    """Keep what the following sub-goal would compare with, nothing more."""
    seen: dict[str, JsonObject | None] = {}
    if following < len(parts):
        holds(parts[following], now, _Recorder(now, seen))
    return Sight(seen, orjson.dumps(seen, option=orjson.OPT_SORT_KEYS))


class _Recorder:
    """A reader that notes what is read."""

    def __init__(self, reader: Reader, seen: dict[str, Any]) -> None:
        self._reader = reader
        self._seen = seen

    def get(self, uri: str) -> JsonObject | None:
        body = self._reader.get(uri)
        self._seen[uri] = body
        return body

    def authenticate(self, username: str, password: str) -> bool:
        return self._reader.authenticate(username, password)
