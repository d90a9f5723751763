"""What plugins offer: cheap records that name a component without importing it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentSpec:
    """One component of a plugin, importable on first use.

    Attributes:
        name: Unique per kind, lower case with dashes.
        factory: ``"package.module:attribute"``; called to build the component.
        summary: One line for ``--help`` and ``igc plugins list``.
    """

    name: str
    factory: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSpec(ComponentSpec):
    """A way to reach REST services: ``factory(location, **options) -> Backend``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderSpec(ComponentSpec):
    """A state encoder: ``factory(**options) -> StateEncoder``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalHandlerSpec(ComponentSpec):
    """A goal family: ``factory() -> GoalHandler``. Its name is the handler's family.

    Attributes:
        system: The kind of service the goals live on, e.g. ``"redfish"``.
    """

    system: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSpec(ComponentSpec):
    """A decision maker: ``factory(**options) -> Agent``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentSpec(ComponentSpec):
    """A decision process: ``factory(**options) -> gymnasium.Env``.

    Attributes:
        batched: Factory of the :class:`~igc_core.protocols.BatchedEnvironment` of the same process, or ``""``.
        machines: ``"package.module:attribute"`` of what tells the machines behind one of the texts that the factory
            takes as ``sources``: ``machines(text) -> Mapping[str, str]``, from the name of each to what only the same
            machine has too, however it is named. ``""`` where every text is a machine of its own.
    """

    batched: str = ""
    machines: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalReaderSpec(ComponentSpec):
    """A reader of goals in anybody's words: ``factory(**options) -> GoalReader``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhrasebookSpec(ComponentSpec):
    """How people ask for a plugin's goals: ``factory() -> Phrasebook``. Goal readers learn from all phrasebooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec(ComponentSpec):
    """A command of the ``igc`` program: ``factory`` names a ``typer.Typer``, which is called with the arguments."""


#: What a component may be.
Kind: TypeAlias = Literal[
    "backend", "encoder", "goal-handler", "agent", "environment", "goal-reader", "phrasebook", "command"
]
#: The spec of each kind.
SPECS: Mapping[Kind, type[ComponentSpec]] = MappingProxyType(
    {
        "backend": BackendSpec,
        "encoder": EncoderSpec,
        "goal-handler": GoalHandlerSpec,
        "agent": AgentSpec,
        "environment": EnvironmentSpec,
        "goal-reader": GoalReaderSpec,
        "phrasebook": PhrasebookSpec,
        "command": CommandSpec,
    }
)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def problem_of(spec: object, kind: type[ComponentSpec]) -> str:
    """Say what is wrong with an offered spec.

    Args:
        spec: Whatever a plugin offered.
        kind: The class of spec that the hook asks for.

    Returns:
        One clause, or ``""`` for a good spec.
    """
    if not isinstance(spec, kind):
        return f"{spec!r} is not a {kind.__name__}"
    if not _NAME.fullmatch(spec.name):
        return f"the name {spec.name!r} is not lower case words joined by dashes"
    module, _, attribute = spec.factory.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *attribute.split(".")]):
        return f"the factory {spec.factory!r} of {spec.name!r} is not of the form 'package.module:attribute'"
    if not spec.summary.strip() or "\n" in spec.summary:
        return f"the summary of {spec.name!r} is not one line"
    return ""


def words(kind: Kind) -> str:
    """Name a kind in a sentence."""
    return kind.replace("-", " ")
