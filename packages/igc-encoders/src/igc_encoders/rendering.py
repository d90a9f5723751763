"""A resource as text, and what each part of the text is.

The first line is a header: path, allowed methods, status. After it comes the body as compact JSON, in the order of its
keys, which decodes to the body again. Spans tile the text and say what is what, so that training may dwell on some
kinds and accuracy can be told for each. Nothing here recurses: a body may be as deep as memory allows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from igc_core.errors import EncodingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from igc_core.rest import JsonObject

_OK = 200
#: Stands for methods that nobody recorded.
UNKNOWN_METHODS = "*"
_SURROGATE = re.compile("[\ud800-\udfff]")
_PATH = re.compile(r"/[^\s]*")
_ALLOWABLE = "@Redfish.AllowableValues"
_ACTION_PARTS = frozenset({"target", "Target", "@Redfish.ActionInfo"})
#: Properties whose values Redfish enumerates, though services seldom list the values beside them.
_ENUMERATED = frozenset(
    """
    State Health HealthRollup ConditionsRollup PowerState LastState IndicatorLED BootSourceOverrideEnabled
    BootSourceOverrideTarget BootSourceOverrideMode SystemType ChassisType ManagerType ProcessorType MediaType
    Protocol DriveType LinkStatus LinkState ReadingType ReadingUnits PhysicalContext PowerRestorePolicy Severity
    MessageSeverity OverWritePolicy EntryType LogEntryType TaskState TaskStatus AddressOrigin SensorType Mode
    MemoryType MemoryDeviceType BaseModuleType ErrorCorrection RAIDType DurableNameFormat PortType PCIeType
    DeviceType AccountTypes TransferProtocol ConnectTypesSupported EventFormatType SubscriptionType ApplyTime
    """.split()  # noqa: SIM905 - names read better than a list of quoted ones
)


class Kind(IntEnum):
    """What a part of a rendered resource is."""

    STRUCTURE = 0
    KEY = 1
    VALUE = 2
    TEXT = 3
    PATH = 4
    ACTION = 5
    PARAMETER = 6
    ENUM = 7
    METHOD = 8
    STATUS = 9


class Span(NamedTuple):
    """Part of a text, in characters, the end exclusive."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Rendered:
    """A resource as text.

    Attributes:
        text: Header and body; always encodes as UTF-8.
        spans: Tile the text, in order.
        body_start: Character at which the body begins.
    """

    text: str
    spans: tuple[Span, ...]
    body_start: int

    @property
    def body(self) -> str:
        """The body as JSON."""
        return self.text[self.body_start :]


def render(body: JsonObject, *, path: str = "", methods: Sequence[str] | None = None, status: int = _OK) -> Rendered:
    """Render a resource.

    Args:
        body: The resource; NaN and infinite numbers are written as Python writes them.
        path: Its path; what the body names as its ``@odata.id`` by default.
        methods: What the service allows there; ``None`` if that is unknown.
        status: HTTP status of the answer.

    Raises:
        EncodingError: The body is no JSON object, or something in it is no JSON value.
    """
    if not isinstance(body, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] - bodies are foreign
        raise EncodingError(f"a resource is a JSON object, not a {type(body).__name__}")
    writer = _Writer()
    named = body.get("@odata.id")
    writer.add(_plain(path or (named if isinstance(named, str) else "")), Kind.PATH)
    writer.add(" ", Kind.STRUCTURE)
    writer.add(_plain(UNKNOWN_METHODS if methods is None else ",".join(methods)), Kind.METHOD)
    writer.add(" ", Kind.STRUCTURE)
    writer.add(str(status), Kind.STATUS)
    writer.add("\n", Kind.STRUCTURE)
    start = writer.position
    writer.write(body)
    return Rendered("".join(writer.pieces), tuple(writer.spans), start)


def _plain(text: str) -> str:
    """Keep a text of the header on one line, and free of lone surrogates."""
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", " ".join(text.split()))


class _Frame(NamedTuple):
    """A container that is being written."""

    items: Iterator[Any]
    closing: str
    key: str
    #: Whether the container is an action, or is inside of one.
    action: bool
    #: The object that holds the key of a list, or the object itself.
    owner: Mapping[str, Any]


class _Writer:
    """Writes JSON with an explicit stack, noting what each piece is."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.spans: list[Span] = []
        self.position = 0

    def add(self, text: str, kind: Kind) -> None:
        """Append a piece; neighbours of one kind share a span."""
        if not text:
            return
        end = self.position + len(text)
        if self.spans and self.spans[-1].kind == kind:
            self.spans[-1] = Span(self.spans[-1].start, end, kind)
        else:
            self.spans.append(Span(self.position, end, kind))
        self.pieces.append(text)
        self.position = end

    def write(self, body: Mapping[str, Any]) -> None:
        """Write an object."""
        stack: list[_Frame] = []
        self._open(stack, body, key="", action=False, owner=body)
        while stack:
            frame = stack[-1]
            entry = next(frame.items, _END)
            if entry is _END:
                stack.pop()
                self.add(frame.closing, Kind.STRUCTURE)
                continue
            if self.pieces[-1] not in {"{", "["}:
                self.add(",", Kind.STRUCTURE)
            if frame.closing == "}":
                self._member(stack, frame, *cast("tuple[object, object]", entry))
            else:
                self._value(stack, entry, key=frame.key, action=frame.action, owner=frame.owner)

    def _member(self, stack: list[_Frame], frame: _Frame, key: object, value: object) -> None:
        if not isinstance(key, str):
            raise EncodingError(f"a key of a JSON object is a text, not {key!r}")
        action = frame.action or key.startswith("#")
        self._string(key, _kind_of_key(key, action=frame.action))
        self.add(":", Kind.STRUCTURE)
        self._value(stack, value, key=key, action=action, owner=frame.owner)

    def _value(self, stack: list[_Frame], value: object, *, key: str, action: bool, owner: Mapping[str, Any]) -> None:
        if isinstance(value, str):
            self._string(value, _kind_of_text(value, key, action=action, owner=owner))
        elif isinstance(value, Mapping):
            found = cast("Mapping[str, Any]", value)
            self._open(stack, found, key=key, action=action, owner=found)
        elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
            self._open(stack, cast("Sequence[Any]", value), key=key, action=action, owner=owner)  # type: ignore[redundant-cast]
        else:
            self.add(_scalar(value, key), Kind.PARAMETER if action else Kind.VALUE)

    def _open(
        self,
        stack: list[_Frame],
        value: Mapping[str, Any] | Sequence[Any],
        *,
        key: str,
        action: bool,
        owner: Mapping[str, Any],
    ) -> None:
        if isinstance(value, Mapping):
            self.add("{", Kind.STRUCTURE)
            stack.append(_Frame(iter(value.items()), "}", key, action, owner))
        else:
            self.add("[", Kind.STRUCTURE)
            stack.append(_Frame(iter(value), "]", key, action, owner))

    def _string(self, text: str, kind: Kind) -> None:
        quoted: str = encode_basestring(text)
        inner = quoted[1:-1]
        if not inner.isascii():
            inner = _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", inner)
        self.add('"', Kind.STRUCTURE)
        self.add(inner, kind)
        self.add('"', Kind.STRUCTURE)


_END = object()


def _kind_of_key(key: str, *, action: bool) -> Kind:
    if key.startswith("#") or (action and key in _ACTION_PARTS):
        return Kind.ACTION
    return Kind.PARAMETER if action else Kind.KEY


def _kind_of_text(text: str, key: str, *, action: bool, owner: Mapping[str, Any]) -> Kind:
    if action:
        return Kind.ACTION if key in _ACTION_PARTS else Kind.PARAMETER
    if _PATH.fullmatch(text):
        return Kind.PATH
    if key.endswith(_ALLOWABLE) or key in _ENUMERATED or f"{key}{_ALLOWABLE}" in owner:
        return Kind.ENUM
    return Kind.TEXT if " " in text else Kind.VALUE


def _scalar(value: object, key: str) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    try:
        if isinstance(value, int):
            return int.__repr__(value)
        if isinstance(value, float):
            return _FLOATS.get(text := float.__repr__(value), text)
    except ValueError as error:
        raise EncodingError(f"the number at {key!r} is too long: {error}") from error
    raise EncodingError(f"the value at {key!r} is a {type(value).__name__}, which JSON does not know")


_FLOATS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
