"""Keep secrets out of logs, captures, errors and reprs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What stands where a secret stood.
MASK = "<redacted>"

_SECRET_KEY = re.compile(
    r"""
    pass(word|phrase|wd|code)|(^|_|\b)pwd|secret|token|authorization|community|credential|cookie|keytab
    |(^|_)(pin|psk|otp)$|hash$
    |(access|api|auth|authentication|bind|eab|encryption|host_?private|integrity|licen[cs]e|master|private
      |privacy|session|shared|signing|storage|wrapping)[_-]?key(?-i:s?(?![a-z]))
    |(key|licen[cs]e)[_-]?string
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Settings of passwords and tokens (their age, length, type) are not secrets themselves.
_INNOCENT_KEY = re.compile(
    r"(length|required|expir\w*|history|age|policy|type|uri|count|enabled|supported|timeout\w*"
    r"|algorithm|capable|mode|protocols?|role|scope|score|state|status|keyid|key_id|key_?identifier|violations"
    r"|@\w+\.\w+)$",
    re.IGNORECASE,
)
#: What an object under a secret key may say of itself: ``Credentials/UserName``, ``CommunityStrings/Name``.
_TELLING_KEY = re.compile(r"(name|description|target|title|(^|_)id|(?-i:Id))$", re.IGNORECASE)
#: The part of a URL before its host: RFC 3986, section 3.2.1. An ``@`` of a password may stand there unescaped.
_USER_INFO = re.compile(r"(?<=://)[^\s/?#]*(?=@)")
#: What comes before a value within a text: ``password=`` as in goals, ``"Password":`` as in JSON.
_BEFORE_VALUE = re.compile(r"""(?<![\w-])([\w-]++)(?:\s*+(=)\s*+|\\*+["']\s*+:\s*+(?=\\*+["']))""")
#: A quotation, itself within one or not. One without an end goes on to the end of the text. Nothing is matched twice,
#: so that long texts take no longer than they are.
_QUOTATION = r"""\\++"[^"]*+"?+|"(?>[^"\\]++|\\.)*+"?+|\\*+'[^']*+'?+"""
_QUOTED = re.compile(_QUOTATION, re.DOTALL)
#: A word as a shell would read it.
_WORD = re.compile(rf"""(?>{_QUOTATION}|\\++\s?+|[^\s"'\\]++)++""", re.DOTALL)


@lru_cache(maxsize=1 << 13)
def is_secret_key(key: str) -> bool:
    """Tell whether the value under a JSON key, or the header of that name, must not be shown."""
    return bool(_SECRET_KEY.search(key)) and not _INNOCENT_KEY.search(key)


def mentions_secret(text: str) -> bool:
    """Tell whether a text speaks of a password or the like, and so may hold one."""
    return any(is_secret_key(word) for word in re.findall(r"\w+", text))


def redact_text(text: str) -> str:
    """Mask what a text gives away: users and passwords of URLs, and values under secret keys.

    ``http://root:x@host/`` gives ``http://<redacted>@host/``, and ``account create user=a password=x`` gives
    ``account create user=a password=<redacted>``.
    """
    text = _USER_INFO.sub(MASK, text) if "://" in text else text
    kept, done = "", 0
    for start, end, _ in _assigned(text):
        kept, done = f"{kept}{text[done:start]}{MASK}", end
    return kept + text[done:]


def redact(value: Any) -> Any:
    """Copy a JSON value with every secret string replaced by ``MASK``.

    Secret is what stands under a secret key, in lists and objects too, and what :func:`redact_text` masks in a text.

    Args:
        value: Parsed JSON of any shape.

    Returns:
        The same shape. Booleans, numbers, nulls and empty texts under secret keys stay, as they name settings; so do
        links and other annotations.
    """
    return _redacted(value, secret=False)


def secrets_in(value: Any) -> frozenset[str]:
    """Collect the secret strings of a JSON value, so that :func:`mask` can find them where no key gives them away.

    The password of a URL is among them, as it stands there and with its percent-encoding undone; its user is not. So is
    the value of ``password=x`` within a text.
    """
    return frozenset(_secrets(value, secret=False))


def mask(value: Any, secrets: frozenset[str] = frozenset()) -> Any:
    """Copy a JSON value with known secrets masked wherever they stand, on top of what :func:`redact` finds.

    Args:
        value: Parsed JSON of any shape.
        secrets: Texts that must not be shown, even inside a longer text.
    """
    return _masked(redact(value), sorted(secrets, key=len, reverse=True))


def _redacted(value: Any, *, secret: bool) -> Any:
    if isinstance(value, str):
        return MASK if secret and value else redact_text(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, object]", value)
        return {key: _redacted(item, secret=_is_secret(key, item, within=secret)) for key, item in members.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_redacted(item, secret=secret) for item in cast("Sequence[object]", value)]
    return value


def _secrets(value: Any, *, secret: bool) -> Iterator[str]:
    if isinstance(value, str):
        if secret and value:
            yield value
        for found in _USER_INFO.findall(value) if "://" in value else ():
            password = found.partition(":")[2]
            yield from {password, unquote(password)} - {"", MASK}
        yield from (bare for _, _, bare in _assigned(value))
    elif isinstance(value, Mapping):
        for key, item in cast("Mapping[str, object]", value).items():
            yield from _secrets(item, secret=_is_secret(key, item, within=secret))
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for item in cast("Sequence[object]", value):
            yield from _secrets(item, secret=secret)


def _assigned(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield where the secrets of a text begin and end, and what they are without their quotations."""
    if not mentions_secret(text):
        return
    end = 0
    for before in _BEFORE_VALUE.finditer(text):
        if before.start() < end or not is_secret_key(before[1]):
            continue
        value = (_WORD if before[2] else _QUOTED).match(text, before.end())
        bare = value[0].strip("\\\"'") if value else ""
        if value and bare and not bare.startswith(MASK):
            end = value.end()
            yield value.start(), end, bare


def _is_secret(key: object, item: object, *, within: bool) -> bool:
    """Tell whether a member is secret: by its own key, or because the object that holds it is.

    Args:
        key: Its key.
        item: Its value. Actions (``#Bios.ChangePassword``), the messages of a registry and lists of hashes are named
            after secrets without holding any.
        within: Whether the object is secret. What it says of itself is not, nor are its links and settings.
    """
    name = str(key)
    if not isinstance(item, str) and (name.startswith("#") or name.lower().endswith("hash") or _is_message(item)):
        return False
    if is_secret_key(name):
        return True
    return within and not ("@" in name or _INNOCENT_KEY.search(name) or _TELLING_KEY.search(name))


def _is_message(item: object) -> bool:
    return isinstance(item, Mapping) and "NumberOfArgs" in item


def _masked(value: Any, secrets: Sequence[str]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, dict):
        return {key: _masked(item, secrets) for key, item in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_masked(item, secrets) for item in cast("list[object]", value)]
    return value
