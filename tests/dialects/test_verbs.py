"""Answers to a reply's webhook that the carrier takes for texts to send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml.messaging_response import MessagingResponse

from gateway.dialects.plivo.dialect import Plivo
from gateway.dialects.twilio.dialect import Twilio
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.number import Sender, SenderKind
from gateway.words.wire import Response

TWILIO, PLIVO = Twilio(), Plivo()
ANN, BOB, SHOP = "+12125550100", "+12125550101", "+18335550100"
REPLY = Inbound("SM1", ANN, SHOP, "What time?")
FROM = Sender(SenderKind.NUMBER, SHOP)


def said(body: str | bytes, kind: str = "text/xml", status: int = 200) -> Response:
    raw = body if isinstance(body, bytes) else body.encode()
    return Response(status, ((b"Content-Type", kind.encode()),), raw)


def twiml(*messages: str) -> str:
    return f"<Response>{''.join(messages)}</Response>"


READ = [
    ("nothing", twiml(), []),
    ("silence that is spelled out", '<?xml version="1.0" encoding="UTF-8"?><Response></Response>', []),
    ("a text", twiml("<Message>At 5</Message>"), [Draft(ANN, FROM, "At 5")]),
    ("the older verb", twiml("<Sms>At 5</Sms>"), [Draft(ANN, FROM, "At 5")]),
    ("a body", twiml("<Message><Body>At 5 &amp; 6</Body></Message>"), [Draft(ANN, FROM, "At 5 & 6")]),
    ("to another", twiml(f'<Message to="{BOB}">Late</Message>'), [Draft(BOB, FROM, "Late")]),
    (
        "a picture",
        twiml("<Message><Body>Here</Body><Media>https://example.com/a.png</Media></Message>"),
        [Draft(ANN, FROM, "Here", media=1)],
    ),
    ("with a comment", twiml("<!-- late --><Message>At 5</Message>"), [Draft(ANN, FROM, "At 5")]),
]


@pytest.mark.parametrize(("situation", "body", "drafts"), READ, ids=[row[0] for row in READ])
def test_what_twilio_would_send_is_read(situation: str, body: str, drafts: list[Draft]) -> None:
    assert list(TWILIO.answered(REPLY, said(body))) == drafts


def test_what_twilios_own_library_writes_is_read():
    response = MessagingResponse()
    response.message("At 5", to=BOB, from_=SHOP)
    assert TWILIO.answered(REPLY, said(str(response))) == (Draft(BOB, FROM, "At 5"),)


def test_plain_text_is_a_text_at_twilio_only():
    assert TWILIO.answered(REPLY, said("At 5", "text/plain")) == (Draft(ANN, FROM, "At 5"),)
    with pytest.raises(Unreadable):
        PLIVO.answered(REPLY, said("At 5", "text/plain"))


def test_plivo_has_names_of_its_own():
    body = twiml(f'<Message src="{SHOP}" dst="{BOB}">At 5</Message>')
    assert PLIVO.answered(REPLY, said(body, "application/xml")) == (Draft(BOB, FROM, "At 5"),)


REFUSED = [
    ("it leads elsewhere", twiml("<Redirect>/more</Redirect>"), "text/xml"),
    ("an unknown verb", twiml("<Message>a</Message><Shout>b</Shout>"), "text/xml"),
    ("another case", twiml("<message>a</message>"), "text/xml"),
    ("another root", "<Message>a</Message>", "text/xml"),
    ("two bodies", twiml("<Message><Body>a</Body><Body>b</Body></Message>"), "text/xml"),
    ("a document type", f'<!DOCTYPE Response [<!ENTITY a "b">]>{twiml("<Message>&a;</Message>")}', "text/xml"),
    ("broken", "<Response><Message>a</Response>", "text/xml"),
    ("no XML", "At 5", "text/xml"),
    ("another type", '{"text": "At 5"}', "application/json"),
    ("no charset that is known", "At 5", "text/plain; charset=klingon"),
]


@pytest.mark.parametrize(("situation", "body", "kind"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_may_lead_to_a_text_and_is_not_known_is_refused(situation: str, body: str, kind: str) -> None:
    with pytest.raises(Unreadable):
        TWILIO.answered(REPLY, said(body, kind))


@pytest.mark.parametrize("answer", [said("", status=200), said("", status=204), said("<html>", "text/html", 500)])
def test_an_answer_that_sends_nothing_is_none(answer: Response) -> None:
    assert TWILIO.answered(REPLY, answer) == ()


def test_texts_are_changed_and_taken_out_at_their_places():
    body = twiml(f'<Message to="{BOB}">a</Message>', "<Message><Body>b</Body></Message>", "<Message>c</Message>")
    answer = TWILIO.answering(said(body), {1: "b, STOP ends & ever", 2: "c"})
    assert [draft.text for draft in TWILIO.answered(REPLY, answer)] == ["b, STOP ends & ever", "c"]
    plain = TWILIO.answering(said("a", "text/plain"), {0: "a – STOP"})
    assert TWILIO.answered(REPLY, plain) == (Draft(ANN, FROM, "a – STOP"),)


@given(st.binary(max_size=60) | st.text("<>/&;Response Message!?[]", max_size=60).map(str.encode))
def test_whatever_an_answer_holds_it_is_read_or_refused(body: bytes) -> None:
    for kind in ("text/xml", "text/plain"):
        try:
            drafts = TWILIO.answered(REPLY, said(body, kind))
        except Unreadable:
            continue
        if drafts:
            assert all(not draft.text for draft in TWILIO.answered(REPLY, TWILIO.answering(said(body, kind), {})))
