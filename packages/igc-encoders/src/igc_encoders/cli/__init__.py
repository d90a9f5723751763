"""The command ``igc encoder``."""
