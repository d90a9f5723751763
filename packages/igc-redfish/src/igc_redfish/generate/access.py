"""Who may come in: accounts, roles and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_ADMINISTRATORS = ("root", "admin", "ADMIN", "Administrator", "sysadmin")
_OTHERS = ("operator", "auditor", "backup", "j.doe", "monitor", "helpdesk", "night-shift", "inventory", "svc-deploy")
_LOGIN = "Login"
_ROLES: Mapping[str, tuple[str, ...]] = {
    "Administrator": (_LOGIN, "ConfigureManager", "ConfigureUsers", "ConfigureSelf", "ConfigureComponents"),
    "Operator": (_LOGIN, "ConfigureSelf", "ConfigureComponents"),
    "ReadOnly": (_LOGIN, "ConfigureSelf"),
}


def add_access(tree: Tree, site: Site) -> None:
    """Add the account service, and the session service where there is one."""
    root = tree.bodies[ROOT]
    below_manager = tree.style.accounts_home == "manager"
    service = tree.at(ROOT, "AccountService")
    home = site.managers[0] if below_manager else service
    roles, accounts = tree.at(home, "Roles"), tree.at(home, "Accounts")
    body = tree.add(service, "AccountService", "Account Service", _account_service(tree))
    root["AccountService"] = link(service)
    _add_accounts(tree, tree.collect(accounts, "ManagerAccount", body, "Accounts"), roles)
    _add_roles(tree, tree.collect(roles, "Role", body, "Roles"))
    if tree.style.has("sessions"):
        _add_sessions(tree)


def _account_service(tree: Tree) -> Body:
    return {
        "ServiceEnabled": True,
        "MinPasswordLength": tree.rng.choice((0, 8, 8, 12)),
        "MaxPasswordLength": tree.rng.choice((20, 40, 64)),
        "AccountLockoutThreshold": tree.rng.choice((0, 3, 5)),
        "AccountLockoutDuration": 600,
        "AccountLockoutCounterResetAfter": 60,
        "Status": tree.status(),
    }


def _add_accounts(tree: Tree, collection: str, roles: str) -> None:
    """Add the accounts in use and, where accounts are slots, the empty ones among them."""
    style, rng = tree.style, tree.rng
    users = [rng.choice(_ADMINISTRATORS), *rng.sample(_OTHERS, style.users - 1)]
    slotted = style.profile.account_slots
    named = style.account_ids == "name" and not slotted
    first = rng.choice((1, 1, 2)) if slotted else 1
    for index in range(style.slots if slotted else len(users)):
        place = index - first + 1
        user = users[place] if 0 <= place < len(users) else ""
        role = "Administrator" if place == 0 else rng.choice(("Operator", "ReadOnly", "Administrator"))
        body = _account(tree, user, role if user else "ReadOnly", roles)
        tree.join(collection, user if named else str(index + 1), "ManagerAccount", "User Account", body)


def _account(tree: Tree, user: str, role: str, roles: str) -> Body:
    administrator = role == "Administrator"
    states = {"Enabled": bool(user) and (administrator or tree.chance(0.8)), "Locked": False}
    return {
        "UserName": user,
        "Password": None,
        "RoleId": role,
        **{name: states[name] for name in tree.style.account_states},
        **({"AccountTypes": ["Redfish"]} if tree.style.era == "late" else {}),
        "Links": {"Role": link(f"{roles}/{role}")},
    }


def _add_roles(tree: Tree, collection: str) -> None:
    for name, privileges in _ROLES.items():
        body = {"RoleId": name, "IsPredefined": True, "AssignedPrivileges": list(privileges), "OemPrivileges": []}
        if tree.style.era == "early":
            del body["RoleId"]
        tree.join(collection, name, "Role", f"{name} Role", body)


def _add_sessions(tree: Tree) -> None:
    root = tree.bodies[ROOT]
    service = tree.at(ROOT, "SessionService")
    properties = {"ServiceEnabled": True, "SessionTimeout": tree.rng.choice((300, 1800, 3600)), "Status": tree.status()}
    body = tree.add(service, "SessionService", "Session Service", properties)
    root["SessionService"] = link(service)
    home = ROOT if tree.style.sessions_home == "root" else service
    collection = tree.collect(tree.at(home, "Sessions"), "Session", body, "Sessions")
    root["Links"]["Sessions"] = link(collection)
    for number in range(tree.rng.choice((0, 0, 1, 2))):
        name = tree.rng.choice((str(number + 1), naming.serial(tree.rng, 8)))
        tree.join(collection, name, "Session", "User Session", {"UserName": tree.rng.choice(_OTHERS)})
