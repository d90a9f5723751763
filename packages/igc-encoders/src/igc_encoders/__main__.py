"""``python -m igc_encoders``: what ``igc encoder`` does, for launchers of several processes."""

from __future__ import annotations

import sys

from igc_core.cli import run
from igc_encoders.cli.app import app

sys.exit(run(app, sys.argv[1:], "igc encoder"))
