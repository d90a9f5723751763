"""Sessions: log in, log out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.models import Goal
from igc_core.rest import Response
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
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"create": ("user",), "delete": ("id",)}

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
    def log_in(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> Response:
        """Open a session; its token is shown once, in the header, and kept as a digest (DSP0266, "Session login")."""
        user, password = payload.get("UserName"), payload.get("Password")
        if not _lets_in(transaction, user, password):
            raise Refusal("ResourceAtUriUnauthorized", uri, "invalid user name or password", status=401)
        created = transaction.create(uri, _new_session(transaction, uri, str(user)))
        seed = f"{transaction.machine.name} {created} {transaction.next_serial()}"
        token = hashlib.blake2b(seed.encode(), digest_size=16, person=b"igc-token").hexdigest()
        transaction.remember(f"token:{created}", password_digest(token))
        body = transaction.get(created)
        return Response(201, body, {"Location": created, "X-Auth-Token": token})

    @on_delete("Session")
    def log_out(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Forget the session's token."""
        transaction.remember(f"token:{uri}", None)

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
        return {"create Session": [{"UserName": values["user"], "Password": values.get("password", "")}]}


def _may_log_in(body: JsonObject) -> bool:
    """Tell whether an account is neither disabled nor locked nor without any right."""
    open_ = body.get("Enabled") is not False and body.get("Locked") is not True
    return open_ and body.get("RoleId") not in {directory.NO_ROLE, "NoAccess"}


def _lets_in(transaction: Transaction, user: Any, password: Any) -> bool:
    """Check credentials. A captured account's password is unknown, so any is taken for it until one is set."""
    if not isinstance(user, str) or not isinstance(password, str) or not user or not password:
        return False
    known = transaction.recall(f"password:{user}")
    if known is not None and known != password_digest(password):
        return False
    accounts = directory.all_accounts(transaction)
    account = next((item for item in accounts if item.user == user), None)
    if account is None:
        return known is not None or not accounts
    return _may_log_in(account.body)


def _new_session(transaction: Transaction, collection: str, user: str) -> dict[str, Any]:
    types = (transaction.value(uri, "@odata.type") for uri in members_of(transaction.get(collection)))
    return {
        "@odata.type": next(types, None) or "#Session.v1_3_0.Session",
        "Name": "User Session",
        "Description": "Manager User Session",
        "UserName": user,
        "Password": None,
    }
