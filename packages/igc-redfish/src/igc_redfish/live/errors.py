"""Why a request was not sent to a real host, or what became of one that was: by what is to be done about it.

IgcError
└── LiveError                    a run on a real host cannot go on
    ├── NotPermittedError        allow or approve more: a guard stopped a request
    ├── NotReadyError            start anew once the cause is gone: nothing more is sent
    │   └── UnobservableError    the host does not show, right now, what a judgement needs
    └── InDoubtError             look at the host first: something was sent, and did not show what it should
"""

from __future__ import annotations

from igc_core.errors import IgcError


class LiveError(IgcError):
    """A run on a real host cannot go on."""

    codes: tuple[str, ...] = ("live-error",)


class NotPermittedError(LiveError):
    """A guard stopped a request: it is sent once somebody allows or approves more."""

    codes = ("live-read-only", "live-not-allowed", "live-not-approved", "live-over-budget", "live-destructive")


class NotReadyError(LiveError):
    """The host or the run is not fit for a change, and nothing more is sent: start anew once the cause is gone."""

    codes: tuple[str, ...] = ("live-changed", "live-failing", "live-journal", "live-busy", "live-stopped")


class UnobservableError(NotReadyError):
    """The host does not show, right now, what a judgement needs."""

    codes = ("live-unobservable",)


class InDoubtError(LiveError):
    """A change was sent, and nobody knows or sees what became of it: look at the host before anything is repeated."""

    codes = ("live-not-observed", "live-outcome-unknown")
