"""Accounts that lock after too many wrong passwords (AccountService schema, ``AccountLockoutThreshold``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import as_object

if TYPE_CHECKING:
    from igc_redfish.service.world import World

_FAILURES: Final = "failures:"
_LOCK: Final = "lock:"


def note_failure(world: World, name: str, account: str | None) -> None:
    """Count a wrong password; at the threshold the account locks.

    Args:
        world: Whose account it is.
        name: The user, who exists.
        account: The user's account, where it is a resource.
    """
    policy = _policy(world)
    threshold = _number(policy.get("AccountLockoutThreshold"))
    if not threshold or is_locked(world, name, account):
        return
    state = as_object(world.memory.get(_FAILURES + name))
    reset_s = _number(policy.get("AccountLockoutCounterResetAfter"))
    if state and reset_s and world.clock_s - state["last_s"] > reset_s:
        state = {}
    count = int(state.get("count", 0)) + 1
    if count < threshold:
        world.memory[_FAILURES + name] = {"count": count, "last_s": world.clock_s}
        return
    world.memory.pop(_FAILURES + name, None)
    duration_s = _number(policy.get("AccountLockoutDuration"))
    world.memory[_LOCK + name] = world.clock_s + duration_s if duration_s else None
    _show(world, account, locked=True)


def note_success(world: World, name: str) -> None:
    """Forget the wrong passwords before a right one."""
    if world.memory:
        world.memory.pop(_FAILURES + name, None)


def is_locked(world: World, name: str, account: str | None) -> bool:
    """Tell whether a user is locked out now; a lock ends with its time, or when somebody unlocks the account."""
    body = world.get(account) if account is not None else None
    key = _LOCK + name
    if key not in world.memory:
        return body is not None and body.get("Locked") is True
    until_s = world.memory[key]
    over = isinstance(until_s, int | float) and world.clock_s >= until_s
    if over or (body is not None and body.get("Locked", True) is not True):
        del world.memory[key]
        _show(world, account, locked=False)
        return False
    return True


def _show(world: World, account: str | None, *, locked: bool) -> None:
    body = world.get(account) if account is not None else None
    if account is not None and body is not None and "Locked" in body and body["Locked"] is not locked:
        world.write(account, {**body, "Locked": locked})


def _policy(world: World) -> dict[str, Any]:
    found: dict[str, Any] | None = world.standing.get("lockout")
    if found is None:
        uris = world.of_type("AccountService")
        found = world.standing["lockout"] = as_object(world.get(uris[0])) if uris else {}
    return found


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 0
