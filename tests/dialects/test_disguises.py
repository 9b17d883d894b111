"""What a carrier might take for a send is claimed, by every dialect, and then read as the send it is, or refused."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.dialects import DIALECTS
from gateway.dialects.base import Dialect
from gateway.words.errors import Unreadable
from gateway.words.message import Draft
from gateway.words.wire import Request
from tests.dialects.disguises import COMPRESSED, METHODS, PATHS, TRAILING, TYPES, Disguise, without_each
from tests.dialects.sends import made, sends_of

EVERY = pytest.mark.parametrize("name", DIALECTS)
JSON = b"application/json"

sends = cache(sends_of)


def drafts(dialect: Dialect, request: Request) -> list[Draft] | None:
    """What a request is read as; None: it is refused."""
    assert dialect.claims(replace(request, body=b"")), "a send must be claimed by its head"
    try:
        send = dialect.read(request)
    except Unreadable:
        return None
    assert send is not None, "it is passed on, as if it were no send"
    return list(send.drafts)


def good(name: str) -> list[tuple[Dialect, Request, list[Draft]]]:
    found = []
    for request in sends(name).values():
        said = drafts(made(name), request)
        assert said
        found.append((made(name), request, said))
    return found


@EVERY
def test_there_are_sends_of_every_dialect_to_be_disguised(name: str):
    assert sends(name)


@EVERY
@pytest.mark.parametrize("disguise", [*PATHS.values(), *METHODS.values()], ids=[*PATHS, *METHODS])
def test_a_path_or_method_in_disguise_is_refused_or_read_as_the_same(name: str, disguise: Disguise):
    for dialect, request, said in good(name):
        assert drafts(dialect, disguise(request)) in (None, said)


@EVERY
@pytest.mark.parametrize("disguise", [*COMPRESSED.values(), *TYPES.values()], ids=[*COMPRESSED, *TYPES])
def test_a_body_that_is_not_what_it_seems_is_refused_or_read_as_the_same(name: str, disguise: Disguise):
    for dialect, request, said in good(name):
        read = drafts(dialect, disguise(request)) or said
        # A mark in front of a bare text is a letter of it.
        assert [replace(draft, text=draft.text and draft.text.lstrip("\ufeff")) for draft in read] == said


@EVERY
@pytest.mark.parametrize("disguise", TRAILING.values(), ids=TRAILING)
def test_what_stands_behind_the_json_is_refused(name: str, disguise: Disguise):
    for dialect, request, _ in good(name):
        if (request.header(b"content-type") or b"").startswith(JSON):
            assert drafts(dialect, disguise(request)) is None


@EVERY
def test_the_path_of_a_send_is_known_in_every_disguise_so_that_no_setting_lets_it_through(name: str):
    dialect = made(name)
    for request in sends(name).values():
        assert all(dialect.sends(disguise(request).path) for disguise in PATHS.values())
    assert not dialect.sends(b"/nothing/that/sends")


def _with_more_media(before: list[Draft], after: list[Draft]) -> bool:
    """A field that is one of several."""
    media = [draft.media for draft in after]
    more = all(count > draft.media for count, draft in zip(media, before, strict=True))
    return more and [replace(draft, media=count) for draft, count in zip(before, media, strict=True)] == after


@EVERY
def test_a_field_that_makes_the_message_and_stands_there_twice_is_refused(name: str):
    for dialect, request, said in good(name):
        for field, without, twice in without_each(request):
            if drafts(dialect, without) == said:
                continue  # it says nothing of the message
            for each in twice:
                read = drafts(dialect, each)
                assert read is None or _with_more_media(said, read), field


disguises = st.lists(
    st.sampled_from([*PATHS.values(), *METHODS.values(), *TYPES.values(), *COMPRESSED.values()]), max_size=2
)


@st.composite
def bytes_changed(draw: st.DrawFn, data: bytes) -> bytes:
    """A piece of it is cut out, and another put in."""
    start = draw(st.integers(0, len(data)))
    end = min(len(data), start + draw(st.integers(0, 12)))
    put = st.binary(max_size=8) | st.sampled_from(
        [b'"', b"{", b"}", b"[", b"]", b",", b"&", b"=", b"%", b";", b"\\u0022"]
    )
    return data[:start] + draw(put) + data[end:]


@EVERY
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_the_bytes_what_is_withheld_stands_in_nothing_that_leaves(name: str, data: st.DataObject):
    dialect = made(name)
    request = data.draw(st.sampled_from(list(sends(name).values())))
    for disguise in data.draw(disguises):
        request = disguise(request)
    body, target = data.draw(bytes_changed(request.body)), data.draw(bytes_changed(request.target))
    request = replace(request, body=body, target=target if data.draw(st.booleans()) else request.target)
    if not dialect.claims(replace(request, body=b"")):
        return
    try:
        send = dialect.read(request)
    except Unreadable:
        return
    if send is None:
        return
    assert send.drafts
    every = {place: draft.text for place, draft in enumerate(send.drafts)}
    assert dialect.write(send, every) == request
    kept = data.draw(st.sets(st.sampled_from(sorted(every)), min_size=1))
    try:
        left = dialect.read(
            dialect.write(send, {place: text and f"{text}!" for place, text in every.items() if place in kept})
        )
    except Unreadable:
        return
    assert left
    assert [draft.to for draft in left.drafts] == [send.drafts[place].to for place in sorted(kept)]
    assert [draft.text for draft in left.drafts] == [(text := every[place]) and f"{text}!" for place in sorted(kept)]
