"""The hub that models and tokenizers are fetched from by name, where it can be reached."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

_NAME: Final = re.compile(r"\w[\w.-]*(/[\w.-]+)?")
_PATIENCE_S: Final = 5.0
_PORTS: Final = {"http": 80, "https": 443}


def why_absent(source: Path | str) -> str:
    """Tell why something that is no folder here need not be asked of a hub.

    The hub's client asks again and again for most of a minute where there is no network, so that is found out before.

    Args:
        source: A folder, or a name that a hub may know.

    Returns:
        The reason; ``""`` where it is a folder, or where the hub can be asked.
    """
    if Path(source).is_dir():
        return ""
    if not _NAME.fullmatch(str(source)):
        return "there is no such folder"
    problem = _why_unreachable()
    return f"there is no such folder, nothing of that name was fetched before, and {problem}" if problem else ""


def _why_unreachable() -> str:
    from huggingface_hub import constants  # noqa: PLC0415 - comes with the extras that know of a hub

    if constants.is_offline_mode():
        return "HF_HUB_OFFLINE is set"
    endpoint: str = constants.ENDPOINT
    hub = urlsplit(endpoint)
    proxies = {} if proxy_bypass(hub.hostname or "") else getproxies()
    way = urlsplit(proxies.get(hub.scheme) or proxies.get("all") or endpoint)
    try:
        address = way.hostname or "", way.port or _PORTS.get(way.scheme, 443)
        socket.create_connection(address, timeout=_PATIENCE_S).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        by = "" if way == hub else f" by way of {way.hostname}"
        return f"{endpoint} cannot be reached{by}: {reason}"
    return ""
