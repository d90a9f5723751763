"""What can go wrong with a capture.

DataError
└── CaptureError         a capture is missing, damaged, too large, or no capture at all
"""

from __future__ import annotations

from igc_core.errors import DataError


class CaptureError(DataError):
    """A capture is missing, damaged, too large, or no capture at all."""

    codes: tuple[str, ...] = (
        "capture-corrupt",
        "capture-exists",
        "capture-missing",
        "capture-not-redfish",
        "capture-too-large",
        "capture-unwritable",
        "capture-version",
    )
