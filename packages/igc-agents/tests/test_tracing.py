from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from igc_agents.evaluation import Result
from igc_agents.tracing import trace, worth_showing
from igc_core.episode import Transition
from igc_core.models import Goal
from igc_core.plugins import PluginManager
from igc_core.protocols import Action, View
from igc_core.rest import Request, Response

SECRET = "hunter2-very-secret"


class Service:
    """A session on a service that repeats a password wherever it can."""

    family, machine, shortest = "password", "leaky", 2

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {"/redfish/v1": {"Id": "root"}}
        self.steps = 0

    def start(self) -> Service:
        return self

    def view(self) -> View:
        body = {"Password": SECRET, "Note": f"was {SECRET}"}
        actions = [
            Action(Request("GET", f"/redfish/v1/{SECRET}"), "/redfish/v1", "ServiceRoot", f"Links/{SECRET}"),
            Action(Request("PATCH", "/redfish/v1/Accounts/1", body=body), "/redfish/v1", "Account", "Password"),
            Action(Request("WAIT", "")),
        ]
        goal = Goal(family="password", verb="set", target="/redfish/v1/Accounts/1", arguments={"password": SECRET})
        return View(goal=goal, actions=actions, documents=self.documents, steps=self.steps)

    def perform(self, index: int) -> Transition:
        request = self.view().actions[index].request
        self.steps += 1
        answer = {"Password": SECRET, "Long": "x" * 20_000, "Said": f"{SECRET}!"}
        if request.method == "GET":
            self.documents[request.uri] = answer
        return Transition(0.0, self.steps == 3, False, request, Response(0 if index == 2 else 200, answer))

    def reached(self) -> bool:
        return self.steps == 3


class InTurn:
    """Takes one action after the other, and says so."""

    def start(self, seed: int) -> None: ...

    def choose(self, view: View) -> int:
        return view.steps

    def scores(self, view: View) -> NDArray[np.float32]:
        return np.array([0.6, 0.3, 0.1], np.float32)


def test_no_secret_is_written_down() -> None:
    found = trace(InTurn(), Service(), name="in-turn", kind="worst", seed=0, plugins=PluginManager())
    assert SECRET not in found.model_dump_json()
    assert [step.method for step in found.steps] == ["GET", "PATCH", "WAIT"]
    assert "<redacted>" in found.steps[1].body
    assert "<redacted>" in found.steps[0].choices[1].body


def test_long_answers_are_cut_and_say_so() -> None:
    step = trace(InTurn(), Service(), name="in-turn", kind="worst", seed=0, plugins=PluginManager()).steps[0]
    assert len(step.answer) == 6000
    assert step.cut > 10_000


def test_what_a_request_read_is_told() -> None:
    found = trace(InTurn(), Service(), name="in-turn", kind="worst", seed=0, plugins=PluginManager())
    assert found.known == ("/redfish/v1",)
    assert [step.read for step in found.steps] == [("/redfish/v1/<redacted>",), (), ()]


def test_the_likeliest_candidates_are_kept_in_order_and_the_chosen_one_is_marked() -> None:
    found = trace(InTurn(), Service(), name="in-turn", kind="worst", seed=0, plugins=PluginManager())
    for place, step in enumerate(found.steps):
        assert [choice.probability for choice in step.choices] == [0.6, 0.3, 0.1]
        assert [choice.chosen for choice in step.choices] == [number == place for number in range(3)]
        assert step.legal == 3


def test_worst_episode_is_a_failure_and_the_typical_one_is_in_the_middle() -> None:
    results = [Result("power", "m", length < 9, length, 3) for length in (3, 4, 9, 5, 3)]
    assert worth_showing(results) == [(2, "worst"), (1, "typical")]
    assert worth_showing(results[:1]) == [(0, "worst")]
