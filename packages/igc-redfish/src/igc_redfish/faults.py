"""Seeded faults: what real services do wrong now and then."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from igc_core.models import Model
from igc_core.rest import Response
from igc_redfish.service.messages import JSON_HEADERS, error_body, refused
from igc_redfish.service.refusal import Complaint, Refusal

if TYPE_CHECKING:
    from typing import Self

    from igc_core.rest import Request
    from igc_redfish.service.core import Service
    from igc_redfish.service.world import World


class Faults(Model):
    """How often each fault happens, as a share of the requests it can happen to.

    Attributes:
        seed: Equal seeds give equal faults for equal requests.
        error_rate: A request is answered 500 and does nothing.
        unavailable_rate: A request is answered 503 with Retry-After and does nothing.
        retry_after_s: What Retry-After says.
        stale_rate: A read shows what the URI showed when it was read first.
        drop_rate: A change is answered as a success, but is not done.
        delay_rate: An answer takes its time.
        delay_s: How much, in virtual seconds.
    """

    seed: int = 0
    error_rate: float = Field(default=0.0, ge=0, le=1)
    unavailable_rate: float = Field(default=0.0, ge=0, le=1)
    retry_after_s: int = Field(default=5, ge=1)
    stale_rate: float = Field(default=0.0, ge=0, le=1)
    drop_rate: float = Field(default=0.0, ge=0, le=1)
    delay_rate: float = Field(default=0.0, ge=0, le=1)
    delay_s: float = Field(default=1.0, ge=0, le=86_400)

    @model_validator(mode="after")
    def _one_request_has_one_answer(self) -> Self:
        if self.error_rate + self.unavailable_rate > 1:
            raise ValueError("error_rate and unavailable_rate together exceed 1")
        return self


class FaultInjector:
    """Stands before a service and spoils some of its answers.

    Every request draws the same number of random values, so one rate does not shift the faults of another.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._random = random.Random(faults.seed)  # noqa: S311 - faults need repetition, not secrecy
        self._first: dict[str, Response] = {}

    def reset(self) -> None:
        """Begin the sequence of faults anew."""
        self._random.seed(self._faults.seed)
        self._first.clear()

    def perform(self, request: Request, service: Service, world: World) -> Response:
        """Answer one request, perhaps wrongly."""
        failing, slow, lying = self._random.random(), self._random.random(), self._random.random()
        if slow < self._faults.delay_rate:
            service.advance(world, self._faults.delay_s)
        if failing < self._faults.error_rate:
            return Response(500, error_body([Complaint("InternalError")]), JSON_HEADERS)
        if failing < self._faults.error_rate + self._faults.unavailable_rate:
            seconds = self._faults.retry_after_s
            return refused(Refusal("ServiceTemporarilyUnavailable", str(seconds), status=503, retry_after_s=seconds))
        if request.mutates:
            return self._change(request, service, world, dropped=lying < self._faults.drop_rate)
        return self._read(request, service, world, stale=lying < self._faults.stale_rate)

    def _change(self, request: Request, service: Service, world: World, *, dropped: bool) -> Response:
        before = world.snapshot() if dropped else None
        answer = service.handle(world, request)
        if before is not None and answer.ok:
            world.restore(before)
        return answer

    def _read(self, request: Request, service: Service, world: World, *, stale: bool) -> Response:
        answer = service.handle(world, request)
        if request.method != "GET" or not answer.ok:
            return answer
        first = self._first.setdefault(request.uri, answer)
        return first if stale else answer
