from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.clickatell.dialect import Clickatell
from gateway.words.decision import Reason
from gateway.words.errors import TextsDiffer, Unreadable
from gateway.words.message import Draft, Inbound
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, DECEMBER, HI, outcomes, read

CLICKATELL = Clickatell()
ANN, LEA = "12025550123", "447700900123"
SHOP = Sender(SenderKind.NUMBER, "12025550100")
OLDER, MULTI = request("clickatell-legacy-http-get"), request("clickatell-platform-multi")
ONE = request("clickatell-one-gsm")


def older(**fields: str) -> Request:
    query = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
    return replace(OLDER, target=b"/http/sendmsg?user=u&password=p&api_id=1&" + query)


def posted(body: object, path: bytes = b"/messages") -> Request:
    return replace(MULTI, target=path, body=json.dumps(body).encode())


def asked(sent: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(sent.query.decode(), encoding="latin-1").items()}


def test_the_older_apis_text_keeps_its_bytes_and_gets_more_of_them():
    send = read(CLICKATELL, OLDER)
    assert send.account == "kuser"
    after = CLICKATELL.write(send, {0: HI + " Stop é"})
    assert after.target == OLDER.target.replace(b"opt+out&", b"opt+out+Stop+%C3%A9&")


def test_a_text_that_leaves_gsm_goes_as_hex_and_says_so():
    after = CLICKATELL.write(read(CLICKATELL, OLDER), {0: HI + " 停"})
    assert asked(after)["unicode"] == "1"
    assert bytes.fromhex(asked(after)["text"]).decode("utf-16-be") == HI + " 停"
    assert read(CLICKATELL, after).drafts == (Draft(ANN, SHOP, HI + " 停"),)


def test_a_text_in_hex_is_read_and_stays_one():
    send = read(CLICKATELL, older(to=ANN, unicode="1", text=BONJOUR.encode("utf-16-be").hex()))
    assert send.drafts == (Draft(ANN, NO_SENDER, BONJOUR),)
    after = asked(CLICKATELL.write(send, {0: BONJOUR + " STOP"}))
    assert after["text"] == (BONJOUR + " STOP").encode("utf-16-be").hex()


def test_a_text_in_another_charset_is_read_and_written_in_it():
    latin = Clickatell(charset="ISO-8859-1")
    send = read(latin, older(to=ANN, text="caf%E9"))
    assert send.drafts[0].text == "café"
    assert asked(latin.write(send, {0: "café à"})) == asked(older(to=ANN, text="caf%E9%20%E0"))
    with pytest.raises(Unreadable, match="UTF-8"):
        CLICKATELL.read(older(to=ANN, text="caf%E9"))
    with pytest.raises(Unreadable):
        Clickatell(charset="EBCDIC")


def test_several_recipients_stand_between_commas_and_the_withheld_get_a_line_of_their_own():
    send = read(CLICKATELL, older(to=f"{ANN},%2B{LEA},{ANN[:-1]}4", text="Hi"))
    assert [draft.to for draft in send.drafts] == [ANN, f"+{LEA}", ANN[:-1] + "4"]
    after = CLICKATELL.write(send, {0: "Hi", 2: "Hi"})
    assert asked(after) == asked(older(to=f"{ANN},{ANN[:-1]}4", text="Hi"))
    carrier = Response(200, (), f"ID: a To: {ANN}\nID: b To: {ANN[:-1]}4\n".encode())
    first, second, third = CLICKATELL.answer(send, outcomes(send, 1), carrier).body.decode().splitlines()
    assert (first, third) == tuple(carrier.body.decode().splitlines())
    assert second.startswith("ERR: 121, Destination mobile number blocked: opted out")
    assert second.endswith(f"(gateway/suppressed) To: +{LEA}")


def test_the_withheld_stand_at_their_places_in_a_json_answer():
    send, carrier = read(CLICKATELL, MULTI), response("clickatell-platform-gsm")
    first, second = json.loads(CLICKATELL.answer(send, outcomes(send, 1), carrier).body)["messages"]
    assert [first] == json.loads(carrier.body)["messages"]
    assert (second["accepted"], second["to"], second["errorCode"]) == (False, LEA, "121")
    assert CLICKATELL.answer(send, outcomes(send), carrier) is carrier
    for body in (b'{"messages": {"accepted": true}}', b'"accepted": true'):
        odd = Response(200, (), body)
        assert CLICKATELL.answer(send, outcomes(send, 1), odd) is odd


def test_what_left_as_several_requests_is_answered_as_one():
    def of(*to: str) -> Response:
        told = {"messages": [{"apiMessageId": "x", "accepted": True, "to": each} for each in to], "error": None}
        return Response(202, (), json.dumps(told).encode())

    whole = json.loads(CLICKATELL.joined([((0, 2), of("a", "c")), ((1,), of("b"))]).body)
    assert [each["to"] for each in whole["messages"]] == ["a", "b", "c"]
    lines = [((0, 2), Response(200, (), b"ID: a\nID: c\n")), ((1,), Response(200, (), b"ID: b"))]
    assert CLICKATELL.joined(lines).body == b"ID: a\nID: b\nID: c"


def test_the_platforms_recipients_share_one_text_and_one_apis_have_each_their_own():
    with pytest.raises(TextsDiffer):
        CLICKATELL.write(read(CLICKATELL, MULTI), {0: BONJOUR + " Stop", 1: BONJOUR + " Arret"})
    body = {"messages": [{"channel": "sms", "to": ANN, "content": "a"}, {"channel": "sms", "to": LEA, "content": "b"}]}
    after = CLICKATELL.write(read(CLICKATELL, posted(body, b"/v1/message")), {0: "a Stop", 1: "b Arret"})
    assert [each["content"] for each in json.loads(after.body)["messages"]] == ["a Stop", "b Arret"]


DECIDED = [
    ("WhatsApp", posted({"messages": [{"channel": "whatsapp", "to": ANN}]}, b"/v1/message"), Draft(ANN)),
    ("binary", posted({"content": "00ff", "to": [ANN], "binary": True}), Draft(ANN)),
    ("binary, older", older(to=ANN, data="00ff", udh="0605"), Draft(ANN)),
    ("scheduled", posted({"content": "a", "to": [ANN], "scheduledDeliveryTime": "2026-12-01T09:00:00Z"}),
     Draft(ANN, NO_SENDER, "a", DECEMBER)),
    ("put off", older(to=ANN, text="a", deliv_time="90"), Draft(ANN, NO_SENDER, "a", delay=timedelta(minutes=90))),
    ("not binary", posted({"content": "a", "to": [ANN], "binary": False}), Draft(ANN, NO_SENDER, "a")),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "sent", "draft"), DECIDED, ids=[row[0] for row in DECIDED])
def test_what_is_no_plain_text_is_decided_too(situation, sent, draft):
    send = read(CLICKATELL, sent)
    assert send.drafts == (draft,)
    assert CLICKATELL.write(send, {0: draft.text}) is sent


BAD = [
    ("no recipient", posted({"content": "a"}), "to"),
    ("a recipient that is no list", posted({"content": "a", "to": ANN}), "to"),
    ("no text", posted({"to": [ANN]}), "content"),
    ("another charset", posted({"content": "00e9", "to": [ANN], "charset": "UCS2-BE"}), "charset"),
    ("a time of another form", posted({"content": "a", "to": [ANN], "scheduledDeliveryTime": "soon"}),
     "scheduledDeliveryTime"),
    ("One API's messages on the platform", posted({"content": "a", "to": [ANN], "messages": [{}]}), "messages"),
    ("no messages", posted({}, b"/v1/message"), "messages"),
    ("an unknown channel", posted({"messages": [{"channel": "fax", "to": ANN, "content": "a"}]}, b"/v1/message"),
     "channel"),
    ("hex that is none", older(to=ANN, text="00e", unicode="1"), "text"),
    ("half of a surrogate pair", older(to=ANN, text="d83d", unicode="1"), "charset"),
    ("an unknown coding", older(to=ANN, text="a", unicode="yes"), "unicode"),
    ("an empty number", older(to=f"{ANN},", text="a"), "to"),
    ("no text, older", older(to=ANN), "text"),
    ("a delay of another form", older(to=ANN, text="a", deliv_time="soon"), "deliv_time"),
    ("JSON by parameters", posted({"content": "a", "to": ANN}, b"/messages/http/send"), "Content-Type"),
    ("another charset by parameters",
     replace(OLDER, target=b"/messages/http/send?apiKey=k&to=1&content=a&charset=UCS2-BE"), "charset"),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "sent", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_request_that_makes_no_sense_is_refused(situation, sent, field):
    with pytest.raises(Unreadable) as refused:
        CLICKATELL.read(sent)
    assert refused.value.field == field
    assert "555" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"GET", b"/utf/sendmsg?to=1&text=a"),
        (b"GET", b"/http_batch/senditem?batch_id=1&to=1"),
        (b"POST", b"/xml/xml"),
        (b"POST", b"/rest/message"),
        (b"POST", b"/v1/message/bulk"),
        (b"GET", b"/messages?to=1&content=a"),
        (b"PUT", b"/http/sendmsg?to=1&text=a"),
    ],
)
def test_other_ways_by_which_texts_leave_are_refused(method, target):
    sent = Request(method, target, ())
    assert CLICKATELL.claims(sent)
    with pytest.raises(Unreadable):
        CLICKATELL.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"GET", b"/http/querymsg?apimsgid=1"),
        (b"GET", b"/http/auth?user=u&password=p"),
        (b"GET", b"/public-client/balance"),
        (b"GET", b"/v1/message/77fb"),
        (b"DELETE", b"/rest/message/77fb"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not CLICKATELL.claims(Request(method, target, ()))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict", "opted_out"),
    [
        *[(name, response(name), Verdict.ACCEPTED, False) for name in names("clickatell-*") if "response" not in name],
        ("blocked", response("errors/clickatell-platform-opted-out-per-message"), Verdict.REFUSED, True),
        ("blocked, older", response("errors/clickatell-legacy-opted-out"), Verdict.REFUSED, True),
        ("no credit", Response(200, (), b"ERR: 301, No credit left"), Verdict.REFUSED, False),
        ("some of them", Response(200, (), b"ERR: 121, Blocked To: 1\nID: a To: 2"), Verdict.ACCEPTED, False),
        ("an internal error", Response(200, (), b"ERR: 901, Internal error"), Verdict.UNKNOWN, False),
        ("no key", response("errors/clickatell-platform-auth"), Verdict.REFUSED, False),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN, False),
        ("a server error", Response(500, (), b""), Verdict.UNKNOWN, False),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict, opted_out):
    assert CLICKATELL.verdict(carrier) is verdict
    assert CLICKATELL.opted_out(carrier) is opted_out


def test_a_refusal_has_the_form_of_the_api_that_was_called():
    line = CLICKATELL.refuse(OLDER, Reason.HOURS, "too\nlate")
    assert (line.status, line.body) == (200, b"ERR: 114, Cannot route message: too late")
    told = CLICKATELL.refuse(MULTI, Reason.SUPPRESSED, "why")
    assert (told.status, json.loads(told.body)["errorCode"]) == (400, 121)
    assert CLICKATELL.away(OLDER, 504, "why").status == 504


STOP = Inbound("5dbf4b3b0ee94c7fbf2e9c4b4a5a0f11", f"+{ANN}", "+12025550100", "STOP")
ONE_API = {"moText": [{"channel": "sms", "messageId": STOP.id, "from": ANN, "to": SHOP.value, "content": "STOP"}]}
OLDER_CALL = f"api_id=1&moMsgId={STOP.id}&from={ANN}&to={SHOP.value}&udh=".encode()


def called(body: object) -> Request:
    return Request(b"POST", b"/in", ((b"Content-Type", b"application/json"),), json.dumps(body).encode())


@pytest.mark.parametrize(
    ("webhook", "heard"),
    [
        (request("webhooks/clickatell-inbound-stop"), STOP),
        (request("webhooks/clickatell-status-delivered"), None),
        (called({"integrationId": "a", "event": ONE_API}), STOP),
        (called({"event": {"messageStatusUpdate": [{"messageId": "a"}]}}), None),
        (Request(b"GET", b"/in?" + OLDER_CALL + b"&text=STOP&charset=ISO-8859-1", ()), STOP),
        (Request(b"GET", b"/in?" + OLDER_CALL + b"&charset=UTF-16BE&text=%00S%00T%00O%00P", ()), STOP),
        (Request(b"GET", b"/in?api_id=1&apiMsgId=2&cliMsgId=&to=1&status=004&charge=1", ()), None),
        (CLICKATELL.reply(STOP), STOP),
    ],
)
def test_a_webhook_says_what_the_recipient_said(webhook, heard):
    assert CLICKATELL.hear(webhook) == heard


def test_every_reply_of_a_call_is_heard_also_beside_one_that_makes_no_sense():
    [said] = ONE_API["moText"]
    event = {"moText": [said, {"content": "?"}, said | {"messageId": "b"}]}
    assert CLICKATELL.hear_all(called({"event": event})) == (STOP, replace(STOP, id="b"))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, is_hex=st.booleans())
def test_a_new_text_reads_back_in_the_older_api(old, new, is_hex):
    text = old.encode("utf-16-be").hex() if is_hex else quote(old)
    send = read(CLICKATELL, older(to=ANN, text=text, unicode="1" if is_hex else "0"))
    assert [draft.text for draft in read(CLICKATELL, CLICKATELL.write(send, {0: new})).drafts] == [new]
