"""Policy files: which requests somebody has approved beforehand, on which hosts, until when."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, JsonValue

from igc_redfish.bodies import as_object
from igc_redfish.live.guards import host_name
from igc_redfish.live.risk import Risk
from igc_redfish.live.toml_file import Moment, Table, Text, Texts, Version, read_toml
from igc_redfish.process.catalogue import flatten

if TYPE_CHECKING:
    from igc_redfish.live.intent import Intent

#: Size of a policy file that is read.
_MOST_BYTES = 1 << 20


class Rule(Table):
    """One approval. A request must meet all that the rule states.

    Attributes:
        operations: Patterns of what is done, e.g. ``"action ComputerSystem.Reset"`` or ``"patch *"``.
        paths: Patterns of paths.
        hosts: Patterns of host names.
        risk: The highest class of risk. R3 cannot be stated: what destroys is approved by nobody beforehand.
        values: For property paths of the body the values that are approved, e.g. ``{ResetType = ["On"]}``. An action
            must state all of them: the service would choose a value for what is left out.
        only: Whether every value of the body must be stated in ``values``; where it need not, the rule says so itself.
        expires: When the approval ends.
        approver: Who stands for it; goes into the journal.
    """

    operations: Texts
    paths: Texts = ("*",)
    hosts: Texts = ("*",)
    risk: Literal["R1", "R2"] = "R2"
    values: dict[Text, Annotated[tuple[JsonValue, ...], Field(min_length=1, strict=False)]] = Field(
        default_factory=dict
    )
    only: bool = True
    expires: Moment | None = None
    approver: Text

    def approves(self, intent: Intent, now: datetime) -> bool:
        """Tell whether a request meets the rule."""
        expires = self.expires if self.expires is None or self.expires.tzinfo else self.expires.replace(tzinfo=UTC)
        return (
            intent.risk <= Risk[self.risk]
            and (expires is None or now < expires)
            and _matches(intent.operation, self.operations)
            and _matches(intent.request.uri.rstrip("/"), self.paths)
            and _matches(host_name(intent.host), self.hosts)
            and self._knows(intent)
        )

    def _knows(self, intent: Intent) -> bool:
        """Tell whether the body holds nothing but approved values."""
        body = intent.request.body
        if body is not None and not isinstance(body, dict):
            return not (self.values or self.only)
        stated = dict(flatten(as_object(body)))
        if intent.operation.startswith("action ") and not self.values.keys() <= stated.keys():
            return False
        return all(
            any(_equal(value, one) for one in self.values[path]) if path in self.values else not self.only
            for path, value in stated.items()
        )


class Policy(Table):
    """What a policy file states.

    Attributes:
        version: Version of the format.
        rules: The approvals, in the file's order.
    """

    version: Version
    rules: Annotated[tuple[Rule, ...], Field(alias="approve", min_length=1, strict=False)]

    @classmethod
    def read(cls, path: str | Path) -> Policy:
        """Read a policy file (TOML).

        Raises:
            DataError: It is missing, too large, no TOML, or states what no policy can.
        """
        return read_toml(Path(path), "policy", cls.model_validate, most_bytes=_MOST_BYTES)

    def approver_of(self, intent: Intent, now: datetime | None = None) -> str | None:
        """Return who approved a request, or None where nobody did."""
        moment = now or datetime.now(UTC)
        return next((rule.approver for rule in self.rules if rule.approves(intent, moment)), None)


def _equal(one: object, other: object) -> bool:
    """Compare as JSON does, where 1 is not true."""
    if isinstance(one, list) and isinstance(other, list):
        pairs = zip(cast("list[object]", one), cast("list[object]", other), strict=False)
        return one == other and all(_equal(*pair) for pair in pairs)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _matches(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text.casefold(), pattern.rstrip("/").casefold()) for pattern in patterns)
