"""The references that a body makes to other resources.

Key paths are joined by ``/``: ``"Links/Chassis/0"``, ``"Actions/#ComputerSystem.Reset/@Redfish.ActionInfo"``. Bodies
are walked with a stack of our own, so depth is no danger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from igc_redfish.capture.uri import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from igc_core.rest import JsonObject

_ACTION_TARGETS = frozenset({"target", "Target"})


def links(body: JsonObject, base: str) -> list[tuple[str, str]]:
    """List what a client may follow from a resource with GET.

    These are ``@odata.id`` of every object below the top, ``@odata.nextLink``, ``@Redfish.ActionInfo`` and the ``Uri``
    of a ``Location``. References of a resource to itself are left out.

    Args:
        body: The resource.
        base: Its canonical URI.

    Returns:
        Pairs of key path and canonical URI, in the order of the body.
    """
    return [
        (path if key == "@odata.id" else _join(path, key), target)
        for path, key, text in _texts(body)
        if _is_link(path, key) and text and (target := canonical(text, base)) != base
    ]


def action_targets(body: JsonObject, base: str) -> list[tuple[str, str]]:
    """List where a resource's actions are posted to.

    Args:
        body: The resource.
        base: Its canonical URI.

    Returns:
        Pairs of the action's key path, e.g. ``"Actions/#ComputerSystem.Reset"``, and the target's canonical URI.
    """
    return [
        (path, canonical(text, base))
        for path, key, text in _texts(body)
        if key in _ACTION_TARGETS and text and "Actions" in path.split("/")
    ]


def embedded(body: JsonObject, base: str) -> list[tuple[str, str, dict[str, Any]]]:
    """List the resources that a body holds whole, such as the members of an expanded collection.

    Args:
        body: The resource that holds them.
        base: Its canonical URI.

    Returns:
        Key path, canonical URI and body of each.
    """
    return [
        (path, target, value)
        for path, value in objects(body)
        if path
        and isinstance(identity := value.get("@odata.id"), str)
        and ("@odata.type" in value or "Id" in value)
        and "#" not in identity
        and (target := canonical(identity, base)) != base
    ]


def raw_links(body: JsonObject) -> Iterator[tuple[str, str]]:
    """Yield key path and text of every link as it is spelt, for those who judge spelling."""
    return ((path, text) for path, key, text in _texts(body) if _is_link(path, key))


def objects(body: JsonObject) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object with its path, a parent before its children and these in order."""
    pending: list[tuple[str, Any]] = [("", body)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            found = cast("dict[str, Any]", value)
            yield path, found
            entries: Iterable[tuple[object, Any]] = found.items()
        else:
            entries = enumerate(cast("list[Any]", value))
        stem = f"{path}/" if path else ""
        children: list[tuple[str, Any]] = [
            (f"{stem}{key}", item) for key, item in entries if isinstance(item, (dict, list))
        ]
        children.reverse()
        pending += children


def _is_link(path: str, key: str) -> bool:
    if key == "@odata.id":
        return path != ""
    if key == "Uri":
        return "Location" in path.split("/")[-2:]
    return key == "@Redfish.ActionInfo" or key.endswith("@odata.nextLink")


def _texts(body: JsonObject) -> Iterator[tuple[str, str, str]]:
    """Yield path of the object, key and value of every text."""
    for path, value in objects(body):
        for key, item in value.items():
            if isinstance(item, str):
                yield path, key, item


def _join(path: str, key: object) -> str:
    return f"{path}/{key}" if path else str(key)
