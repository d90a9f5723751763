"""``python -m igc_core``: the ``igc`` program."""

from __future__ import annotations

import sys

from igc_core.cli.app import main

sys.exit(main())
