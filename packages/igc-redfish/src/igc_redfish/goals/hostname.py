"""Host names of systems and of managers' network interfaces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import link_at
from igc_redfish.facts import facts
from igc_redfish.family import GoalFamily
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Types that show a host name.
TYPES = ("ComputerSystem", "EthernetInterface", "ManagerNetworkProtocol")
#: Name in example goals, and resources that they are about, at most.
EXAMPLE_NAME, MAX_TARGETS = "igc-node-1", 8

#: Host names by RFC 1123, section 2.1; IPv6 addresses by their characters.
_HOST = re.compile(
    r"(?!.{254})[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?)*"
)
_IPV6 = re.compile(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")


class HostNameFamily(GoalFamily):
    """Wants a system or a manager to have a name."""

    family = "hostname"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"set": ("name",)}
    made_up: ClassVar[Mapping[str, str]] = {"name": "name"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Resources that show a name which the schema lets a client write, and that keep no pending settings."""
        writable = [kind for kind in TYPES if _is_writable(kind)]
        uris = [uri for kind in writable for uri in service.of_type(kind)]
        bodies = {uri: service.get(uri) or {} for uri in uris}
        pending = {link_at(body, "@Redfish.Settings/SettingsObject") for body in bodies.values()}
        named = (uri for uri, body in bodies.items() if isinstance(body.get("HostName"), str))
        return [uri for uri in named if uri not in pending][:MAX_TARGETS]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """An example name for each."""
        for uri in self.targets("set", service):
            yield Goal(family=self.family, verb="set", target=uri, arguments={"name": EXAMPLE_NAME})

    @on_patch("ComputerSystem", "EthernetInterface")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Check a new name and give it to everything of the same manager that showed the old one."""
        name = payload.get("HostName")
        if name is None:
            return
        check_host(name, "HostName")
        old = (transaction.get(uri) or {}).get("HostName")
        owner = uri.partition("/EthernetInterfaces/")[0]
        for kind in ("EthernetInterface", "ManagerNetworkProtocol"):
            for other in transaction.of_type(kind) if old else ():
                if other != uri and other.startswith(f"{owner}/") and transaction.value(other, "HostName") == old:
                    transaction.set(other, "HostName", name)

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Give the resource another name."""
        transaction.set(goal.target, "HostName", f"not-{goal.arguments['name']}")

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The name."""
        return {"HostName": goal.arguments["name"]}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """The name shown."""
        return {"HostName": (now.get(goal.target) or {}).get("HostName")}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The name as a PATCH."""
        change: JsonObject = {"HostName": goal.arguments["name"]}
        return {f"patch {kind}": [change] for kind in TYPES}


def check_host(name: Any, path: str) -> None:
    """Refuse what is neither a host name nor an address.

    Raises:
        Refusal: It is neither.
    """
    if not isinstance(name, str) or not (_HOST.fullmatch(name) or _IPV6.fullmatch(name)):
        raise Refusal("PropertyValueFormatError", str(name), path, related=[f"#/{path}"])


def _is_writable(kind: str) -> bool:
    fact = facts().property(kind, "HostName")
    return fact is not None and fact.writable
