"""Network protocols of a manager: on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.bodies import as_object, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: The protocols that Redfish itself is spoken over: no example goal switches them.
CARRIERS = ("HTTP", "HTTPS")
#: Protocols that have a family of their own.
ELSEWHERE = ("NTP",)


class ProtocolFamily(GoalFamily):
    """Wants a protocol of a manager enabled or disabled."""

    family = "protocol"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"enable": ("name",), "disable": ("name",)}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Network protocols that can be switched."""
        return [uri for uri in service.of_type("ManagerNetworkProtocol") if _switches(service.get(uri))]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Each protocol on and off."""
        for uri in self.targets("enable", service):
            for name in _switches(service.get(uri)):
                if name not in CARRIERS and name not in ELSEWHERE:
                    for verb in self.verbs:
                        yield Goal(family=self.family, verb=verb, target=uri, arguments={"name": name})

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the first manager that has the protocol, and the protocol's spelling."""
        wanted = str(goal.arguments.get("name", "")).casefold()
        switches = {uri: _switches(service.get(uri)) for uri in self.targets(goal.verb, service)}
        fitting = {uri: name for uri, names in switches.items() for name in names if name.casefold() == wanted}
        named = {uri: name for uri, name in fitting.items() if goal.target in {uri, uri.rpartition("/")[2], ""}}
        if not named:
            known = ", ".join(dict.fromkeys(name for names in switches.values() for name in names)) or "none"
            problem = f"no manager shows a protocol {goal.arguments.get('name')!r}"
            raise GoalError(problem, code="goal-not-expressible", hint=f"known protocols: {known}")
        uri, name = next(iter(named.items()))
        return goal.model_copy(update={"target": uri, "arguments": {**goal.arguments, "name": name}})

    @on_patch("ManagerNetworkProtocol")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Keep one of the protocols that Redfish is spoken over."""
        body = transaction.get(uri)
        states = {name: _enabled(payload, name, _enabled(body, name, default=False)) for name in CARRIERS}
        touched = [name for name in CARRIERS if _enabled(payload, name, default=True) is False]
        if touched and not any(states.values()):
            other = next(name for name in CARRIERS if name != touched[0])
            raise Refusal("PropertyValueConflict", f"{touched[0]}/ProtocolEnabled", f"{other}/ProtocolEnabled")

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Switch the protocol to the other state."""
        transaction.set(goal.target, f"{goal.arguments['name']}/ProtocolEnabled", goal.verb == "disable")

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The protocol's state."""
        return {f"{goal.arguments['name']}/ProtocolEnabled": goal.verb == "enable"}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """What the manager shows."""
        body = now.get(goal.target)
        return {path: value_at(body, path) for path in self.wanted(goal)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The switch as a PATCH."""
        change: JsonObject = {str(goal.arguments["name"]): {"ProtocolEnabled": goal.verb == "enable"}}
        return {"patch ManagerNetworkProtocol": [change]}


def _switches(body: JsonObject | None) -> list[str]:
    """List the protocols of a body that show whether they are enabled."""
    return [name for name, part in (body or {}).items() if isinstance(as_object(part).get("ProtocolEnabled"), bool)]


def _enabled(body: Mapping[str, Any] | None, name: str, default: Any) -> Any:
    return value_at(body, f"{name}/ProtocolEnabled", default)
