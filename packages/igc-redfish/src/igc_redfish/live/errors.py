"""Why a request was not sent to a real host, or what became of one that was.

IgcError
└── LiveError                a guard stopped a request, or nobody knows what became of one
    └── UnobservableError    the host does not show, right now, what a judgement needs
"""

from __future__ import annotations

from igc_core.errors import IgcError


class LiveError(IgcError):
    """A guard stopped a request to a real host, or nobody knows what became of one that was sent."""

    codes: tuple[str, ...] = (
        "live-read-only",
        "live-not-allowed",
        "live-not-approved",
        "live-over-budget",
        "live-destructive",
        "live-changed",
        "live-failing",
        "live-not-observed",
        "live-outcome-unknown",
        "live-journal",
        "live-busy",
        "live-stopped",
    )


class UnobservableError(LiveError):
    """The host does not show, right now, what a judgement needs."""

    codes = ("live-unobservable",)
