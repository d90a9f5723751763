"""What a service with authentication answers beyond the goal handlers: logins, and the policies of logging in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from igc_redfish.service.rules import marked_rules, on_create, on_delete, on_patch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from igc_redfish.service.rules import Rule
    from igc_redfish.service.transaction import Transaction


class LoginRules:
    """Sessions as the protocol has them, where no handler has rules of its own."""

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that this handler answers."""
        return marked_rules(self)

    @on_create("Session")
    def log_in(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Open a session; the gate has checked the credentials."""
        body: dict[str, Any] = {
            "@odata.type": "#Session.v1_8_0.Session",
            "Name": "User Session",
            "UserName": payload["UserName"],
            "Password": None,
            "CreatedTime": transaction.now,
        }
        transaction.create(uri, body)

    @on_delete("Session")
    def log_out(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Let a session be removed; its token dies with it."""


class PolicyRules:
    """What clients may change of how they are let in: time-outs, locks, certificates."""

    def rules(self) -> Iterable[Rule]:
        """Yield the operations that this handler answers."""
        return marked_rules(self)

    @on_patch("SessionService", "AccountService")
    def change(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Let a client set what the schemas say it may."""

    @on_create("Certificate")
    def install(self, transaction: Transaction, uri: str, payload: dict[str, Any]) -> None:
        """Take a certificate (DSP0266, "Certificates"); the server itself goes on with its own."""
        body: dict[str, Any] = {"@odata.type": "#Certificate.v1_8_0.Certificate", "Name": "Certificate"}
        body.update({key: payload.get(key) for key in ("CertificateString", "CertificateType")})
        transaction.create(uri, body)
