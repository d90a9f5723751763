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
        self, message: str, *, code: str, hint: str = "", transient: bool = False, unsure: bool = False
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.transient = transient
        self.unsure = unsure
