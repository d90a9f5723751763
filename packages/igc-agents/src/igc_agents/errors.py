"""Errors of igc-agents.

IgcError
└── TrainingError        training cannot begin as asked, or lost one of its processes
"""

from __future__ import annotations

from igc_core.errors import IgcError


class TrainingError(IgcError):
    """Training cannot begin as asked, lost one of its processes, or came to nothing."""

    codes = ("training-process-lost", "training-not-divisible", "training-masked", "training-diverged")
