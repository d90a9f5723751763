"""Which requests a resource offers.

The catalogue is made from the resource itself and from the schema, never from vendor tables, so the same code lists
what may be asked of a simulated machine and of a live one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from igc_core.protocols import Action
from igc_core.rest import WAIT, Request
from igc_redfish.bodies import as_object, as_objects, type_name
from igc_redfish.capture.links import links
from igc_redfish.facts import facts
from igc_redfish.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from igc_core.rest import Json, JsonObject

#: Lets time pass; legal while something is under way.
WAIT_ACTION = Action(Request(WAIT, ""), relation="wait")
#: Reads the service root; every episode begins with its answer.
ROOT_ACTION = Action(Request("GET", ROOT), relation="root")

#: Most values of one property that are offered; longer lists are registries, not choices.
MAX_CHOICES = 24

_INDEX = re.compile(r"/\d+(?=/|$)")


@dataclass(frozen=True, slots=True)
class Document:
    """A resource as it was read.

    Attributes:
        uri: Canonical URI.
        body: The resource.
        allow: Methods that the service allows on it.
    """

    uri: str
    body: JsonObject
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lever:
    """An action of a resource that an ActionInfo resource describes."""

    target: str
    name: str
    source: str
    source_type: str


def offers(
    document: Document, payloads: Mapping[str, Sequence[JsonObject]], referrers: Mapping[str, Lever]
) -> list[Action]:
    """List the requests that a resource offers under a goal.

    Args:
        document: The resource.
        payloads: Bodies with the goal's values, by operation (see ``GoalFamily.payloads``).
        referrers: The actions that are known to be described by ActionInfo resources, by the URI of those.

    Returns:
        Actions without repetition: those with the goal's values, then other changes, then the links.
    """
    return distinct([*goal_offers(document, payloads, referrers), *plain_offers(document, referrers)])


def plain_offers(document: Document, referrers: Mapping[str, Lever]) -> Iterator[Action]:
    """Yield what a resource offers whatever the goal is."""
    kind = type_name(document.body)
    for lever, choices, informed in _callable(document, kind, referrers):
        yield from _choices_of_call(lever, choices, informed=informed)
    if "PATCH" in document.allow:
        for path, value in _choices(document.body, kind):
            yield _request("PATCH", document.uri, _nested(path, value), document.uri, kind, "change")
    if "DELETE" in document.allow:
        yield Action(Request("DELETE", document.uri), document.uri, kind, f"delete {kind}")
    yield from _links(document, kind)


def goal_offers(
    document: Document, payloads: Mapping[str, Sequence[JsonObject]], referrers: Mapping[str, Lever]
) -> Iterator[Action]:
    """Yield the requests that carry the goal's values."""
    uri, kind = document.uri, type_name(document.body)
    for lever, _, _ in _callable(document, kind, referrers):
        for payload in payloads.get(f"action {lever.name}", ()):
            yield _request("POST", lever.target, payload, lever.source, lever.source_type, lever.name)
    settings = _settings_of(document.body)
    for payload in payloads.get(f"patch {kind}", ()):
        if "Attributes" in payload and settings:
            yield _request("PATCH", settings, payload, uri, kind, "settings")
        elif "PATCH" in document.allow and any(_takes(document.body, kind, key) for key in payload):
            yield _request("PATCH", uri, payload, uri, kind, "change")
    if "POST" in document.allow and kind.endswith("Collection"):
        operation = f"create {facts().member_type(kind)}"
        for payload in payloads.get(operation, ()):
            yield _request("POST", uri, payload, uri, kind, operation)


def distinct(actions: Iterable[Action]) -> list[Action]:
    """Drop repetitions; the first offer of a request describes it."""
    found: dict[tuple[str, str, str], Action] = {}
    for action in actions:
        found.setdefault(identity(action), action)
    return list(found.values())


def identity(action: Action) -> tuple[str, str, str]:
    """Tell requests apart: method (marked where conditional), URI, and body."""
    request = action.request
    method = f"{request.method} If-Match" if request.headers else request.method
    return method, request.uri, repr(action.arguments) if request.body is not None else ""


def conditional(action: Action) -> Action:
    """Return the same request under the condition that the resource exists (RFC 9110, ``If-Match: *``)."""
    request = action.request
    bound = Request(request.method, request.uri, request.body, {"If-Match": "*"})
    return Action(bound, action.source, action.source_type, action.relation, action.arguments)


def action_infos(document: Document) -> Iterator[tuple[str, Lever]]:
    """Yield the ActionInfo resources that a resource's actions refer to."""
    kind = type_name(document.body)
    for name, content, target in _actions(document.body):
        info = content.get("@Redfish.ActionInfo")
        if isinstance(info, str):
            yield info.rstrip("/"), Lever(target, name, document.uri, kind)


def levers(document: Document) -> Iterator[str]:
    """Yield the operations that a resource bears, named like the keys of ``GoalFamily.payloads``."""
    kind = type_name(document.body)
    for name, _, _ in _actions(document.body):
        yield f"action {name}"
    if kind.endswith("Collection"):
        yield f"create {facts().member_type(kind)}"
    elif kind:
        yield f"patch {kind}"
        yield f"delete {kind}"


def _callable(
    document: Document, kind: str, referrers: Mapping[str, Lever]
) -> Iterator[tuple[Lever, dict[str, list[Json]], bool]]:
    """Yield the actions that a resource bears or describes.

    With each comes what is allowed for its parameters, and whether the service has no more to say about them, so that
    the schema's values may be tried.
    """
    for name, content, target in _actions(document.body):
        informed = "@Redfish.ActionInfo" not in content
        yield Lever(target, name, document.uri, kind), _inline_choices(content), informed
    if kind == "ActionInfo" and (described := referrers.get(document.uri)) is not None:
        yield described, _described_choices(document.body), True


def _links(document: Document, kind: str) -> Iterator[Action]:
    if kind == "Task":
        yield Action(Request("GET", document.uri), document.uri, kind, "poll")
    for path, target in links(document.body, document.uri):
        if target.startswith(ROOT) and target != document.uri and "$metadata" not in target:
            yield Action(Request("GET", target), document.uri, kind, _INDEX.sub("", path))


# -- actions -----------------------------------------------------------------------------------------------------------


def _actions(body: JsonObject) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield the standard actions of a resource: name, content, target."""
    listed = body.get("Actions")
    if not isinstance(listed, dict):
        return
    for key, content in listed.items():
        if not key.startswith("#") or not isinstance(content, dict):
            continue
        target = content.get("target", content.get("Target"))
        if isinstance(target, str) and target:
            yield key[1:], content, target


def _inline_choices(content: Mapping[str, Any]) -> dict[str, list[Json]]:
    suffix = "@Redfish.AllowableValues"
    return {
        key.removesuffix(suffix): values
        for key, values in content.items()
        if key.endswith(suffix) and isinstance(values, list)
    }


def _described_choices(info: JsonObject) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    for item in as_objects(info.get("Parameters")):
        name, values = item.get("Name"), item.get("AllowableValues")
        if isinstance(name, str) and isinstance(values, list):
            found[name] = values
    return found


def _choices_of_call(lever: Lever, choices: Mapping[str, Sequence[Json]], *, informed: bool) -> Iterator[Action]:
    """Yield the calls of one action that need no value but an allowable one."""

    def call(body: JsonObject) -> Action:
        return _request("POST", lever.target, body, lever.source, lever.source_type, lever.name)

    fact = facts().action(lever.name)
    if fact is None:
        return
    required = [name for name, parameter in fact.parameters.items() if parameter.required]
    offered = dict(choices)
    if informed and not offered:
        offered = {name: list(item.enum) for name, item in fact.parameters.items() if item.enum}
    if not required and not any(name in fact.parameters for name in offered):
        yield call({})
    for name, values in offered.items():
        if not set(required) - {name}:
            for value in list(values)[:MAX_CHOICES]:
                yield call({name: value})


# -- changes -----------------------------------------------------------------------------------------------------------


def _takes(body: JsonObject, kind: str, key: str) -> bool:
    """Tell whether a resource shows a property, or may hide it because it can only be written (a password)."""
    if key in body:
        return True
    fact = facts().property(kind, key)
    return fact is not None and fact.write_only


def _settings_of(body: JsonObject) -> str:
    annotation = body.get("@Redfish.Settings")
    link = annotation.get("SettingsObject") if isinstance(annotation, dict) else None
    uri = link.get("@odata.id") if isinstance(link, dict) else None
    return uri.rstrip("/") if isinstance(uri, str) else ""


def _choices(body: JsonObject, kind: str) -> Iterator[tuple[str, Json]]:
    """Yield each writable property that is shown, with each value that it may take instead of the present one."""
    for path, fact in facts().properties(kind).items():
        if not fact.writable or (fact.type != "boolean" and not fact.enum):
            continue
        holder, key = _locate(body, path)
        if holder is None or key not in holder:
            continue
        present = holder[key]
        allowed = holder.get(f"{key}@Redfish.AllowableValues")
        values: Iterable[Json] = allowed if isinstance(allowed, list) else (fact.enum or (True, False))
        for value in list(values)[:MAX_CHOICES]:
            if value != present:
                yield path, value


def _locate(body: JsonObject, path: str) -> tuple[JsonObject | None, str]:
    *parents, key = path.split("/")
    holder: Any = body
    for parent in parents:
        holder = as_object(holder).get(parent)
    return (cast("JsonObject", holder), key) if isinstance(holder, dict) else (None, key)


def _nested(path: str, value: Json) -> JsonObject:
    body: Any = value
    for key in reversed(path.split("/")):
        body = {key: body}
    return body  # type: ignore[no-any-return]


def _request(method: str, uri: str, body: JsonObject, source: str, source_type: str, relation: str) -> Action:
    return Action(Request(method, uri, body), source, source_type, relation, tuple(flatten(body)))


def flatten(body: JsonObject, prefix: str = "") -> Iterator[tuple[str, Json]]:
    """Yield a body's ``(property path, value)`` pairs; arrays and empty objects count as values."""
    for key, value in body.items():
        path = f"{prefix}/{key}" if prefix else key
        if isinstance(value, dict) and value:
            yield from flatten(value, path)
        else:
            yield path, value
