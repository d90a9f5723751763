"""Causal language models of rendered resources."""

from igc_encoders.lm.architecture import Architecture, create
from igc_encoders.lm.folder import load, save

__all__ = ["Architecture", "create", "load", "save"]
