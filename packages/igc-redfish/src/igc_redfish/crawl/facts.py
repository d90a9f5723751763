"""What a crawl has to tell: resources, and why others could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from igc_core.rest import Json
    from igc_redfish.capture import Resource

#: What a note is about: a log that was cut, a link to another service, a place where a bound ended the walk.
NoteKind: TypeAlias = Literal["log-cut", "pages-unread", "link-external", "link-outside", "bound-reached"]


@dataclass(frozen=True, slots=True)
class Link:
    """A reference that stands in a resource.

    Attributes:
        target: What to ask for: path and query, spelt as the resource spells it.
        source: Canonical URI of the resource.
    """

    target: str
    source: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A URI that gave no resource.

    Attributes:
        uri: What was asked for.
        source: Canonical URI of the resource that links to it.
        code: ``"status-404"`` and the like, or the code of a :class:`~igc_redfish.client.errors.ClientError`.
        message: What happened, on one line.
        status: HTTP status, or 0 where no usable answer came.
        answer: The body of the error, secrets masked.
    """

    uri: str
    source: str
    code: str
    message: str
    status: int = 0
    answer: Json = None

    @property
    def final(self) -> bool:
        """Whether the host itself said no; all else may go better when the crawl goes on."""
        return self.status in {400, 401, 403, 404, 405, 410, 501} or self.code == "not-a-resource"

    @property
    def is_page(self) -> bool:
        """Whether it is a page of the collection that links to it, rather than a resource of its own."""
        return "?" in self.uri


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the report mentions although nothing failed."""

    kind: NoteKind
    uri: str
    message: str


@dataclass(slots=True)
class Visit:
    """What came of one link.

    Attributes:
        link: The link.
        resources: The resource first, then those that it holds whole; none where it failed. Secrets are masked.
        links: Where they lead.
        failures: What could not be read, the link itself among them where it is.
        notes: What else is to be told.
    """

    link: Link
    resources: list[Resource] = field(default_factory=list["Resource"])
    links: list[Link] = field(default_factory=list[Link])
    failures: list[Failure] = field(default_factory=list[Failure])
    notes: list[Note] = field(default_factory=list[Note])
