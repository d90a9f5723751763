"""Makes the environment known to Gymnasium: ``gymnasium.make("igc_mig.gym:igc/MIG-v0", tasks=20)``.

Gymnasium 1.0 gave up discovering environments by entry points; the part before the colon is the module it imports to
learn of one. Light: the environment itself is imported when it is made.
"""

from __future__ import annotations

import gymnasium.envs.registration as environments

#: Name of the environment.
ID = "igc/MIG-v0"

if ID not in environments.registry:
    environments.register(ID, entry_point="igc_mig.environment:make")
