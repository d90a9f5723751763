"""How rules say no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Complaint:
    """One message of a refusal.

    Attributes:
        key: Message of the Base registry, e.g. ``"PropertyValueNotInList"``; or ``"Registry.Key"`` of another one.
        arguments: The message's arguments, as text.
        related: JSON pointers of the properties it is about, e.g. ``"#/Boot/BootSourceOverrideTarget"``.
    """

    key: str
    arguments: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the service, not an error of the program
    """Raised by a rule: the request is answered with an error, and nothing that the rule did takes effect.

    Attributes:
        status: HTTP status, 400 or above.
        complaints: At least one message.
        retry_after_s: Value of the Retry-After header, or None.
    """

    def __init__(
        self,
        key: str,
        *arguments: str,
        status: int = 400,
        related: Sequence[str] = (),
        retry_after_s: int | None = None,
        complaints: Sequence[Complaint] = (),
    ) -> None:
        self.status = status
        self.complaints = tuple(complaints) or (Complaint(key, tuple(arguments), tuple(related)),)
        self.retry_after_s = retry_after_s
        super().__init__(key)
