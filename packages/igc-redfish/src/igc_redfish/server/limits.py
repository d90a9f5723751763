"""What a client may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a server. Whoever exceeds one gets an answer of 4xx or 503, and the connection is closed.

    Attributes:
        content_bytes: Largest body of a request.
        image_bytes: Largest firmware image that is pushed; it is read and thrown away.
        head_bytes: Largest request line with headers.
        headers: Most headers of a request.
        connections: Most connections at a time.
        streams: Most event streams of a machine at a time.
        request_s: Longest time that a request may take to arrive.
        idle_s: Longest time that a connection is kept without a request.
        stalled_s: Longest time that a client may take no bytes of its answer.
        finish_s: Longest time that requests under way may take when the server ends.
    """

    content_bytes: int = 1 << 20
    image_bytes: int = 256 << 20
    head_bytes: int = 32 << 10
    headers: int = 100
    connections: int = 1024
    streams: int = 16
    request_s: float = 30.0
    idle_s: int = 75
    stalled_s: float = 30.0
    finish_s: int = 5
