"""Puts users into a simulated service and takes them out, without asking its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.bodies import as_texts
from igc_redfish.goals import directory
from igc_redfish.goals.directory import ADMINISTRATOR, NO_ROLE, Account

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from igc_core.rest import Json
    from igc_redfish.service.transaction import Transaction


def new_account(
    transaction: Transaction, neighbours: Sequence[Account], given: Mapping[str, Any], role: str
) -> dict[str, Any]:
    """Build an account of the same kind as its neighbours: what they do not show, it does not either.

    Args:
        transaction: Where the account will live.
        neighbours: The accounts of its collection.
        given: What the client gave; the password is left out.
        role: Its role.
    """
    pattern = dict(neighbours[0].body) if neighbours else {}
    link = directory.role_link(transaction, role)
    full: dict[str, Any] = {
        "@odata.type": pattern.get("@odata.type", "#ManagerAccount.v1_8_0.ManagerAccount"),
        "Name": "User Account",
        "Description": "User Account",
        "Enabled": True,
        "Locked": False,
        "PasswordChangeRequired": False,
        "AccountTypes": as_texts(pattern.get("AccountTypes")),
        "Links": {"Role": link} if link else {},
        **given,
    }
    shown = {key: value for key, value in full.items() if not pattern or key in pattern or key in given}
    return {**shown, "Password": None, "RoleId": role}


def install(transaction: Transaction, collection: str, user: str) -> None:
    """Give a user an account with few rights: in an empty slot where there is one."""
    listed = list(directory.accounts_of(transaction, collection))
    humble = (name for name in directory.role_ids(transaction) if name not in {ADMINISTRATOR, NO_ROLE})
    role = next(humble, "ReadOnly")
    slot = next((item for item in listed if not item.user and _is_open(transaction, item)), None)
    if slot is not None:
        transaction.merge(slot.uri, {"UserName": user, "RoleId": role, "Enabled": True})
    else:
        transaction.create(collection, new_account(transaction, listed, {"UserName": user}, role))
    transaction.set_password(user, directory.example_password(transaction, user))


def remove(transaction: Transaction, account: Account) -> None:
    """Take a user's account away."""
    if transaction.profile.account_slots:
        transaction.merge(account.uri, empty_slot(transaction, account))
    else:
        transaction.delete(account.uri)
    transaction.set_password(account.user, None)


def empty_slot(transaction: Transaction, account: Account) -> dict[str, Json]:
    """Return what a slot without a user shows."""
    role = NO_ROLE if NO_ROLE in directory.role_ids(transaction) else account.body.get("RoleId")
    return {"UserName": "", "Enabled": False, "RoleId": role}


def _is_open(transaction: Transaction, account: Account) -> bool:
    """Tell whether a slot may be changed: a service may keep the first one for itself."""
    methods = transaction.machine.methods(account.uri)
    return methods is None or "PATCH" in methods


def end_sessions(transaction: Transaction, user: str) -> None:
    """End all sessions of a user."""
    for session in directory.sessions_of(transaction, user):
        transaction.delete(session)
