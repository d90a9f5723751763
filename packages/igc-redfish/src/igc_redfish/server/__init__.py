"""The HTTP door: simulated machines as Redfish services that clients reach over a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_redfish.server.build import HostOptions as HostOptions
    from igc_redfish.server.build import host_of as host_of
    from igc_redfish.server.host import Host as Host
    from igc_redfish.server.limits import Limits as Limits
    from igc_redfish.server.process import served as served
    from igc_redfish.server.running import Server as Server
    from igc_redfish.server.running import serve as serve

_MODULES = {
    "Host": "host",
    "HostOptions": "build",
    "Limits": "limits",
    "Server": "running",
    "host_of": "build",
    "serve": "running",
    "served": "process",
}
__getattr__, __dir__ = exports(__name__, _MODULES)
