from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.redaction import MASK, is_secret_key, mask, mentions_secret, redact, secrets_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "key", ["Password", "X-Auth-Token", "NewPassword", "private_key", "Authorization", "api_secret"]
)
def test_secret_keys_are_known(key: str) -> None:
    assert is_secret_key(key)


@pytest.mark.parametrize(
    "key", ["MinPasswordLength", "PasswordExpiration", "TokenType", "UserName", "Passwords@odata.count"]
)
def test_settings_of_secrets_are_no_secrets(key: str) -> None:
    assert not is_secret_key(key)


def test_secret_strings_are_masked_at_any_depth() -> None:
    assert redact([{"Password": "x", "Token": "", "Secret": 3, "In": {"token": "y"}, "b": b"z"}]) == [
        {"Password": MASK, "Token": "", "Secret": 3, "In": {"token": MASK}, "b": b"z"}
    ]


def test_text_about_secrets_is_noticed() -> None:
    assert mentions_secret("set password of root to x")
    assert mentions_secret("rotate the token, please")
    assert not mentions_secret("power on Systems/1")


def test_known_secrets_are_masked_wherever_they_stand() -> None:
    secrets = secrets_in({"user": "a", "password": "hunter2", "more": [{"token": "hunter22"}, 1]})
    assert secrets == {"hunter2", "hunter22"}
    masked = mask({"Attributes": {"Value": "hunter22"}, "m": ["is hunter2!", 1, None], "password": "new"}, secrets)
    assert masked == {"Attributes": {"Value": MASK}, "m": [f"is {MASK}!", 1, None], "password": MASK}


@given(JSON)
def test_nothing_is_masked_where_nothing_is_secret(value: object) -> None:
    if not secrets_in(value):
        assert redact(value) == value == mask(value)


@given(st.text(alphabet="abcdef", min_size=3), JSON)
def test_masking_leaves_no_trace(secret: str, value: object) -> None:
    masked = mask({"Note": f"<{secret}>", "Password": secret, "Rest": value}, frozenset({secret}))
    if secret not in MASK:
        assert secret not in repr([masked["Note"], masked["Password"]])
