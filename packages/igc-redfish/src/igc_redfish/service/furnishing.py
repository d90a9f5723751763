"""Gives a machine what only a served one needs: what clients ask for before they do anything.

A capture is served in-process as it is. Over HTTP, clients log in, and walk every link of the service root; where a
capture leaves these out, a service that answers 404 would be taken for a broken one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from igc_redfish.bodies import as_object, link_at
from igc_redfish.facts import facts
from igc_redfish.service.documents import ROOT
from igc_redfish.service.privileges import registry
from igc_redfish.service.query import FEATURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from igc_core.rest import JsonObject
    from igc_redfish.machine import Machine

#: Version of the ServiceRoot schema in which each feature can first be told (DMTF ServiceRoot_v1.xml).
_SINCE: Final[Mapping[str, tuple[int, int]]] = {
    "ExpandQuery": (1, 3),
    "SelectQuery": (1, 3),
    "FilterQuery": (1, 3),
    "OnlyMemberQuery": (1, 4),
    "ExcerptQuery": (1, 4),
    "TopSkipQuery": (1, 17),
    "DeepOperations": (1, 7),
    "MultipleHTTPRequests": (1, 14),
    "IncludeOriginOfConditionQuery": (1, 18),
}
#: What the root says of a served machine besides its queries: a PATCH or POST is of one resource, and requests may
#: overlap.
_SERVED: Final[JsonObject] = {
    **FEATURES,
    "DeepOperations": {"DeepPATCH": False, "DeepPOST": False},
    "MultipleHTTPRequests": True,
    "IncludeOriginOfConditionQuery": False,
}
_VERSION: Final = re.compile(r"\.v(\d+)_(\d+)_")


def furnished(machine: Machine) -> Machine:
    """Copy a machine with a session service, and with an empty collection behind each loose link of its root.

    Args:
        machine: Stays as it is.

    Returns:
        A machine over the same capture; the same machine where nothing is missing.
    """
    root = machine.get(ROOT)
    if root is None:
        return machine
    added = {**_collections(machine, root), **_sessions(machine, root), **_privileges(machine)}
    return machine.with_resources(added) if added else machine


def features_of(machine: Machine) -> JsonObject:
    """List the features that work here and that the root's schema version can tell of; empty where none."""
    declared = _version(machine.get(ROOT) or {})
    return {name: value for name, value in _SERVED.items() if declared >= _SINCE[name]}


def _version(body: JsonObject) -> tuple[int, int]:
    """Read the schema version that a resource declares; zeros where it declares none."""
    found = _VERSION.search(str(body.get("@odata.type", "")))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _collections(machine: Machine, root: JsonObject) -> dict[str, JsonObject]:
    """Make the collections that the root links to and nobody captured; a service without members has them too."""
    known = facts().properties("ServiceRoot")
    added: dict[str, JsonObject] = {}
    for key in root:
        uri = link_at(root, key).rstrip("/")
        kind = known[key].target if key in known else ""
        if uri.startswith(f"{ROOT}/") and kind.endswith("Collection") and machine.resolve(uri) is None:
            place = _standard_spelling(uri, key)
            added[place] = _collection(place, kind, key)
    return added


def _standard_spelling(uri: str, key: str) -> str:
    """Spell an address as DMTF's schemas do where a root differs in case (iDRAC: ``JSONSchemas``); both lead there."""
    usual = f"{ROOT}/{key}"
    return usual if uri.casefold() == usual.casefold() else uri


def _sessions(machine: Machine, root: JsonObject) -> dict[str, JsonObject]:
    """Make the session service as far as it is missing; the root links to its sessions (DSP0266, "Session login")."""
    added: dict[str, JsonObject] = {}
    service = link_at(root, "SessionService") or f"{ROOT}/SessionService"
    stated = machine.get(machine.canonical(service))
    home = link_at(stated, "Sessions") or link_at(root, "Links/Sessions") or f"{service.rstrip('/')}/Sessions"
    if machine.resolve(home) is None:
        added[home.rstrip("/")] = _collection(home.rstrip("/"), "SessionCollection", "Session")
    if stated is None:
        added[service.rstrip("/")] = _session_service(service.rstrip("/"), home)
    elif not link_at(stated, "Sessions"):
        added[machine.canonical(service)] = {**stated, "Sessions": {"@odata.id": home}}
    if not link_at(root, "SessionService") or link_at(root, "Links/Sessions") != home:
        links = {**as_object(root.get("Links")), "Sessions": {"@odata.id": home}}
        added[ROOT] = {**root, "SessionService": {"@odata.id": service}, "Links": links}
    return added


def _privileges(machine: Machine) -> dict[str, JsonObject]:
    """Write the privilege registry that an account service links to and nobody captured."""
    links = (link_at(machine.get(service), "PrivilegeMap").rstrip("/") for service in machine.of_type("AccountService"))
    loose = (uri for uri in links if uri.startswith(f"{ROOT}/") and machine.resolve(uri) is None)
    return {uri: registry(machine, uri) for uri in loose}


def _collection(uri: str, kind: str, name: str) -> dict[str, Any]:
    return {
        "@odata.id": uri,
        "@odata.type": f"#{kind}.{kind}",
        "Name": f"{name} Collection",
        "Members": [],
        "Members@odata.count": 0,
    }


def _session_service(uri: str, sessions: str) -> dict[str, Any]:
    return {
        "@odata.id": uri,
        "@odata.type": "#SessionService.v1_1_9.SessionService",
        "Id": "SessionService",
        "Name": "Session Service",
        "ServiceEnabled": True,
        "SessionTimeout": 1800,
        "Sessions": {"@odata.id": sessions},
    }
