"""A capture: what one Redfish service answered, resource by resource."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from igc_core.redaction import MASK, redact
from igc_redfish.capture.errors import CaptureError
from igc_redfish.capture.folders import read_folder
from igc_redfish.capture.links import embedded
from igc_redfish.capture.manifest import FORMAT, Manifest, Service
from igc_redfish.capture.records import name_of, read_records
from igc_redfish.capture.resource import Resource, encode
from igc_redfish.capture.stream import Limits, reading
from igc_redfish.capture.uri import ROOT, canonical, folded, is_resource
from igc_redfish.capture.writing import write_flat, write_mockup, write_records

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal

    from igc_redfish.capture.contents import Contents
    from igc_redfish.capture.finding import Finding

#: Headers that hold secrets under an innocent name.
_SECRET_HEADERS = frozenset({"set-cookie", "cookie"})


class Capture(Mapping[str, Resource]):
    """The dataset of one service: an immutable mapping from canonical URI to resource, in file order, root first.

    Membership and indexing take canonical URIs only; :meth:`find` accepts any spelling.

    Attributes:
        name: Name of the capture.
        source: Format it was read from.
        created: When the service was captured or imported, where that is known.
        provenance: Free notes on the origin.
        warnings: What was odd while reading. :func:`~igc_redfish.capture.validation.validate` looks deeper.
        claimed_digest: The digest that the file states, or ``""``.
    """

    def __init__(
        self,
        name: str,
        resources: Mapping[str, Resource],
        *,
        source: str = "memory",
        created: datetime | None = None,
        provenance: Mapping[str, Any] | None = None,
        warnings: Iterable[Finding] = (),
        claimed_digest: str = "",
    ) -> None:
        root = resources.get(ROOT)
        if root is None:
            raise _no_service(f"{name} has no {ROOT}")
        self.name = name
        self.source = source
        self.created = created
        self.provenance: Mapping[str, Any] = MappingProxyType(dict(provenance or {}))
        self.warnings = tuple(warnings)
        self.claimed_digest = claimed_digest
        self._resources = {ROOT: root, **resources}

    @classmethod
    def open(cls, path: str | Path, *, limits: Limits | None = None, partial: bool = False) -> Capture:
        """Read a capture, whatever its format: our file, JSON lines, a DMTF mock-up, a flat dump.

        Args:
            path: File or folder.
            limits: How much it may hold.
            partial: Keep what is whole of a damaged capture, with a warning for what is not.

        Raises:
            CaptureError: It is missing, damaged, too large, or no capture.
        """
        path = Path(path)
        limits = limits or Limits()
        with reading(path):
            read = read_folder if path.is_dir() else read_records
            contents = read(path, limits, partial=partial)
        if ROOT not in contents.resources:
            lack = f"no {ROOT}" if contents.resources else "no resources"
            raise _no_service(f"{path} holds {lack}")
        return cls._of(contents, name_of(path))

    @classmethod
    def from_resources(
        cls,
        name: str,
        resources: Iterable[Resource],
        *,
        source: str = "memory",
        created: datetime | None = None,
        provenance: Mapping[str, Any] | None = None,
    ) -> Capture:
        """Make a capture of resources at hand.

        Raises:
            CaptureError: A URI is not canonical or stands twice, or the service root is missing.
        """
        kept: dict[str, Resource] = {}
        for resource in resources:
            if canonical(resource.uri) != resource.uri or not is_resource(resource.uri):
                raise CaptureError(f"{resource.uri!r} in {name} is no canonical URI", code="capture-not-redfish")
            if resource.uri in kept:
                raise CaptureError(f"{resource.uri} stands twice in {name}")
            kept[resource.uri] = resource
        return cls(name, kept, source=source, created=created, provenance=provenance)

    @classmethod
    def _of(cls, contents: Contents, name: str) -> Capture:
        manifest = contents.manifest
        if manifest is None:
            return cls(name, contents.resources, source=contents.source, warnings=contents.findings)
        return cls(
            manifest.name,
            contents.resources,
            source=manifest.source or FORMAT,
            created=manifest.created,
            provenance=manifest.provenance,
            warnings=contents.findings,
            claimed_digest=manifest.digest,
        )

    def __getitem__(self, uri: str) -> Resource:
        """Return the resource at a canonical URI."""
        return self._resources[uri]

    def __contains__(self, uri: object) -> bool:
        """Tell whether there is a resource at a canonical URI."""
        return uri in self._resources

    def __iter__(self) -> Iterator[str]:
        """Yield the URIs, the root first."""
        return iter(self._resources)

    def __len__(self) -> int:
        """Number of resources."""
        return len(self._resources)

    def __eq__(self, other: object) -> bool:
        """Captures are compared by identity; compare digests for content."""
        return self is other

    def __hash__(self) -> int:
        """Hash by identity."""
        return id(self)

    def __repr__(self) -> str:
        """Name the capture."""
        return f"Capture({self.name!r}, {len(self)} resources)"

    def find(self, uri: str) -> str | None:
        """Return the canonical URI of a resource, however it is spelt (slashes, fragment, case, percent signs)."""
        text = canonical(uri)
        return text if text in self._resources else self._folded.get(folded(text))

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {folded(uri): uri for uri in reversed(self._resources)}

    @cached_property
    def embedded(self) -> Mapping[str, Resource]:
        """Resources that only stand whole inside others, as the members of expanded collections do."""
        found: dict[str, Resource] = {}
        for uri, resource in self._resources.items():
            for _, target, body in embedded(resource.body, uri):
                if target not in found and is_resource(target) and self.find(target) is None:
                    found[target] = Resource(target, body)
        return MappingProxyType(found)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content in hexadecimal, the same for every format and order."""
        sha = hashlib.sha256()
        for uri in sorted(self._resources):
            sha.update(self._resources[uri].canonical_line())
            sha.update(b"\n")
        return sha.hexdigest()

    @cached_property
    def manifest(self) -> Manifest:
        """What is known about the capture as a whole."""
        return Manifest(
            name=self.name,
            source=self.source,
            created=self.created,
            resources=len(self),
            methods_known=sum(resource.methods is not None for resource in self._resources.values()),
            service=Service.of(self[ROOT].body),
            provenance=dict(self.provenance),
            digest=self.digest,
        )

    def redacted(self, *, created: datetime | None = None) -> Capture:
        """Copy the capture with its secrets masked.

        Args:
            created: Time to note where none is known yet.
        """
        return Capture(
            self.name,
            {uri: _redacted(resource) for uri, resource in self._resources.items()},
            source=self.source,
            created=self.created or created,
            provenance=redact(dict(self.provenance)),
            warnings=self.warnings,
        )

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the capture in our own format; the same content gives the same bytes.

        Args:
            path: File to write, by custom ``<name>.igc.jsonl.gz``. Compressed unless it ends in ``.jsonl``.
            overwrite: Whether an existing file may be replaced.

        Raises:
            CaptureError: The file exists or cannot be written.
        """
        manifest = encode(self.manifest.model_dump(mode="json"), self.name)
        return write_records(self._resources.values(), Path(path), manifest=manifest, overwrite=overwrite)

    def export(self, path: str | Path, kind: Literal["dmtf", "jsonl", "flat"]) -> Path:
        """Write the capture for other tools; nothing existing is overwritten.

        Args:
            path: File (``jsonl``) or folder to write.
            kind: DMTF mock-up, JSON lines without manifest, or flat dump.

        Raises:
            CaptureError: The path exists or cannot be written.
        """
        if kind == "jsonl":
            return write_records(self._resources.values(), Path(path))
        write = write_mockup if kind == "dmtf" else write_flat
        return write(self._resources.values(), Path(path))


def _no_service(message: str) -> CaptureError:
    return CaptureError(message, code="capture-not-redfish", hint="a capture begins with the service root")


def _redacted(resource: Resource) -> Resource:
    headers = {
        key: MASK if key.lower() in _SECRET_HEADERS else value for key, value in redact(dict(resource.headers)).items()
    }
    body = encode(redact(resource.body), resource.uri)
    return Resource(resource.uri, body, methods=resource.methods, status=resource.status, headers=headers)
