"""Goals about firmware versions, and the updates of every simulated host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.bodies import action_target, as_texts, link_at, members_of, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals.images import component_of, file_name, name_image, next_version, read_image
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_action, on_event
from igc_redfish.service.tasks import start_task

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject, Response
    from igc_redfish.goals.choices import Catalogue
    from igc_redfish.service.transaction import Transaction

_UPDATE = "UpdateService.SimpleUpdate"
_INSTALLED = "firmware-installed"
_EXAMPLES = 4
#: Where else the version of a component may stand.
_COPIES = (("ComputerSystem", "BiosVersion"), ("Manager", "FirmwareVersion"))


class FirmwareFamily(GoalFamily):
    """A component runs the version of an image.

    The target is the update service. ``component`` (an inventory URI or id) may be left out: the image's name tells.
    Services that only take an image's bytes (``HttpPushUri``, ``MultipartHttpPushUri``) are left aside: a JSON body
    cannot carry them.
    """

    family = "firmware"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"update": ("image",)}
    made_up: ClassVar[Mapping[str, str]] = {"image": "url"}
    optional: ClassVar[Mapping[str, tuple[str, ...]]] = {"update": ("component",)}
    about: ClassVar[tuple[str, ...]] = ("component",)

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002 - there is one verb
        """List the update services that fetch images and keep an inventory."""
        return [
            uri
            for uri in service.of_type("UpdateService")
            if action_target(service.get(uri), _UPDATE) and updateable(service, uri)
        ]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enumerate the next version of up to four components, spread over the inventory."""
        for uri in self.targets("update", service):
            inventory = list(updateable(service, uri).items())
            for component, body in inventory[:: max(1, len(inventory) // _EXAMPLES)][:_EXAMPLES]:
                image = name_image(component.rpartition("/")[2], next_version(str(body.get("Version"))))
                arguments: dict[str, Any] = {"image": image, "component": component}
                yield Goal(family=self.family, verb="update", target=uri, arguments=arguments)

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the target and the component."""
        bound = super().bind(goal, service)
        image, inventory = str(goal.arguments["image"]), updateable(service, bound.target)
        if not read_image(image)[1]:
            problem = f"the image's name {file_name(image)!r} carries no version"
            raise GoalError(problem, code="goal-not-expressible", hint="name it like bios-2.4.1.bin")
        named = str(goal.arguments.get("component", "")).rstrip("/").casefold()
        fitting = [uri for uri in inventory if named in {uri.casefold(), uri.rpartition("/")[2].casefold()}]
        component = (fitting[0] if fitting else "") if named else component_of(image, inventory)
        if not component:
            problem = f"no component of {bound.target} fits {named or file_name(image)!r}"
            ids = ", ".join(uri.rpartition("/")[2] for uri in list(inventory)[:8])
            raise GoalError(problem, code="goal-not-expressible", hint=f"give component=, one of: {ids}")
        return bound.model_copy(update={"arguments": {**goal.arguments, "component": component}})

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Ask for the version that the image's name carries."""
        return {"Version": read_image(str(goal.arguments["image"]))[1]}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002 - a state
        """Read the component's version."""
        return {"Version": value_at(now.get(str(goal.arguments.get("component"))), "Version")}

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Have an older version installed."""
        component = str(goal.arguments["component"])
        transaction.set(component, "Version", "0.0.1")

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The image alone, with its component, and with the protocol that some services demand."""
        image = str(goal.arguments["image"])
        full: JsonObject = {"ImageURI": image, "Targets": [goal.arguments.get("component", "")]}
        protocol = image.partition("://")[0].upper()
        return {f"action {_UPDATE}": [full, {**full, "TransferProtocol": protocol}, {"ImageURI": image}]}

    # -- updating ------------------------------------------------------------------------------------------------------

    @on_action(_UPDATE)
    def update(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response:
        """Start a task that fetches and installs an image."""
        image, inventory = str(payload.get("ImageURI", "")), updateable(transaction, uri)
        if "://" not in image and "TransferProtocol" not in payload:
            raise Refusal("ActionParameterValueFormatError", image, "ImageURI", _UPDATE)
        known = {component.casefold() for component in inventory}
        components = [target.rstrip("/") for target in as_texts(payload.get("Targets"))]
        for component in components:
            if component.casefold() not in known:
                raise Refusal("ActionParameterValueNotInList", component, "Targets", _UPDATE)
        if float(transaction.recall(f"updating:{uri}", 0.0)) > transaction.world.clock_s:
            raise Refusal("ResourceInUse", status=409)
        duration_s = transaction.profile.delays.update_s
        transaction.remember(f"updating:{uri}", transaction.world.clock_s + duration_s)
        effect: dict[str, Any] = {"image": image, "components": components or [component_of(image, inventory)]}
        return start_task(
            transaction, name="Firmware update", duration_s=duration_s, effect=_INSTALLED, uri=uri, payload=effect
        )

    @on_event(_INSTALLED)
    def install(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Show the new version wherever the old one stood; a manager restarts into it."""
        transaction.remember(f"updating:{uri}", None)
        name, version = file_name(payload["image"]), read_image(payload["image"])[1]
        for component in payload["components"]:
            if not version or transaction.get(component) is None:
                raise Refusal("Update.ApplyFailed", name, component or uri)
            old = transaction.value(component, "Version")
            transaction.set(component, "Version", version)
            self._copy(transaction, old, version)
            message = f"The image {name} is installed on {component}."
            entry = {"MessageId": "Update.1.3.UpdateSuccessful", "Message": message, "Severity": "OK"}
            transaction.emit("log", uri, entry)

    def _copy(self, transaction: Transaction, old: Json, version: str) -> None:
        for kind, name in _COPIES:
            for place in transaction.of_type(kind):
                if old and transaction.value(place, name) == old:
                    transaction.set(place, name, version)
                    if kind == "Manager":
                        transaction.emit("manager-restart", place)


def updateable(service: Catalogue, update_service: str) -> dict[str, JsonObject]:
    """Return the inventory of an update service, but for what is marked as not updateable or shows no version."""
    found: dict[str, JsonObject] = {}
    for path in ("FirmwareInventory", "SoftwareInventory"):
        listing = link_at(service.get(update_service), path)
        for uri in members_of(service.get(listing)) if listing else ():
            body = service.get(uri)
            if body is not None and body.get("Updateable") is not False and isinstance(body.get("Version"), str):
                found[uri] = body
    return found
