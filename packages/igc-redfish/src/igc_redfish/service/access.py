"""Who asks, and whether they may: Basic, sessions, roles (DSP0266, "Security details").

Passwords of the captured host are unknown, so only credentials given to the simulation or set in it let anybody in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from igc_core.rest import Response
from igc_redfish.bodies import as_object, as_texts, link_at, type_name, value_at
from igc_redfish.service.documents import ROOT
from igc_redfish.service.lockout import is_locked, note_failure, note_success
from igc_redfish.service.messages import Denial, extended
from igc_redfish.service.payloads import payload_of
from igc_redfish.service.privileges import Changes
from igc_redfish.service.refusal import Complaint, Refusal

if TYPE_CHECKING:
    from igc_core.rest import Json, JsonObject
    from igc_redfish.machine import Machine
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import World

#: What the predefined roles may do (DSP0266, "Roles").
PREDEFINED: Final[Mapping[str, frozenset[str]]] = {
    "Administrator": frozenset({"Login", "ConfigureManager", "ConfigureUsers", "ConfigureComponents", "ConfigureSelf"}),
    "Operator": frozenset({"Login", "ConfigureComponents", "ConfigureSelf"}),
    "ReadOnly": frozenset({"Login", "ConfigureSelf"}),
}
#: Privileges as iDRAC 8 spells them.
_MISSPELT: Final = {"ConfigureUser": "ConfigureUsers", "ConfigureComponent": "ConfigureComponents"}
#: What an answer of 401 asks for (RFC 9110, section 11.6.1).
_CHALLENGE: Final[Mapping[str, str]] = {"WWW-Authenticate": 'Basic realm="Redfish"'}
#: Sessions that may be open at a time.
MOST_SESSIONS: Final = 1000
_TOKEN: Final = "token:"  # noqa: S105 - the name of a memory
#: What anybody may read.
_OPEN: Final = frozenset({"/redfish", ROOT, f"{ROOT}/odata", f"{ROOT}/$metadata"})


class User(NamedTuple):
    """Who asks, as the accounts and roles have it.

    Attributes:
        name: Of the user.
        account: URI of the account; None for an administrator without one.
        enabled: Whether there is such a user, whose account lets anybody in.
        must_change: Whether a new password comes first.
        privileges: What the user may do.
    """

    name: str
    account: str | None
    enabled: bool
    must_change: bool
    privileges: frozenset[str]


#: Who needs no credentials; what is open to anybody asks for no more than a login.
ANYBODY: Final = User("", None, enabled=True, must_change=False, privileges=PREDEFINED["Administrator"])


class Gate:
    """Authenticates and authorises requests."""

    def __init__(self, machine: Machine) -> None:
        self._changes = Changes(machine.get(ROOT) or {})

    def user(self, world: World, method: str, path: str, headers: Mapping[str, str]) -> User:
        """Tell who asks, or :data:`ANYBODY` where anybody may.

        Raises:
            Denial: 401.
        """
        token, basic = headers.get("x-auth-token"), headers.get("authorization")
        if token is not None:
            user = _session_user(world, token)
        elif basic is not None:
            user = _basic_user(world, basic)
        else:
            user = None
        if user is None and not _is_free(world, method, path):
            raise Denial("NoValidSession", status=401, headers=_CHALLENGE)
        return user or ANYBODY

    def demand_login(self, world: World, payload: Mapping[str, Any]) -> None:
        """Check the credentials of a login, whatever handler then opens the session.

        Raises:
            Refusal: 401.
        """
        name, password = payload.get("UserName"), payload.get("Password")
        if not isinstance(name, str) or not isinstance(password, str) or _let_in(world, name, password) is None:
            raise Denial("NoValidSession", status=401, headers=_CHALLENGE)

    def welcome(self, world: World, name: str, answer: Response) -> Response:
        """Tell a user who has logged in what they must do first (DSP0266, "Password change required handling")."""
        user = _user(world, name)
        if not user.must_change or not isinstance(answer.body, Mapping):
            return answer
        told = [extended(Complaint("PasswordChangeRequired", (user.account or "",)))]
        return Response(answer.status, {**answer.body, "@Message.ExtendedInfo": told}, answer.headers)

    def demand(self, world: World, user: User, method: str, uri: str, payload: Json = None) -> None:
        """Check that a user may do something to a present resource.

        Raises:
            Refusal: 403.
        """
        reads = method in {"GET", "HEAD"}
        own = uri == user.account and (reads or (method == "PATCH" and payload_of(payload).keys() == {"Password"}))
        leaves = method == "DELETE" and _is_session(world, uri) and (world.get(uri) or {}).get("UserName") == user.name
        if not own and not leaves and user.must_change:
            raise Refusal("PasswordChangeRequired", user.account or "", status=403)
        if reads or leaves:
            needed = "Login"
        elif own:
            needed = "ConfigureSelf"
        else:
            needed = self._changes.need(uri)
        if needed not in user.privileges:
            raise Refusal("InsufficientPrivilege", status=403)


def issue_token(transaction: Transaction, session: str, token: str = "") -> str:
    """Give a new session its token; the world keeps only the token's hash.

    Args:
        transaction: The login's.
        session: URI of the session.
        token: What is told to nobody else, where others can reach the service. Without it the token follows from the
            world's state, as the simulation has no randomness of its own and such a token protects nothing real.
    """
    _forget_ended(transaction)
    serial = transaction.next_serial()
    if not token:
        seed = f"{session}|{serial}|{transaction.world.clock_s}"
        token = hashlib.blake2b(seed.encode(), digest_size=16, person=b"igc-token").hexdigest()
    name = str((transaction.get(session) or {}).get("UserName") or "")
    state: dict[str, Json] = {"session": session, "user": name, "seen_s": transaction.world.clock_s}
    transaction.remember(_token_key(token), state)
    return token


def privileges(world: World, account: JsonObject | None) -> frozenset[str]:
    """List what an account's role may do; credentials without an account are an administrator's."""
    if account is None:
        return PREDEFINED["Administrator"]
    role = account.get("RoleId") or link_at(account, "Links/Role").rpartition("/")[2]
    for uri in world.of_type("Role"):
        body = world.get(uri) or {}
        if role and role in (body.get("RoleId"), body.get("Id")) and "AssignedPrivileges" in body:
            return frozenset(_MISSPELT.get(name, name) for name in as_texts(body["AssignedPrivileges"]))
    return PREDEFINED.get(str(role), frozenset())


def logged_in(response: Response, token: str) -> Response:
    """Add a session's token to the answer that tells of the session."""
    return Response(response.status, response.body, {**response.headers, "X-Auth-Token": token})


def _session_user(world: World, token: str) -> User | None:
    key = _token_key(token)
    state = as_object(world.memory.get(key))
    if not state or world.resolve(state["session"]) is None or _has_timed_out(world, state):
        return None
    user = _user(world, state["user"])
    if not user.enabled or is_locked(world, user.name, user.account):
        return None
    if state["seen_s"] != world.clock_s:
        world.memory[key] = {**state, "seen_s": world.clock_s}
    return user


def _basic_user(world: World, header: str) -> User | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, _, password = text.partition(":")
    return _let_in(world, name, password)


def _let_in(world: World, name: str, password: str) -> User | None:
    """Judge credentials; wrong passwords of known users are counted."""
    user = _user(world, name)
    if not user.enabled or is_locked(world, name, user.account):
        return None
    if world.authenticate(name, password):
        note_success(world, name)
        return user
    note_failure(world, name, user.account)
    return None


def _user(world: World, name: str) -> User:
    """Look up a user; who is known is remembered until an account or a role is written."""
    key = f"user:{name}"
    found: User | None = world.standing.get(key)
    if found is None:
        uris = world.of_type("ManagerAccount") if name else []
        account = next((uri for uri in uris if (world.get(uri) or {}).get("UserName") == name), None)
        body = world.get(account) if account is not None else None
        known = body is not None or world.memory.get(f"guest:{name}") is True
        enabled = known and value_at(body, "Enabled") is not False
        must_change = value_at(body, "PasswordChangeRequired") is True
        found = User(name, account, enabled, must_change, privileges(world, body))
        if known:  # whoever guesses names fills no memory
            world.standing[key] = found
    return found


def _is_free(world: World, method: str, path: str) -> bool:
    if method in {"GET", "HEAD"}:
        return (path.rstrip("/") or path) in _OPEN
    if method != "POST":
        return False
    collection = world.resolve(path.removesuffix("/Members"))
    return collection is not None and type_name(world.get(collection) or {}) == "SessionCollection"


def _is_session(world: World, uri: str) -> bool:
    return type_name(world.get(uri) or {}) == "Session"


def _has_timed_out(world: World, state: Mapping[str, Any]) -> bool:
    """Tell whether a session was idle for longer than its service allows."""
    timeout = world.standing.get("timeout")
    if timeout is None:
        service = world.get(link_at(world.get(ROOT), "SessionService") or f"{ROOT}/SessionService")
        stated = (service or {}).get("SessionTimeout")
        timeout = world.standing["timeout"] = float(stated) if isinstance(stated, int | float) else 0.0
    return bool(timeout) and world.clock_s - state["seen_s"] > timeout


def _forget_ended(transaction: Transaction) -> None:
    """Make room for a new session: tokens of sessions that ended are forgotten, and sessions that timed out end.

    Raises:
        Refusal: 503, as there are too many sessions.
    """
    world = transaction.world
    left = 0
    for key, value in world.memory.items():
        state = as_object(value) if key.startswith(_TOKEN) else {}
        if not state:
            continue
        present = world.resolve(state["session"]) is not None
        if present and not _has_timed_out(world, state):
            left += 1
            continue
        transaction.remember(key, None)
        if present:
            transaction.delete(state["session"])
    if left >= MOST_SESSIONS:
        raise Refusal("SessionLimitExceeded", status=503)


def _token_key(token: str) -> str:
    return f"{_TOKEN}{hashlib.blake2b(token.encode(errors='replace'), digest_size=16).hexdigest()}"
