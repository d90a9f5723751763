"""Sessions: log in, log out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_redfish.bodies import members_of
from igc_redfish.family import GoalFamily
from igc_redfish.goals import directory
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_create, on_delete
from igc_redfish.service.world import password_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: User of example goals where a service shows no accounts, and id of a session where there is none to end.
EXAMPLE_USER, EXAMPLE_ID = "igc-operator", "igc-session"
#: Users and sessions that example goals are about, at most.
MAX_EXAMPLES = 2


class SessionFamily(GoalFamily):
    """Wants a new session of a user, or the end of one."""

    family = "session"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"create": ("user", "password"), "delete": ("id",)}
    made_up: ClassVar[Mapping[str, str]] = {"user": "name", "password": "secret", "id": "id"}
    about: ClassVar[tuple[str, ...]] = ("user", "id")
    marks: ClassVar[Mapping[str, str]] = {"user": "UserName", "id": "Id"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Collections of sessions."""
        return service.of_type("SessionCollection")

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Sessions of users who may log in, and an end to those that exist."""
        users = [item.user for item in directory.all_accounts(service) if _may_log_in(item.body)]
        for uri in self.targets("create", service):
            for user in users[:MAX_EXAMPLES] or [EXAMPLE_USER]:
                password = directory.example_password(service, user)
                yield self._goal("create", uri, user=user, password=password)
            present = [member for member in members_of(service.get(uri)) if service.get(member) is not None]
            for member in present[:MAX_EXAMPLES] or [EXAMPLE_ID]:
                yield self._goal("delete", uri, id=member.rpartition("/")[2])

    def _goal(self, verb: str, target: str, **arguments: str) -> Goal:
        return Goal(family=self.family, verb=verb, target=target, arguments=dict(arguments))

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_create("Session")
    def log_in(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Open a session; the service itself gives it a token (DSP0266, "Session login")."""
        user, password = payload.get("UserName"), payload.get("Password")
        if not _lets_in(transaction, user, password):
            raise Refusal("ResourceAtUriUnauthorized", uri, "invalid user name or password", status=401)
        transaction.create(uri, _new_session(transaction, uri, str(user)))

    @on_delete("Session")
    def log_out(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Let a session end; the service forgets its token."""

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Open the session that is to end."""
        if goal.verb == "delete":
            users = [item.user for item in directory.all_accounts(transaction)] or [EXAMPLE_USER]
            body = _new_session(transaction, goal.target, users[0])
            transaction.create(goal.target, body, member_id=str(goal.arguments["id"]))

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """A new session's user; no session of that id."""
        return {"UserName": goal.arguments["user"]} if goal.verb == "create" else {"Id": None}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:
        """The user if a session of theirs was not there before; the id while the session is there."""
        members = members_of(now.get(goal.target))
        if goal.verb == "delete":
            name = str(goal.arguments["id"])
            return {"Id": name if any(uri.rpartition("/")[2] == name for uri in members) else None}
        user = goal.arguments["user"]
        old = set(members_of(before.get(goal.target)))
        opened = any((now.get(uri) or {}).get("UserName") == user for uri in members if uri not in old)
        return {"UserName": user if opened else None}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The login as a POST."""
        if goal.verb == "delete":
            return {}
        values = goal.arguments
        return {"create Session": [{"UserName": values["user"], "Password": values["password"]}]}


def _may_log_in(body: JsonObject) -> bool:
    """Tell whether an account is neither disabled nor locked nor without any right."""
    open_ = body.get("Enabled") is not False and body.get("Locked") is not True
    return open_ and body.get("RoleId") not in {directory.NO_ROLE, "NoAccess"}


def _lets_in(transaction: Transaction, user: Any, password: Any) -> bool:
    """Check credentials.

    Nobody knows the passwords of a captured host. Until one is set, an account takes the generated one of the example
    goals; and any at all in a world where no password was ever set, which is a world without authentication.
    """
    if not isinstance(user, str) or not isinstance(password, str) or not user or not password:
        return False
    account = next((item for item in directory.all_accounts(transaction) if item.user == user), None)
    if account is not None and not _may_log_in(account.body):
        return False
    known = transaction.recall(f"password:{user}")
    if known is not None:
        return bool(known == password_digest(password))
    if any(key.startswith("password:") for key in transaction.world.memory):
        return account is not None and password == directory.example_password(transaction, user)
    return account is not None or not directory.all_accounts(transaction)


def _new_session(transaction: Transaction, collection: str, user: str) -> dict[str, Any]:
    types = (transaction.value(uri, "@odata.type") for uri in members_of(transaction.get(collection)))
    return {
        "@odata.type": next(types, None) or "#Session.v1_3_0.Session",
        "Name": "User Session",
        "Description": "Manager User Session",
        "UserName": user,
        "Password": None,
    }
