"""The resources that an episode read, as a tree that grows with the requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_agents.tracing import Trace


@dataclass
class Node:
    """One segment of the URIs that were read.

    Attributes:
        name: The segment.
        first: The request after which it is in sight, 0 where it was known from the start.
        reads: The requests that read it; none for a segment that was only on the way.
        children: What lies below, by segment.
    """

    name: str
    first: int
    reads: list[int] = field(default_factory=list[int])
    children: dict[str, Node] = field(default_factory=dict[str, "Node"])


def grown(trace: Trace) -> list[Node]:
    """Collect what an episode read, in the order in which it was read."""
    root = Node("", 0)
    for step, uris in enumerate([trace.known, *(step.read for step in trace.steps)]):
        for uri in uris:
            node = root
            for name in _segments(uri):
                node = node.children.setdefault(name, Node(name, step))
            node.reads.append(step)
    return list(root.children.values())


def _segments(uri: str) -> Iterator[str]:
    """Split a path; the service root counts as one segment."""
    head = "/redfish/v1"
    if uri == head or uri.startswith(f"{head}/"):
        yield head
        uri = uri[len(head) :]
    yield from (f"/{part}" for part in uri.split("/") if part)
