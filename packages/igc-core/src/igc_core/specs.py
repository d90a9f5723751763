"""What plugins offer: cheap records that name a component without importing it."""

from __future__ import annotations

from dataclasses import dataclass


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
    """A goal family: ``factory() -> GoalHandler``.

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
    """

    batched: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec(ComponentSpec):
    """A command of the ``igc`` program: ``factory`` names a ``typer.Typer``, which is called with the arguments."""
