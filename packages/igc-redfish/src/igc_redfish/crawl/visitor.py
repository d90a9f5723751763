"""Follows one link: a GET, its pages, its members, and what it says about itself."""

from __future__ import annotations

from http.client import responses
from typing import TYPE_CHECKING, Any

import orjson

from igc_core.rest import Request
from igc_redfish.bodies import as_object, members_of, type_name, value_at
from igc_redfish.capture.links import raw_links
from igc_redfish.capture.uri import ROOT, canonical, folded, is_resource
from igc_redfish.client.errors import ClientError
from igc_redfish.crawl.facts import Failure, Link, Note, Visit
from igc_redfish.crawl.inline import inline_members, worth_expanding
from igc_redfish.crawl.methods import Methods
from igc_redfish.crawl.pages import gathered, is_log, next_page, shortened, without_members

if TYPE_CHECKING:
    from igc_core.rest import Response
    from igc_redfish.capture import Resource
    from igc_redfish.client.transport import Transport
    from igc_redfish.crawl.options import CrawlOptions
    from igc_redfish.crawl.screening import Screen

_UNAUTHORIZED = 401
#: What the report keeps of an error.
_LONGEST_MESSAGE = 500
_LARGEST_ERROR = 1 << 14


class Visitor:
    """Reads resources of one service; safe for threads. It sends GET, HEAD and OPTIONS, and nothing else."""

    def __init__(self, transport: Transport, options: CrawlOptions, screen: Screen) -> None:
        self._transport = transport
        self._options = options
        self._screen = screen
        self._methods = Methods(transport, probe=options.probe_methods)
        self._expand = ""
        self._alone_tells_more = False

    def visit(self, link: Link) -> Visit:
        """Follow a link.

        Raises:
            ClientError: The service does not let us in at all.
        """
        visit = Visit(link)
        read = self._read(link, visit)
        if read is not None:
            self._take_members(*read, visit)
        return visit

    def alive(self) -> bool:
        """Tell whether the host still answers at all."""
        try:
            self._transport.send(Request("GET", f"{ROOT}/"))
        except ClientError:
            return False
        return True

    def links_of(self, resource: Resource) -> list[Link]:
        """List what is to be followed from a resource that an earlier run has read."""
        if resource.uri == ROOT:
            self._expand = _expand_query(resource.body)
        return self._links(resource.body, resource.uri, Visit(Link(resource.uri, resource.uri)))

    def _read(self, link: Link, visit: Visit) -> tuple[dict[str, Any], str] | None:
        """Read one resource, and return its body with its canonical URI; None where that failed."""
        answer = self._get(link, visit)
        if answer is None:
            return None
        body = as_object(answer.body)
        uri = _identity(body, link)
        if uri == ROOT:
            self._expand = _expand_query(body)
        body = self._completed(body, uri, visit)
        methods = self._methods.of(link.target, answer)
        visit.resources.append(self._screen.resource(uri, body, answer.status, answer.headers, methods))
        visit.links += self._links(body, uri, visit)
        return body, uri

    def _get(self, link: Link, visit: Visit) -> Response | None:
        """Ask for a link, and take note of a failure."""
        try:
            answer = self._transport.send(Request("GET", link.target))
        except ClientError as error:
            if error.code in {"client-login", "client-untrusted", "client-insecure"}:
                raise
            visit.failures.append(Failure(link.target, link.source, error.code, self._screen.body(error.message)))
            return None
        if answer.ok and isinstance(answer.body, dict):
            return answer
        if answer.status == _UNAUTHORIZED and self._transport.login is None:
            raise ClientError(
                f"{self._transport.origin} asks who is there, at {link.target}",
                code="client-login",
                hint="give a user and a password, e.g. by IGC_REDFISH_USER and IGC_REDFISH_PASSWORD",
            )
        visit.failures.append(self._failure(link, answer))
        return None

    def _failure(self, link: Link, answer: Response) -> Failure:
        if answer.ok:
            kind = "nothing" if answer.body is None else f"JSON that is no object ({type(answer.body).__name__})"
            return Failure(link.target, link.source, "not-a-resource", f"answered {kind}", answer.status)
        said = value_at(answer.body, "error/message", "")
        message = str(said) or f"answered {answer.status} {responses.get(answer.status, '')}".strip()
        return Failure(
            link.target,
            link.source,
            f"status-{answer.status}",
            self._screen.body(message)[:_LONGEST_MESSAGE],
            answer.status,
            self._screen.body(answer.body) if len(orjson.dumps(answer.body)) <= _LARGEST_ERROR else None,
        )

    def _completed(self, body: dict[str, Any], uri: str, visit: Visit) -> dict[str, Any]:
        """Gather the pages of a collection, cut a log, and leave out the sessions that this crawl has opened."""
        if "Members" not in body:
            return body
        most = self._options.log_entries if is_log(body, uri) else None
        if next_page(body):
            body = gathered(body, lambda text: self._page(text, uri, visit), self._options.most_pages, most)
        if most is not None:
            body, left_out = shortened(body, most)
            if left_out:
                visit.notes.append(Note("log-cut", uri, f"{left_out} of its entries are left out"))
        if next_page(body):
            visit.notes.append(Note("pages-unread", uri, "not all of its pages were read"))
        login = self._transport.login
        return without_members(body, login.opened) if login is not None and login.opened else body

    def _page(self, text: str, uri: str, visit: Visit) -> dict[str, Any] | None:
        """Read the page that a collection links to."""
        target = self._target(text, uri, visit)
        answer = None if target is None else self._get(Link(target, uri), visit)
        return None if answer is None else as_object(answer.body)

    def _links(self, body: dict[str, Any], uri: str, visit: Visit) -> list[Link]:
        """List what is to be followed from a resource."""
        found: dict[str, Link] = {}
        unread = next_page(body)
        schemas = type_name(body) == "JsonSchemaFile" and not self._options.schemas
        for path, text in raw_links(body):
            if not text or text == unread or (schemas and path.startswith("Location/")):
                continue
            target = self._target(text, uri, visit)
            if target is not None and folded(canonical(target)) != folded(uri):
                found.setdefault(target, Link(target, uri))
        return list(found.values())

    def _target(self, text: str, uri: str, visit: Visit) -> str | None:
        """Return what to ask for at a reference; None where it leads out of the service."""
        target = canonical(text, uri).replace(" ", "%20")
        if "://" in target:
            try:
                target = canonical(self._transport.origin.local(target))
            except ClientError:
                visit.notes.append(Note("link-external", uri, f"leads to {target[:200]}"))
                return None
        if not is_resource(target):
            visit.notes.append(Note("link-outside", uri, f"leads to {target[:200]}, outside {ROOT}"))
            return None
        if target.count("/") > self._options.deepest:
            visit.notes.append(Note("bound-reached", uri, f"has a link of more than {self._options.deepest} segments"))
            return None
        return f"{target}/" if text.partition("#")[0].endswith("/") else target

    def _take_members(self, body: dict[str, Any], uri: str, visit: Visit) -> None:
        """Take members that a collection holds whole, or gives whole on demand, as resources of their own.

        The first one is read by itself, too: where that tells more than the collection did, all are.
        """
        if not worth_expanding(body) or self._alone_tells_more:
            return
        members = inline_members(body, uri)
        if not members and self._expand and self._options.expand:
            members = self._expanded(body, uri)
        first = next(iter(members), None)
        if first is None:
            return
        sample = Visit(Link(first, uri))
        if self._read(sample.link, sample) is None:
            return
        visit.resources += sample.resources
        visit.links += sample.links
        visit.notes += sample.notes
        self._alone_tells_more |= _tells_more(sample.resources[0], members[first])
        if self._alone_tells_more:
            return
        for target, item in list(members.items())[1:]:
            headers = {"ETag": str(item["@odata.etag"])} if "@odata.etag" in item else {}
            visit.resources.append(self._screen.resource(target, item, 200, headers, None))
            visit.links += self._links(item, target, visit)

    def _expanded(self, body: dict[str, Any], uri: str) -> dict[str, dict[str, Any]]:
        """Ask for a collection with its members; a service that cannot do what it says is not asked again."""
        answer = self._page(f"{uri}?$expand={self._expand}", uri, Visit(Link(uri, uri)))
        found = inline_members(answer or {}, uri)
        if not found:
            self._expand = ""
        kept = {canonical(text, uri) for text in members_of(body)}
        return {target: item for target, item in found.items() if target in kept}


def _tells_more(alone: Resource, inline: dict[str, Any]) -> bool:
    """Tell whether a member that was read by itself shows what it does not in its collection."""
    headers = alone.headers.keys() - ({"ETag"} if "@odata.etag" in inline else set())
    return alone.methods is not None or bool(headers) or not alone.body.keys() <= inline.keys()


def _identity(body: dict[str, Any], link: Link) -> str:
    """Return the canonical URI of an answer: as the service spells it, where that is what was asked for."""
    asked = canonical(link.target)
    stated = body.get("@odata.id")
    named = canonical(stated, asked) if isinstance(stated, str) else asked
    return named if folded(named) == folded(asked) else asked


def _expand_query(root: dict[str, Any]) -> str:
    """Return the value of ``$expand`` that leaves out links, where the service root offers one (DSP0266)."""
    offered = as_object(value_at(root, "ProtocolFeaturesSupported/ExpandQuery"))
    return "." if offered.get("NoLinks") is True else "*" if offered.get("ExpandAll") is True else ""
