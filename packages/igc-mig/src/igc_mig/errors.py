"""Errors of igc-mig.

IgcError
└── MigError        a name of this domain is unknown, a plan is not legal, a library is missing, or a GPU refuses
"""

from __future__ import annotations

from igc_core.errors import IgcError


class MigError(IgcError):
    """A name of this domain is unknown, a plan is not legal, a library is missing, or a GPU refuses."""

    codes = (
        "mig-unknown-name",
        "mig-plan-illegal",
        "mig-solver-missing",
        "mig-training-missing",
        "mig-options-refused",
        "mig-driver-missing",
        "mig-driver-refused",
        "mig-instance-busy",
        "mig-task-failed",
    )
