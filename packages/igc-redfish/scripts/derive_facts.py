"""Derive the table of facts from DMTF's schemas and message registries.

    python packages/igc-redfish/scripts/derive_facts.py ../shared/schemas

The schema files stay where they are; what the simulator needs of them is written to ``igc_redfish/data``: for each
type its properties (type, writability, enumeration, bounds), for each action its parameters, for each resource type
what may be done to it, and the texts of four registries. Versions of a type are united; the newest wins.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ARCHIVE = "redfish-csdl-2025.4.tar.xz"
REGISTRIES = ("Base.1.22.1.json", "Update.1.3.0.json", "TaskEvent.1.0.5.json", "ResourceEvent.1.4.3.json")
OUTPUT = Path(__file__).parents[1] / "src" / "igc_redfish" / "data" / "facts.json.gz"

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
PRIMITIVES = {
    "Edm.Boolean": "boolean",
    "Edm.Int64": "integer",
    "Edm.Decimal": "number",
    "Edm.String": "string",
    "Edm.DateTimeOffset": "string",
    "Edm.Duration": "string",
    "Edm.Guid": "string",
}
OBJECTS = {f"{EDM}EntityType", f"{EDM}ComplexType"}
SCALARS = {f"{EDM}EnumType", f"{EDM}TypeDefinition"}
CAPABILITIES = {
    "InsertRestrictions": "Insertable",
    "UpdateRestrictions": "Updatable",
    "DeleteRestrictions": "Deletable",
}
BOUNDS = {"Validation.Minimum": "minimum", "Validation.Maximum": "maximum"}


def main(folder: str) -> None:
    """Write the table of facts."""
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_bytes(pack(derive(Path(folder))))
    print(f"{OUTPUT}: {OUTPUT.stat().st_size} bytes")


def pack(table: dict[str, Any]) -> bytes:
    """Compress a table; equal tables give equal bytes."""
    text = json.dumps(table, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def derive(folder: Path) -> dict[str, Any]:
    """Build the table from a folder with the archive of schemas and the registries."""
    schemas = sorted(_schemas(folder / ARCHIVE), key=lambda schema: _version(schema.get("Namespace", "")))
    known = {key: element for schema in schemas for key, element in _definitions(schema)}
    table: dict[str, Any] = {"types": {}, "enums": {}, "actions": {}, "capabilities": {}}
    for schema in schemas:
        for key, element in _definitions(schema):
            if element.tag in OBJECTS:
                _add_type(table, key, element, known)
            elif members := _members(element):
                listed = table["enums"].setdefault(key, [])
                listed += [name for name in members if name not in listed]
        for action in schema.iter(f"{EDM}Action"):
            name = f"{_prefix(schema.get('Namespace', ''))}.{action.get('Name')}"
            table["actions"].setdefault(name, {}).update(_parameters(action, known))
    for fact in _all_facts(table):
        if fact.get("enum") not in table["enums"]:  # a definition without members is a plain text
            fact.pop("enum", None)
    table["messages"] = dict(_messages(folder / name) for name in REGISTRIES)
    return table


def _schemas(archive: Path) -> Iterator[ET.Element]:
    with tarfile.open(archive) as bundle:
        for member in sorted(bundle.getmembers(), key=lambda member: member.name):
            file = bundle.extractfile(member) if member.name.endswith(".xml") else None
            if file is not None:
                yield from ET.parse(file).iter(f"{EDM}Schema")  # noqa: S314 - DMTF's own files


def _definitions(schema: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    prefix = _prefix(schema.get("Namespace", ""))
    for element in schema:
        if element.tag in OBJECTS or element.tag in SCALARS:
            yield f"{prefix}.{element.get('Name')}", element


def _add_type(table: dict[str, Any], key: str, element: ET.Element, known: Mapping[str, ET.Element]) -> None:
    entry = table["types"].setdefault(key, {"properties": {}})
    base = _key(element.get("BaseType", ""))
    if base not in {"", key}:
        entry["base"] = base
    notes = _annotations(element)
    if _is_open(notes):
        entry["open"] = True
    for child in element:
        if child.tag in {f"{EDM}Property", f"{EDM}NavigationProperty"}:
            entry["properties"][child.get("Name")] = _property(child, known)
    found = [_capability(notes.get(f"Capabilities.{term}"), name) for term, name in CAPABILITIES.items()]
    if any(flag is not None for flag in found):
        table["capabilities"][key.partition(".")[0]] = [bool(flag) for flag in found]


def _property(element: ET.Element, known: Mapping[str, ET.Element]) -> dict[str, Any]:
    notes = _annotations(element)
    linked = element.tag.endswith("NavigationProperty")
    inline = "OData.AutoExpand" in notes or "Redfish.ExcerptCopy" in notes
    fact = _typed(element, known, linked=linked and not inline)
    permission = notes["OData.Permissions"].get("EnumMember", "") if "OData.Permissions" in notes else ""
    if permission:
        fact["writable"] = permission.endswith("Write")
    if permission.endswith("/Write"):
        fact["write_only"] = True
    if "Redfish.ExcerptCopy" in notes:
        fact["copy"] = True
    for term, name in (("Required", "required"), ("RequiredOnCreate", "required_on_create"), ("Excerpt", "excerpt")):
        if f"Redfish.{term}" in notes:
            fact[name] = True
    return fact


def _parameters(action: ET.Element, known: Mapping[str, ET.Element]) -> dict[str, Any]:
    """Describe an action's parameters; the first is the resource that it is bound to."""
    found: dict[str, Any] = {}
    for element in action.findall(f"{EDM}Parameter")[1:]:
        definition = known.get(_key(re.sub(r"Collection\((.*)\)", r"\1", element.get("Type", ""))))
        linked = definition is not None and definition.tag.endswith("EntityType")
        fact = _typed(element, known, linked=linked)
        if element.get("Nullable") == "false":
            fact["required"] = True
        found[element.get("Name", "")] = fact
    return found


def _typed(element: ET.Element, known: Mapping[str, ET.Element], *, linked: bool) -> dict[str, Any]:
    declared = element.get("Type", "")
    inner = re.fullmatch(r"Collection\((.*)\)", declared)
    fact = {**_value_type(inner[1] if inner else declared, known, linked=linked), **_limits(element)}
    if inner:
        fact["item"] = fact["type"]
        fact["type"] = "array"
    if element.get("Nullable") == "false":
        fact["nullable"] = False
    return fact


def _value_type(declared: str, known: Mapping[str, ET.Element], *, linked: bool) -> dict[str, Any]:
    if declared in PRIMITIVES:
        return {"type": PRIMITIVES[declared]}
    key = _key(declared)
    if linked:
        return {"type": "link", "of": key.partition(".")[0]}
    definition = known.get(key)
    if definition is None:
        return {"type": "any"}
    if definition.tag in OBJECTS:
        return {"type": "object", "of": key}
    fact = {"type": PRIMITIVES[definition.get("UnderlyingType", "Edm.String")], **_limits(definition)}
    return {**fact, "enum": key} if fact["type"] == "string" else fact


def _limits(element: ET.Element) -> dict[str, Any]:
    notes = _annotations(element)
    texts = {
        name: notes[term].get("Int") or notes[term].get("Decimal") for term, name in BOUNDS.items() if term in notes
    }
    limits: dict[str, Any] = {name: float(text) if "." in text else int(text) for name, text in texts.items() if text}
    if "Validation.Pattern" in notes:
        limits["pattern"] = notes["Validation.Pattern"].get("String")
    return limits


def _members(element: ET.Element) -> list[str]:
    """List an enumeration's members, declared or annotated (``Redfish.Enumeration``)."""
    declared = [member.get("Name", "") for member in element.findall(f"{EDM}Member")]
    note = _annotations(element).get("Redfish.Enumeration")
    records = note.iter(f"{EDM}PropertyValue") if note is not None else ()
    return declared + [value.get("String", "") for value in records if value.get("Property") == "Member"]


def _annotations(element: ET.Element) -> dict[str, ET.Element]:
    return {note.get("Term", ""): note for note in element.findall(f"{EDM}Annotation")}


def _is_open(notes: dict[str, ET.Element]) -> bool:
    more = notes.get("OData.AdditionalProperties")
    return "Redfish.DynamicPropertyPatterns" in notes or (more is not None and more.get("Bool", "true") == "true")


def _capability(note: ET.Element | None, name: str) -> bool | None:
    if note is None:
        return None
    return any(
        value.get("Property") == name and value.get("Bool") == "true" for value in note.iter(f"{EDM}PropertyValue")
    )


def _all_facts(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in table["types"].values():
        yield from entry["properties"].values()
    for parameters in table["actions"].values():
        yield from parameters.values()


def _messages(path: Path) -> tuple[str, dict[str, Any]]:
    registry = json.loads(path.read_text())
    version = ".".join(registry["RegistryVersion"].split(".")[:2])
    messages = {
        key: [entry["Message"], entry["MessageSeverity"], entry["Resolution"], entry["NumberOfArgs"]]
        for key, entry in registry["Messages"].items()
    }
    return registry["RegistryPrefix"], {"version": version, "messages": messages}


def _prefix(namespace: str) -> str:
    return namespace.partition(".")[0]


def _key(name: str) -> str:
    """Drop the version: ``ComputerSystem.v1_0_0.Boot`` is ``ComputerSystem.Boot``."""
    prefix, _, rest = name.partition(".")
    return f"{prefix}.{rest.rpartition('.')[2]}" if rest else ""


def _version(namespace: str) -> tuple[str, tuple[int, ...]]:
    prefix, _, version = namespace.partition(".")
    return prefix, tuple(int(number) for number in re.findall(r"\d+", version))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "../shared/schemas")
