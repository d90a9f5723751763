"""The HTTP client of real Redfish services: the extra ``igc-redfish[live]``.

Everything resolves lazily, so that importing this package costs nothing and needs no HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_redfish.client.bounds import Bounds as Bounds
    from igc_redfish.client.connecting import connect as connect
    from igc_redfish.client.credentials import Credentials as Credentials
    from igc_redfish.client.credentials import find_credentials as find_credentials
    from igc_redfish.client.errors import ClientError as ClientError
    from igc_redfish.client.origin import Origin as Origin
    from igc_redfish.client.pace import Patience as Patience
    from igc_redfish.client.transport import Transport as Transport
    from igc_redfish.client.trust import Trust as Trust
    from igc_redfish.client.trust import fingerprint_of as fingerprint_of

_MODULES = {
    "Bounds": "bounds",
    "ClientError": "errors",
    "Credentials": "credentials",
    "Origin": "origin",
    "Patience": "pace",
    "Transport": "transport",
    "Trust": "trust",
    "connect": "connecting",
    "find_credentials": "credentials",
    "fingerprint_of": "trust",
}

__getattr__, __dir__ = exports(__name__, _MODULES)
