"""Kannel's calls with replies, and the text that it would send on an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.kannel.webhook import ReplyFields
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.number import Sender, SenderKind
from gateway.words.wire import Request, Response
from tests.captures import request
from tests.dialects.values import with_header

KANNEL = Kannel()
NAMED = Kannel(reply_fields=ReplyFields(sender="phone", receiver="shortcode", text="msg", id="mid"))
STOP = Inbound("", "+12025550123", "+12025550100", "STOP")
GET, POST = request("webhooks/kannel-inbound-stop-get"), request("webhooks/kannel-inbound-stop-post")
SHOP = Sender(SenderKind.NUMBER, STOP.to)


def got(query: bytes) -> Request:
    return Request(b"GET", b"/in/kannel?sender=12025550123&receiver=12025550100&" + query, ())


def said(body: bytes, kind: bytes = b"text/plain", *headers: tuple[bytes, bytes], status: int = 200) -> Response:
    return Response(status, ((b"Content-Type", kind), *headers), body)


@pytest.mark.parametrize(
    ("dialect", "webhook", "heard"),
    [
        (KANNEL, GET, STOP),
        (KANNEL, POST, STOP),
        (KANNEL, got(b"text="), replace(STOP, text="")),
        (KANNEL, got(b"text=stop+caf%C3%A9"), replace(STOP, text="stop café")),
        (KANNEL, got(b"text=stop+caf%E9&charset=ISO-8859-1"), replace(STOP, text="stop café")),
        (Kannel(charset="ISO-8859-1"), got(b"text=stop+caf%E9"), replace(STOP, text="stop café")),
        (KANNEL, got(b"text=%00S%00T%00O%00P&coding=2"), STOP),
        (KANNEL, got(b"text=%00S%00T%00O%00P&charset=UTF-16BE"), STOP),
        (KANNEL, got(b"text=STOP&charset=nobody-knows"), STOP),
        (KANNEL, got(b"text=STOP%FF"), replace(STOP, text="STOP\ufffd")),
        (KANNEL, got(b"text=STOP&id=always-the-same"), STOP),
        (KANNEL, with_header(replace(POST, body=b"\0S\0T\0O\0P"), b"X-Kannel-Coding", b"2"), STOP),
        (KANNEL, with_header(replace(POST, body=b"\xe9"), b"Content-Type", b"text/plain; charset=latin1"),
         replace(STOP, text="é")),
        (NAMED, Request(b"GET", b"/in?phone=%2B12025550123&shortcode=36111&msg=STOP&mid=0a", ()),
         replace(STOP, id="0a", to="36111")),
        (KANNEL, KANNEL.reply(replace(STOP, text="Stop ✋")), replace(STOP, text="Stop ✋")),
    ],
)  # fmt: skip
def test_a_webhook_says_what_the_recipient_said(dialect, webhook, heard):
    assert dialect.hear(webhook) == heard


@pytest.mark.parametrize(
    ("situation", "webhook", "why"),
    [
        ("other names than those that are known", Request(b"GET", b"/in?phone=1&msg=STOP", ()), "reply_fields"),
        ("a report", request("webhooks/kannel-status-delivered"), "reply_fields"),
        ("nobody who says it", Request(b"GET", b"/in?text=STOP&receiver=1", ()), "sender"),
        ("nobody to whom", Request(b"GET", b"/in?text=STOP&sender=1", ()), "receiver"),
        ("two texts", got(b"text=STOP&text=START"), "twice"),
        ("XML", Request(b"POST", b"/in", ((b"Content-Type", b"text/xml"),), b"<message/>"), "UTF-8"),
        ("JSON", Request(b"POST", b"/in", ((b"Content-Type", b"application/json"),), b"{}"), "post-xml"),
        ("a post to nobody", replace(POST, headers=tuple(h for h in POST.headers if h[0] != b"X-Kannel-To")), "To"),
        ("two senders", replace(POST, headers=(*POST.headers, (b"x-kannel-from", b"1"))), "twice"),
    ],
)
def test_a_call_that_is_no_reply_is_refused_since_its_answer_would_be_texted(situation, webhook, why):
    with pytest.raises(Unreadable, match=why):
        KANNEL.hear(webhook)


def test_a_get_url_may_hold_a_user_and_a_password():
    now = datetime(2026, 11, 24, tzinfo=UTC)
    called = KANNEL.sign(GET, "", "user:pass", now)
    assert KANNEL.signed(called, "", "user:pass", now)
    assert not KANNEL.signed(GET, "", "user:pass", now)


@pytest.mark.parametrize(
    ("situation", "answer", "text"),
    [
        ("plain", said(b" We open at 9\n"), "We open at 9"),
        ("without a type", Response(200, (), b"We open at 9"), "We open at 9"),
        ("plain, under the type that servers give by themselves", said(b"At 9", b"text/html; charset=UTF-8"), "At 9"),
        ("in another charset", said(b"caf\xe9", b"text/plain; charset=ISO-8859-1"), "café"),
        ("nothing", said(b" \n"), None),
    ],
)  # fmt: skip
def test_the_text_that_kannel_would_send_on_an_answer_is_read(situation, answer, text):
    assert KANNEL.answered(STOP, answer) == ((Draft(STOP.recipient, SHOP, text),) if text else ())


@pytest.mark.parametrize(
    ("situation", "answer"),
    [
        ("markup", said(b"<p>We open at 9</p>", b"text/html")),
        ("an entity", said(b"9 &amp; 10", b"text/html")),
        ("Kannel's XML, which may name others", said(b"<message/>", b"text/xml")),
        ("a header that names another recipient", said(b"Hello", b"text/plain", (b"X-Kannel-To", b"1"))),
        ("an error's page", said(b"Not found", status=404)),
        ("an error without a page", said(b"", status=404)),
        ("a charset that is unknown", said(b"Hello", b"text/plain; charset=EBCDIC")),
        ("a charset that it is not in", said(b"\xff", b"text/plain; charset=UTF-8")),
    ],
)
def test_an_answer_that_is_not_understood_is_refused(situation, answer):
    with pytest.raises(Unreadable):
        KANNEL.answered(STOP, answer)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_a_changed_answer_reads_back(text):
    [draft] = KANNEL.answered(STOP, KANNEL.answering(said(b"Hello"), {0: text}))
    assert draft.text == text.strip()


def test_silence_is_an_empty_answer():
    assert (KANNEL.silence().status, KANNEL.silence().body) == (200, b"")
