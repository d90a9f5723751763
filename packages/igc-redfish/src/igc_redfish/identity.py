"""Which host it is: what a service says of itself, whatever its address."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from igc_redfish.bodies import link_at, members_of
from igc_redfish.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import JsonObject

#: Properties of systems that tell one host from the next. A name, which anybody may change, counts where nothing else
#: is said.
_MARKS = (("UUID", "SerialNumber"), ("HostName",))
#: What is said where nothing is said.
_BLANK = frozenset({"", "00000000-0000-0000-0000-000000000000", "NA", "N/A", "None", "<redacted>"})


def identity_of(get: Callable[[str], JsonObject | None]) -> str:
    """Tell one host from another by the UUID of its service root, else by what its first systems say.

    Args:
        get: Reads a resource, None where there is none.

    Returns:
        ``"uuid:..."`` or ``"systems:..."``; empty where the host says nothing that would tell.
    """
    root = get(ROOT) or {}
    own = root.get("UUID")
    if isinstance(own, str) and own not in _BLANK:
        return f"uuid:{own.lower()}"
    systems = members_of(get(link_at(root, "Systems")))[:4] if link_at(root, "Systems") else []
    bodies = [get(uri) or {} for uri in systems]
    for marks in _MARKS:
        told = [value for body in bodies for name in marks if isinstance(value := body.get(name), str)]
        if text := "|".join(value for value in told if value not in _BLANK):
            return f"systems:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    return ""
