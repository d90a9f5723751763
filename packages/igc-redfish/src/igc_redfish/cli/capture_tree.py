"""The tree that ``igc capture show`` prints."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, cast

from rich.markup import escape
from rich.tree import Tree

from igc_redfish.capture import ROOT, CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_redfish.capture import Capture, Resource


def plain(text: str) -> str:
    """Make text from outside safe to print: no markup, no control characters."""
    return escape("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text))


def resource_at(capture: Capture, uri: str) -> Resource:
    """Return the resource that a person means.

    Raises:
        CaptureError: There is none; the message suggests near misses.
    """
    found = capture.find(uri) or capture.find(f"{ROOT}/{uri.lstrip('/')}")
    if found is not None:
        return capture[found]
    near = difflib.get_close_matches(uri, capture, n=3)
    raise CaptureError(
        f"{capture.name} has no resource {uri!r}",
        code="capture-missing",
        hint=f"did you mean {' or '.join(near)}?" if near else f"igc capture show {capture.name} prints the tree",
    )


def actions(resource: Resource) -> list[str]:
    """Name the actions of a resource, those of makers included."""
    return list(_actions(resource.body.get("Actions")))


def _actions(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, action in cast("dict[str, Any]", value).items():
            if name.startswith("#"):
                yield name.removeprefix("#")
            elif name == "Oem":
                yield from _actions(action)


def depth_of(uri: str) -> int:
    """Count the levels of a URI below the root."""
    return uri.count("/") - ROOT.count("/")


def rows(capture: Capture, depth: int) -> list[dict[str, Any]]:
    """Describe every resource down to a depth."""
    return [
        {"uri": uri, "type": resource.type, "methods": resource.methods, "actions": actions(resource)}
        for uri, resource in capture.items()
        if depth_of(uri) <= depth
    ]


def tree(capture: Capture, depth: int) -> Tree:
    """Draw the resources down to a depth, each below the nearest that its URI extends."""
    top = Tree(_label(ROOT, capture[ROOT]), highlight=False)
    branches = {ROOT: top}
    left_off = 0
    for uri in sorted(capture, key=lambda uri: uri.split("/")):
        if uri == ROOT:
            continue
        if depth_of(uri) > depth:
            left_off += 1
            continue
        parent = uri
        while parent not in branches:
            parent = parent.rpartition("/")[0] or ROOT
        branches[uri] = branches[parent].add(_label(uri.removeprefix(f"{parent}/"), capture[uri]))
    if left_off:
        top.add(f"[dim]{left_off} resources lie deeper")
    return top


def _label(name: str, resource: Resource) -> str:
    label = f"[bold]{plain(name)}[/bold] [cyan]{plain(resource.type)}[/cyan]"
    if resource.methods is not None:
        label += f" [green]{plain(' '.join(resource.methods))}[/green]"
    names = actions(resource)
    return label + (f" [yellow]{plain(', '.join(names))}[/yellow]" if names else "")
