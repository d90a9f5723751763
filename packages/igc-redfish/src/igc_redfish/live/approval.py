"""Who says yes: a person for each request or for a whole plan, or a policy that was written beforehand."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from igc_redfish.live.errors import LiveError
from igc_redfish.live.guards import Guard
from igc_redfish.live.risk import Risk

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from igc_redfish.live.intent import Intent
    from igc_redfish.live.policy import Policy

#: How long an approved plan holds, in seconds.
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
            raise LiveError("nobody is there to approve the request", code="live-not-approved", hint=hint)
        if intent.risk < Risk.R3 and self._ask(intent).strip().lower() not in _YES:
            raise _declined(intent, "you declined it")
        return f"{self._person}, for this request"


class ApprovedPlan(Guard):
    """Nothing is sent but what stands in an approved plan, each request as often as it stands there."""

    name = "approval"

    def __init__(self, keys: Counter[str], approver: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep a plan.

        Args:
            keys: How often each request may be sent, by :attr:`igc_redfish.live.intent.Intent.key`.
            approver: Who approved it.
            clock: Tells the time; a plan holds for fifteen minutes.
        """
        self._keys, self._approver, self._clock = keys.copy(), approver, clock
        self._until = clock() + PLAN_HOLDS_S

    def check(self, intent: Intent) -> str:
        """Stop what the plan does not hold."""
        if self._clock() > self._until:
            raise _declined(intent, "the plan was approved more than fifteen minutes ago")
        if self._keys[intent.key] < 1:
            raise _declined(intent, "the approved plan does not hold it")
        return f"{self._approver}, as part of a plan"

    def learn(self, intent: Intent, status: int) -> None:  # noqa: ARG002 - sent is sent
        """Cross a request off the plan."""
        self._keys[intent.key] -= 1


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
    return LiveError(
        f"{intent.request.method} {intent.request.uri} was not approved: {reason}",
        code="live-not-approved",
        hint="nothing was sent; see what a dry run would send with --dry-run",
    )
