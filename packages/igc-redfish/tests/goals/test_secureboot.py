from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.models import Goal
from igc_core.rest import Request
from igc_redfish.bodies import value_at
from igc_redfish.capture import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from igc_redfish.goals.book import GoalBook
    from igc_redfish.simulator import Simulator

SYSTEM = f"{ROOT}/Systems/1"
SECURE = f"{SYSTEM}/SecureBoot"


def restart(host: Simulator) -> None:
    assert host.perform(Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceRestart"})).ok


@pytest.mark.parametrize("verb", ["enable", "disable"])
def test_it_is_stored_at_once_and_in_force_after_the_boot(host: Simulator, book: GoalBook, verb: str) -> None:
    goal = Goal(family="secureboot", verb=verb, target=SECURE)
    handler = book.handler("secureboot")
    if book.reached(goal, host, host):
        host.apply(lambda transaction: handler.prepare(goal, transaction))
    assert not book.reached(goal, host, host)
    (body,) = handler.payloads(goal)["patch SecureBoot"]
    assert host.perform(Request("PATCH", SECURE, body)).ok
    assert not book.reached(goal, host, host)
    restart(host)
    assert book.reached(goal, host, host)


def test_a_host_that_does_not_tell_what_is_in_force_is_believed(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    del tree[SECURE]["SecureBootCurrentBoot"]
    host = simulate()
    goal = Goal(family="secureboot", verb="enable", target=SECURE)
    host.perform(Request("PATCH", SECURE, {"SecureBootEnable": True}))
    assert book.reached(goal, host, host)
    host.apply(lambda transaction: book.handler("secureboot").prepare(goal, transaction))
    assert not book.reached(goal, host, host)


def test_a_legacy_host_refuses_it(host: Simulator) -> None:
    host.apply(lambda transaction: transaction.set(SYSTEM, "Boot/BootSourceOverrideMode", "Legacy"))
    assert host.perform(Request("PATCH", SECURE, {"SecureBootEnable": True})).status == 400
    assert host.perform(Request("PATCH", SECURE, {"SecureBootEnable": False})).ok


@pytest.mark.parametrize(
    ("kind", "mode"), [("DeleteAllKeys", "SetupMode"), ("DeletePK", "SetupMode"), ("ResetAllKeysToDefault", "UserMode")]
)
def test_keys_change_at_the_boot(host: Simulator, kind: str, mode: str) -> None:
    assert host.perform(Request("POST", f"{SECURE}/Actions/SecureBoot.ResetKeys", {"ResetKeysType": kind})).ok
    assert value_at(host.get(SECURE), "SecureBootMode") == "UserMode"
    restart(host)
    assert value_at(host.get(SECURE), "SecureBootMode") == mode


def test_a_resource_without_the_switch_cannot_be_wanted(
    tree: dict[str, Any], simulate: Callable[..., Simulator], book: GoalBook
) -> None:
    del tree[SECURE]["SecureBootEnable"]
    assert not list(book.handler("secureboot").goals(simulate()))
