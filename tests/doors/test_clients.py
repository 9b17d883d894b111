"""A token is taken off wherever it stands, counts for the one that it was given to, and only as often as it may."""

from __future__ import annotations

import asyncio

import pytest

from gateway.doors import tokens
from gateway.doors.clients import Clients, NotLetIn
from gateway.doors.tokens import minted
from gateway.words.decision import Reason
from gateway.words.token import Client, Token
from gateway.words.wire import Request

CRM, HASHED = minted("crm")
HOST = (b"Host", b"x")


def clients(rate: float | None = None, now: float = 0.0) -> Clients:
    return Clients([Client(Token("crm", frozenset(), HASHED), rate)], lambda: now)


@pytest.mark.parametrize(
    ("situation", "target", "headers", "left", "shown"),
    [
        ("in a header, in any case", b"/v2/x?a=/t/1", (HOST, (b"X-GATEWAY-token", b"a~b")), b"/v2/x?a=/t/1", [b"a~b"]),
        ("in the path", b"/t/a~b/v2/x?y=%2F", (HOST,), b"/v2/x?y=%2F", [b"a~b"]),
        ("in the path, escaped", b"/t/a%7Eb/v2", (HOST,), b"/v2", [b"a~b"]),
        ("alone in the path", b"/t/a~b", (HOST,), b"/", [b"a~b"]),
        ("before a query", b"/t/a~b?x=1", (HOST,), b"/?x=1", [b"a~b"]),
        ("in both", b"/t/a~b/v2", (HOST, (b"x-gateway-token", b"c")), b"/v2", [b"c", b"a~b"]),
        ("not at the beginning", b"/x/t/a~b", (HOST,), b"/x/t/a~b", []),
        ("an empty one", b"/t//v2", (HOST,), b"/t//v2", []),
    ],
)
def test_a_token_is_taken_off_and_nothing_else(situation, target, headers, left, shown):
    request, found = clients().taken_off(Request(b"POST", target, headers, b"x"))
    assert (request.target, request.headers, request.body) == (left, (HOST,), b"x")
    assert found == shown


def test_where_no_client_is_named_anybody_may_send_and_nothing_is_taken_off():
    request = Request(b"POST", b"/t/a/b", ((b"X-Gateway-Token", b"a"),))
    assert Clients(()).taken_off(request) == (request, ())
    assert asyncio.run(Clients(()).let_in((), "10.0.0.1")) == ""


def cause(door: Clients, *shown: bytes) -> tuple[str, Reason]:
    with pytest.raises(NotLetIn) as refused:
        asyncio.run(door.let_in(shown, "10.0.0.1"))
    assert not any(token.decode("latin-1") in str(refused.value) for token in shown)
    return refused.value.cause, refused.value.reason


def test_one_good_token_lets_in_and_nothing_else_does():
    door = clients()
    assert asyncio.run(door.let_in([CRM.encode()], "10.0.0.1")) == "crm"
    assert cause(door) == ("no token", Reason.BAD_REQUEST)
    assert cause(door, CRM.encode(), CRM.encode()) == ("several tokens", Reason.BAD_REQUEST)
    assert cause(door, b"crm~x") == ("wrong token", Reason.BAD_REQUEST)
    assert cause(door, "crm~\xe9".encode("latin-1")) == ("wrong token", Reason.BAD_REQUEST)


def test_an_address_that_tries_too_often_has_to_wait_and_who_was_let_in_has_not(monkeypatch):
    monkeypatch.setattr(tokens, "FAILURES", 2)
    door = clients()
    asyncio.run(door.let_in([CRM.encode()], "10.0.0.1"))
    for _ in range(2):
        cause(door, b"crm~x")
    assert cause(door, b"crm~x") == ("too many tries", Reason.TRY_AGAIN)
    assert asyncio.run(door.let_in([CRM.encode()], "10.0.0.1")) == "crm"


def test_a_client_has_as_many_requests_a_second_as_it_may():
    now = [0.0]
    door = Clients([Client(Token("crm", frozenset(), HASHED), 2.0)], lambda: now[0])
    shown = [CRM.encode()]
    assert [asyncio.run(door.let_in(shown, "a")) for _ in range(2)] == ["crm", "crm"]
    assert cause(door, *shown) == ("too fast", Reason.TRY_AGAIN)
    now[0] = 0.5
    assert asyncio.run(door.let_in(shown, "a")) == "crm"
