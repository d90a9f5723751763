"""Choices of options, apart from what they lead to, so that help imports little."""

from __future__ import annotations

from enum import StrEnum


class Approve(StrEnum):
    """Who approves changes of real hosts."""

    ASK = "ask"
    PLAN = "plan"
    POLICY = "policy"


class FleetApprove(StrEnum):
    """Who approves changes of a fleet."""

    PLAN = "plan"
    POLICY = "policy"
