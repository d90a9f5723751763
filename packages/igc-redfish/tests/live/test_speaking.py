"""What a person reads before they say yes."""

from __future__ import annotations

import io
from typing import Any

import pytest

from igc_core.rest import Request
from igc_redfish.cli.speaking import Speaker, described
from igc_redfish.live.intent import Intent
from igc_redfish.live.risk import Risk
from igc_redfish.live.twin import Change, Prediction

ACCOUNT = "/redfish/v1/AccountService/Accounts/1"


def intent(**options: Any) -> Intent:
    values: dict[str, Any] = {
        "host": "https://bmc",
        "identity": "uuid:a",
        "request": Request("PATCH", ACCOUNT, {"Password": "hunter2"}, {"If-Match": '"1"'}),
        "operation": "patch ManagerAccount",
        "source": ACCOUNT,
        "risk": Risk.R2,
    }
    return Intent(**(values | options))


def test_a_request_is_told_with_what_it_does_and_is_expected_to_change() -> None:
    prediction = Prediction(
        200, (Change(ACCOUNT, "Enabled", False, True), Change("/redfish/v1/B", "", "absent", "present"))
    )
    assert list(described(intent(prediction=prediction))) == [
        f'PATCH {ACCOUNT} {{"Password":"<redacted>"}}',
        f"  does      patch ManagerAccount on {ACCOUNT}  risk R2  If-Match",
        "  expected  Enabled: false -> true",
        '            /redfish/v1/B: "absent" -> "present"',
    ]


def test_what_cannot_be_foreseen_or_destroys_is_said() -> None:
    assert "  expected  nothing that could be seen" in described(intent(prediction=Prediction(204)))
    assert "  expected  to be refused: the twin answers 400" in described(intent(prediction=Prediction(400)))
    assert "  careful   it destroys something or may lock people out" in described(intent(risk=Risk.R3))
    gone = Prediction(204, (Change(ACCOUNT, "", "present", "absent"),))
    assert '  expected  the resource: "present" -> "absent"' in described(intent(prediction=gone))


def test_no_secret_is_shown_and_nothing_steers_the_terminal() -> None:
    prediction = Prediction(
        200, (Change(ACCOUNT, "Password", None, "hunter2"), Change(ACCOUNT, "Note", "a", "\x1b[2J"))
    )
    told = "\n".join(
        described(
            intent(
                request=Request("PATCH", f"{ACCOUNT}/hunter2\x1b[2J", {"Note": "hunter2"}),
                prediction=prediction,
                secrets=frozenset({"hunter2"}),
            )
        )
    )
    assert "hunter2" not in told
    assert "\x1b" not in told


def test_who_is_not_at_a_terminal_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    out = io.StringIO()
    speaker = Speaker(out)
    assert speaker.asker() is None
    assert speaker.word_asker() is None
    speaker.show_plan([], "https://bmc")
    assert out.getvalue() == "nothing would be changed on https://bmc\n"


def test_nothing_of_what_is_approved_is_hidden() -> None:
    body = {"Attributes": {f"Setting{number}": "x" * 20 for number in range(40)} | {"Last": "disaster"}}
    first, *_ = described(intent(request=Request("PATCH", ACCOUNT, body)))
    assert first.endswith('"Last":"disaster"}}')
