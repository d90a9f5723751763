"""Virtual media: insert an image, eject it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from igc_core.models import Goal
from igc_redfish.bodies import action_target, as_object, as_objects, as_texts, has, scheme_of, value_at
from igc_redfish.facts import facts
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_action, on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

INSERT, EJECT = "VirtualMedia.InsertMedia", "VirtualMedia.EjectMedia"
#: Protocols by which a service may fetch an image (``TransferProtocolType``).
SCHEMES = ("http", "https", "nfs", "cifs", "smb", "ftp", "sftp", "scp", "tftp")
#: Example images for drives of discs, and for all others.
DISC, STICK = "http://192.0.2.10/images/tools.iso", "http://192.0.2.10/images/tools.img"


class MediaFamily(GoalFamily):
    """Wants an image in a virtual drive, or none."""

    family = "media"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"insert": ("image",), "eject": ()}
    made_up: ClassVar[Mapping[str, str]] = {"image": "url"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """Drives that offer the action, or that show what a PATCH may change."""
        bodies = ((uri, service.get(uri) or {}) for uri in service.of_type("VirtualMedia"))
        if verb == "eject":
            return [uri for uri, body in bodies if action_target(body, EJECT) or _is_patched(body)]
        return [uri for uri, body in bodies if _takes_images(service, body) or _is_patched(body)]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """An image that suits each drive, and each drive empty."""
        for uri in self.targets("insert", service):
            kinds = as_texts((service.get(uri) or {}).get("MediaTypes"))
            image = DISC if not kinds or {"CD", "DVD"} & set(kinds) else STICK
            yield Goal(family=self.family, verb="insert", target=uri, arguments={"image": image})
        yield from super().goals(service)

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_action(INSERT)
    def insert(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Insert an image."""
        image = payload.get("Image")
        if not isinstance(image, str) or scheme_of(image) not in SCHEMES:
            raise Refusal("ActionParameterValueFormatError", str(image), "Image", INSERT, related=["#/Image"])
        if transaction.profile.media_protocol_required and "TransferProtocolType" not in payload:
            raise Refusal("ActionParameterMissing", INSERT, "TransferProtocolType", related=["#/TransferProtocolType"])
        _insert(transaction, uri, image, payload)

    @on_action(EJECT)
    def eject(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Eject whatever is inserted."""
        _eject(transaction, uri)

    @on_patch("VirtualMedia")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Insert or eject by PATCH, where no action is offered for it (DSP2046, VirtualMedia, ``Image``)."""
        if not {"Image", "Inserted"} & payload.keys():
            return
        if not _is_patched(transaction.get(uri) or {}):
            raise Refusal("PropertyNotWritable", "Image", related=["#/Image"])
        image, inserted = payload.pop("Image", None), payload.pop("Inserted", None)
        if image is None and inserted is not True:
            _eject(transaction, uri)
            return
        if not isinstance(image, str) or scheme_of(image) not in SCHEMES:
            raise Refusal("PropertyValueFormatError", str(image), "Image", related=["#/Image"])
        _insert(transaction, uri, image, {**payload, "Inserted": inserted is not False})

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Empty the drive, or fill it."""
        if goal.verb == "insert":
            _eject(transaction, goal.target)
        else:
            _insert(transaction, goal.target, DISC, {})

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The image and whether it is inserted; an ejected one may stay listed."""
        return {"Image": goal.arguments["image"], "Inserted": True} if goal.verb == "insert" else {"Inserted": False}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """What the drive shows."""
        body = now.get(goal.target) or {}
        seen: dict[str, Json] = {"Image": body.get("Image"), "Inserted": body.get("Inserted", bool(body.get("Image")))}
        return {key: seen[key] for key in self.wanted(goal)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The action, with and without the protocol that some services demand; a PATCH where there is no action."""
        emptied: JsonObject = {"Image": None, "Inserted": False}
        if goal.verb == "eject":
            return {f"action {EJECT}": [{}], "patch VirtualMedia": [emptied]}
        image = goal.arguments["image"]
        protocol = scheme_of(image).upper()
        return {
            f"action {EJECT}": [{}],
            f"action {INSERT}": [{"Image": image}, {"Image": image, "TransferProtocolType": protocol}],
            "patch VirtualMedia": [{"Image": image, "Inserted": True}, emptied],
        }


def _takes_images(service: Survey, body: JsonObject) -> bool:
    """Tell whether a drive offers the action, and demands no parameter that the schema does not know."""
    offer = as_object(value_at(body, f"Actions/#{INSERT}"))
    info = offer.get("@Redfish.ActionInfo")
    listed = as_objects(value_at(service.get(info), "Parameters")) if isinstance(info, str) else []
    known = facts().action(INSERT)
    needed = [item.get("Name") for item in listed if item.get("Required") is True]
    return bool(action_target(body, INSERT)) and known is not None and all(name in known.parameters for name in needed)


def _is_patched(body: JsonObject) -> bool:
    """Tell whether media are inserted by PATCH: no action is offered, and the properties are shown."""
    return not action_target(body, INSERT) and not action_target(body, EJECT) and has(body, "Image")


def _insert(transaction: Transaction, uri: str, image: str, values: Mapping[str, Any]) -> None:
    body = transaction.get(uri) or {}
    if body.get("Inserted") is True and body.get("Image") == image:
        return
    if body.get("Inserted") is True and not transaction.profile.media_replace:
        raise Refusal("ResourceInUse", status=409)
    change: dict[str, Json] = {
        "Image": image,
        "ImageName": posixpath.basename(urlsplit(image).path),
        "Inserted": values.get("Inserted") is not False,
        "ConnectedVia": "URI",
        "WriteProtected": values.get("WriteProtected") is not False,
    }
    if "TransferProtocolType" in body or "TransferProtocolType" in values:
        change["TransferProtocolType"] = values.get("TransferProtocolType") or scheme_of(image).upper()
    transaction.merge(uri, change)


def _eject(transaction: Transaction, uri: str) -> None:
    body = transaction.get(uri) or {}
    if "Image" not in body and body.get("Inserted") is not True:
        return
    emptied: dict[str, Json] = {"Inserted": False, "ConnectedVia": "NotConnected"}
    if not transaction.profile.media_keeps_image:
        emptied |= {"Image": None, "ImageName": None}
    transaction.merge(uri, emptied)
