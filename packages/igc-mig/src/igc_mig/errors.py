"""Errors of igc-mig.

IgcError
└── MigError        a name of this domain is unknown, a plan is not legal, a solver is missing, or options clash
"""

from __future__ import annotations

from igc_core.errors import IgcError


class MigError(IgcError):
    """A name of this domain is unknown, a plan is not legal, a solver is missing, or options clash."""

    codes = ("mig-unknown-name", "mig-plan-illegal", "mig-solver-missing", "mig-options-refused")
