"""From what a person gives to the client of a host: the same for every command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from igc_core.errors import LoadingError
from igc_redfish.client.credentials import find_credentials
from igc_redfish.client.origin import Origin
from igc_redfish.client.trust import GIVEN_UP, Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from igc_redfish.client.bounds import Bounds
    from igc_redfish.client.pace import Patience
    from igc_redfish.client.transport import Transport


def connect(
    url: str,
    *,
    user: str = "",
    password_variable: str = "",
    ca: Path | None = None,
    fingerprint: str = "",
    insecure: bool = False,
    plain: bool = False,
    bounds: Bounds | None = None,
    patience: Patience | None = None,
    connections: int = 1,
    rate: float = 0.0,
    warn: Callable[[str], None] | None = None,
) -> Transport:
    """Make the client of a host; nothing is sent yet.

    Args:
        url: Address of the service: ``https://host``, or only the host.
        user: The user; ``$IGC_REDFISH_USER`` if empty.
        password_variable: Name of the variable that holds the password; ``IGC_REDFISH_PASSWORD`` if empty.
        ca: PEM file of the certificate authorities to trust instead of the system's.
        fingerprint: SHA-256 of the only certificate that is accepted.
        insecure: Accept any certificate.
        plain: Allow http over a network.
        bounds: Time and size that one exchange may take.
        patience: How often a safe request is repeated.
        connections: Requests under way at once.
        rate: Requests a second at most; 0 for no bound.
        warn: Told in one line what ``insecure`` and ``plain`` give up.

    Raises:
        ClientError: The address or the fingerprint is none, the password is nowhere, or http is not allowed.
        LoadingError: The HTTP library is not installed.
    """
    origin = Origin.parse(url)
    trust = Trust(verify=ca or not insecure, fingerprint=fingerprint, plain=plain)
    if warn is not None and trust.blind and origin.encrypted:
        warn(GIVEN_UP)
    if warn is not None and not origin.encrypted and not origin.loopback and plain:
        warn(f"{origin} is not encrypted: anybody on the way can read the password and every answer, and change both")
    return transport_class()(
        str(origin),
        credentials=find_credentials(origin, user=user, password_variable=password_variable),
        trust=trust,
        bounds=bounds,
        patience=patience,
        connections=connections,
        rate=rate,
    )


def transport_class() -> type[Transport]:
    """Import the client of hosts, whose libraries are an extra.

    Raises:
        LoadingError: The HTTP library is not installed.
    """
    try:
        from igc_redfish.client.transport import Transport  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise LoadingError(
            f"real hosts need {error.name}, which is not installed", hint="pip install 'igc-redfish[live]'"
        ) from error
    return Transport
