"""Clients of scripted hosts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from pydantic import SecretStr

from igc_redfish.client import Bounds, Credentials, Patience, Transport

BOUNDS = Bounds(connect_s=10, read_s=10, total_s=20, body_bytes=1 << 20)
#: Impatient, so that tests are quick.
PATIENCE = Patience(attempts=3, first_s=0.01, longest_s=2)

Connect = Callable[..., Transport]


@pytest.fixture
def client(web: Any) -> Iterator[Connect]:
    """Make clients of the scripted host; they are closed afterwards."""
    with ExitStack() as stack:

        def make(url: str = "", **options: Any) -> Transport:
            settings = {"bounds": BOUNDS, "patience": PATIENCE} | options
            return stack.enter_context(Transport(url or web.url, **settings))

        yield make


@pytest.fixture
def credentials() -> Credentials:
    return Credentials("root", SecretStr("correct horse"))
