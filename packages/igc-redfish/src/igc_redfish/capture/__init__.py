"""Captures: the datasets of Redfish services."""

from igc_redfish.bodies import type_name
from igc_redfish.capture.capture import Capture
from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.finding import Finding
from igc_redfish.capture.links import action_targets, links
from igc_redfish.capture.locate import locate, open_machine_source
from igc_redfish.capture.manifest import Manifest, Service
from igc_redfish.capture.resource import Resource
from igc_redfish.capture.stream import Limits
from igc_redfish.capture.uri import ROOT, canonical
from igc_redfish.capture.validation import validate

__all__ = [
    "ROOT",
    "Capture",
    "CaptureError",
    "Finding",
    "Limits",
    "Manifest",
    "Resource",
    "Service",
    "action_targets",
    "canonical",
    "links",
    "locate",
    "open_machine_source",
    "type_name",
    "validate",
]
