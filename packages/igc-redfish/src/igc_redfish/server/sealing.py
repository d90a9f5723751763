"""Secrets at rest: sealed with a key that only the operator has (Fernet: AES-128-CBC and HMAC-SHA256)."""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_SALT_BYTES: Final = 16
#: Cost of a guess (RFC 7914, section 2): 16 MiB, and tens of milliseconds.
_COST, _BLOCK, _PARALLEL = 1 << 14, 8, 1


class Seal:
    """Seals JSON values, and opens what the same secret has sealed."""

    def __init__(self, secret: str) -> None:
        """Take the operator's secret; the keys are derived when they are needed."""
        self._secret = secret.encode()
        self._salt = os.urandom(_SALT_BYTES)
        self._keys: dict[bytes, Fernet] = {}

    def __repr__(self) -> str:
        """Show no secret."""
        return "Seal()"

    def close(self, value: Any) -> str:
        """Seal a JSON value."""
        return f"{self._salt.hex()}.{self._key(self._salt).encrypt(orjson.dumps(value)).decode()}"

    def open(self, text: str) -> Any:
        """Return what was sealed, or None where another secret sealed it or the text is damaged."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - an extra, and only where something is sealed

        salt, _, token = text.partition(".")
        try:
            return orjson.loads(self._key(bytes.fromhex(salt)).decrypt(token.encode()))
        except (ValueError, InvalidToken):
            return None

    def _key(self, salt: bytes) -> Fernet:
        from cryptography.fernet import Fernet  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.kdf.scrypt import Scrypt  # noqa: PLC0415

        if salt not in self._keys:
            derived = Scrypt(salt=salt, length=32, n=_COST, r=_BLOCK, p=_PARALLEL).derive(self._secret)
            self._keys[salt] = Fernet(base64.urlsafe_b64encode(derived))
        return self._keys[salt]
