"""The example package is tested where it is installed; CI always installs it."""

from __future__ import annotations

import os
from importlib.util import find_spec

collect_ignore_glob: list[str] = []
if find_spec("own_goal_handler") is None and not os.environ.get("CI"):
    collect_ignore_glob.append("own_goal_handler/*")
