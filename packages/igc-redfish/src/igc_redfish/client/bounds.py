"""How long a host may take, and how much it may say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one exchange.

    Attributes:
        connect_s: Time for a connection to be made.
        read_s: Time between two pieces of an answer.
        total_s: Time for the whole answer, however many pieces it comes in.
        body_bytes: Size of a body, after decompression. The largest that we know of has 0.6 MB.
        depth: Levels of nesting; what is deeper cannot be kept in a capture.
        redirects: Redirects followed for one request.
    """

    connect_s: float = 10.0
    read_s: float = 30.0
    total_s: float = 120.0
    body_bytes: int = 16 << 20
    depth: int = 254
    redirects: int = 5
