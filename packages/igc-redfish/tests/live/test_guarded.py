"""Nothing changes a host unless every guard lets it pass."""

from __future__ import annotations

import resource
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from igc_core.rest import Request, Response
from igc_redfish.client.errors import ClientError
from igc_redfish.live.approval import ApprovedPlan, AskEach
from igc_redfish.live.errors import LiveError
from igc_redfish.live.guarded import GuardedBackend
from igc_redfish.live.guards import Allowance, Budget, Destructive, Guard, Preview
from igc_redfish.live.intent import Intent, approval_key
from igc_redfish.live.journal import Journal
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_redfish.goals.book import GoalBook
    from igc_redfish.live.twin import Twin

SYSTEM = "/redfish/v1/Systems/1"
OFF = Request("POST", f"{SYSTEM}/Actions/ComputerSystem.Reset", {"ResetType": "ForceOff"})
LIGHT = Request("PATCH", SYSTEM, {"AssetTag": "R7-U12"})
URL = "https://r7-u12-bmc:8443"


@pytest.fixture
def guarded(host: Any, twin: Twin, journal: Any) -> Callable[..., GuardedBackend]:
    def build(*guards: Guard, **options: Any) -> GuardedBackend:
        return GuardedBackend(host, twin, guards, options.pop("journal", journal), host=URL, **options)

    return build


def refused(code: str) -> Any:
    return pytest.raises(LiveError, check=lambda error: error.code == code)


def test_reads_pass_and_nothing_is_written_down(host: Any, journal: Any, guarded: Any) -> None:
    assert guarded().perform(Request("GET", SYSTEM)).ok
    assert not journal.lines


def test_nothing_may_be_changed_unless_it_was_allowed(host: Any, journal: Any, book: GoalBook, guarded: Any) -> None:
    with refused("live-read-only"):
        guarded(Allowance([], book)).perform(OFF)
    assert not host.changes
    [(event, line)] = journal.lines
    assert (event, line["guard"], line["operation"]) == ("refused", "allow", "action ComputerSystem.Reset")


@pytest.mark.parametrize("entry", ["power", "bios", "/redfish/v1/Systems/*", SYSTEM.upper(), "led,power"])
def test_families_and_paths_allow(entry: str, host: Any, book: GoalBook, guarded: Any) -> None:
    assert guarded(Allowance([entry], book)).perform(OFF).ok
    assert [change.body for change in host.changes] == [OFF.body]


@pytest.mark.parametrize("entry", ["led", "boot", "/redfish/v1/Managers/*"])
def test_what_was_allowed_allows_nothing_else(entry: str, host: Any, book: GoalBook, guarded: Any) -> None:
    with refused("live-not-allowed"):
        guarded(Allowance([entry], book)).perform(OFF)
    assert not host.changes


@pytest.mark.parametrize("entries", [[], ["/redfish/v1/Systems/*"], ["power", "boot"], ["boot,power"]])
def test_a_goal_may_begin_where_all_that_it_takes_may_be_allowed(entries: list[str], book: GoalBook) -> None:
    Allowance(entries, book).demand(["boot", "power"])


def test_a_goal_of_which_a_part_was_not_allowed_is_not_begun(book: GoalBook) -> None:
    with refused("live-not-allowed") as caught:
        Allowance(["boot"], book).demand(["boot", "power"])
    assert "the goal takes power, and only boot is allowed" in str(caught.value)
    assert "--allow boot,power" in str(caught.value)


def test_a_request_is_shown_with_what_the_twin_expects(host: Any, guarded: Any) -> None:
    shown: list[Intent] = []
    guarded(Preview(shown.append)).perform(OFF)
    assert shown[0].prediction.status in {200, 204}
    values = {(change.uri, change.path): (change.old, change.new) for change in shown[0].prediction.changes}
    assert values[SYSTEM, "PowerState"] == ("On", "Off")


def test_the_twin_is_brought_up_to_date_before_it_predicts(host: Any, guarded: Any) -> None:
    host.simulator.apply(lambda transaction: transaction.set(SYSTEM, "PowerState", "Off"))
    shown: list[Intent] = []
    guarded(Preview(shown.append)).perform(replace(OFF, body={"ResetType": "On"}))
    values = {(change.uri, change.path): (change.old, change.new) for change in shown[0].prediction.changes}
    assert values[SYSTEM, "PowerState"] == ("Off", "On")


@pytest.mark.parametrize(("typed", "sent"), [("y", 1), ("yes", 1), ("n", 0), ("", 0)])
def test_a_person_decides_on_each_request(typed: str, sent: int, host: Any, guarded: Any) -> None:
    backend = guarded(AskEach(lambda _: typed, "alice"))
    if sent:
        backend.perform(OFF)
    else:
        with refused("live-not-approved"):
            backend.perform(OFF)
    assert len(host.changes) == sent


def test_nobody_there_means_no(host: Any, guarded: Any) -> None:
    with refused("live-not-approved"):
        guarded(AskEach(None, "nobody")).perform(OFF)
    assert not host.changes


def test_an_approved_plan_holds_for_its_requests_once_and_for_a_while(guarded: Any, host: Any) -> None:
    now = [0.0]
    key = approval_key(URL, guarded().identity, OFF)
    backend = guarded(ApprovedPlan(Counter([key]), "alice", clock=lambda: now[0]))
    with refused("live-not-approved"):
        backend.perform(LIGHT)
    backend.perform(OFF)
    with refused("live-not-approved"):
        backend.perform(OFF)
    late = guarded(ApprovedPlan(Counter([key]), "alice", clock=lambda: now[0]))
    now[0] += 1000
    with refused("live-not-approved"):
        late.perform(OFF)
    assert len(host.changes) == 1


def test_an_approval_is_for_the_host_that_it_was_given_for() -> None:
    key = approval_key(URL, "uuid:a", OFF)
    assert key != approval_key(URL, "uuid:b", OFF)
    assert key == approval_key(URL, "uuid:a", replace(OFF, headers={"If-Match": "*"}))
    assert key != approval_key(URL, "uuid:a", replace(OFF, body={"ResetType": "On"}))


@pytest.mark.parametrize("identity", ["", "uuid:of-every-board-of-the-batch"])
def test_an_approval_tells_hosts_apart_that_say_the_same_of_themselves(identity: str) -> None:
    assert approval_key(URL, identity, OFF) != approval_key("https://r7-u13-bmc", identity, OFF)


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


def test_budgets_bound_changes_and_resets(host: Any, guarded: Any) -> None:
    backend = guarded(Budget(writes=2, resets=1, interval_s=0))
    backend.perform(OFF)
    with refused("live-over-budget"):
        backend.perform(OFF)
    backend.perform(LIGHT)
    with refused("live-over-budget"):
        backend.perform(LIGHT)
    assert len(host.changes) == 2


def test_changes_keep_their_distance(host: Any, guarded: Any) -> None:
    slept: list[float] = []
    backend = guarded(Budget(interval_s=5.0, clock=lambda: 100.0 + sum(slept), sleep=slept.append))
    backend.perform(LIGHT)
    backend.perform(OFF)
    assert slept == [5.0]


def test_a_host_that_fails_three_times_is_left_alone(host: Any, guarded: Any) -> None:
    host.instead = lambda request: Response(500) if request.mutates else None
    backend = guarded(Budget(interval_s=0))
    for _ in range(3):
        backend.perform(LIGHT)
    with refused("live-failing"):
        backend.perform(OFF)


def destroying(host: Any) -> Request:
    [log, *_] = [uri for uri in host.simulator.of_type("LogService") if "#LogService.ClearLog" in actions(host, uri)]
    return Request("POST", actions(host, log)["#LogService.ClearLog"]["target"], {})


def actions(host: Any, uri: str) -> dict[str, Any]:
    return dict((host.simulator.get(uri) or {}).get("Actions", {}))


def test_what_destroys_takes_the_name_of_the_host_for_each_request(host: Any, guarded: Any) -> None:
    request = destroying(host)
    with refused("live-destructive"):
        guarded(Destructive()).perform(request)
    with refused("live-destructive"):
        guarded(Destructive(["yes"], lambda _: "y")).perform(request)
    backend = guarded(Destructive(["r7-u12-bmc"]))
    assert backend.perform(request).ok
    with refused("live-destructive"):
        backend.perform(request)
    assert guarded(Destructive(ask=lambda _: "r7-u12-bmc\n")).perform(request).ok
    assert len(host.changes) == 2


def test_the_journal_is_on_disk_before_the_request_leaves(tmp_path: Path, host: Any, guarded: Any) -> None:
    path = tmp_path / "journal.jsonl"
    seen: list[list[str]] = []

    def look(request: Request) -> None:
        if request.mutates:
            seen.append([orjson.loads(line)["event"] for line in path.read_bytes().splitlines()])

    host.instead = look
    guarded(journal=Journal(path)).perform(OFF)
    assert seen == [["intent"]]
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["event"] for line in lines] == ["intent", "outcome"]
    assert lines[0]["before"]["PowerState"] == "On"
    assert {"path": "PowerState", "old": "On", "new": "Off"} in lines[1]["after"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_leaves_when_the_journal_cannot_be_written(tmp_path: Path, host: Any, guarded: Any) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    backend = guarded(journal=journal)
    journal.close()
    with refused("live-journal"):
        backend.perform(OFF)
    assert not host.changes
    with refused("live-journal"):
        Journal(tmp_path)


def test_a_line_that_does_not_fit_on_the_disk_lets_nothing_leave(tmp_path: Path, host: Any, guarded: Any) -> None:
    path = tmp_path / "journal.jsonl"
    backend = guarded(journal=Journal(path))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, usual[1]))  # a disk that is nearly full
    try:
        with refused("live-journal"):
            backend.perform(OFF)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not host.changes


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b'{"event":"inte')
    Journal(path).write("start", {})
    assert [orjson.loads(line)["event"] for line in path.read_bytes().splitlines()[1:]] == ["start"]


def test_what_no_file_can_hold_is_told_of(tmp_path: Path) -> None:
    with refused("live-journal"):
        Journal(tmp_path / "journal.jsonl").write("start", {"goal": "led \udcff"})


def test_no_secret_gets_into_the_journal(tmp_path: Path, host: Any, twin: Twin) -> None:
    [account, *_] = host.simulator.of_type("ManagerAccount")
    path = tmp_path / "journal.jsonl"
    backend = GuardedBackend(host, twin, [], Journal(path), host=URL, secrets=frozenset({"hunter2"}))
    backend.perform(Request("PATCH", account, {"Password": "correct horse 1X"}))
    backend.perform(Request("PATCH", SYSTEM, {"AssetTag": "hunter2"}))
    text = path.read_text()
    assert "correct horse" not in text
    assert "hunter2" not in text
    assert len(text.splitlines()) == 4


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
            raise LiveError("the run was stopped", code="live-stopped")

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


def test_the_budget_counts_what_nobody_knows_of(host: Any, guarded: Any) -> None:
    def drop(request: Request) -> None:
        if request.mutates:
            raise ClientError("cut off", code="client-unreachable", unsure=True)

    host.instead = drop
    budget = Budget(writes=1, interval_s=0)
    with refused("live-outcome-unknown"):
        guarded(budget).perform(OFF)
    with refused("live-over-budget"):
        guarded(budget).perform(LIGHT)


def test_guards_are_asked_in_their_order_and_the_first_that_stops_is_the_last(host: Any, guarded: Any) -> None:
    asked: list[str] = []

    class Noting(Guard):
        def __init__(self, name: str, *, stops: bool = False) -> None:
            self.name, self._stops = name, stops

        def check(self, intent: Intent) -> str:
            asked.append(self.name)
            if self._stops:
                raise LiveError("no", code="live-not-allowed")
            return ""

    with refused("live-not-allowed"):
        guarded(Noting("a"), Noting("b", stops=True), Noting("c")).perform(OFF)
    assert asked == ["a", "b"]


def test_risks_are_told_apart(host: Any, guarded: Any) -> None:
    seen: list[Intent] = []
    backend = guarded(Preview(seen.append))
    for request in (LIGHT, OFF, destroying(host)):
        backend.perform(request)
    assert [intent.risk for intent in seen] == [Risk.R1, Risk.R2, Risk.R3]


def test_a_read_that_fails_once_is_repeated_and_a_change_is_not(host: Any, guarded: Any) -> None:
    answers = iter([Response(500), Response(503)])
    backend = guarded()
    host.instead = lambda request: next(answers, None) if request.uri == SYSTEM else None
    assert backend.perform(OFF).ok
    host.instead = lambda request: Response(500) if request.mutates else None
    assert backend.perform(OFF).status == 500
    assert len(host.changes) == 2
