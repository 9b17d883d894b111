"""Tokens of the management API: which are good, and what becomes of whoever guesses."""

from __future__ import annotations

import pytest

from gateway.doors.tokens import FAILURES, PERIOD, Tokens, TooManyTries, fits, minted
from gateway.words.token import Scope, Token

SECRET, HASHED = minted("shop")
SHOP = Token("shop", frozenset({Scope.CONSENT_READ}), HASHED)


@pytest.fixture
def now() -> list[float]:
    """What the clock shows; to be moved."""
    return [0.0]


@pytest.fixture
def tokens(now: list[float]) -> Tokens:
    return Tokens([SHOP], lambda: now[0])


@pytest.mark.parametrize(
    ("situation", "presented", "known"),
    [
        ("the token", SECRET, SHOP),
        ("a secret that is not its own", "shop~secret", None),
        ("its secret under another name", SECRET.replace("shop", "shop2"), None),
        ("its name alone", "shop", None),
        ("its hash", HASHED, None),
        ("nothing", "", None),
    ],
    ids=["the token", "another secret", "another name", "its name alone", "its hash", "nothing"],  # no secret in a name
)
async def test_a_token_is_known_by_all_of_it(tokens, situation, presented, known):
    assert await tokens.token(presented, "192.0.2.1") is known


async def test_after_many_failures_an_address_is_refused_until_they_are_long_ago(tokens, now):
    for _ in range(FAILURES):
        assert await tokens.token("shop~guess", "192.0.2.1") is None
    with pytest.raises(TooManyTries):
        await tokens.token(SECRET, "192.0.2.1")
    assert await tokens.token("shop~guess", "192.0.2.2") is None, "another address is not"
    now[0] += PERIOD
    assert await tokens.token(SECRET, "192.0.2.1") is SHOP


async def test_whoever_was_let_in_is_not_shut_out_by_others_failures(tokens):
    assert await tokens.token(SECRET, "192.0.2.1") is SHOP
    for _ in range(FAILURES):
        await tokens.token("shop~guess", "192.0.2.1")
    assert await tokens.token(SECRET, "192.0.2.1") is SHOP


def test_each_token_is_another_and_its_hash_tells_nothing_of_it():
    again, hashed = minted("shop")
    assert again != SECRET
    assert not fits(again, HASHED)
    assert fits(again, hashed)
    assert again.partition("~")[2] not in hashed
