"""Training of the learned agent; needs ``igc-mig[rl]``."""
