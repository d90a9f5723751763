"""The conformance kit: contract tests that authors of components subclass.

::

    from igc_core.testing import GoalHandlerContract


    class TestPowerHandler(GoalHandlerContract):
        understood = "power on 1"
        ...

Install it with ``igc-core[testing]``. Each contract's docstring says what to fill in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_core.testing.agent import AgentContract as AgentContract
    from igc_core.testing.backend import BackendContract as BackendContract
    from igc_core.testing.contract import Contract as Contract
    from igc_core.testing.encoder import EncoderContract as EncoderContract
    from igc_core.testing.environment import EnvironmentContract as EnvironmentContract
    from igc_core.testing.goal_handler import GoalHandlerContract as GoalHandlerContract
    from igc_core.testing.plugin import PluginContract as PluginContract

_MODULES = {
    "AgentContract": "agent",
    "BackendContract": "backend",
    "Contract": "contract",
    "EncoderContract": "encoder",
    "EnvironmentContract": "environment",
    "GoalHandlerContract": "goal_handler",
    "PluginContract": "plugin",
}
# A failing contract shows its values, as a test in a test file would.
pytest.register_assert_rewrite(*(f"{__name__}.{module}" for module in _MODULES.values()))
__getattr__, __dir__ = exports(__name__, _MODULES)
