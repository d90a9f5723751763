"""What is odd about a capture's content, by the rules of Redfish (DSP0266) and OData.

Real services break most of these rules somewhere, and are served all the same: such findings are warnings. Errors are
left for captures that cannot stand for a machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from igc_redfish.bodies import type_name
from igc_redfish.capture.finding import Finding, Level
from igc_redfish.capture.links import action_targets, links, objects, raw_links
from igc_redfish.capture.uri import ROOT, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_redfish.capture.capture import Capture
    from igc_redfish.capture.resource import Resource

#: A root that links to none of these describes no machine.
_TREES = ("Systems", "Chassis", "Managers", "AccountService", "Storage", "Fabrics", "PowerEquipment")
_OBJECTS = ("Actions", "Links", "Oem", "Status")
#: Here schemas ask for booleans as text.
_TEXTS = frozenset({"Attributes", "MetricValues"})


def validate(capture: Capture) -> list[Finding]:
    """Judge a capture.

    Returns:
        What was odd while reading, then the oddities of the whole, then those of each resource in order.
    """
    findings = [*capture.warnings, *_whole(capture)]
    for resource in capture.values():
        findings += _status(resource)
        findings += _identity(capture, resource)
        findings += _types(resource)
        findings += _members(capture, resource)
        findings += _links(capture, resource)
        findings += _actions(resource)
    return findings


def _whole(capture: Capture) -> Iterator[Finding]:
    root = capture[ROOT]
    if capture.claimed_digest and capture.claimed_digest != capture.digest:
        yield Finding("digest-differs", "", "the content is not what the manifest says: it was edited", "error")
    if not any(isinstance(root.body.get(tree), dict) for tree in _TREES):
        yield Finding("root-empty", ROOT, f"the service root links to none of {', '.join(_TREES)}", "error")
    spellings: dict[str, str] = {}
    for uri in capture:
        other = spellings.setdefault(uri.casefold(), uri)
        if other != uri:
            yield Finding("uri-case", uri, f"differs only by case from {other}")


def _status(resource: Resource) -> Iterator[Finding]:
    if not 200 <= resource.status < 300:  # noqa: PLR2004 - RFC 9110: 2xx is success
        level: Level = "error" if resource.uri == ROOT else "warning"
        yield Finding("status-error", resource.uri, f"the service answered {resource.status}", level)


def _identity(capture: Capture, resource: Resource) -> Iterator[Finding]:
    identity = resource.body.get("@odata.id")
    if not isinstance(identity, str):
        yield Finding("id-missing", resource.uri, "has no @odata.id")
        return
    if identity in (resource.uri, f"{resource.uri}/"):
        if resource.uri not in (identity, ROOT):
            yield Finding("id-slash", resource.uri, "its @odata.id ends in a slash")
        return
    target = canonical(identity, resource.uri)
    if target == resource.uri:
        yield Finding("id-fragment", resource.uri, f"its @odata.id is {identity!r}")
    elif capture.find(target) == resource.uri:
        yield Finding("id-case", resource.uri, f"its @odata.id is spelt {identity!r}")
    else:
        kind = "another resource" if capture.find(target) else "a resource that is not there"
        yield Finding("id-differs", resource.uri, f"its @odata.id names {kind}, {identity}")


def _types(resource: Resource) -> Iterator[Finding]:
    body = resource.body
    if not type_name(body):
        yield Finding("type-missing", resource.uri, "has no @odata.type")
    for key in _OBJECTS:
        if key in body and body[key] is not None and not isinstance(body[key], dict):
            yield Finding("value-mistyped", resource.uri, f"{key} is no object")
    for path, value in objects(body):
        if path.partition("/")[0] in _TEXTS:
            continue
        for key, item in value.items():
            if isinstance(item, str) and item.lower() in {"true", "false"}:
                yield Finding("value-mistyped", resource.uri, f"{path or 'the top'} has a boolean as text, {key}")


def _members(capture: Capture, resource: Resource) -> Iterator[Finding]:
    body, uri = resource.body, resource.uri
    if "Members" not in body:
        if type_name(body).endswith("Collection"):
            yield Finding("members-missing", uri, "is a collection without Members")
        return
    members = body["Members"]
    if not isinstance(members, list):
        yield Finding("members-mistyped", uri, "Members is no list")
        return
    entries = cast("list[object]", members)
    targets = [found for entry in entries if (found := _member_uri(entry, uri)) is not None]
    if len(targets) != len(entries):
        yield Finding("member-without-id", uri, f"{len(entries) - len(targets)} of its members have no @odata.id")
    repeated = len(targets) - len({capture.find(target) or target for target in targets})
    if repeated:
        yield Finding("member-repeated", uri, f"{repeated} of its members stand there twice")
    yield from _count(body, uri, len(entries))


def _member_uri(entry: object, base: str) -> str | None:
    if not isinstance(entry, dict):
        return None
    identity = cast("dict[str, object]", entry).get("@odata.id")
    # A member may lie inside the collection itself ("#/Members/0"), where only the fragment tells it apart.
    if not isinstance(identity, str):
        return None
    return identity if "#" in identity else canonical(identity, base)


def _count(body: dict[str, Any], uri: str, members: int) -> Iterator[Finding]:
    count = body.get("Members@odata.count")
    if count is None:
        yield Finding("count-missing", uri, "has no Members@odata.count")
    elif not isinstance(count, int) or isinstance(count, bool):
        yield Finding("count-mistyped", uri, f"Members@odata.count is {count!r}, no whole number")
    elif count != members and "Members@odata.nextLink" not in body and "?" not in uri:
        yield Finding("count-differs", uri, f"Members@odata.count is {count}, its members are {members}")


def _links(capture: Capture, resource: Resource) -> Iterator[Finding]:
    for path, text in raw_links(resource.body):
        if "://" in text:
            yield Finding("link-external", resource.uri, f"{path} leads to another service, {text}")
        elif not text.startswith("/"):
            yield Finding("link-relative", resource.uri, f"{path} is relative, {text!r}")
        elif "//" in text:
            yield Finding("link-slashes", resource.uri, f"{path} has an empty segment, {text}")
    for path, target in links(resource.body, resource.uri):
        if "://" in target:
            continue
        found = capture.find(target)
        if found is None and target not in capture.embedded:
            yield Finding("link-dangling", resource.uri, f"{path} leads nowhere, {target}")
        elif found is not None and found != target:
            yield Finding("link-case", resource.uri, f"{path} is spelt {target}, the resource is {found}")


def _actions(resource: Resource) -> Iterator[Finding]:
    actions = resource.body.get("Actions")
    if isinstance(actions, dict):
        for name, action in cast("dict[str, object]", actions).items():
            if isinstance(action, dict) and "Target" in action:
                yield Finding("action-key", resource.uri, f"{name} has its target under 'Target'")
    for path, target in action_targets(resource.body, resource.uri):
        if "://" in target or not target.casefold().startswith(f"{resource.uri}/".casefold()):
            yield Finding("action-elsewhere", resource.uri, f"{path} is posted to another resource, {target}")
