"""What DMTF's schemas and registries say: types, writability, enumerations, parameters and message texts.

The table is derived by ``scripts/derive_facts.py``; it unites all versions of a type, the newest winning.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class PropertyFact:
    """What a schema says of one property.

    Attributes:
        type: ``string``, ``boolean``, ``integer``, ``number``, ``object``, ``array``, ``link`` or ``any``.
        item: Type of an array's elements, else ``""``.
        writable: Whether a PATCH may set it; an object or array of objects is writable where some member is; what a
            maker keeps under ``Oem`` is not counted.
        write_only: Whether no answer shows its value (passwords).
        enum: The values that a string may take; empty where it is free.
        nullable: Whether it may be null.
        required: Whether every resource of the type has it.
        required_on_create: Whether a POST must give it.
        minimum: Least value of a number.
        maximum: Greatest value of a number.
        pattern: Regular expression that a string must match.
        open: Whether an object may have members that the schema does not name (BIOS attributes, OEM).
        excerpt: Whether ``excerpt`` keeps it.
        target: Type that a link leads to.
    """

    type: str
    item: str = ""
    writable: bool = False
    write_only: bool = False
    enum: tuple[str, ...] = ()
    nullable: bool = True
    required: bool = False
    required_on_create: bool = False
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    open: bool = False
    excerpt: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True)
class ParameterFact:
    """What a schema says of one parameter of an action; see :class:`PropertyFact`."""

    type: str
    item: str = ""
    required: bool = False
    enum: tuple[str, ...] = ()
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class ActionFact:
    """What a schema says of one action."""

    parameters: Mapping[str, ParameterFact] = field(default_factory=dict[str, ParameterFact])


@dataclass(frozen=True, slots=True)
class MessageFact:
    """One message of a registry; ``%1`` in the template stands for the first argument."""

    id: str
    template: str
    severity: str
    resolution: str
    n_args: int


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where in a type's description we are: within which types, read-only or not, in a copied excerpt or not."""

    ancestors: tuple[str, ...] = ()
    frozen: bool = False
    excerpt: bool = False


class Facts:
    """The table, opened lazily type by type."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._table = table
        self._properties: dict[str, Mapping[str, PropertyFact]] = {}
        self._actions: dict[str, ActionFact | None] = {}

    @cached_property
    def types(self) -> tuple[str, ...]:
        """Names of the resource types."""
        return tuple(sorted(self._table["capabilities"]))

    @cached_property
    def collections(self) -> Mapping[str, str]:
        """The member type of each collection type."""
        found: dict[str, str] = {}
        for name in self.types:
            members = self.property(name, "Members") if name.endswith("Collection") else None
            if members is not None:
                found[name] = members.target or name.removesuffix("Collection")
        return found

    def knows(self, type_name: str) -> bool:
        """Tell whether the schemas describe a type."""
        return f"{type_name}.{type_name}" in self._table["types"]

    def properties(self, type_name: str) -> Mapping[str, PropertyFact]:
        """Describe a type's properties by path, ``"Boot/BootSourceOverrideTarget"``; empty for an unknown type.

        The members of an array's elements have the array's path, without an index.
        """
        found = self._properties.get(type_name)
        if found is None:
            flat: dict[str, PropertyFact] = {}
            self._flatten(f"{type_name}.{type_name}", "", flat, _Scope())
            found = self._properties[type_name] = flat
        return found

    def property(self, type_name: str, path: str) -> PropertyFact | None:
        """Describe one property of a type, or None where the schemas do not know it."""
        return self.properties(type_name).get(path)

    def action(self, name: str) -> ActionFact | None:
        """Describe an action, ``"ComputerSystem.Reset"``, or None where the schemas do not know it."""
        if name not in self._actions:
            entry = self._table["actions"].get(name)
            self._actions[name] = (
                None if entry is None else ActionFact({key: self._parameter(fact) for key, fact in entry.items()})
            )
        return self._actions[name]

    def capabilities(self, type_name: str) -> tuple[bool, bool, bool]:
        """Tell whether a type is insertable, updatable and deletable; all true for an unknown type."""
        insertable, updatable, deletable = self._table["capabilities"].get(type_name, (True, True, True))
        return insertable, updatable, deletable

    def member_type(self, type_name: str) -> str:
        """Name the type of a collection's members, ``"ManagerAccount"``; ``""`` where it is no collection."""
        return self.collections.get(type_name) or (
            type_name.removesuffix("Collection") if type_name.endswith("Collection") else ""
        )

    def message(self, registry: str, key: str) -> MessageFact:
        """Return a message of the ``Base``, ``Update``, ``TaskEvent`` or ``ResourceEvent`` registry.

        Raises:
            KeyError: There is no such message.
        """
        entry = self._table["messages"][registry]
        template, severity, resolution, n_args = entry["messages"][key]
        return MessageFact(f"{registry}.{entry['version']}.{key}", template, severity, resolution, n_args)

    def _parameter(self, raw: Mapping[str, Any]) -> ParameterFact:
        required = raw.get("required", False)
        return ParameterFact(type=raw["type"], item=raw.get("item", ""), required=required, **self._limits(raw))

    def _flatten(self, key: str, prefix: str, flat: dict[str, PropertyFact], scope: _Scope) -> bool:
        """Add the properties of a type below a path; tell whether any of them can be written."""
        entry = self._table["types"].get(key)
        if entry is None or key in scope.ancestors:
            return False
        inner = replace(scope, ancestors=(*scope.ancestors, key))
        base = entry.get("base", "")
        writable = bool(base) and self._flatten(base, prefix, flat, inner)
        for name, raw in entry["properties"].items():
            if raw.get("excerpt") or not scope.excerpt:
                fact = flat[prefix + name] = self._fact(raw, prefix + name, flat, inner)
                writable |= fact.writable
        return writable

    def _fact(self, raw: Mapping[str, Any], path: str, flat: dict[str, PropertyFact], scope: _Scope) -> PropertyFact:
        of = raw.get("of", "")
        nested = "object" in {raw["type"], raw.get("item")}
        is_open = nested and self._is_open(of)
        stated = raw.get("writable")
        writable = not scope.frozen and bool(is_open if stated is None else stated) and path.rpartition("/")[2] != "Oem"
        if nested:
            copied = bool(raw.get("copy"))
            frozen = scope.frozen or (copied and not stated)
            below = self._flatten(of, f"{path}/", flat, _Scope(scope.ancestors, frozen, scope.excerpt or copied))
            writable |= below
        return PropertyFact(
            type=raw["type"],
            item=raw.get("item", ""),
            writable=writable,
            write_only=raw.get("write_only", False),
            required=raw.get("required", False),
            required_on_create=raw.get("required_on_create", False),
            open=is_open,
            excerpt=raw.get("excerpt", False),
            target="" if nested else of,
            **self._limits(raw),
        )

    def _limits(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "enum": tuple(self._table["enums"].get(raw.get("enum"), ())),
            "nullable": raw.get("nullable", True),
            "minimum": raw.get("minimum"),
            "maximum": raw.get("maximum"),
            "pattern": raw.get("pattern"),
        }

    def _is_open(self, key: str) -> bool:
        entry = self._table["types"].get(key, {})
        return bool(entry.get("open")) or ("base" in entry and self._is_open(entry["base"]))


@cache
def facts() -> Facts:
    """Return the table that comes with the package."""
    packed = files("igc_redfish").joinpath("data", "facts.json.gz").read_bytes()
    return Facts(orjson.loads(gzip.decompress(packed)))
