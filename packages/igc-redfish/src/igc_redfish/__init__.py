"""Redfish for igc: captures, simulated machines, goal families and the decision process."""

import sys

if "gymnasium" in sys.modules:  # where it is not, importing it would cost what `igc --help` may not
    from igc_redfish import gym as gym
