"""What igc-mig offers. Light: no component is imported here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.hookspecs import hookimpl
from igc_core.specs import CommandSpec, EnvironmentSpec

if TYPE_CHECKING:
    from collections.abc import Iterable


@hookimpl
def igc_environments() -> Iterable[EnvironmentSpec]:
    """Offer the decision process."""
    yield EnvironmentSpec(
        name="mig",
        factory="igc_mig.environment:MigEnvironment",
        batched="igc_mig.batched:BatchedMig",
        summary="Schedule a batch on a GPU, step by step.",
    )


@hookimpl
def igc_commands() -> Iterable[CommandSpec]:
    """Offer the command."""
    yield CommandSpec(name="mig", factory="igc_mig.cli.app:app", summary="Schedule tasks on MIG partitions of GPUs.")
