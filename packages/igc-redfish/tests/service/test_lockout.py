from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_core.rest import Response
    from igc_redfish.simulator import Simulator

ROOT = "/redfish/v1"
SYSTEM = f"{ROOT}/Systems/1"
SERVICE = f"{ROOT}/AccountService"
ACCOUNT = f"{SERVICE}/Accounts/2"
POLICY = {"AccountLockoutThreshold": 3, "AccountLockoutDuration": 60, "AccountLockoutCounterResetAfter": 30}


@pytest.fixture
def locking(build: Any, rules: Any, make: Any) -> Simulator:
    """A host that locks the account of an operator after three wrong passwords."""
    simulator: Simulator = make(build(), [rules], authenticate=True, credentials={"root": "root", "op": "op"})

    def arm(transaction: Any) -> None:
        transaction.merge(SERVICE, POLICY)
        transaction.merge(ACCOUNT, {"UserName": "op", "RoleId": "Operator", "Locked": False})

    simulator.apply(arm)
    return simulator


@pytest.fixture
def status(locking: Simulator, sender_to: Any) -> Callable[[str], int]:
    """Read a system with a password of the operator."""
    send: Callable[..., Response] = sender_to(locking)

    def read(password: str) -> int:
        header = "Basic " + base64.b64encode(f"op:{password}".encode()).decode()
        return send("GET", SYSTEM, Authorization=header).status

    return read


def _fail(status: Any, times: int) -> None:
    assert [status("wrong") for _ in range(times)] == [401] * times


def test_the_right_password_no_longer_lets_in_after_too_many_wrong_ones(locking: Any, status: Any) -> None:
    _fail(status, 3)
    assert status("op") == 401
    assert locking.get(ACCOUNT)["Locked"] is True


def test_fewer_wrong_passwords_are_forgiven_by_a_right_one(locking: Any, status: Any) -> None:
    for _ in range(3):
        _fail(status, 2)
        assert status("op") == 200
    assert locking.get(ACCOUNT)["Locked"] is False


def test_wrong_passwords_long_ago_do_not_count(locking: Any, status: Any) -> None:
    _fail(status, 2)
    locking.wait(31)
    _fail(status, 2)
    assert status("op") == 200


def test_a_lock_ends_with_its_time(locking: Any, status: Any) -> None:
    _fail(status, 3)
    locking.wait(59)
    assert status("op") == 401
    locking.wait(2)
    assert status("op") == 200
    assert locking.get(ACCOUNT)["Locked"] is False


def test_an_administrator_unlocks(locking: Any, status: Any) -> None:
    _fail(status, 3)
    locking.apply(lambda transaction: transaction.set(ACCOUNT, "Locked", value=False))
    assert status("op") == 200


def test_a_lock_without_duration_stays(locking: Any, status: Any) -> None:
    locking.apply(lambda transaction: transaction.set(SERVICE, "AccountLockoutDuration", None))
    _fail(status, 3)
    locking.wait(1e6)
    assert status("op") == 401


def test_nothing_locks_where_the_service_has_no_threshold(locking: Any, status: Any) -> None:
    locking.apply(lambda transaction: transaction.set(SERVICE, "AccountLockoutThreshold", 0))
    _fail(status, 9)
    assert status("op") == 200


def test_names_that_nobody_has_leave_no_trace(locking: Any, sender_to: Any) -> None:
    header = "Basic " + base64.b64encode(b"stranger:x").decode()
    before = locking.world.key()
    for _ in range(5):
        sender_to(locking)("GET", SYSTEM, Authorization=header)
    assert locking.world.key() == before
