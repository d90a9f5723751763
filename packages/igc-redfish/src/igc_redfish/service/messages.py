"""Extended messages and error bodies (DSP0266, "Error responses"), with the texts of DMTF's registries."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from igc_core.rest import Response
from igc_redfish.facts import MessageFact, facts
from igc_redfish.service.refusal import Complaint, Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Headers that every answer with a body bears (DSP0266, "Response headers").
JSON_HEADERS: Final[Mapping[str, str]] = {
    "OData-Version": "4.0",
    "Content-Type": "application/json;charset=utf-8",
    "Cache-Control": "no-cache",
}
#: Headers of an answer without a body.
BARE_HEADERS: Final[Mapping[str, str]] = {"OData-Version": "4.0", "Cache-Control": "no-cache"}


_PLACE = re.compile(r"%[1-9]")


class Denial(Refusal):
    """A refusal whose answer bears headers of its own, such as ``Allow``."""

    def __init__(self, key: str, *arguments: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(key, *arguments, status=status)
        self.headers = headers


def extended(complaint: Complaint) -> dict[str, Any]:
    """Write one message object of ``@Message.ExtendedInfo``."""
    fact = _fact(complaint.key)
    message: dict[str, Any] = {
        "@odata.type": "#Message.v1_1_2.Message",
        "MessageId": fact.id,
        "Message": _fill(fact.template, complaint.arguments),
        "MessageArgs": list(complaint.arguments),
        "MessageSeverity": fact.severity,
        "Severity": fact.severity,
        "Resolution": fact.resolution,
    }
    if complaint.related:
        message["RelatedProperties"] = list(complaint.related)
    return message


def error_body(complaints: Sequence[Complaint]) -> dict[str, Any]:
    """Write an error: one message gives its own code, several the general one."""
    messages = [extended(complaint) for complaint in complaints]
    if len(messages) == 1:
        code, text = messages[0]["MessageId"], messages[0]["Message"]
    else:
        general = _fact("GeneralError")
        code, text = general.id, general.template
    return {"error": {"code": code, "message": text, "@Message.ExtendedInfo": messages}}


def refused(refusal: Refusal) -> Response:
    """Answer a request with a refusal."""
    headers = dict(JSON_HEADERS)
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    if isinstance(refusal, Denial):
        headers.update(refusal.headers)
    return Response(refusal.status, error_body(refusal.complaints), headers)


@lru_cache(maxsize=1024)
def _fact(key: str) -> MessageFact:
    """Look up ``"Key"`` of the Base registry or ``"Registry.Key"``; a message nobody knows is told as it is."""
    registry, _, name = key.rpartition(".")
    try:
        return facts().message(registry or "Base", name)
    except KeyError:
        return MessageFact(key, key, "Warning", "None.", 0)


def _fill(template: str, arguments: Sequence[str]) -> str:
    """Put the arguments into a message's text; a place without an argument stays as it is."""
    given = {f"%{number}": argument for number, argument in enumerate(arguments, start=1)}
    return _PLACE.sub(lambda place: given.get(place[0], place[0]), template)
