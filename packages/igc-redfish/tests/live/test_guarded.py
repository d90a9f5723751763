"""Nothing changes a host but as it was approved, and what became of it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from igc_core.rest import Request, Response
from igc_redfish.client.errors import ClientError
from igc_redfish.live.approval import AskEach
from igc_redfish.live.errors import LiveError, NotReadyError
from igc_redfish.live.guards import Budget

if TYPE_CHECKING:
    from igc_redfish.live.intent import Intent

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
LIGHT = Request("PATCH", SYSTEM, {"AssetTag": "R7-U12"})


def refused(code: str) -> Any:
    return pytest.raises(LiveError, check=lambda error: error.code == code)


def test_reads_pass_and_nothing_is_written_down(host: Any, journal: Any, guarded: Any) -> None:
    assert guarded().perform(Request("GET", SYSTEM)).ok
    assert not journal.lines


def test_a_request_is_not_sent_when_the_resource_changed_while_it_waited(host: Any, guarded: Any) -> None:
    def ponder(intent: Intent) -> str:
        host.simulator.apply(lambda transaction: transaction.set(SYSTEM, "PowerState", "Off"))
        return "y"

    with refused("live-changed"):
        guarded(AskEach(ponder, "alice")).perform(OFF)
    assert not host.changes


def test_a_request_is_not_sent_when_another_host_answers(host: Any, guarded: Any) -> None:
    def ponder(intent: Intent) -> str:
        host.simulator.apply(lambda transaction: transaction.set("/redfish/v1", "UUID", "another"))
        return "y"

    with refused("live-changed"):
        guarded(AskEach(ponder, "alice")).perform(OFF)
    assert not host.changes


def test_a_lost_answer_is_told_and_the_request_is_not_repeated(host: Any, journal: Any, guarded: Any) -> None:
    def drop(request: Request) -> None:
        if request.mutates:
            raise ClientError("cut off", code="client-unreachable", transient=True, unsure=True)

    host.instead = drop
    backend = guarded(Budget(interval_s=0))
    with refused("live-outcome-unknown"):
        backend.perform(OFF)
    with refused("live-outcome-unknown"):
        backend.perform(OFF)
    assert len(host.changes) == 1
    assert journal.events == ["intent", "unknown"]
    assert [(sent.method, sent.status) for sent in backend.sent] == [("POST", 0)]


def test_what_never_left_is_no_doubt(host: Any, journal: Any, guarded: Any) -> None:
    def nobody(request: Request) -> None:
        if request.mutates:
            raise ClientError("nobody there", code="client-unreachable", transient=True)

    host.instead = nobody
    backend = guarded()
    with pytest.raises(ClientError, match="nobody there"):
        backend.perform(OFF)
    assert journal.events == ["intent", "unsent"]
    assert not backend.sent


def test_a_run_that_is_stopped_before_a_request_leaves_no_doubt(host: Any, journal: Any, guarded: Any) -> None:
    def stop(request: Request) -> None:
        if request.mutates:
            raise NotReadyError("the run was stopped", code="live-stopped")

    host.instead = stop
    backend = guarded()
    with refused("live-stopped"):
        backend.perform(OFF)
    assert journal.events == ["intent", "unsent"]
    assert not backend.sent


def test_ctrl_c_after_the_answer_leaves_the_answer_in_the_journal(host: Any, journal: Any, guarded: Any) -> None:
    def interrupt(request: Request) -> None:
        if host.changes and not request.mutates:
            raise KeyboardInterrupt

    host.instead = interrupt
    backend = guarded()
    with pytest.raises(KeyboardInterrupt):
        backend.perform(OFF)
    assert journal.events == ["intent", "outcome"]
    assert journal.lines[1][1]["status"] == backend.sent[0].status == 204


def test_ctrl_c_leaves_word_of_what_is_unknown(host: Any, journal: Any, guarded: Any) -> None:
    def interrupt(request: Request) -> None:
        if request.mutates:
            raise KeyboardInterrupt

    host.instead = interrupt
    backend = guarded()
    with pytest.raises(KeyboardInterrupt):
        backend.perform(OFF)
    assert journal.events == ["intent", "unknown"]
    assert [(sent.uri, sent.status) for sent in backend.sent] == [(OFF.uri, 0)]


def test_a_patch_is_bound_to_the_tag_that_was_read(host: Any, guarded: Any) -> None:
    tag = host.simulator.perform(Request("GET", SYSTEM)).headers["ETag"]
    assert guarded().perform(LIGHT).ok
    assert host.changes[0].headers == {"If-Match": tag}


def test_a_host_that_refuses_its_own_tag_is_asked_without_it(host: Any, journal: Any, guarded: Any) -> None:
    host.instead = lambda request: Response(412) if "If-Match" in request.headers else None
    assert guarded().perform(LIGHT).ok
    assert [bool(change.headers) for change in host.changes] == [True, False]
    assert journal.events == ["intent", "outcome", "intent", "outcome"]


def test_a_precondition_that_failed_in_earnest_stays_failed(host: Any, guarded: Any) -> None:
    def meddle(request: Request) -> Response | None:
        if not request.mutates:
            return None
        host.simulator.apply(lambda transaction: transaction.set(SYSTEM, "AssetTag", "mine"))
        return Response(412)

    host.instead = meddle
    assert guarded().perform(LIGHT).status == 412
    assert len(host.changes) == 1


def test_nothing_is_sent_into_the_middle_of_a_transition(host: Any, guarded: Any) -> None:
    host.simulator.apply(lambda transaction: transaction.set(SYSTEM, "PowerState", "PoweringOn"))
    with refused("live-busy"):
        guarded().perform(OFF)
    assert not host.changes


def test_what_cannot_be_read_is_not_changed(host: Any, guarded: Any) -> None:
    backend = guarded()
    host.instead = lambda request: Response(500) if request.uri == SYSTEM else None
    with refused("live-unobservable"):
        backend.perform(OFF)
    assert not host.changes


def test_a_read_that_fails_once_is_repeated_and_a_change_is_not(host: Any, guarded: Any) -> None:
    answers = iter([Response(500), Response(503)])
    backend = guarded()
    host.instead = lambda request: next(answers, None) if request.uri == SYSTEM else None
    assert backend.perform(OFF).ok
    host.instead = lambda request: Response(500) if request.mutates else None
    assert backend.perform(OFF).status == 500
    assert len(host.changes) == 2
