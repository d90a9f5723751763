"""From what somebody says of an encoder to the encoder, and to what brings it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from igc_core.errors import AgentError, PluginError
from igc_core.models import EncoderIdentity

if TYPE_CHECKING:
    from igc_core.plugins import PluginManager
    from igc_core.protocols import StateEncoder

_NAME = "name"


def named_encoder(
    given: StateEncoder | str | Mapping[str, Any], plugins: PluginManager | None = None
) -> tuple[StateEncoder, EncoderIdentity]:
    """Build an encoder.

    Args:
        given: The name of an installed encoder; a table of its ``name`` and its options; or an encoder.
        plugins: Where encoders come from; all installed plugins if None.

    Returns:
        The encoder, and what brings it back; an encoder that was given itself can only be recognised.

    Raises:
        PluginError: A table has no name, there is no such encoder, or it does not take these options.
        IgcError: The encoder cannot be loaded.
    """
    if not isinstance(given, str | Mapping):
        return given, EncoderIdentity(fingerprint=given.fingerprint)
    options: dict[str, Any] = {_NAME: given} if isinstance(given, str) else dict(given)
    name = options.pop(_NAME, None)
    if not isinstance(name, str):
        hint = "write e.g. {'name': 'hashed-tokens', 'width': 64}"
        raise PluginError(
            "a table that says which encoder is wanted has a name", code="plugin-options-refused", hint=hint
        )
    encoder = cast("StateEncoder", _catalogue(plugins).build("encoder", name, **options))
    return encoder, EncoderIdentity(name=name, options=options, fingerprint=encoder.fingerprint)


def same_encoder(identity: EncoderIdentity, plugins: PluginManager | None = None) -> StateEncoder:
    """Build the encoder again that an agent learned with.

    Raises:
        AgentError: It has no name, or what has its name now gives other vectors.
        PluginError: There is no encoder of that name any more, or it does not take the options.
        IgcError: The encoder cannot be loaded.
    """
    if not identity.name:
        raise AgentError(
            f"the agent learned with an encoder that has no name ({identity.fingerprint})",
            code="agent-incompatible",
            hint="train it with an encoder of the catalogue: encoder={'name': ..., ...}",
        )
    found, now = named_encoder({**identity.options, _NAME: identity.name}, plugins)
    if now.fingerprint != identity.fingerprint:
        raise AgentError(
            f"the agent learned with the encoder {identity.name!r} as {identity.fingerprint}, "
            f"which is now {now.fingerprint}",
            code="agent-incompatible",
            hint="bring back the encoder that it was trained with, or train it anew",
        )
    return found


def _catalogue(plugins: PluginManager | None) -> PluginManager:
    from igc_core.plugins import PluginManager  # noqa: PLC0415 - discovery only where somebody needs it

    return plugins or PluginManager.from_environment()
