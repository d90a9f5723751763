"""Accounts: create, delete, disable, enable, change of role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.bodies import members_of
from igc_redfish.family import GoalFamily
from igc_redfish.goals import directory, enrolment
from igc_redfish.goals.choices import require_choice
from igc_redfish.goals.directory import MAX_ACCOUNTS, NO_ROLE, Account
from igc_redfish.service.refusal import Refusal
from igc_redfish.service.rules import on_create, on_delete, on_patch
from igc_redfish.service.world import password_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Name of the user in example goals.
EXAMPLE_USER = "igc-operator"
#: Existing users and roles that example goals are about, at most.
MAX_EXAMPLES = 3


class AccountFamily(GoalFamily):
    """Wants a user to exist, not to exist, to be let in or not, or to have a role."""

    family = "account"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "create": ("user", "password", "role"),
        "delete": ("user",),
        "disable": ("user",),
        "enable": ("user",),
        "role": ("user", "role"),
    }
    made_up: ClassVar[Mapping[str, str]] = {"user": "name", "password": "secret"}
    about: ClassVar[tuple[str, ...]] = ("user",)
    marks: ClassVar[Mapping[str, str]] = {"user": "UserName"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:
        """Collections of accounts; to disable one, its accounts must show whether they are enabled."""
        listed = [uri for uri in service.of_type("ManagerAccountCollection") if members_of(service.get(uri))]
        if verb in {"disable", "enable"}:
            return [
                uri for uri in listed if any("Enabled" in item.body for item in directory.accounts_of(service, uri))
            ]
        return listed

    def goals(self, service: Survey) -> Iterable[Goal]:
        """Example goals: a new user, and changes to the users who are not the last administrator."""
        roles = [role for role in directory.role_ids(service) if role != NO_ROLE]
        for uri in self.targets("create", service):
            password = directory.example_password(service, EXAMPLE_USER)
            for role in roles[:MAX_EXAMPLES]:
                yield self._goal("create", uri, user=EXAMPLE_USER, password=password, role=role)
            yield self._goal("delete", uri, user=EXAMPLE_USER)
            known = [item for item in directory.accounts_of(service, uri) if item.user]
            for item in [one for one in known if not directory.is_last_administrator(service, one)][:MAX_EXAMPLES]:
                yield from self._changes(uri, item, roles)

    def _changes(self, uri: str, account: Account, roles: Sequence[str]) -> Iterator[Goal]:
        yield self._goal("delete", uri, user=account.user)
        if "Enabled" in account.body:
            yield self._goal("disable", uri, user=account.user)
            yield self._goal("enable", uri, user=account.user)
        for role in [name for name in roles if name != account.body.get("RoleId")][:MAX_EXAMPLES]:
            yield self._goal("role", uri, user=account.user, role=role)

    def _goal(self, verb: str, target: str, **arguments: str) -> Goal:
        return Goal(family=self.family, verb=verb, target=target, arguments=dict(arguments))

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the collection; a change needs a user who is there, and a role one that the service shows."""
        bound = super().bind(goal, service)
        user = str(goal.arguments.get("user", ""))
        if goal.verb in {"disable", "enable", "role"} and not directory.find_account(service, bound.target, user):
            known = ", ".join(item.user for item in directory.accounts_of(service, bound.target) if item.user)
            raise GoalError(f"there is no user {user!r}", code="goal-not-expressible", hint=f"known users: {known}")
        roles = directory.role_ids(service)
        if roles and "role" in self.verbs[goal.verb]:
            require_choice(bound, "role", roles)
        return bound

    # -- how a machine reacts --------------------------------------------------------------------------------------

    @on_create("ManagerAccount")
    def create(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Add an account, unless accounts are slots."""
        if transaction.profile.account_slots:
            raise Refusal("OperationNotAllowed", status=405)
        user = _free_name(transaction, payload.get("UserName"))
        role = _known_role(transaction, payload.get("RoleId"))
        password = directory.check_password(transaction, user, payload.get("Password"))
        listed = list(directory.accounts_of(transaction, uri))
        if len(listed) >= MAX_ACCOUNTS:
            raise Refusal("CreateLimitReachedForResource")
        named = bool(listed) and all(item.body.get("Id") == item.user for item in listed)
        body = enrolment.new_account(transaction, listed, payload, role)
        created = transaction.create(uri, body, member_id=user if named else "")
        transaction.set_password(user, password)
        transaction.touch(created, password_digest(password))

    @on_patch("ManagerAccount")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Check a change of name, role or state; an empty name frees a slot, a name fills one."""
        account = Account(uri, transaction.get(uri) or {})
        name = payload.get("UserName", account.user)
        if name == "" and account.user:
            _protect(transaction, account)
            _vacate(transaction, account, payload)
            return
        if name != account.user:
            _free_name(transaction, name)
        if not account.user and "Password" not in payload:
            raise Refusal("PropertyMissing", "Password", related=["#/Password"])
        if "RoleId" in payload:
            _known_role(transaction, payload["RoleId"])
        changed = Account(uri, {**account.body, **payload})
        if account.governs and not changed.governs:
            _protect(transaction, account)
        if "RoleId" in payload and "Links" in account.body:
            link = directory.role_link(transaction, payload["RoleId"])
            payload["Links"] = {"Role": link} if link else {}
        if account.user and (changed.user != account.user or changed.body.get("Enabled") is False):
            enrolment.end_sessions(transaction, account.user)
        if account.user and changed.user != account.user:
            moved = transaction.recall(f"password:{account.user}")
            transaction.remember(f"password:{changed.user}", moved)
            transaction.set_password(account.user, None)

    @on_delete("ManagerAccount")
    def delete(self, transaction: Transaction, uri: str, _: dict[str, Any]) -> None:
        """Let an account go, unless it is a slot or the last administrator's."""
        account = Account(uri, transaction.get(uri) or {})
        if transaction.profile.account_slots:
            raise Refusal("OperationNotAllowed", status=405)
        _protect(transaction, account)
        transaction.set_password(account.user, None)
        enrolment.end_sessions(transaction, account.user)

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Undo what the goal wants."""
        user = str(goal.arguments["user"])
        account = directory.find_account(transaction, goal.target, user)
        if goal.verb == "delete" and account is None:
            enrolment.install(transaction, goal.target, user)
        elif account is None:
            return
        elif goal.verb == "create":
            enrolment.remove(transaction, account)
        elif goal.verb == "role":
            others = [role for role in directory.role_ids(transaction) if role not in (goal.arguments["role"], NO_ROLE)]
            transaction.set(account.uri, "RoleId", others[0] if others else NO_ROLE)
        elif goal.verb in {"disable", "enable"}:
            transaction.set(account.uri, "Enabled", goal.verb == "disable")

    # -- when a goal is reached ------------------------------------------------------------------------------------

    def wanted(self, goal: Goal) -> Mapping[str, Json]:
        """The user's account as it should be; no name where there should be none."""
        user = goal.arguments["user"]
        if goal.verb == "delete":
            return {"UserName": None}
        if goal.verb in {"disable", "enable"}:
            return {"UserName": user, "Enabled": goal.verb == "enable"}
        return {"UserName": user, "RoleId": goal.arguments["role"]}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """The user's account as it is."""
        account = directory.find_account(now, goal.target, str(goal.arguments["user"]))
        return {key: None if account is None else account.body.get(key) for key in self.wanted(goal)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """Bodies for services that create accounts, and for those that fill slots."""
        values = goal.arguments
        if goal.verb == "create":
            body: JsonObject = {
                "UserName": values["user"],
                "Password": values["password"],
                "RoleId": values["role"],
            }
            return {"create ManagerAccount": [body], "patch ManagerAccount": [{**body, "Enabled": True}]}
        if goal.verb == "delete":
            return {"patch ManagerAccount": [{"UserName": ""}]}
        if goal.verb == "role":
            return {"patch ManagerAccount": [{"RoleId": values["role"]}]}
        return {"patch ManagerAccount": [{"Enabled": goal.verb == "enable"}]}


def _free_name(transaction: Transaction, name: Any) -> str:
    if not isinstance(name, str) or not name.strip():
        raise Refusal("PropertyValueFormatError", str(name), "UserName", related=["#/UserName"])
    if any(item.user == name for item in directory.all_accounts(transaction)):
        raise Refusal("ResourceAlreadyExists", "ManagerAccount", "UserName", name, related=["#/UserName"])
    return name


def _known_role(transaction: Transaction, role: Any) -> str:
    known = directory.role_ids(transaction)
    if not isinstance(role, str) or (known and role not in known):
        raise Refusal("PropertyValueNotInList", str(role), "RoleId", related=["#/RoleId"])
    return role


def _protect(transaction: Transaction, account: Account) -> None:
    if directory.is_last_administrator(transaction, account):
        raise Refusal("ResourceCannotBeDeleted", status=403)


def _vacate(transaction: Transaction, account: Account, payload: dict[str, Any]) -> None:
    """Empty a slot (Dell: an account is deleted by taking its name away)."""
    if not transaction.profile.account_slots:
        raise Refusal("PropertyValueFormatError", "", "UserName", related=["#/UserName"])
    payload.update(enrolment.empty_slot(transaction, account))
    payload.pop("Password", None)
    transaction.set_password(account.user, None)
    enrolment.end_sessions(transaction, account.user)
