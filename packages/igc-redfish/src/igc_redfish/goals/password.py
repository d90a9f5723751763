"""Change of a user's password."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from igc_core.errors import GoalError
from igc_core.models import Goal
from igc_redfish.family import GoalFamily
from igc_redfish.goals import directory
from igc_redfish.service.rules import on_patch
from igc_redfish.service.world import password_digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from igc_core.protocols import Reader, Survey
    from igc_core.rest import Json, JsonObject
    from igc_redfish.service.transaction import Transaction

#: Accounts that example goals are about, at most.
MAX_EXAMPLES = 16


class PasswordFamily(GoalFamily):
    """Wants a service to let a user in with a new password. No answer of a service ever shows one."""

    family = "password"
    verbs: ClassVar[Mapping[str, tuple[str, ...]]] = {"set": ("user", "password")}
    made_up: ClassVar[Mapping[str, str]] = {"user": "name", "password": "secret"}

    def targets(self, verb: str, service: Survey) -> Sequence[str]:  # noqa: ARG002
        """Accounts that have a user."""
        return [account.uri for account in directory.all_accounts(service)]

    def goals(self, service: Survey) -> Iterable[Goal]:
        """One generated password for each user."""
        for account in directory.all_accounts(service)[:MAX_EXAMPLES]:
            password = directory.example_password(service, f"{account.user} changed")
            arguments = {"user": account.user, "password": password}
            yield Goal(family=self.family, verb="set", target=account.uri, arguments=dict(arguments))

    def bind(self, goal: Goal, service: Survey) -> Goal:
        """Fill in the account of the goal's user; the target may be the account, its identifier or its collection."""
        user = goal.arguments.get("user")
        accounts = directory.all_accounts(service)
        named = [item for item in accounts if goal.target in {"", item.uri, *item.uri.rpartition("/")[::2]}]
        chosen = next((item.uri for item in named if item.user == user), "")
        if not chosen:
            known = ", ".join(item.user for item in named) or "none"
            where = f" at {goal.target}" if goal.target else ""
            problem = f"there is no user {user!r}{where}"
            raise GoalError(problem, code="goal-not-expressible", hint=f"known users: {known}")
        return goal.model_copy(update={"target": chosen})

    @on_patch("ManagerAccount")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Keep a new password where no read shows it; the account's ETag changes all the same."""
        if "Password" not in payload:
            return
        body = transaction.get(uri) or {}
        user = str(payload.get("UserName", body.get("UserName")) or "")
        password = directory.check_password(transaction, user, payload.pop("Password"))
        transaction.set_password(user, password)
        transaction.touch(uri, password_digest(password))
        if body.get("PasswordChangeRequired") is True:
            transaction.set(uri, "PasswordChangeRequired", value=False)
        if body.get("UserName"):
            for session in directory.sessions_of(transaction, user):
                transaction.delete(session)

    def prepare(self, goal: Goal, transaction: Transaction) -> None:
        """Make the wanted password wrong."""
        transaction.set_password(str(goal.arguments["user"]), None)

    def wanted(self, goal: Goal) -> Mapping[str, Json]:  # noqa: ARG002
        """The user is let in."""
        return {"Authenticated": True}

    def observe(self, goal: Goal, now: Reader, before: Reader) -> Mapping[str, Json]:  # noqa: ARG002
        """Whether the user is let in with the new password."""
        user, password = str(goal.arguments["user"]), str(goal.arguments["password"])
        return {"Authenticated": now.authenticate(user, password)}

    def payloads(self, goal: Goal) -> Mapping[str, Sequence[JsonObject]]:
        """The change as a PATCH."""
        return {"patch ManagerAccount": [{"Password": goal.arguments["password"]}]}
