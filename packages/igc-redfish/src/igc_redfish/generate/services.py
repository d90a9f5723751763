"""The service root and the services that every machine may offer: events, tasks, registries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.spelling import ROOT
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from igc_redfish.generate.tree import Body

_REDFISH_VERSIONS = {"early": ("1.2.0", "1.4.0"), "middle": ("1.6.0", "1.9.0", "1.11.0"), "late": ("1.15.0", "1.20.0")}
_EVENT_TYPES = ["StatusChange", "ResourceUpdated", "ResourceAdded", "ResourceRemoved", "Alert"]
_STANDARD_REGISTRIES: Mapping[str, str] = {
    "Base": "1.22.1",
    "ResourceEvent": "1.4.3",
    "TaskEvent": "1.0.5",
    "Update": "1.3.0",
}


def add_root(tree: Tree) -> None:
    """Add the service root; the others link themselves there."""
    style, rng = tree.style, tree.rng
    body: Body = {
        "RedfishVersion": rng.choice(_REDFISH_VERSIONS[style.era]),
        "UUID": naming.uuid(rng),
        "Links": {},
    }
    if style.era != "early":
        body |= {"Vendor": style.vendor, "Product": f"{style.vendor} {style.manner} {rng.randint(1, 9)}00"}
    tree.add(ROOT, "ServiceRoot", rng.choice(("Root Service", "Service Root", "RootService")), body)
    tree.bodies[ROOT]["Id"] = "RootService"


def add_tasks(tree: Tree) -> None:
    """Add the task service, without tasks."""
    service = tree.at(ROOT, "TaskService")
    properties = {
        "ServiceEnabled": True,
        "CompletedTaskOverWritePolicy": "Oldest",
        "LifeCycleEventOnTaskStateChange": True,
        "Status": tree.status(),
    }
    body = tree.add(service, "TaskService", "Task Service", properties)
    tree.bodies[ROOT]["Tasks"] = link(service)
    tree.collect(tree.at(service, "Tasks"), "Task", body, "Tasks")


def add_events(tree: Tree) -> None:
    """Add the event service with the subscriptions there are so far."""
    service = tree.at(ROOT, "EventService")
    properties: Body = {
        "ServiceEnabled": True,
        "DeliveryRetryAttempts": tree.rng.choice((1, 3, 5)),
        "DeliveryRetryIntervalSeconds": tree.rng.choice((30, 60)),
        "Status": tree.status(),
    }
    if tree.style.era == "late":
        properties["RegistryPrefixes"] = ["Base", "ResourceEvent"]
    else:
        properties["EventTypesForSubscription"] = list(_EVENT_TYPES)
    if tree.chance(0.5):
        values: dict[str, tuple[str, ...]] = {"EventType": tuple(_EVENT_TYPES)} if tree.style.era != "late" else {}
        properties["Actions"] = dict([tree.action(service, "EventService.SubmitTestEvent", values)])
    body = tree.add(service, "EventService", "Event Service", properties)
    tree.bodies[ROOT]["EventService"] = link(service)
    collection = tree.collect(tree.at(service, "Subscriptions"), "EventDestination", body, "Subscriptions")
    destinations = [
        f"https://collector{number + 1}.example.com/events" for number in range(tree.rng.choice((0, 0, 1, 2)))
    ]
    # Many a fleet manager subscribes once for events and once for telemetry, and again whenever it is set up anew.
    rng = tree.fork("subscriptions alike")
    alike = [destination for destination in destinations for _ in range(rng.choice((0, 1, 1, 2)))]
    drawn = [(destination, tree.rng) for destination in destinations] + [(destination, rng) for destination in alike]
    for number, (destination, source) in enumerate(drawn):
        body = {"Destination": destination, "Protocol": "Redfish", **_told_of(tree, source)}
        tree.join(collection, str(number + 1), "EventDestination", "Event Subscription", body)


def _told_of(tree: Tree, rng: Random) -> Body:
    """What a subscriber is told of."""
    told = {"EventTypes": ["Alert"]} if tree.style.era != "late" else {"RegistryPrefixes": ["ResourceEvent"]}
    return {"Context": rng.choice(("", "fleet", "monitoring")), **told}


def add_registries(tree: Tree) -> None:
    """Add the files of the standard's message registries, which are published elsewhere."""
    collection = tree.at(ROOT, "Registries")
    tree.collect(collection, "MessageRegistryFile", tree.bodies[ROOT], "Registries")
    for name, version in _STANDARD_REGISTRIES.items():
        where = {"Language": "en", "PublicationUri": f"https://redfish.dmtf.org/registries/{name}.{version}.json"}
        short = version.rpartition(".")[0]
        body = {"Languages": ["en"], "Registry": f"{name}.{short}", "Location": [where]}
        tree.join(collection, name, "MessageRegistryFile", f"{name} Message Registry File", body)
