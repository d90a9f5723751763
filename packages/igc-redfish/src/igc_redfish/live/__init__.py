"""Real hosts behind guard rails: the extra ``igc-redfish[live]``. Nothing that trains or evaluates imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core._lazy import exports

if TYPE_CHECKING:
    from igc_redfish.live.access import Access as Access
    from igc_redfish.live.access import OpenHost as OpenHost
    from igc_redfish.live.access import opened as opened
    from igc_redfish.live.approval import ApprovedPlan as ApprovedPlan
    from igc_redfish.live.approval import AskEach as AskEach
    from igc_redfish.live.approval import ByPolicy as ByPolicy
    from igc_redfish.live.approval import FleetApproval as FleetApproval
    from igc_redfish.live.backend import LiveBackend as LiveBackend
    from igc_redfish.live.errors import InDoubtError as InDoubtError
    from igc_redfish.live.errors import LiveError as LiveError
    from igc_redfish.live.errors import NotPermittedError as NotPermittedError
    from igc_redfish.live.errors import NotReadyError as NotReadyError
    from igc_redfish.live.fleet import Fleet as Fleet
    from igc_redfish.live.fleet import HostResult as HostResult
    from igc_redfish.live.fleet import ResultFile as ResultFile
    from igc_redfish.live.fleet_run import FleetRails as FleetRails
    from igc_redfish.live.fleet_run import FleetRun as FleetRun
    from igc_redfish.live.ground import LiveGround as LiveGround
    from igc_redfish.live.ground import Times as Times
    from igc_redfish.live.guarded import GuardedBackend as GuardedBackend
    from igc_redfish.live.guarded import Sent as Sent
    from igc_redfish.live.guards import Allowance as Allowance
    from igc_redfish.live.guards import Budget as Budget
    from igc_redfish.live.guards import Destructive as Destructive
    from igc_redfish.live.guards import Guard as Guard
    from igc_redfish.live.guards import Preview as Preview
    from igc_redfish.live.intent import Intent as Intent
    from igc_redfish.live.inventory import FleetHost as FleetHost
    from igc_redfish.live.inventory import read_inventory as read_inventory
    from igc_redfish.live.journal import Journal as Journal
    from igc_redfish.live.performing import Performance as Performance
    from igc_redfish.live.performing import Rehearsal as Rehearsal
    from igc_redfish.live.performing import rehearse as rehearse
    from igc_redfish.live.policy import Policy as Policy
    from igc_redfish.live.risk import Risk as Risk
    from igc_redfish.live.risk import risk_of as risk_of
    from igc_redfish.live.scenario import begin_live as begin_live
    from igc_redfish.live.twin import Prediction as Prediction
    from igc_redfish.live.twin import Twin as Twin

_MODULES = {
    "Access": "access",
    "Allowance": "guards",
    "ApprovedPlan": "approval",
    "AskEach": "approval",
    "Budget": "guards",
    "ByPolicy": "approval",
    "Destructive": "guards",
    "Fleet": "fleet",
    "FleetApproval": "approval",
    "FleetHost": "inventory",
    "FleetRails": "fleet_run",
    "FleetRun": "fleet_run",
    "Guard": "guards",
    "GuardedBackend": "guarded",
    "HostResult": "fleet",
    "InDoubtError": "errors",
    "Intent": "intent",
    "Journal": "journal",
    "LiveBackend": "backend",
    "LiveError": "errors",
    "LiveGround": "ground",
    "NotPermittedError": "errors",
    "NotReadyError": "errors",
    "OpenHost": "access",
    "Performance": "performing",
    "Policy": "policy",
    "Prediction": "twin",
    "Preview": "guards",
    "Rehearsal": "performing",
    "ResultFile": "fleet",
    "Risk": "risk",
    "Sent": "guarded",
    "Times": "ground",
    "Twin": "twin",
    "begin_live": "scenario",
    "opened": "access",
    "read_inventory": "inventory",
    "rehearse": "performing",
    "risk_of": "risk",
}
__getattr__, __dir__ = exports(__name__, _MODULES)
