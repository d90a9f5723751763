"""Tasks and their monitors on the virtual clock (DSP0266, "Asynchronous operations")."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import orjson

from igc_core.rest import Response
from igc_redfish.bodies import as_object, link_at
from igc_redfish.service.documents import ROOT
from igc_redfish.service.messages import BARE_HEADERS, JSON_HEADERS, error_body, extended
from igc_redfish.service.refusal import Complaint, Refusal
from igc_redfish.service.rules import marked_rules, on_event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_core.rest import JsonObject
    from igc_redfish.service.rules import Rule
    from igc_redfish.service.transaction import Transaction
    from igc_redfish.service.world import World

#: How long a finished operation's monitor still answers, in virtual seconds.
RETENTION_S: Final = 3600.0
#: Longest time that a client is asked to wait before it looks again, in virtual seconds.
_RETRY_S = 30.0
_FINISH = "task-finish"


def start_task(
    transaction: Transaction, *, name: str, duration_s: float, effect: str, uri: str, payload: JsonObject
) -> Response:
    """Begin an operation that goes on after its answer.

    After ``duration_s`` the event ``effect`` is emitted on ``uri`` with ``payload``; a Refusal raised by its rules
    undoes what they did and ends the task as an Exception. A duration of zero ends the task at once.

    Args:
        transaction: The request's.
        name: What the task is called.
        duration_s: Virtual seconds.
        effect: Event that carries out the operation.
        uri: The resource it is about.
        payload: Arguments of the event.

    Returns:
        202 with the task's monitor as Location.
    """
    home = _tasks_collection(transaction)
    body: dict[str, Any] = {
        "@odata.type": "#Task.v1_7_4.Task",
        "Name": name,
        "TaskState": "Running",
        "PercentComplete": 0,
        "StartTime": transaction.now,
        "HidePayload": True,
    }
    task = transaction.create(home, body)
    number = task.rpartition("/")[2]
    monitor = f"{home.rpartition('/')[0]}/TaskMonitors/{number}"
    transaction.merge(task, {"TaskMonitor": monitor, "Messages": [_message("TaskEvent.TaskStarted", number)]})
    start = transaction.world.clock_s
    _remember(transaction, task, {"monitor": monitor, "start_s": start, "end_s": start + duration_s})
    transaction.remember(_monitor_key(monitor), task)
    _tell(transaction, task, "TaskEvent.TaskStarted", number)
    transaction.later(duration_s, _FINISH, task, {"effect": effect, "uri": uri, "payload": payload})
    headers = {**JSON_HEADERS, "Location": monitor, "Retry-After": _retry_after(duration_s)}
    return Response(202, transaction.get(task), headers)


class TaskRules:
    """The rules by which tasks end."""

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that this handler answers."""
        return marked_rules(self)

    @on_event(_FINISH)
    def finish(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Carry out a task's operation and note how it ended."""
        state = transaction.recall(_task_key(uri))
        if transaction.get(uri) is None or state is None:
            return
        arguments = as_object(payload.get("payload"))
        refusal = transaction.attempt(lambda: transaction.emit(payload["effect"], payload["uri"], arguments))
        if refusal is None:
            _end(transaction, uri, "Completed", "OK", "TaskEvent.TaskCompletedOK", ())
        else:
            _end(transaction, uri, "Exception", "Critical", "TaskEvent.TaskAborted", refusal.complaints)
        outcome: dict[str, Any] = {"status": 204 if refusal is None else refusal.status}
        if refusal is not None:
            outcome["body"] = error_body(refusal.complaints)
        _remember(transaction, uri, {**state, "outcome": outcome})


def is_task(world: World, uri: str) -> bool:
    """Tell whether a resource is a task of this simulation (not one of the captured host's)."""
    return _task_key(uri) in world.memory


def progressed(world: World, uri: str, body: JsonObject) -> JsonObject:
    """Show a running task's progress."""
    if body.get("TaskState") != "Running":
        return body
    state = as_object(world.memory.get(_task_key(uri)))
    if not state or "outcome" in state:
        return body
    span = max(state["end_s"] - state["start_s"], 1e-9)
    percent = int(100 * min((world.clock_s - state["start_s"]) / span, 0.99))
    return {**body, "PercentComplete": percent}


def read_monitor(world: World, uri: str, *, once: bool = False) -> Response | None:
    """Answer a GET of a task monitor: 202 while the task runs, then the operation's own answer; None elsewhere.

    Args:
        world: Where the task is.
        uri: What may be a monitor.
        once: Whether the operation's answer is given to this reader and to no other: it was told, and the monitor has
            no further purpose.

    Raises:
        Refusal: 410, as the monitor has told what it had to tell.
    """
    task = world.memory.get(_monitor_key(uri.rstrip("/")))
    state = as_object(world.memory.get(_task_key(task))) if isinstance(task, str) else {}
    if not isinstance(task, str) or not state:
        return None
    body = world.get(task)
    outcome = as_object(state.get("outcome"))
    if not outcome:
        left = state["end_s"] - world.clock_s
        headers = {**JSON_HEADERS, "Location": uri, "Retry-After": _retry_after(left)}
        return Response(202, progressed(world, task, body or {}), headers)
    if body is None or "told" in state or world.clock_s > state["end_s"] + RETENTION_S:
        raise Refusal("ResourceMissingAtURI", uri, status=410)
    if once:
        world.memory[_task_key(task)] = {**state, "told": True}
    answer = outcome.get("body")
    return Response(int(outcome["status"]), answer, BARE_HEADERS if answer is None else JSON_HEADERS)


def cancel_task(transaction: Transaction, uri: str) -> Response | None:
    """Answer a DELETE of a task or of its monitor; None where the URI is neither."""
    task = transaction.recall(_monitor_key(uri.rstrip("/"))) or uri
    state = transaction.recall(_task_key(str(task)))
    if not isinstance(task, str) or not state:
        return None
    if transaction.cancel(_FINISH, task):
        _end(transaction, task, "Cancelled", "Warning", "TaskEvent.TaskCancelled", ())
        outcome = {"status": 410, "body": error_body([Complaint("ResourceMissingAtURI", (state["monitor"],))])}
        _remember(transaction, task, {**state, "outcome": outcome})
    if task == uri:
        transaction.delete(task)
    transaction.remember(_monitor_key(state["monitor"]), None)
    return Response(204, None, BARE_HEADERS)


def _end(
    transaction: Transaction, task: str, state: str, status: str, key: str, complaints: Iterable[Complaint]
) -> None:
    body = transaction.edit(task)
    body.update({"TaskState": state, "TaskStatus": status, "EndTime": transaction.now})
    if state == "Completed":
        body["PercentComplete"] = 100
    body["Messages"] = [*body["Messages"], *map(extended, complaints), _message(key, str(body["Id"]))]
    _tell(transaction, task, key, str(body["Id"]))


def _tell(transaction: Transaction, task: str, key: str, number: str) -> None:
    message = _message(key, number)
    told = {name: message[name] for name in ("MessageId", "Message", "Severity")}
    transaction.emit("task", task, told)


def _message(key: str, number: str) -> dict[str, Any]:
    return extended(Complaint(key, (number,)))


def _tasks_collection(transaction: Transaction) -> str:
    """Find the collection of tasks, or build the task service where the host has none."""
    service = transaction.resolve(link_at(transaction.get(ROOT), "Tasks") or f"{ROOT}/TaskService")
    if service is None:
        service = f"{ROOT}/TaskService"
        transaction.put(service, _task_service(service))
        if transaction.get(ROOT) is not None:
            transaction.set(ROOT, "Tasks", {"@odata.id": service})
    stated = link_at(transaction.get(service), "Tasks")
    home = transaction.resolve(stated) if stated else None
    if home is None:
        home = stated or f"{service}/Tasks"
        if not stated:
            transaction.set(service, "Tasks", {"@odata.id": home})
        transaction.put(home, _empty_collection(home))
    return home


def _task_service(uri: str) -> JsonObject:
    return {
        "@odata.id": uri,
        "@odata.type": "#TaskService.v1_2_1.TaskService",
        "Id": "TaskService",
        "Name": "Task Service",
        "ServiceEnabled": True,
        "CompletedTaskOverWritePolicy": "Oldest",
        "LifeCycleEventOnTaskStateChange": True,
        "Tasks": {"@odata.id": f"{uri}/Tasks"},
    }


def _empty_collection(uri: str) -> JsonObject:
    return {
        "@odata.id": uri,
        "@odata.type": "#TaskCollection.TaskCollection",
        "Name": "Tasks",
        "Members": [],
        "Members@odata.count": 0,
    }


def _retry_after(seconds: float) -> str:
    return str(max(1, math.ceil(min(seconds, _RETRY_S))))


def _remember(transaction: Transaction, task: str, state: dict[str, Any]) -> None:
    transaction.remember(_task_key(task), orjson.loads(orjson.dumps(state)))


def _task_key(uri: str) -> str:
    return f"task:{uri}"


def _monitor_key(uri: str) -> str:
    return f"task-monitor:{uri}"
