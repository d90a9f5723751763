"""Goals about BIOS attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.bodies import as_object, link_at, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals.attributes import complaints, describe, find_registry, shaped, shown_value, with_value
from igc_redfish.goals.staging import SETTINGS, BiosStaging

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.goals.choices import Catalogue
    from igc_redfish.service.transaction import Transaction

_SINGLES, _TOGETHER = 5, 3


class BiosFamily(BiosStaging, GoalFamily):
    """The BIOS runs with certain values; a change is staged and takes force at the next boot.

    The target is the BIOS resource whose current attributes count. Where it names a settings object, changes go there;
    else they go to the resource itself, which shows them after the boot.
    """

    family = "bios"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"set": ("attributes",)}
    requires: ClassVar[tuple[str, ...]] = ("power",)
    loses: ClassVar[frozenset[str]] = frozenset({"action Bios.ResetBios"})

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002 - there is one verb
        """List the BIOS resources that show attributes and whose settings can be reached."""
        bodies = {uri: service.get(uri) for uri in service.of_type("Bios")}
        staged = {link_at(body, SETTINGS).casefold() for body in bodies.values()}
        return [
            uri
            for uri, body in bodies.items()
            if uri.casefold() not in staged
            and as_object(value_at(body, "Attributes"))
            and (not link_at(body, SETTINGS) or service.get(link_at(body, SETTINGS)) is not None)
        ]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate up to five attributes of each BIOS, and one goal that changes three of them."""
        for uri in self.targets("set", service):
            changes = list(_examples(service, service.get(uri) or {}))
            bundles = [dict([change]) for change in changes]
            if len(changes) > 1:
                bundles.append(dict(changes[:_TOGETHER]))
            for bundle in bundles:
                arguments: dict[str, Any] = {"attributes": bundle}
                yield Goal(family=self.family, verb="set", target=uri, arguments=arguments)

    def askable(self, service: Survey) -> Iterable[Goal]:
        """Enumerate every value of every attribute that lists its values."""
        for uri in self.targets("set", service):
            for name, value in _choices(service, service.get(uri) or {}):
                arguments: dict[str, Any] = {"attributes": {name: value}}
                yield Goal(family=self.family, verb="set", target=uri, arguments=arguments)

    def named(self, goal: Goal) -> Mapping[str, str]:
        """Name one attribute and its value."""
        (name, value), *_ = _attributes(goal).items()
        return {"attribute": name, "value": str(shown_value(value))}

    def called(self, service: Survey) -> Mapping[str, Mapping[str, str]]:
        """Return the names that registries of attributes display."""
        registries = [find_registry(service, service.get(uri) or {}) for uri in self.targets("set", service)]
        entries = [item for registry in registries for item in registry.entries.items()]
        shown = {name: entry.get("DisplayName") for name, entry in entries}
        return {"attribute": {name: text for name, text in shown.items() if text and isinstance(text, str)}}

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the target, and insist on attributes and values that it knows."""
        bound = super().bind(goal, service)
        bios = service.get(bound.target) or {}
        registry = find_registry(service, bios)
        current = as_object(bios.get("Attributes"))
        asked = {name: shown_value(value) for name, value in _attributes(bound).items()}
        wrong = list(complaints(bios, registry, asked))
        if wrong:
            told = "; ".join(f"{item.key} ({', '.join(item.arguments)})" for item in wrong)
            names = ", ".join(list(current)[:8])
            problem = f"{bound.target} cannot have these attributes: {told}"
            raise GoalError(problem, code="goal-not-expressible", hint=f"it has, among others, {names}")
        attributes = {name: shaped(current[name], value) for name, value in asked.items()}
        return bound.model_copy(update={"arguments": {**bound.arguments, "attributes": attributes}})

    def parse(self, text: str) -> Goal | None:
        """Read a goal: ``bios set Name=value ...``, or all at once as ``attributes={"Name": value, ...}``."""
        goal = super().parse(text)
        if goal is not None and not (isinstance(goal.arguments["attributes"], dict) and goal.arguments["attributes"]):
            hint = """expected: bios set attributes='{"Name": "value"}' [target]"""
            raise GoalError("a goal's BIOS attributes are a JSON object", code="goal-unreadable", hint=hint)
        return goal

    def _from_words(self, words: Sequence[str]) -> Goal:
        pairs = [word for word in words[1:] if "=" in word and not word.startswith(("/", "attributes="))]
        if pairs and not any(word.startswith("attributes=") for word in words):
            parted = (word.partition("=") for word in pairs)
            given = {name: self._read_argument("set", "name", value) for name, _, value in parted}
            rest = [word for word in words if word not in pairs]
            words = [*rest, f"attributes={orjson.dumps(given).decode()}"]
        return super()._from_words(words)

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the current values."""
        return {f"Attributes/{'/'.join(keys)}": value for keys, value in _values(_attributes(goal))}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002 - a state
        """Read the current values."""
        current = as_object(value_at(now.get(goal.target), "Attributes"))
        asked = _values(_attributes(goal))
        return {f"Attributes/{'/'.join(keys)}": _deep(current, keys) for keys, _ in asked}

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Give each attribute another value."""
        bios = transaction.edit(goal.target)
        registry = self.registry(transaction, goal.target)
        for name in _attributes(goal):
            shown = bios["Attributes"].get(name)
            other = describe(name, shown, registry.entries.get(name)).alternative(shown_value(shown))
            if other is not None:
                bios["Attributes"][name] = with_value(shown, other)

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """All values together, and each alone."""
        wanted = _attributes(goal)
        alone: list[JsonObject] = [{"Attributes": {name: value}} for name, value in wanted.items()]
        bodies = alone if len(alone) == 1 else [{"Attributes": dict(wanted)}, *alone]
        return {"patch Bios": bodies}


def _attributes(goal: Goal) -> Mapping[str, Json]:
    return as_object(goal.arguments.get("attributes"))


def _values(attributes: Mapping[str, Json]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Yield each value with the keys that lead to it; a name may hold a slash, so they are kept apart."""
    for name, value in attributes.items():
        if isinstance(value, dict):
            yield from (((name, *keys), item) for keys, item in _values(value))
        else:
            yield (name,), value


def _deep(holder: Json, keys: tuple[str, ...]) -> Json:
    for key in keys:
        holder = holder.get(key) if isinstance(holder, dict) else None
    return holder


def _choices(service: Catalogue, bios: JsonObject) -> Iterator[tuple[str, Json]]:
    """Yield every value that an attribute may be given, of those that list their values or are switches."""
    registry = find_registry(service, bios)
    for name, shown in sorted(as_object(bios.get("Attributes")).items()):
        attribute = describe(name, shown, registry.entries.get(name))
        other = attribute.alternative(shown_value(shown))
        switch = () if other is None or attribute.kind == "Integer" else (shown_value(shown), other)
        yield from ((name, shaped(shown, value)) for value in attribute.choices or switch if attribute.writable)


def _examples(service: Catalogue, bios: JsonObject) -> Iterator[tuple[str, Json]]:
    """Yield up to five attributes, spread over the names, each with a value other than its present one."""
    registry = find_registry(service, bios)
    found: list[tuple[str, Json]] = []
    for name, shown in sorted(as_object(bios.get("Attributes")).items()):
        entry = registry.entries.get(name)
        attribute = describe(name, shown, entry)
        other = attribute.alternative(shown_value(shown))
        if other is not None and name not in registry.governed and not (entry or {}).get("Hidden"):
            found.append((name, shaped(shown, other)))
    yield from found[:: max(1, len(found) // _SINGLES)][:_SINGLES]
