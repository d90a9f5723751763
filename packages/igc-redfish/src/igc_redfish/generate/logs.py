"""Logs: in which places, and what has happened so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_redfish.generate import naming
from igc_redfish.generate.tree import Tree, link

if TYPE_CHECKING:
    from igc_redfish.generate.site import Site
    from igc_redfish.generate.tree import Body

_NAMES = {
    "system": (
        "EventLog",
        "SEL",
        "HostLog",
        "MemoryLog",
        "Health",
        "BootLog",
        "PostCodes",
        "Dump",
        "Log1",
        "Crashes",
        "Flight-Recorder",
        "Debug.Log",
        "Firmware_Log",
    ),
    "manager": (
        "Journal",
        "Audit",
        "Lifecycle",
        "FaultList",
        "Sel",
        "AccessLog",
        "1",
        "BMC.Dump",
        "Security",
        "Commands",
        "Telemetry",
        "Update-History",
        "Self",
    ),
    "chassis": ("Environment", "Logs", "PowerLog", "Intrusion", "FanLog", "Doors", "Leaks", "log_0"),
}
_EVENTS = (
    ("OK", "Resource.1.0.ResourceCreated", "The resource has been created successfully."),
    ("OK", "Event.1.0.PowerOn", "The host was powered on."),
    ("OK", "Event.1.0.Login", "A user has logged in."),
    ("OK", "Event.1.0.SelfTestPassed", "The self test has passed."),
    ("Warning", "Event.1.0.FanSlow", "A fan turns more slowly than it should."),
    ("Warning", "Event.1.0.MemoryCorrected", "A correctable memory error was found."),
    ("Warning", "Event.1.0.LoginFailed", "A login was refused."),
    ("Critical", "Event.1.0.PowerInputLost", "The input of a power supply was lost."),
    ("Critical", "Event.1.0.Overheated", "A temperature exceeds its upper critical threshold."),
)
_FIRST_ENTRIES = (0, 2, 3, 5)
_CLEARABLE = 0.85


def add_logs(tree: Tree, site: Site) -> None:
    """Add the log services of the places that have them."""
    places = {"system": site.systems, "manager": site.managers, "chassis": site.chassis[:1]}
    for place in tree.style.logs_home:
        names = tree.rng.sample(_NAMES[place], min(tree.style.logs, len(_NAMES[place])))
        for number, holder in enumerate(places[place]):
            if tree.lacks(number):
                continue
            collection = tree.at(holder, "LogServices")
            tree.collect(collection, "LogService", tree.bodies[holder], "LogServices")
            for index, name in enumerate(names):
                _add_log(tree, collection, holder, name, clearable=index == 0 or _is_clearable(tree, index))


def _is_clearable(tree: Tree, index: int) -> bool:
    return tree.chance(_CLEARABLE) and not tree.lacks(index)


def _add_log(tree: Tree, collection: str, holder: str, name: str, *, clearable: bool) -> None:
    uri = f"{collection}/{name}"
    body: Body = {
        "ServiceEnabled": True,
        "MaxNumberOfRecords": tree.rng.choice((256, 512, 1000, 4096)),
        "OverWritePolicy": tree.rng.choice(("WrapsWhenFull", "NeverOverWrites")),
        "DateTime": naming.timestamp(tree.rng),
        "Status": tree.status(),
        **({"Actions": dict([tree.action(uri, "LogService.ClearLog", {})])} if clearable else {}),
    }
    tree.join(collection, name, "LogService", f"{name} Log", body)
    entries = tree.collect(tree.at(uri, "Entries"), "LogEntry", tree.bodies[uri], "Entries")
    for number in range(tree.rng.choice(_FIRST_ENTRIES)):
        add_entry(tree, entries, holder, number + 1)


def add_entry(tree: Tree, entries: str, holder: str, number: int) -> None:
    """Add one more entry to a log."""
    severity, message_id, message = tree.rng.choice(_EVENTS)
    body = {
        "EntryType": "Event",
        "Severity": severity,
        "Created": naming.timestamp(tree.rng),
        "Message": message,
        "MessageId": message_id,
        "Links": {"OriginOfCondition": link(holder)},
    }
    tree.join(entries, str(number), "LogEntry", f"Log Entry {number}", body)
