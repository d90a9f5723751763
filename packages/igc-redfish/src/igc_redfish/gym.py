"""Makes the environment known to Gymnasium: ``gymnasium.make("igc_redfish.gym:igc/Redfish-v0", sources=["my-host"])``.

Gymnasium 1.0 gave up discovering environments by entry points; the part before the colon is the module it imports to
learn of one. Light: the environment itself is imported when it is made.
"""

from __future__ import annotations

import gymnasium.envs.registration as environments

#: Name of the environment.
ID = "igc/Redfish-v0"

if ID not in environments.registry:
    environments.register(ID, entry_point="igc_redfish.process.environment:make")
