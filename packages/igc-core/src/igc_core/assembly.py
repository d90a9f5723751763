"""From a spec to a component that keeps its kind's promises."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from igc_core.errors import PluginError
from igc_core.loading import load
from igc_core.specs import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.specs import ComponentSpec, Kind

#: What a component of each kind must implement; environments are Gymnasium's affair, commands Typer's.
_PROTOCOLS: Mapping[Kind, str] = {
    "backend": "Backend",
    "encoder": "StateEncoder",
    "goal-handler": "GoalHandler",
    "agent": "Agent",
    "goal-reader": "GoalReader",
    "phrasebook": "Phrasebook",
}


def assemble(kind: Kind, spec: ComponentSpec, arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
    """Import a spec's factory and call it.

    Raises:
        PluginError: The factory does not take these options, or what it builds lacks a part of its protocol.
        LoadingError: The factory cannot be imported.
    """
    factory = load(spec.factory)
    _check_options(kind, spec, factory, arguments, options)
    component = factory(*arguments, **options)
    _check_protocol(kind, spec, component)
    return component


def _check_options(
    kind: Kind, spec: ComponentSpec, factory: Any, arguments: tuple[Any, ...], options: Mapping[str, Any]
) -> None:
    try:
        signature = inspect.signature(factory)
    except ValueError:  # some builtins have none; they check for themselves
        return
    try:
        signature.bind(*arguments, **options)
    except TypeError as error:
        raise PluginError(
            f"the {words(kind)} {spec.name!r} cannot be built: {error}",
            code="plugin-options-refused",
            hint=f"its factory is {spec.factory}{signature}",
        ) from error


def _check_protocol(kind: Kind, spec: ComponentSpec, component: object) -> None:
    # A protocol's isinstance is slow, so it is asked once, here, and nowhere else.
    if kind not in _PROTOCOLS:
        return
    protocol: type = load(f"igc_core.protocols:{_PROTOCOLS[kind]}")
    if not isinstance(component, protocol):
        parts = [part for part in vars(protocol) if not part.startswith("_")]
        lacking = [part for part in parts if not hasattr(component, part)]
        raise PluginError(f"the {words(kind)} {spec.name!r} lacks {', '.join(lacking)} of {protocol.__name__}")
