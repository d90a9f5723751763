"""The commands ``igc train`` and ``igc evaluate``."""
