"""What can go wrong between a client and a host.

BackendError
└── ClientError          a host cannot be reached, trusted or believed, or must not be asked
"""

from __future__ import annotations

from igc_core.errors import BackendError


class ClientError(BackendError):
    """A host cannot be reached, trusted or believed, or must not be asked.

    Attributes:
        transient: Whether the same request may well succeed a little later.
        unsure: Whether the host may have carried the request out although no usable answer came. Read the resource
            again before a change is repeated.
        retry_after_s: How long the host asks to be left alone, in seconds; None where it does not say.
        at_login: Whether the request itself was not sent, as the host was too busy for the login before it.
    """

    codes: tuple[str, ...] = (
        "client-address",
        "client-answer",
        "client-credentials",
        "client-foreign-link",
        "client-insecure",
        "client-login",
        "client-request",
        "client-timeout",
        "client-too-large",
        "client-unreachable",
        "client-untrusted",
    )

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str = "",
        transient: bool = False,
        unsure: bool = False,
        retry_after_s: float | None = None,
        at_login: bool = False,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.transient = transient
        self.unsure = unsure
        self.retry_after_s = retry_after_s
        self.at_login = at_login
