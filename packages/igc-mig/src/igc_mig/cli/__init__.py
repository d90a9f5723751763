"""The command ``igc mig``."""
