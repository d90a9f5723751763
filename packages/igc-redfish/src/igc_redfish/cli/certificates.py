"""What is said of a certificate that is not trusted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from igc_core.cli.output import warn

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def showing_certificate(url: str) -> Generator[None]:
    """Where a host's certificate is not trusted, show the fingerprint that a person may compare and pin.

    Raises:
        ClientError: As it came; also where the certificate cannot be read.
    """
    from igc_redfish.client import ClientError, Origin, fingerprint_of  # noqa: PLC0415 - help does without

    try:
        yield
    except ClientError as error:
        origin = Origin.parse(url)
        if error.code == "client-untrusted" and origin.encrypted:
            shown = fingerprint_of(origin)
            warn(f"{origin} shows a certificate with the fingerprint {shown}; compare before you trust it")
        raise
