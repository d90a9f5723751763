"""What a reader finds in a file or folder, before it becomes a capture."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.finding import Finding
from igc_redfish.capture.resource import Resource, encode
from igc_redfish.capture.uri import canonical, is_resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from igc_redfish.capture.manifest import Manifest


@dataclass(slots=True)
class Contents:
    """Resources as they are found, checked one by one.

    Attributes:
        source: The format they were read from.
        partial: Whether to leave out what is damaged instead of refusing all.
        resources: By canonical URI, in file order.
        findings: What was odd.
        manifest: What the file says about itself, for our own format.
    """

    source: str
    partial: bool = False
    resources: dict[str, Resource] = field(default_factory=dict[str, Resource])
    findings: list[Finding] = field(default_factory=list[Finding])
    manifest: Manifest | None = None

    def note(self, code: str, uri: str, message: str) -> None:
        """Record an oddity."""
        self.findings.append(Finding(code, uri, message))

    def skip(self, error: CaptureError) -> None:
        """Leave out something damaged, or refuse the whole capture with it. What is too large is always refused."""
        if not self.partial or error.code == "capture-too-large":
            raise error
        self.note("damage-skipped", "", error.message)

    def add(
        self,
        path: object,
        body: object,
        where: str,
        *,
        methods: object = None,
        status: object = 200,
        headers: object = None,
    ) -> None:
        """Check one resource and keep it.

        Args:
            path: Its URI, as the source spells it.
            body: Its parsed body.
            where: File and line, for messages.
            methods: List of allowed methods, or None.
            status: HTTP status of the answer.
            headers: Headers of the answer, or None.

        Raises:
            CaptureError: Something has the wrong type, or the URI is already taken by another body.
        """
        try:
            resource = self._checked(path, body, where, methods, status, headers)
        except CaptureError as error:
            self.skip(error)
            return
        known = self.resources.setdefault(resource.uri, resource)
        if known is resource:
            return
        if known.canonical_line() == resource.canonical_line():
            self.note("resource-repeated", resource.uri, f"stands again, unchanged, in {where}")
        else:
            message = f"{where} has another answer for {resource.uri}"
            self.skip(CaptureError(message, hint="remove one of the two from the capture"))

    def _checked(
        self, path: object, body: object, where: str, methods: object, status: object, headers: object
    ) -> Resource:
        if not isinstance(path, str):
            raise _wrong(where, "path", "a text", path)
        if not isinstance(body, dict):
            raise _wrong(where, "body", "an object", body)
        if not isinstance(status, int) or isinstance(status, bool):
            raise _wrong(where, "status", "a whole number", status)
        uri = canonical(path)
        if not is_resource(uri):
            raise CaptureError(
                f"{where} has the path {path[:200]!r}, which no Redfish service has",
                code="capture-not-redfish",
                hint="paths begin with /redfish/v1",
            )
        if path not in (uri, f"{uri}/"):
            self.note("path-spelling", uri, f"is spelt {path!r} in {where}")
        recorded, allow = _headers(headers, where)
        return Resource(
            sys.intern(uri),
            encode(cast("dict[str, Any]", body), where),
            methods=_methods(methods if methods is not None else allow, where),
            status=status,
            headers=recorded,
        )


def _headers(value: object, where: str) -> tuple[dict[str, str], list[str] | None]:
    """Split headers into those to keep and the methods that ``Allow`` lists."""
    if value is None or value == {}:
        return {}, None
    if not isinstance(value, dict):
        raise _wrong(where, "headers", "an object of texts", value)
    kept: dict[str, str] = {}
    allow = None
    for key, item in cast("dict[str, object]", value).items():
        if not isinstance(item, str):
            raise _wrong(where, "headers", "an object of texts", item)
        if key.lower() == "allow":
            allow = [method.strip().upper() for method in item.split(",") if method.strip()]
        else:
            kept[key] = item
    return kept, allow


def _methods(value: object, where: str) -> Sequence[str] | None:
    if value is None:
        return None
    if isinstance(value, list):
        entries = cast("list[object]", value)
        texts = [sys.intern(entry) for entry in entries if isinstance(entry, str)]
        if len(texts) == len(entries):
            return texts
    raise _wrong(where, "methods", "a list of texts", cast("Any", value))


def _wrong(where: str, field_name: str, wanted: str, value: object) -> CaptureError:
    return CaptureError(
        f"{where}: {field_name!r} must be {wanted}, not {type(value).__name__}", hint="capture the service again"
    )
