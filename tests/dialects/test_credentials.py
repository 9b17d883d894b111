"""Whose credentials a send bears is known by name, and the secret by nobody."""

from __future__ import annotations

import pytest

from gateway.dialects import dialect_named
from gateway.dialects.credentials import account_of
from gateway.words.wire import Request

TARGET = b"/cgi-bin/sendsms?to=12125550100&text=Hi"


@pytest.mark.parametrize(
    ("situation", "value", "account"),
    [
        ("user and password", b"Basic QUMwOnNlY3JldA==", "AC0"),
        ("in any case", b"basic QUMwOnNlY3JldA==", "AC0"),
        ("another scheme", b"Bearer QUMwOnNlY3JldA==", ""),
        ("no sense in it", b"Basic !", ""),
        ("no text in it", b"Basic //8=", ""),
        ("nothing", b"", ""),
    ],
)
def test_an_account_is_the_user_of_basic_authentication(situation, value, account):
    assert account_of(((b"authorization", value),)) == account


@pytest.mark.parametrize(
    ("situation", "target", "headers", "account"),
    [
        ("in the query", TARGET + b"&username=shop&password=p", (), "shop"),
        ("by its other name", TARGET + b"&user=shop&pass=p", (), "shop"),
        ("by none", TARGET, (), ""),
    ],
)
def test_kannel_names_its_user_in_the_request(situation, target, headers, account):
    send = dialect_named("kannel").read(Request(b"GET", target, headers))
    assert send is not None
    assert send.account == account


def test_kannel_names_its_user_in_a_header():
    headers = ((b"X-Kannel-To", b"12125550100"), (b"X-Kannel-Username", b"shop"), (b"Content-Type", b"text/plain"))
    send = dialect_named("kannel").read(Request(b"POST", b"/cgi-bin/sendsms", headers, b"Hi"))
    assert send is not None
    assert send.account == "shop"
