"""A service under construction: its resources, and the spelling of their URIs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from igc_redfish.generate.naming import Ids, seeded, serial
from igc_redfish.generate.spelling import ROOT, spelt
from igc_redfish.generate.versions import odata_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from random import Random

    from igc_redfish.generate.style import Style

Body = dict[str, Any]
_WORD_BORDER = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Tree:
    """The resources of a service, in the order in which they were added.

    Attributes:
        style: What to build.
        rng: Source of all that the style leaves open.
        ids: Makes ids.
        bodies: Resource bodies by URI; they may be changed until the tree is finished.
    """

    def __init__(self, style: Style) -> None:
        self.style = style
        self.rng = seeded(style.seed, style.manner, "tree")
        self.ids = Ids(seeded(style.seed, style.manner, "ids"))
        self.bodies: dict[str, Body] = {}
        self._spare = self.fork("unevenness")
        self._product = f"{style.vendor[:2].upper()}{self.rng.randint(1, 9)}{self.rng.randint(10, 99)}"

    def fork(self, subject: str) -> Random:
        """Return a source of its own for one subject, so that what it draws leaves everything else as it is."""
        return seeded(self.style.seed, self.style.manner, subject)

    def __len__(self) -> int:
        """Number of resources."""
        return len(self.bodies)

    # -- URIs ----------------------------------------------------------------------------------------------------

    def at(self, parent: str, path: str) -> str:
        """Return the URI of a subordinate resource, its segments spelt in the manner of the style."""
        return "/".join([parent, *(spelt(self.style, parent, segment) for segment in path.split("/"))])

    def member_ids(self, kind: str, count: int) -> list[str]:
        """Make ids for the members of a collection."""
        return self.ids.make(self.style.member_ids, kind, count)

    # -- resources -----------------------------------------------------------------------------------------------

    def add(self, uri: str, kind: str, name: str, body: Mapping[str, Any]) -> Body:
        """Add a resource.

        Args:
            uri: Its URI, whose last segment becomes its id.
            kind: Its type, e.g. ``"Bios"``.
            name: Its name for people.
            body: Its other properties.
        """
        if uri in self.bodies:
            raise ValueError(f"{uri} exists already")
        made = {
            "@odata.id": uri,
            "@odata.type": odata_type(kind, self.style),
            "Id": uri.rpartition("/")[2],
            "Name": name,
            **({"Description": f"{name} of this service."} if self.style.descriptions else {}),
            **body,
        }
        self.bodies[uri] = made
        return made

    def collect(self, uri: str, member_kind: str, holder: Body | None = None, relation: str = "") -> str:
        """Add an empty collection, linked from a resource.

        Returns:
            The collection's URI.
        """
        kind = f"{member_kind}Collection"
        if uri in self.bodies:
            raise ValueError(f"{uri} exists already")
        self.bodies[uri] = {
            "@odata.id": uri,
            "@odata.type": f"#{kind}.{kind}",
            "Name": f"{spaced(member_kind)} Collection",
            "Members@odata.count": 0,
            "Members": [],
        }
        if holder is not None:
            holder[relation] = link(uri)
        return uri

    def join(self, collection: str, member_id: str, kind: str, name: str, body: Mapping[str, Any]) -> str:
        """Add a member to a collection.

        Returns:
            The member's URI.
        """
        uri = f"{collection}/{member_id}"
        self.add(uri, kind, name, body)
        listing = self.bodies[collection]
        listing["Members"].append(link(uri))
        listing["Members@odata.count"] += 1
        return uri

    def grow(
        self,
        holder: str,
        relation: str,
        kind: str,
        count: int,
        make: Callable[[], Mapping[str, Any]],
        *,
        path: str = "",
    ) -> list[str]:
        """Add up to so many resources: members of a collection, and the collection where it is new.

        Args:
            holder: The resource that links to the collection.
            relation: Its property that does, which is the collection's segment too.
            kind: Type of the members.
            count: How many resources may be added.
            make: Makes the body of a member.
            path: The segment, where it is not the relation.

        Returns:
            URIs of the new members.
        """
        uri = self.at(holder, path or relation)
        if count > 0 and uri not in self.bodies:
            self.collect(uri, kind, self.bodies[holder], relation)
            count -= 1
        if count <= 0:
            return []
        present = len(self.bodies[uri]["Members"])
        names = self.member_ids(kind, present + count)[present:]
        return [self.join(uri, name, kind, f"{spaced(kind)} {name}", make()) for name in names]

    # -- properties ----------------------------------------------------------------------------------------------

    def identity(self, model: str = "") -> Body:
        """Invent what a part is called and numbered by its maker."""
        return {
            "Manufacturer": self.style.vendor,
            "Model": f"{model or 'Series'} {self._product}",
            "PartNumber": f"{serial(self.rng, 5)}-{serial(self.rng, 3)}",
            "SerialNumber": serial(self.rng),
        }

    def status(self) -> Body:
        """Return the status of something present, which is rarely unwell."""
        health = "Warning" if self.rng.random() < 0.03 else "OK"  # noqa: PLR2004 - rarely
        return {"State": "Enabled", "Health": health}

    def chance(self, probability: float) -> bool:
        """Throw a die."""
        return self.rng.random() < probability

    def lacks(self, index: int) -> bool:
        """Tell whether one of several like things lacks what its siblings may have; the first one never does."""
        return index > 0 and self._spare.random() < self.style.uneven

    def action(
        self, uri: str, name: str, values: Mapping[str, Iterable[str]], required: Iterable[str] = ()
    ) -> tuple[str, Body]:
        """Offer an action of a resource, its values given as the style gives them.

        Args:
            uri: The resource.
            name: Qualified name, e.g. ``"ComputerSystem.Reset"``.
            values: Allowable values of each parameter; none where anything goes.
            required: Parameters that must be given.

        Returns:
            Key and value for ``Actions``.
        """
        offer: Body = {"target": self._target(uri, name)}
        how = self.style.allowable
        if how == "mixed":
            how = self._spare.choice(("inline", "info"))
        if how == "inline":
            offer.update(
                {f"{key}@Redfish.AllowableValues": list(allowed) for key, allowed in values.items() if allowed}
            )
        elif how == "info" and values:
            offer["@Redfish.ActionInfo"] = self._action_info(uri, name, values, frozenset(required))
        return f"#{name}", offer

    def _target(self, uri: str, name: str) -> str:
        match self.style.action_paths:
            case "short":
                return f"{uri}/Actions/{name.rpartition('.')[2]}"
            case "apart":
                return f"{ROOT}/Actions/{name}/{uri.removeprefix(ROOT).strip('/').replace('/', '.')}"
            case _:
                return f"{uri}/Actions/{name}"

    def _action_info(self, uri: str, name: str, values: Mapping[str, Iterable[str]], required: frozenset[str]) -> str:
        info = f"{uri}/{name.rpartition('.')[2]}ActionInfo"
        parameters = [
            {"Name": key, "Required": key in required, "DataType": "String"}
            | ({"AllowableValues": list(allowed)} if allowed else {})
            for key, allowed in values.items()
        ]
        self.add(info, "ActionInfo", f"{spaced(name.rpartition('.')[2])} Action Info", {"Parameters": parameters})
        return info


def link(uri: str) -> Body:
    """Refer to a resource."""
    return {"@odata.id": uri}


def spaced(name: str) -> str:
    """Part the words of a name: ``LogEntry`` becomes ``Log Entry``."""
    return _WORD_BORDER.sub(" ", name)
