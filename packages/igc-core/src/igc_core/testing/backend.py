"""The contract of a backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import pytest

from igc_core.protocols import Backend
from igc_core.rest import Request, Response
from igc_core.testing.contract import Contract

if TYPE_CHECKING:
    from igc_core.rest import Json


class BackendContract(Contract):
    """A backend answers requests and never decides what they mean.

    Fill in the fixture ``backend`` and:

    Attributes:
        known: URI of a resource that exists.
        unknown: URI of no resource.
        secret: A password or token that the backend was built with, or ``""``.
    """

    known: ClassVar[str]
    unknown: ClassVar[str] = "/no/such/resource"
    secret: ClassVar[str] = ""

    @pytest.fixture
    def backend(self) -> Backend:
        """Build a fresh backend."""
        raise NotImplementedError(f"{type(self).__name__} needs a fixture 'backend'")

    def test_implements_the_protocol(self, backend: Backend) -> None:
        assert isinstance(backend, Backend)

    def test_known_resource_is_answered(self, backend: Backend) -> None:
        answer = backend.perform(Request("GET", self.known))
        assert isinstance(answer, Response)
        assert answer.ok, f"GET {self.known} answered {answer.status}"
        assert answer.body is not None

    def test_refusal_is_an_answer(self, backend: Backend) -> None:
        assert backend.perform(Request("GET", self.unknown)).status >= 400
        assert backend.perform(Request("PATCH", self.unknown, {"Unknown": 1})).status >= 400
        assert backend.perform(Request("DELETE", self.unknown)).status >= 400

    def test_safe_methods_change_nothing(self, backend: Backend) -> None:
        before = self._body(backend)
        for method in ("HEAD", "OPTIONS", "GET"):
            backend.perform(Request(method, self.known))
            backend.perform(Request(method, self.unknown))
        assert self._body(backend) == before

    def test_head_has_no_body(self, backend: Backend) -> None:
        assert backend.perform(Request("HEAD", self.known)).body is None

    def test_request_is_left_as_it_was(self, backend: Backend) -> None:
        body: dict[str, Json] = {"Unknown": {"Nested": [1, 2]}}
        backend.perform(Request("PATCH", self.known, body))
        assert body == {"Unknown": {"Nested": [1, 2]}}

    def test_waiting_is_allowed(self, backend: Backend) -> None:
        backend.wait(0.0)

    def test_close_is_idempotent(self, backend: Backend) -> None:
        backend.close()
        backend.close()

    def test_secrets_are_not_shown(self, backend: Backend) -> None:
        if not self.secret:
            pytest.skip("built without a secret")
        assert self.secret not in repr(backend)
        assert self.secret not in str(backend)
        assert self.secret not in repr(backend.perform(Request("GET", self.known)))

    def _body(self, backend: Backend) -> Json:
        return backend.perform(Request("GET", self.known)).body
