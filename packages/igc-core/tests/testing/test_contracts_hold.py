"""The kit's own fakes pass the kit's contracts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from igc_core.models import Goal
from igc_core.protocols import Agent, Backend, GoalHandler, StateEncoder, Survey, View
from igc_core.rest import JsonObject, Request
from igc_core.testing import AgentContract, BackendContract, EncoderContract, GoalHandlerContract
from igc_core.testing.fakes import FakeBackend, FakeSession, ModeHandler, RandomAgent, ScriptedAgent, Thermostats, play

COOL = Goal(family="thermostat-mode", verb="set", target="hall", arguments={"mode": "Cool"})


class DigestEncoder:
    """A resource's digest as a direction."""

    width = 8
    fingerprint = "digest-8"

    def encode(self, resources: Sequence[JsonObject]) -> NDArray[np.float32]:
        texts = [json.dumps(resource, sort_keys=True).encode() for resource in resources]
        rows = [np.frombuffer(hashlib.sha256(text).digest()[:8], np.uint8) - 127.5 for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), self.width)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


class TestFakeBackend(BackendContract):
    known = "/api/zones/hall"
    secret = "warm-and-dry"

    @pytest.fixture
    def backend(self) -> Backend:
        return FakeBackend()


class TestBackendWithoutSecret(BackendContract):
    known = "/api"

    @pytest.fixture
    def backend(self) -> Backend:
        return FakeBackend()


class TestDigestEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> StateEncoder:
        return DigestEncoder()


class TestModeHandler(GoalHandlerContract):
    understood = "set mode of attic to heat"

    @pytest.fixture
    def handler(self) -> GoalHandler:
        return ModeHandler()

    @pytest.fixture
    def service(self) -> Survey:
        return Thermostats()

    @pytest.fixture
    def reached(self) -> Survey:
        service = Thermostats()
        service.set_mode("/api/zones/attic", "Heat")
        service.pass_time(2)
        return service


class FakeAgentContract(AgentContract):
    @pytest.fixture
    def views(self) -> Sequence[View]:
        return play(RandomAgent(), FakeSession(COOL))


class TestRandomAgent(FakeAgentContract):
    @pytest.fixture
    def agent(self) -> Agent:
        return RandomAgent()


class TestScriptedAgent(FakeAgentContract):
    @pytest.fixture
    def agent(self) -> Agent:
        return ScriptedAgent()


def test_heating_takes_two_seconds() -> None:
    backend = FakeBackend()
    backend.perform(Request("PATCH", "/api/zones/hall", {"Mode": "Heat"}))
    backend.wait(1)
    assert backend.perform(Request("GET", "/api/zones/hall")).body["Warm"] is False  # type: ignore[index,call-overload]
    backend.wait(1)
    assert backend.perform(Request("GET", "/api/zones/hall")).body["Warm"] is True  # type: ignore[index,call-overload]


def test_wrong_requests_are_refused() -> None:
    backend = FakeBackend()
    requests = [
        Request("PATCH", "/api/zones/hall", {"Mode": "Boil"}),
        Request("PATCH", "/api", {"Mode": "Heat"}),
        Request("DELETE", "/api/zones/hall"),
    ]
    assert [backend.perform(request).status for request in requests] == [400, 405, 405]


def test_credentials_are_checked() -> None:
    assert Thermostats(password="x").authenticate("keeper", "x")
    assert not Thermostats(password="x").authenticate("keeper", "y")


def test_index_out_of_range_is_refused() -> None:
    with pytest.raises(Exception, match="there is no action 9 among 3"):
        FakeSession(COOL).perform(9)
