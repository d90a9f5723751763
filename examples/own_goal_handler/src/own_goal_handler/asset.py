"""Goals about asset tags: ``asset tag text=R7-U12``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_core.models import Goal
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

TYPES, LONGEST = ("ComputerSystem", "Chassis"), 32


class AssetFamily(GoalFamily):
    """A system or a chassis bears an asset tag."""

    family = "asset"
    verbs = {"tag": ("text",)}  # noqa: RUF012 - the base class declares it

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002 - there is one verb
        """List the resources that show a tag."""
        return [uri for kind in TYPES for uri in service.of_type(kind) if "AssetTag" in (service.get(uri) or {})]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate an example tag for each."""
        for uri in self.targets("tag", service):
            yield Goal(family=self.family, verb="tag", target=uri, arguments={"text": "R7-U12"})

    @on_patch(*TYPES)
    def label(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Refuse a tag that fits no label, log one that does; the service itself writes the property."""
        tag = payload.get("AssetTag")
        if isinstance(tag, str) and len(tag) > LONGEST:
            raise Refusal("StringValueTooLong", tag, str(LONGEST), related=["#/AssetTag"])
        if tag is not None:
            transaction.emit("log", uri, {"Message": f"{uri} was labelled {tag!r}.", "Severity": "OK"})

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the tag."""
        return {"AssetTag": goal.arguments["text"]}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002 - a state
        """Read the tag."""
        return {"AssetTag": (now.get(goal.target) or {}).get("AssetTag")}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """Carry the tag in a PATCH."""
        return {f"patch {kind}": [{"AssetTag": goal.arguments["text"]}] for kind in TYPES}
