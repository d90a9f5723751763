"""What reads cost on one machine: the graph of its links, in every world."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from igc_redfish.capture.links import links
from igc_redfish.process.steiner import CoverCosts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.rest import JsonObject
    from igc_redfish.process.engine import Engine

    #: Resources that link to each one.
    Reverse = dict[str, list[str]]
    #: Links: source and target.
    Edges = frozenset[tuple[str, str]]

#: The programme for Steiner trees takes time exponential in the number of terminals.
_MOST_TERMINALS = 6


class Atlas:
    """The graph of one machine's links, in every world, and what reads cost in it.

    Worlds that link alike share one graph.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        bodies = ((uri, engine.machine.get(uri) or {}) for uri in engine.machine.reachable)
        self._base = self._reversed(bodies)
        self._graphs: dict[Edges, Reverse] = {frozenset(): self._base}
        self._extras: dict[int, Edges] = {}
        self._added: dict[tuple[str, str], Edges] = {}
        self._covers: dict[tuple[Edges, frozenset[frozenset[str]]], CoverCosts] = {}
        self._targets: list[str | None] = []

    def reads(self, known: Iterable[int]) -> dict[str, int]:
        """The reads among some actions, by the canonical URI of what they read."""
        targets = self._targets
        if len(targets) < len(self._engine.actions):
            self._locate()
        return {uri: number for number in known if (uri := targets[number]) is not None}

    def cover(self, world: int, terminals: Iterable[frozenset[str]]) -> CoverCosts:
        """Costs of reading one resource of every terminal in a world; terminals beyond six are left out."""
        extra = self._extra(world)
        key = (extra, frozenset(terminals))
        known = self._covers.get(key)
        if known is None:
            needed = sorted(key[1], key=sorted)[:_MOST_TERMINALS]
            known = self._covers[key] = CoverCosts(needed, self._graph(extra))
        return known

    def _locate(self) -> None:
        machine = self._engine.machine
        for action in self._engine.actions[len(self._targets) :]:
            request = action.request
            read = request.method == "GET"
            self._targets.append((machine.resolve(request.uri) or request.uri) if read else None)

    def _extra(self, world: int) -> Edges:
        """Links of a world that the capture does not have: source and target."""
        known = self._extras.get(world)
        if known is None:
            changes = self._engine.worlds[world].changes.items()
            added = (self._links_added(uri, version.digest, version.body) for uri, version in changes if version.body)
            known = self._extras[world] = frozenset(edge for edges in added for edge in edges)
        return known

    def _links_added(self, uri: str, digest: str, body: JsonObject) -> Edges:
        key = (uri, digest)
        known = self._added.get(key)
        if known is None:
            found = {(uri, target) for target in self._reversed([(uri, body)]) if uri not in self._base.get(target, ())}
            known = self._added[key] = frozenset(found)
        return known

    def _graph(self, extra: Edges) -> Reverse:
        known = self._graphs.get(extra)
        if known is None:
            known = self._graphs[extra] = dict(self._base)
            for source, target in sorted(extra):
                known[target] = [*known.get(target, ()), source]
        return known

    def _reversed(self, bodies: Iterable[tuple[str, JsonObject]]) -> Reverse:
        """List the resources that link to each one."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for uri, body in bodies:
            for target in dict.fromkeys(target for _, target in links(body, uri)):
                found[self._engine.machine.resolve(target) or target].append(uri)
        return dict(found)
