"""Models of what crosses a process, a file or the command line."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from igc_core.redaction import redact


class Model(BaseModel):
    """Frozen, and strict about what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Goal(Model):
    """One wanted state of a service, in the terms of its family's handler.

    Attributes:
        family: The goal handler that understands it, e.g. ``"power"``.
        verb: What is wanted, e.g. ``"off"``.
        target: URI of the resource it is about. A person may leave it out or give a short name (an id);
            :meth:`~igc_core.protocols.GoalHandler.bind` fills in the URI.
        arguments: Literal values by name, e.g. ``{"user": "alice"}``.
    """

    family: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    verb: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    target: str = ""
    arguments: dict[str, JsonValue] = Field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash by content, so that goals may key tables."""
        return hash((self.family, self.verb, self.target, repr(sorted(self.arguments.items()))))

    def __repr__(self) -> str:
        """Show the goal with its secrets masked."""
        return f"Goal({self.family!r}, {self.verb!r}, {self.target!r}, {redact(self.arguments)!r})"

    __str__ = __repr__

    @property
    def parts(self) -> tuple[Goal, ...]:
        """The goal itself, as the only sub-goal."""
        return (self,)


class CompositeGoal(Model):
    """Several goals at once, or one whose resets are limited.

    Attributes:
        goals: The sub-goals. All must hold at the end.
        ordered: Whether each must first have been reached after those before it.
        max_resets: The most host resets that may happen on the way, or None for any number.
    """

    goals: tuple[Goal, ...] = Field(min_length=1)
    ordered: bool = False
    max_resets: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _says_more_than_one_goal(self) -> Self:
        if len(self.goals) == 1 and (self.ordered or self.max_resets is None):
            problem = "one goal alone has no order, and is a goal of its own unless its resets are limited"
            raise ValueError(problem)
        return self

    @property
    def parts(self) -> tuple[Goal, ...]:
        """The sub-goals, in order."""
        return self.goals


AnyGoal = Goal | CompositeGoal


class EncoderIdentity(Model):
    """Which encoder made the vectors that an agent learned from, and how to build it again.

    Attributes:
        name: Its name in the catalogue, or ``""`` where an encoder was handed over as an object.
        options: Options that it was built with.
        fingerprint: What it said of itself.
    """

    name: str = ""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    fingerprint: str
