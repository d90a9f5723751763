from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr

from igc_core.redaction import MASK
from igc_redfish.capture import ROOT
from igc_redfish.client import Credentials
from igc_redfish.crawl.screening import Screen

#: Keys under which hosts show secrets.
KEYS = """
    Password OldPassword NewPassword AdminPassword SetupPassword HddPassword VNCPassword BindPassword ProxyPassword
    SMTPPassword OneTimePassword HashedPassword PasswordHash Passphrase EncryptionPassphrase Passcode PIN PSK Pwd
    CommunityString TrapCommunity AuthenticationKey EncryptionKey SNMPv3AuthKey SNMPv3PrivKey SnmpAuthPassphrase
    Token SessionToken RefreshToken AccessToken OAuthToken CSRFToken XAuthToken SessionCookie JWT SAMLAssertion
    ClientSecret SharedSecret CHAPSecret TargetCHAPSecret SecretAccessKey APIKey SigningKey MasterKey RecoveryKey
    LicenseKey LicenseString ActivationKey EntitlementKey ProductKey PrivateKey HostPrivateKey KeyString
    IPMIKey KgKey SecurityKey ControllerKey NTPKey WPAKey PreSharedKey KerberosKeytab TPMOwnerAuth SecurityAnswer
""".split()  # noqa: SIM905 - sixty lines as a list
#: Texts that hold one.
TEXTS = [
    "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN OPENSSH PRIVATE KEY-----\n{}",
    "https://root:{}@files/x.iso",
    "Authorization: Basic {}",
    "X-Auth-Token: {}",
    "Set-Cookie: SESSION={}; Secure",
    "logged in with Bearer {}",
    "eyJ{0}.eyJzdWIiOiIxIn0.{0}",
    "root:$6$saltsalt${}.abcdefghijk:19000:0",
    "SNMP community: {}",
    "ipmitool -U root --password {} power on",
    "curl -u root:{} https://bmc",
    'sent {{"Password": "{}"}}',
    "login user=root password={}",
]
#: What stands beside its own name.
NAMED = [
    {"AttributeName": "AdminPassword", "CurrentValue": "{}"},
    {"Name": "Password", "Value": "{}"},
    {"Id": "LicenseKey", "NewValue": "{}"},
]


def secret(number: int) -> str:
    return f"S3cr3tS3cr3t{number:03}"


def planted() -> tuple[dict[str, Any], list[str]]:
    """A body with a secret of each kind, and the secrets."""
    kinds = [*KEYS, *TEXTS, *map(str, NAMED)]
    secrets = [secret(number) for number in range(len(kinds))]
    by_key = {key: secret(number) for number, key in enumerate(KEYS)}
    texts = [text.format(secret(len(KEYS) + number)) for number, text in enumerate(TEXTS)]
    first = len(KEYS) + len(TEXTS)
    named = [
        {key: text.format(secret(first + number)) for key, text in item.items()} for number, item in enumerate(NAMED)
    ]
    return {"Oem": {"Acme": [by_key]}, "Messages": texts, "Attributes": named}, secrets


def written(folder: Path) -> str:
    """Everything that lies in a folder."""
    contents = (path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return "".join((gzip.decompress(c) if c.startswith(b"\x1f\x8b") else c).decode() for c in contents)


def test_fifty_kinds_of_secrets_never_reach_the_disk(
    web: Any, tree: dict[str, Any], crawled: Any, tmp_path: Path
) -> None:
    body, secrets = planted()
    assert len(secrets) > 50
    system = f"{ROOT}/Systems/1"
    tree[system] = 200, tree[system] | body, {"Link": "<https://root:S3cr3tS3cr3t999@h/>", "Set-Cookie": "S3cr3t"}
    tree[system][1]["Bad"] = {"@odata.id": f"{system}/Bad"}
    tree[f"{system}/Bad"] = 500, {"error": {"message": "password=S3cr3tS3cr3t998"}, **body}, {}
    partial: list[str] = []
    credentials = Credentials("root", SecretStr("correct horse"))
    tree[f"{system}/Bad"][1]["echo"] = "correct horse"
    crawled(credentials=credentials, watch=lambda _: partial.append(written(tmp_path)))
    found = written(tmp_path) + "".join(partial)
    assert [text for text in [*secrets, "S3cr3t", "correct horse"] if text in found] == []
    assert MASK in found


@pytest.mark.parametrize("key", KEYS)
def test_empty_secrets_and_settings_of_secrets_stay(key: str) -> None:
    body = {key: "", f"{key}Enabled": True, f"Min{key}Length": 8, f"{key}@Redfish.AllowableValues": ["x"]}
    assert Screen().body(body) == body


@pytest.mark.parametrize(
    "body",
    [
        {"Message": "Hardware-specific information: %1", "HelpText": "Enter password: any text"},
        {"CertificateString": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"},
        {"AttributeName": "AdminPassword", "Type": "Password", "MinLength": 8, "DefaultValue": None},
        {"Name": "Password", "DataType": "String", "Required": True},
        {"Image": "nfs://files/x.iso", "Bus": "Basic data", "Cost": "$6$ a piece"},
        {"KeyType": "RSA", "FunctionKey": "F2", "Keyboard": "US", "HotKey": "F10"},
    ],
)
def test_what_is_no_secret_stays(body: dict[str, Any]) -> None:
    assert Screen().body(body) == body


def test_short_password_of_ours_does_not_spoil_words() -> None:
    screen = Screen(lambda: ("admin", "calvin"))
    assert screen.body({"UserName": "admin", "Note": "calvin was here"}) == {
        "UserName": "admin",
        "Note": f"{MASK} was here",
    }


def test_headers_that_matter_are_kept() -> None:
    headers = {"ETag": '"1"', "Link": "</s>; rel=describedby", "Server": "x", "Set-Cookie": "y", "Location": "/l"}
    kept = Screen().resource(ROOT, {}, 200, headers, None).headers
    assert kept == {"ETag": '"1"', "Link": "</s>; rel=describedby", "Location": "/l"}


def test_screen_leaves_the_original_alone() -> None:
    body = {"Password": "x", "Oem": [{"Token": "y"}]}
    before = orjson.dumps(body)
    Screen().body(body)
    assert orjson.dumps(body) == before
