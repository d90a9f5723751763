"""Who may log in to a service: its accounts, roles and password policy."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from igc_redfish.bodies import members_of
from igc_redfish.service.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from igc_core.rest import JsonObject

#: Role that may do everything (DSP0266, "Roles").
ADMINISTRATOR = "Administrator"
#: Role of an empty slot, where a service has it.
NO_ROLE = "None"
#: A service holds as many accounts as IPMI channels commonly have user ids.
MAX_ACCOUNTS = 16

_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_ALPHABET = f"{_LETTERS}{_LETTERS.upper()}23456789"
#: One character of each class that password rules ask for.
_CLASSES = "aA3#"


class Lookup(Protocol):
    """Sight of a service by URI."""

    def get(self, uri: str) -> JsonObject | None:
        """Return the body at a URI, or None."""
        ...


class Directory(Lookup, Protocol):
    """Sight of a service by URI and by type; a survey and a transaction both are one."""

    def of_type(self, name: str) -> Sequence[str]:
        """List the URIs of the resources of a type."""
        ...


class Account(NamedTuple):
    """One account, or one empty slot."""

    uri: str
    body: JsonObject

    @property
    def user(self) -> str:
        """Its user name; an empty slot has none."""
        name = self.body.get("UserName")
        return name if isinstance(name, str) else ""

    @property
    def governs(self) -> bool:
        """Whether it is an enabled administrator's. Old schemas have no ``Enabled``: such accounts always are."""
        return bool(self.user) and self.body.get("RoleId") == ADMINISTRATOR and self.body.get("Enabled") is not False


def accounts_of(service: Lookup, collection: str) -> Iterator[Account]:
    """Yield the accounts of a collection, empty slots included."""
    for uri in members_of(service.get(collection)):
        body = service.get(uri)
        if body is not None:
            yield Account(uri, body)


def find_account(service: Lookup, collection: str, user: str) -> Account | None:
    """Find the account of a user, or None."""
    return next((item for item in accounts_of(service, collection) if user and item.user == user), None)


def all_accounts(service: Directory) -> list[Account]:
    """List the accounts of all collections that have a user."""
    found = [item for uri in service.of_type("ManagerAccountCollection") for item in accounts_of(service, uri)]
    return [item for item in {item.uri: item for item in found}.values() if item.user]


def is_last_administrator(service: Directory, account: Account) -> bool:
    """Tell whether nobody else could undo what is done to this account."""
    return account.governs and not any(item.governs and item.user != account.user for item in all_accounts(service))


def role_ids(service: Directory) -> list[str]:
    """List the roles that accounts may be given; empty where the service shows none."""
    bodies = (service.get(uri) for uri in service.of_type("Role"))
    named = (body.get("RoleId") or body.get("Id") for body in bodies if body is not None)
    return list(dict.fromkeys(role for role in named if isinstance(role, str)))


def role_link(service: Directory, role: str) -> dict[str, Any] | None:
    """Return the link to a role, or None where the service does not show it."""
    for uri in service.of_type("Role"):
        body = service.get(uri) or {}
        if role in (body.get("RoleId"), body.get("Id")):
            return {"@odata.id": uri}
    return None


def password_lengths(service: Directory) -> tuple[int, int]:
    """Return the least and the greatest length that the account service demands of a password."""
    for uri in service.of_type("AccountService"):
        body = service.get(uri) or {}
        least, most = body.get("MinPasswordLength"), body.get("MaxPasswordLength")
        low = least if isinstance(least, int) and least > 0 else 1
        return low, most if isinstance(most, int) and most >= low else 255
    return 1, 255


def check_password(service: Directory, user: str, password: Any) -> str:
    """Return a password that obeys the policy.

    Raises:
        Refusal: It does not; the message never shows the password.
    """
    least, most = password_lengths(service)
    if not isinstance(password, str) or not least <= len(password) <= most or (user and password == user):
        raise Refusal("PropertyValueError", "Password", related=["#/Password"])
    return password


def example_password(service: Directory, user: str) -> str:
    """Generate a password that satisfies the policy; the same one on every call."""
    least, most = password_lengths(service)
    length = max(least, min(12, most))
    digest = hashlib.blake2b(user.encode(), digest_size=64, person=b"igc-example").digest()
    filling = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)
    return (_CLASSES + filling * (length // len(filling) + 1))[:length]


def sessions_of(service: Directory, user: str) -> list[str]:
    """List the URIs of a user's sessions."""
    members = [uri for home in service.of_type("SessionCollection") for uri in members_of(service.get(home))]
    return [uri for uri in members if (service.get(uri) or {}).get("UserName") == user]
