"""A machine: what is derived once from a capture and shared by all its simulated worlds."""

from __future__ import annotations

from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from igc_redfish.bodies import as_object, type_name
from igc_redfish.capture.links import links
from igc_redfish.profiles import infer_profile
from igc_redfish.repairs import repair

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.capture import Capture
    from igc_redfish.service.profile import Profile

#: Where every Redfish service begins (DSP0266, "Service root request").
ROOT = "/redfish/v1"


class Machine:
    """An immutable Redfish tree with its index.

    Attributes:
        name: Name of the capture.
        capture: Where the bodies come from.
        profile: The service's quirks and delays.
        repairs: What was added to the tree because the tree itself links to it, one sentence each.
    """

    def __init__(
        self, capture: Capture, profile: Profile | None = None, resources: Mapping[str, JsonObject] | None = None
    ) -> None:
        """Index a capture and complete it.

        Args:
            capture: The tree.
            profile: The service's quirks and delays; inferred from the tree if None.
            resources: Further bodies by canonical URI, each instead of a captured one or beside them.
        """
        self.name = capture.name
        self.capture = capture
        self._added: dict[str, JsonObject] = {}
        #: Bodies that were asked for; a machine never changes.
        self._bodies: dict[str, JsonObject] = {}
        self._folded: dict[str, str] = {}
        for uri in capture:
            self._folded.setdefault(uri.casefold(), uri)
        added, self.repairs = repair(self)
        self._added = {**added, **(resources or {})}
        self._bodies = dict(self._added)
        for uri in self._added:
            self._folded.setdefault(uri.casefold(), uri)
        self.profile = profile if profile is not None else infer_profile(self)

    def __repr__(self) -> str:
        """Name the machine."""
        return f"Machine({self.name!r}, {len(self._folded)} resources)"

    def with_resources(self, resources: Mapping[str, JsonObject]) -> Machine:
        """Make another machine of the same capture and profile, with some bodies added or replaced."""
        return Machine(self.capture, self.profile, resources)

    def resolve(self, uri: str) -> str | None:
        """Find the canonical URI of a resource, however it is spelt (case, trailing slash, percent signs), or None."""
        if uri in self.capture or uri in self._added:
            return uri
        text = uri.partition("#")[0].partition("?")[0].rstrip("/")
        return self._folded.get(text.casefold()) or self._folded.get(unquote(text).casefold())

    def canonical(self, link: Any) -> str:
        """Return the canonical URI that a link object or text leads to; its own spelling where nothing is there."""
        uri = as_object(link).get("@odata.id") if isinstance(link, dict) else link
        if not isinstance(uri, str):
            return ""
        return self.resolve(uri) or uri.partition("#")[0].rstrip("/")

    def get(self, uri: str) -> JsonObject | None:
        """Return the captured body at a canonical URI, or None."""
        known = self._bodies.get(uri)
        if known is not None:
            return known
        resource = self.capture.get(uri)
        body = resource.body if resource is not None else None
        if not isinstance(body, dict):
            return None
        self._bodies[uri] = body
        return body

    def uris(self) -> Iterable[str]:
        """Yield every resource's URI, those of the capture first."""
        yield from self.capture
        yield from (uri for uri in self._added if uri not in self.capture)

    def methods(self, uri: str) -> tuple[str, ...] | None:
        """Return the methods that the captured host said it allows at a URI, or None where it was not recorded."""
        resource = self.capture.get(uri)
        return None if resource is None or resource.methods is None else tuple(resource.methods)

    def of_type(self, name: str) -> tuple[str, ...]:
        """List the resources of a type that can be reached from the root, nearest first."""
        return self._types.get(name, ())

    @cached_property
    def reachable(self) -> Mapping[str, int]:
        """Number of links between the root and each resource that can be reached, nearest first."""
        distances = {ROOT: 0}
        queue = deque([ROOT])
        while queue:
            uri = queue.popleft()
            for _, target in links(self.get(uri) or {}, uri):
                found = self.resolve(target)
                if found is not None and found not in distances:
                    distances[found] = distances[uri] + 1
                    queue.append(found)
        return distances

    @cached_property
    def _types(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for uri in self.reachable:
            found.setdefault(type_name(self.get(uri) or {}), []).append(uri)
        return {name: tuple(uris) for name, uris in found.items()}
