"""How the resources of a capture hang together."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from igc_redfish.capture.links import links
from igc_redfish.capture.uri import ROOT

if TYPE_CHECKING:
    from igc_redfish.capture.capture import Capture


@dataclass(frozen=True, slots=True)
class Connectivity:
    """Links of a capture, counted by distinct target.

    Attributes:
        links: Distinct targets.
        closed: Those that are resources of the capture.
        embedded: Those that only stand whole inside other resources.
        reachable: Resources that can be reached from the root by links.
        resources: All resources.
    """

    links: int
    closed: int
    embedded: int
    reachable: int
    resources: int

    @property
    def closed_share(self) -> float:
        """Share of targets that are resources, embedded ones included; 1 where there are no links."""
        return (self.closed + self.embedded) / self.links if self.links else 1.0

    @property
    def reachable_share(self) -> float:
        """Share of resources that can be reached."""
        return self.reachable / self.resources


def connectivity(capture: Capture) -> Connectivity:
    """Count the links of a capture."""
    edges = {uri: [target for _, target in links(resource.body, uri)] for uri, resource in capture.items()}
    targets = {target for found in edges.values() for target in found}
    closed = {target for target in targets if capture.find(target) is not None}
    embedded = sum(target in capture.embedded for target in targets - closed)
    reached = {ROOT}
    queue = deque(reached)
    while queue:
        for target in edges[queue.popleft()]:
            found = capture.find(target)
            if found is not None and found not in reached:
                reached.add(found)
                queue.append(found)
    return Connectivity(len(targets), len(closed), embedded, len(reached), len(capture))
