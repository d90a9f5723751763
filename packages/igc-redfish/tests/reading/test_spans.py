from __future__ import annotations

import time

import pytest

from igc_redfish.reading.spans import secret_among, spans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("call it 'web 7', please", [("quoted", "web 7")]),
        ('make "a b" so', [("quoted", "a b")]),
        ("don't touch the host's lamp", []),
        ("mount http://192.0.2.7/x.iso.", [("url", "http://192.0.2.7/x.iso")]),
        ("tell mailto:ops@example.com about it", [("url", "mailto:ops@example.com")]),
        ("the light of /redfish/v1/Chassis/1.", [("uri", "/redfish/v1/Chassis/1")]),
        ("the light (/redfish/v1/Chassis/2)", [("uri", "/redfish/v1/Chassis/2")]),
        ("sync with 192.0.2.1 and pool.ntp.org.", [("address", "192.0.2.1"), ("address", "pool.ntp.org")]),
        ("rename it to web-07 at once", [("name", "web-07")]),
        ("turn it on/off", []),
    ],
)
def test_values_are_found_where_they_stand(text: str, found: list[tuple[str, str]]) -> None:
    assert [(span.kind, span.text) for span in spans(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "create 'bob' with password 'sesame'",
        "make 'sesame' the password of 'bob'",
        "give 'bob' the password 'sesame'",
        "set the password of 'bob' to 'sesame'",
        "authenticate as 'bob' with 'sesame' as password",
        "the secret of 'bob' leaked, it is to be 'sesame'",
        "let bob in with 'sesame'",
    ],
)
def test_password_is_told_from_the_user(text: str) -> None:
    secret = secret_among(text, spans(text), ["bob"])
    assert secret is not None
    assert secret.text == "sesame"


def test_two_values_of_which_none_is_called_a_password_are_left_alone() -> None:
    text = "let 'alice' in as 'bob'"
    assert secret_among(text, spans(text), []) is None


def test_long_texts_take_no_longer_than_they_are() -> None:
    began = time.process_time()
    for piece in ("a.", "'x ", "1:", "/a", "a-", '"'):
        spans(piece * 1000)
    assert time.process_time() - began < 2
