"""Environments by name, for the commands."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from igc_core.errors import PluginError
from igc_core.loading import load
from igc_core.specs import EnvironmentSpec

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment


def batched_environment(plugins: PluginManager, name: str, options: Mapping[str, Any]) -> BatchedEnvironment:
    """Build the batched form of an environment in the catalogue.

    Args:
        plugins: The catalogue.
        name: Name of the environment.
        options: Options of its factory; empty ones are left to the factory.

    Raises:
        PluginError: There is no such environment, it has no batched form, or it does not take the options.
    """
    spec = plugins.find("environment", name)
    if not isinstance(spec, EnvironmentSpec) or not spec.batched:
        raise PluginError(f"the environment {name!r} has no batched form to train on", code="plugin-unknown-component")
    factory = load(spec.batched)
    given = {key: value for key, value in options.items() if value not in (None, "", (), [])}
    try:
        inspect.signature(factory).bind(**given)
    except TypeError as error:
        raise PluginError(
            f"the environment {name!r} cannot be built: {error}",
            code="plugin-options-refused",
            hint=f"its batched factory is {spec.batched}{inspect.signature(factory)}",
        ) from error
    environment: BatchedEnvironment = factory(**given)
    return environment
