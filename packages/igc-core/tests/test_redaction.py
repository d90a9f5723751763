from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from igc_core.redaction import MASK, is_secret_key, mask, mentions_secret, redact, redact_text, secrets_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


SECRET = "Zq9vault"

#: Keys under which machines, clients and tools keep secrets.
SECRET_KEYS = """
    Password password NewPassword OldPassword AdminPassword CHAPPassword ChallengePassword user_password
    Passphrase PreviousPassphrase Passwd passcode Pwd db_pwd
    Secret CHAPSecret ClientSecret client_secret api_secret SharedSecret
    Token X-Auth-Token access_token RefreshToken Authorization Proxy-Authorization Cookie Set-Cookie
    Community TrapCommunity CommunityString Credential KerberosKeytab PIN user_pin psk otp
    AuthenticationKey AuthKey EncryptionKey PrivacyKey PrivateKey private_key ApiKey api_key X-API-Key AccessKey
    SharedKey PreSharedKey SessionKey SecretKey SigningKey MasterKey WrappingKey StorageKey EABKey LicenseKey
    LicenseString KeyString PasswordHash
""".split()  # noqa: SIM905 - sixty lines as a list

#: Keys that say something of secrets without being any.
TELLING_KEYS = """
    MinPasswordLength PasswordLength PasswordExpiration PasswordExpirationDays PasswordHistoryCount PasswordPolicy
    PasswordStatus PassphraseState TokenType TokenTimeout TokenUri TokenEnabled PasswordChangeRequired SecretSupported
    CommunityAccessMode PasswordExchangeProtocols AuthorizationScope CredentialBootstrappingRole AccessKeyViolations
    EncryptionKeyIdentifier EABKeyId UserName KeyType Keyboard UefiKeywordName PublicIdentitySSHKey HotKey
    Passwords@odata.count Password@Redfish.AllowableValues
""".split()  # noqa: SIM905 - sixty lines as a list


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_secrets_are_found_as_text_in_lists_and_in_objects(key: str) -> None:
    kinds = (
        {key: SECRET},
        {key: [SECRET]},
        {key: {"current_value": SECRET}},
        {key: [{"value": [SECRET]}]},
        {"Oem": [{key: SECRET}]},
    )
    for planted in kinds if not key.endswith("Hash") else kinds[:1]:
        assert is_secret_key(key)
        assert SECRET not in repr(redact(planted))
        assert MASK in repr(redact(planted))
        assert secrets_in(planted) == {SECRET}


@pytest.mark.parametrize("key", TELLING_KEYS)
def test_settings_of_secrets_are_no_secrets(key: str) -> None:
    for visible in ({key: "x"}, {key: ["x"]}, {key: {"current_value": "x"}}):
        assert not is_secret_key(key)
        assert redact(visible) == visible
        assert not secrets_in(visible)


@pytest.mark.parametrize(
    "visible",
    [
        {"Actions": {"#Bios.ChangePassword": {"target": "/redfish/v1/Systems/1/Bios/Actions/Bios.ChangePassword"}}},
        {"Token": {"@odata.id": "/redfish/v1/Tokens/1"}, "Tokens": [{"@odata.id": "/redfish/v1/Tokens/1"}]},
        {"CredentialBootstrapping": {"Enabled": True, "RoleId": "Operator"}},
        {"CommunityStrings": [{"AccessMode": "Full", "Name": "of the rack", "CommunityString": ""}]},
        {"Messages": {"PasswordAccepted": {"NumberOfArgs": 1, "Message": "%1", "ParamTypes": ["string"]}}},
        {"Secret": None, "Password": True, "Passwords": [3, None, ""]},
    ],
)
def test_what_surrounds_a_secret_stays(visible: object) -> None:
    assert redact(visible) == visible
    assert not secrets_in(visible)


def test_users_of_secret_objects_stay() -> None:
    planted = {"Credentials": {"UserName": "monitor", "Password": SECRET, "Key": SECRET}}
    assert redact(planted) == {"Credentials": {"UserName": "monitor", "Password": MASK, "Key": MASK}}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://user:Zq9vault@h/x.iso", "http://<redacted>@h/x.iso"),
        (
            "see nfs://user:Zq9vault@[::1]:2049/x and cifs://u:Zq9vault@h",
            "see nfs://<redacted>@[::1]:2049/x and cifs://<redacted>@h",
        ),
        ("https://user:Zq9@vault@h", "https://<redacted>@h"),
        ("https://Zq9vault@h/?to=a@b", "https://<redacted>@h/?to=a@b"),
        ("http://h/a@b", "http://h/a@b"),
        ("mailto:a@b", "mailto:a@b"),
    ],
)
def test_user_information_of_urls_is_masked(text: str, shown: str) -> None:
    assert redact_text(text) == shown
    assert redact({"Image": [text]}) == {"Image": [shown]}
    assert mask(text) == redact_text(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("account create user=a password=Zq9vault role=X", "account create user=a password=<redacted> role=X"),
        (
            "password set user=a password='Zq9 vault' then power on",
            "password set user=a password=<redacted> then power on",
        ),
        ('x password="Zq9 \\" vault" role=X', "x password=<redacted> role=X"),
        ('x password=a"Zq9 vault" role=X', "x password=<redacted> role=X"),
        ('x password="Zq9 vault role=X', "x password=<redacted>"),
        ('goals=["x password=\\"Zq9 vault\\" role=X"]', 'goals=["x password=<redacted> role=X"]'),
        ('{"Password": "Zq9 vault", "role": "X"}', '{"Password": <redacted>, "role": "X"}'),
        ("http://h/x?token=Zq9vault", "http://h/x?token=<redacted>"),
        ("X-Auth-Token = Zq9vault", "X-Auth-Token = <redacted>"),
    ],
)
def test_secrets_are_masked_within_texts(text: str, shown: str) -> None:
    assert redact_text(text) == shown
    assert redact([{"goals": [text]}]) == [{"goals": [shown]}]
    assert redact_text(shown) == shown
    assert secrets_in(text)
    assert not secrets_in(shown)


@pytest.mark.parametrize(
    "text",
    ["Invalid password: too short", "password policy=strict", "password=", "PasswordLength=20", "Bios.ChangePassword"],
)
def test_texts_about_secrets_stay(text: str) -> None:
    assert redact_text(text) == text
    assert not secrets_in(text)


def test_passwords_of_urls_are_known_wherever_they_stand() -> None:
    secrets = secrets_in({"image": "http://user:Zq9%21@h/x.iso"})
    assert secrets == {"Zq9%21", "Zq9!"}
    assert mask(["tried Zq9!", "user"], secrets) == [f"tried {MASK}", "user"]
    assert not secrets_in(["http://user@h", "http://user:@h", f"http://user:{MASK}@h"])


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
