"""Volumes: create one from drives, delete one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import as_objects, as_texts, link_at, members_of, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals import raid
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_create, on_delete

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Volumes of a collection that example goals are about, and RAID types, at most.
MAX_EXAMPLES = 3


class VolumeFamily(GoalFamily):
    """Wants a new volume on some drives, or a volume gone."""

    family = "volume"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"create": ("raid",), "delete": ()}
    optional: ClassVar[Mapping[str, tuple[str, ...]]] = {"create": ("drives",)}
    about: ClassVar[tuple[str, ...]] = ("raid", "drives")
    #: A volume on drives that carry another one takes that one's deletion first.
    deletes: ClassVar[frozenset[str]] = frozenset({"create", "delete"})

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """Collections whose storage shows drives; volumes."""
        if verb == "create":
            return list(raid.stores(service))
        listed = (members_of(service.get(uri))[:MAX_EXAMPLES] for uri in service.of_type("VolumeCollection"))
        present = dict.fromkeys(uri for uris in listed for uri in uris)
        return [uri for uri in present if service.get(uri) is not None]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Volumes on the drives that are free, else on those that deleting volumes would free; each volume gone."""
        for collection, storage in raid.stores(service).items():
            drives = raid.obtainable_drives(service, storage)
            for kind in raid.supported(service, storage, len(drives))[:MAX_EXAMPLES]:
                chosen = drives[: raid.MINIMUM[kind]]
                arguments: dict[str, Any] = {"raid": kind, "drives": chosen}
                yield Goal(family=self.family, verb="create", target=collection, arguments=arguments)
        yield from super().goals(service)

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_create("Volume")
    def create(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Build a volume on the drives that were named, or on as many free ones as its RAID type needs."""
        storage = raid.stores(transaction).get(uri)
        if storage is None:
            raise Refusal("OperationNotAllowed", status=405)
        kind = payload.get("RAIDType", "None")
        if kind not in raid.supported(transaction, storage, len(raid.drives_of(transaction, storage))):
            raise Refusal("PropertyValueNotInList", str(kind), "RAIDType", related=["#/RAIDType"])
        drives = raid.choose(transaction, storage, kind, _named_drives(payload))
        capacity = raid.capacity(kind, [transaction.get(drive) or {} for drive in drives])
        asked = payload.get("CapacityBytes", capacity)
        if not isinstance(asked, int) or asked > capacity:
            raise Refusal("PropertyValueOutOfRange", str(asked), "CapacityBytes", related=["#/CapacityBytes"])
        links: list[Json] = [{"@odata.id": drive} for drive in drives]
        body = {
            "@odata.type": "#Volume.v1_10_0.Volume",
            "Name": f"Volume on {len(drives)} drives",
            "Status": {"State": "Enabled", "Health": "OK"},
            **payload,
            "RAIDType": kind,
            "CapacityBytes": asked,
            "Links": {"Drives": links, "Drives@odata.count": len(links)},
        }
        created = transaction.create(uri, body)
        for drive in drives:
            raid.attach(transaction, drive, created)

    @on_delete("Volume")
    def delete(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Free the volume's drives."""
        for storage in raid.stores(transaction).values():
            for drive in raid.drives_of(transaction, storage):
                raid.detach(transaction, drive, uri)

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The new volume's RAID type and drives, as far as they are given; no volume."""
        if goal.verb == "delete":
            return {"@odata.id": None}
        drives = as_texts(goal.arguments.get("drives"))
        return {"RAIDType": goal.arguments["raid"], **({"Links/Drives": sorted(drives)} if drives else {})}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """What a volume that was not there before shows, the wanted one first; the volume while it is there."""
        if goal.verb == "delete":
            return {"@odata.id": None if now.get(goal.target) is None else goal.target}
        wanted = self.wanted(goal)
        old = set(members_of(before.get(goal.target)))
        new = [uri for uri in members_of(now.get(goal.target)) if uri not in old]
        seen = [_shown(now.get(uri), wanted) for uri in new]
        return next((one for one in seen if one == wanted), seen[0] if seen else dict.fromkeys(wanted))

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The volume as a POST."""
        if goal.verb == "delete":
            return {}
        drives: list[Json] = [{"@odata.id": uri} for uri in as_texts(goal.arguments.get("drives"))]
        body: dict[str, Json] = {"RAIDType": goal.arguments["raid"]}
        return {"create Volume": [{**body, "Links": {"Drives": drives}} if drives else body]}


def _named_drives(payload: Mapping[str, Any]) -> list[str]:
    return [link_at({"": item}, "") for item in as_objects(value_at(payload, "Links/Drives"))]


def _shown(body: JsonObject | None, wanted: Mapping[str, Json]) -> dict[str, Json]:
    drives = sorted(_named_drives(body or {}))
    seen: dict[str, Json] = {"RAIDType": (body or {}).get("RAIDType"), "Links/Drives": drives}
    return {key: seen[key] for key in wanted}
