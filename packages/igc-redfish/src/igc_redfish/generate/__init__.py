"""Whole Redfish services, invented: variety to learn from, and machines to try things on."""

from igc_redfish.generate.build import build
from igc_redfish.generate.manners import MANNERS
from igc_redfish.generate.sample import sample_style
from igc_redfish.generate.spec import generate, machine, parse_spec, profile_of
from igc_redfish.generate.style import Style

__all__ = ["MANNERS", "Style", "build", "generate", "machine", "parse_spec", "profile_of", "sample_style"]
