"""Whose an opt-out link is, is known before its message leaves, and to nobody without the keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.store.base import Store
from gateway.store.keyring import KeyRing
from gateway.store.links import Linker
from gateway.store.vault import Unopened, Vault
from gateway.words.link import ALPHABET, LENGTH, SAMPLE, Link, token_from, token_read
from gateway.words.message import Message
from gateway.words.number import Place, Sender, SenderKind
from gateway.words.program import Program
from tests.store.people import ANN, BOB, reservation, rotated

RING = KeyRing.fresh()
LINKER = Linker(Vault(RING))
CLUB = Program("club", links="https://o.example.com")
SHOP = Sender(SenderKind.NUMBER, "+18335550100")
TEXT = f"Sale. Stop: https://o.example.com/{SAMPLE}"


def link_of(recipient=ANN, program: str = "club", linker: Linker = LINKER) -> Link:
    return Link(linker.tokens(recipient, program)[0], recipient.e164, program, SHOP.value)


def linked(text: str | None = TEXT, recipient=ANN, program: Program = CLUB) -> tuple[str | None, Link | None]:
    return LINKER.linked(text, Message("m", recipient, text, SHOP, program))


def test_a_link_is_short_and_cannot_be_guessed():
    token = link_of().token
    assert len(f"/{token}") <= 14
    assert log2(len(ALPHABET)) * LENGTH >= 66
    assert len(SAMPLE) == len(token)
    assert token_read(SAMPLE) is None


def test_a_recipient_has_one_link_a_program_and_nobody_has_the_same():
    assert link_of() == link_of()
    tokens = {link_of(*each).token for each in ((ANN, "club"), (ANN, "bank"), (BOB, "club"))}
    assert len(tokens) == 3
    assert link_of(linker=Linker(Vault(KeyRing.fresh()))).token not in tokens


def test_a_text_leaves_with_its_recipients_own_link():
    token = link_of().token
    assert linked() == (f"Sale. Stop: https://o.example.com/{token}", link_of())


@pytest.mark.parametrize(
    ("situation", "given"),
    [
        ("a text without a link", {"text": "Sale"}),
        ("no text", {"text": None}),
        ("a program without links", {"program": Program("club")}),
        ("nobody", {"recipient": None}),
    ],
)
def test_what_has_no_link_stays_as_it_is(situation, given):
    text, link = linked(**given)
    assert text == given.get("text", TEXT)
    assert link is None


@given(st.binary(min_size=16, max_size=32))
def test_every_token_is_read_as_it_was_made_however_it_is_typed(digest):
    token = token_from(digest)
    assert token_read(token) == token
    assert token_read(token.upper()) == token
    assert token_read(token.replace("0", "o").replace("1", "l")) == token
    assert token_read(token[:-1]) is None


@given(st.text(max_size=20))
def test_nothing_else_is_read_as_a_token(spelled):
    read = token_read(spelled)
    assert read is None or (len(read) == LENGTH and set(read) <= set(ALPHABET))


@given(
    st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]*", fullmatch=True),
    st.text(max_size=15).filter(lambda sender: "\0" not in sender and sender.isprintable()),
)
def test_a_row_says_whose_its_token_is_and_opens_for_no_other(number, program, sender):
    link = Link(LINKER.tokens(replace(ANN, e164=number), program)[0], number, program, sender)
    row = LINKER.sealed(link)
    assert LINKER.opened(link.token, row) == link
    assert number[1:].encode() not in row
    with pytest.raises(Unopened):
        LINKER.opened(link_of(BOB, "another").token, row)


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.fresh()


@pytest.fixture
def vault(ring: KeyRing) -> Vault:
    return Vault(ring)


@pytest.fixture
async def after_rotation(a_store, ring: KeyRing) -> AsyncIterator[Store]:
    """With new keys for hashes and seals; of the old ones that for seals is left."""
    new = rotated(ring)
    store = a_store(vault=Vault(replace(new, hash_keys={"h2": new.hash_keys["h2"]})))
    await store.open()
    yield store
    await store.close()


async def test_what_is_reserved_with_a_link_is_found_by_it_granted_or_not(store, vault):
    mine, his = link_of(linker=Linker(vault)), link_of(BOB, linker=Linker(vault))
    stale = replace(reservation(BOB), revision=99)
    granted = await store.reserve([replace(reservation(ANN), link=mine), replace(stale, link=his)], "w")
    assert granted == [True, False]
    assert await store.linked([his.token, "0" * LENGTH, mine.token]) == [his, None, mine]
    assert await store.linked([]) == []


async def test_the_first_row_of_a_link_stays(store, vault):
    first = link_of(linker=Linker(vault))
    await store.reserve([replace(reservation(ANN), link=first)], "w")
    await store.reserve([replace(reservation(ANN), link=replace(first, sender="12345"))], "w")
    assert await store.linked([first.token]) == [first]


async def test_an_old_link_works_though_the_key_that_made_it_is_gone(store, vault, after_rotation):
    link = link_of(linker=Linker(vault))
    await store.reserve([replace(reservation(ANN), link=link)], "w")
    assert await after_rotation.linked([link.token]) == [link]


async def test_a_link_whose_seal_nobody_can_open_is_nobodys(store, vault, a_store):
    link = link_of(linker=Linker(vault))
    await store.reserve([replace(reservation(ANN), link=link)], "w")
    stranger = a_store(vault=Vault(KeyRing.fresh()))
    await stranger.open()
    try:
        assert await stranger.linked([link.token]) == [None]
    finally:
        await stranger.close()


def test_a_country_says_nothing_in_a_link():
    assert link_of(replace(ANN, place=Place(""))) == link_of(ANN)
