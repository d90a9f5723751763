"""Who says yes: a person for each request or for a whole plan, or a policy that was written beforehand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from igc_redfish.live.errors import LiveError, NotPermittedError
from igc_redfish.live.guards import Guard
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from igc_redfish.live.intent import Intent
    from igc_redfish.live.policy import Policy

#: How long an approved plan that is not begun, or does not go on, holds, in seconds.
PLAN_HOLDS_S = 900.0
_YES = frozenset({"y", "yes"})


class AskEach(Guard):
    """A person approves each request. What destroys is asked for by the guard of its own."""

    name = "approval"

    def __init__(self, ask: Callable[[Intent], str] | None, person: str) -> None:
        """Ask by a function that shows a request and returns what was typed; nobody is there if it is None."""
        self._ask, self._person = ask, person

    def check(self, intent: Intent) -> str:
        """Stop what is not approved."""
        if self._ask is None:
            hint = "run it in a terminal, or approve beforehand with a policy file"
            raise NotPermittedError("nobody is there to approve the request", code="live-not-approved", hint=hint)
        if intent.risk < Risk.R3 and self._ask(intent).strip().lower() not in _YES:
            raise _declined(intent, "you declined it")
        return f"{self._person}, for this request"


class ApprovedPlan(Guard):
    """Nothing is sent but what stands in an approved plan, each request as often as it stands there.

    The first request leaves within fifteen minutes of the approval, and each further one within fifteen minutes of the
    one before: a plan that waits for resets is not cut off halfway, and one that was left lying is not taken up.
    """

    name = "approval"

    def __init__(self, keys: Counter[str], approver: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep a plan.

        Args:
            keys: How often each request may be sent, by :attr:`igc_redfish.live.intent.Intent.key`.
            approver: Who approved it.
            clock: Tells the time, in seconds.
        """
        self._keys, self._approver, self._clock = keys.copy(), approver, clock
        self._until = clock() + PLAN_HOLDS_S

    def check(self, intent: Intent) -> str:
        """Stop what the plan does not hold."""
        if self._clock() > self._until:
            raise _declined(intent, "the plan was approved, or last went on, more than fifteen minutes ago")
        if self._keys[intent.key] < 1:
            raise _declined(intent, "the approved plan does not hold it")
        return f"{self._approver}, as part of a plan"

    def learn(self, intent: Intent, status: int) -> None:  # noqa: ARG002 - sent is sent
        """Cross a request off the plan, which goes on."""
        self._keys[intent.key] -= 1
        self._until = self._clock() + PLAN_HOLDS_S


class FleetApproval:
    """What somebody approved for many hosts at once, each of which has its turn later.

    A host whose turn comes while the approval holds gets its own :class:`ApprovedPlan` then, however long it queued.
    """

    def __init__(
        self, approver: str, *, holds_s: float = PLAN_HOLDS_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin to hold.

        Args:
            approver: Who approved.
            holds_s: How long hosts may be begun, in seconds.
            clock: Tells the time, in seconds.
        """
        self._approver, self._clock = approver, clock
        self._until = clock() + holds_s

    def ended(self) -> str:
        """Say why no further host may be begun; ``""`` while the approval holds."""
        return "the approval ended before its turn came" if self._clock() > self._until else ""

    def plan(self, keys: Counter[str]) -> ApprovedPlan:
        """Begin the plan of a host whose turn has come."""
        return ApprovedPlan(keys, self._approver, clock=self._clock)


class ByPolicy(Guard):
    """A policy file approves."""

    name = "approval"

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def check(self, intent: Intent) -> str:
        """Stop what no rule of the policy approves; what destroys is left to the guard of its own."""
        if intent.risk >= Risk.R3:
            return ""
        approver = self._policy.approver_of(intent)
        if approver is not None:
            return f"{approver}, by policy"
        raise _declined(intent, "no rule of the policy approves it")


def _declined(intent: Intent, reason: str) -> LiveError:
    return NotPermittedError(
        f"{intent.request.method} {intent.request.uri} was not approved: {reason}",
        code="live-not-approved",
        hint="nothing was sent; see what a dry run would send with --dry-run",
    )
