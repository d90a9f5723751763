"""Environments by name, for the commands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from igc_agents.source import EnvironmentSource
from igc_core.errors import PluginError, SettingsError
from igc_core.loading import load
from igc_core.specs import EnvironmentSpec

if TYPE_CHECKING:
    from igc_agents.crossvalidation import Machines
    from igc_core.plugins import PluginManager
    from igc_core.protocols import BatchedEnvironment


#: What ``--recipe`` is for.
RECIPE_HELP = "TOML file that says how to train, or 'default' or 'shipped', which come with igc-agents."
#: What ``--set`` is for.
SET_HELP = "Option of the environment as name=value, e.g. per_family=8; may be given several times."


def stated(settings: Sequence[str] | None, taken: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read options of an environment's factory, each ``name=value``; the value is JSON where it is some, else text.

    Args:
        settings: The options.
        taken: Names that may not be among them, and what says them instead; something empty where nothing does.

    Raises:
        SettingsError: One has no ``=``, or is said elsewhere.
    """
    found: dict[str, Any] = {}
    for setting in settings or ():
        name, joint, value = setting.partition("=")
        if not joint or not name.isidentifier():
            raise SettingsError(f"cannot read the option {setting!r}", hint="write name=value, e.g. --set per_family=8")
        try:
            found[name] = json.loads(value)
        except (ValueError, RecursionError):
            found[name] = value
    demand_free(found, taken or {})
    return found


def demand_free(options: Mapping[str, Any], taken: Mapping[str, Any]) -> None:
    """Refuse options of an environment that are said elsewhere: one of both would be ignored.

    Raises:
        SettingsError: There is one.
    """
    for name in options:
        if instead := taken.get(name):
            raise SettingsError(f"the option {name!r} of the environment is said by {instead}", hint="give only that")


def environment_source(plugins: PluginManager, name: str, options: Mapping[str, Any]) -> EnvironmentSource:
    """Say how to build the batched form of an environment in the catalogue.

    Args:
        plugins: The catalogue.
        name: Name of the environment.
        options: Options of its factory; empty ones are left to the factory.

    Raises:
        PluginError: There is no such environment, or it has no batched form.
    """
    spec = plugins.find("environment", name)
    if not isinstance(spec, EnvironmentSpec) or not spec.batched:
        raise PluginError(f"the environment {name!r} has no batched form to train on", code="plugin-unknown-component")
    return EnvironmentSource(spec.batched, options, name)


def told_machines(plugins: PluginManager, name: str) -> Machines | None:
    """Find what tells the machines behind a text, of an environment in the catalogue; None where nothing does.

    Raises:
        PluginError: There is no such environment.
        LoadingError: What tells them cannot be imported.
    """
    spec = plugins.find("environment", name)
    return load(spec.machines) if isinstance(spec, EnvironmentSpec) and spec.machines else None


def batched_environment(plugins: PluginManager, name: str, options: Mapping[str, Any]) -> BatchedEnvironment:
    """Build the batched form of an environment in the catalogue, as :func:`environment_source` says.

    Raises:
        PluginError: There is no such environment, it has no batched form, or it does not take the options.
    """
    return environment_source(plugins, name, options).build()
