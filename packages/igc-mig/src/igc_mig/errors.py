"""Errors of igc-mig.

IgcError
└── MigError        a name of this domain is unknown, a plan is not legal, or a solver is not there
"""

from __future__ import annotations

from igc_core.errors import IgcError


class MigError(IgcError):
    """A name of this domain is unknown, a plan is not legal, or a solver is not there."""

    codes = ("mig-unknown-name", "mig-plan-illegal", "mig-solver-missing")
