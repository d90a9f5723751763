"""Network time: servers to follow, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import as_array, as_object, as_texts, has, value_at
from igc_redfish.family import GoalFamily
from igc_redfish.goals.hostname import check_host
from igc_redfish.service.rules import on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Server of example goals.
EXAMPLE_SERVER = "192.0.2.123"
ENABLED, SERVERS = "NTP/ProtocolEnabled", "NTP/NTPServers"


class NtpFamily(GoalFamily):
    """Wants a service to take its time from the network, from given servers where any are given, or not to."""

    family = "ntp"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"enable": (), "disable": ()}
    made_up: ClassVar[Mapping[str, str]] = {"servers": "addresses"}
    optional: ClassVar[Mapping[str, tuple[str, ...]]] = {"enable": ("servers",)}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """Network protocols that show NTP; some show its servers alone, which cannot be disabled."""
        keys = (ENABLED, SERVERS) if verb == "enable" else (ENABLED,)
        uris = service.of_type("ManagerNetworkProtocol")
        return [uri for uri in uris if any(has(service.get(uri), key) for key in keys)]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Enabled with an example server, where servers are shown, and disabled."""
        for uri in self.targets("enable", service):
            arguments: dict[str, Any] = {"servers": [EXAMPLE_SERVER]} if has(service.get(uri), SERVERS) else {}
            yield Goal(family=self.family, verb="enable", target=uri, arguments=arguments)
        for uri in self.targets("disable", service):
            yield Goal(family=self.family, verb="disable", target=uri)

    @on_patch("ManagerNetworkProtocol")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Check the servers and keep their count."""
        change = as_object(payload.get("NTP"))
        if "NTPServers" not in change:
            return
        for server in as_texts(change["NTPServers"]):
            check_host(server, SERVERS)
        if has(transaction.get(uri), f"{SERVERS}@odata.count"):
            change["NTPServers@odata.count"] = len(as_array(change["NTPServers"]))

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Forget the servers and switch to the other state."""
        body = transaction.get(goal.target)
        if goal.verb == "enable" and has(body, SERVERS):
            transaction.set(goal.target, SERVERS, [])
        if has(body, ENABLED):
            transaction.set(goal.target, ENABLED, goal.verb == "disable")

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """Whether NTP is enabled, and exactly the servers given."""
        servers = _servers(goal)
        return {ENABLED: goal.verb == "enable", **({SERVERS: servers} if servers else {})}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """What the resource shows. Unused places for servers may be empty texts; no switch means always on."""
        body = now.get(goal.target)
        servers = [server for server in as_texts(value_at(body, SERVERS)) if server]
        seen: dict[str, Json] = {ENABLED: value_at(body, ENABLED, default=True), SERVERS: servers}
        return {key: seen[key] for key in self.wanted(goal)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """Switch and servers, together and each alone."""
        enabled: JsonObject = {"ProtocolEnabled": goal.verb == "enable"}
        servers: JsonObject = {"NTPServers": _servers(goal)}
        bodies = [enabled, servers, {**enabled, **servers}] if _servers(goal) else [enabled]
        return {"patch ManagerNetworkProtocol": [{"NTP": body} for body in bodies[::-1]]}


def _servers(goal: Goal) -> list[str]:
    """Return the goal's servers; one may be given as a plain text."""
    given = goal.arguments.get("servers", []) if goal.verb == "enable" else []
    return [given] if isinstance(given, str) else as_texts(given)
