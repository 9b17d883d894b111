from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote, quote_plus, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as SdkResponse
from twilio.rest import Client

from gateway.dialects.forms import Form
from gateway.dialects.twilio.dialect import Twilio
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, DECEMBER, HI, LONG, length_of, outcomes, read, rewritten, with_header

TWILIO = Twilio()
ANN = "+12025550123"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
SERVICE = Sender(SenderKind.POOL, "MG33333333333333333333333333333333")

SENDS = {
    "twilio-api-key-auth": Draft(ANN, SHOP, HI),
    "twilio-client-validation-signed": Draft(ANN, SHOP, HI),
    "twilio-content-template": Draft(ANN, SHOP, None),
    "twilio-gsm": Draft(ANN, SHOP, HI),
    "twilio-long": Draft("+447700900123", SHOP, LONG),
    "twilio-media": Draft(ANN, SHOP, HI, media=2),
    "twilio-messaging-service": Draft(ANN, SERVICE, HI),
    "twilio-scheduled": Draft(ANN, SERVICE, HI, send_at=DECEMBER),
    "twilio-status-callback": Draft(ANN, SHOP, HI),
    "twilio-unicode": Draft(ANN, SHOP, BONJOUR),
}
NO_SENDS = ["twilio-cancel-scheduled", "twilio-fetch"]
WITH_TEXT = [name for name, draft in SENDS.items() if draft.text]

GSM = request("twilio-gsm")
PATH = b"/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"


def posted(body: str | bytes, target: bytes = PATH) -> Request:
    return replace(GSM, target=target, body=body if isinstance(body, bytes) else body.encode())


def refused(form: Request) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        TWILIO.read(form)
    return caught.value


def test_every_capture_has_an_expectation():
    requests = [name for name in names("twilio-*") if not name.endswith(".response")]
    assert sorted([*SENDS, *NO_SENDS]) == requests


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert read(TWILIO, request(name)).drafts == (SENDS[name],)


@pytest.mark.parametrize("name", NO_SENDS)
def test_what_is_no_send_passes(name):
    assert not TWILIO.claims(request(name))


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(TWILIO, request(name))
    assert TWILIO.write(send, {0: send.drafts[0].text}) is send.request
    assert TWILIO.write(send, {0: None}) is send.request


@pytest.mark.parametrize("name", WITH_TEXT)
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(TWILIO, before, " Txt STOP, é")
    old = quote_plus(SENDS[name].text, safe="").encode()
    assert old in before.body
    assert after.body == before.body.replace(old, old + b"+Txt+STOP%2C+%C3%A9")
    assert length_of(after) == str(len(after.body)).encode()
    assert (after.method, after.target) == (before.method, before.target)
    assert [pair for pair in after.headers if pair[0] != b"Content-Length"] == [
        pair for pair in before.headers if pair[0] != b"Content-Length"
    ]
    assert [name for name, _ in after.headers] == [name for name, _ in before.headers]
    assert read(TWILIO, after).drafts == (replace(SENDS[name], text=SENDS[name].text + " Txt STOP, é"),)


def test_media_without_a_text_can_be_given_one():
    send = read(TWILIO, posted(f"To={quote(ANN)}&From=12345&MediaUrl=https%3A%2F%2Fexample.com%2Fa.jpg"))
    assert send.drafts[0].text == ""
    assert TWILIO.write(send, {0: "Reply STOP"}).body.endswith(b"a.jpg&Body=Reply+STOP")


def test_a_plus_that_was_left_unescaped_is_read_as_one():
    assert read(TWILIO, posted("To=+12025550123&From=+12025550100&Body=a")).drafts == (Draft(ANN, SHOP, "a"),)


BAD = [
    ("no body at all", "", "To", 21604),
    ("no To", "From=12345&Body=a", "To", 21604),
    ("an empty To", "To=&From=12345&Body=a", "To", 21604),
    ("a blank To", "To=++&From=12345&Body=a", "To", 21604),
    ("JSON that says that it is a form", '{"To": "+12025550123", "Body": "a"}', "To", 21604),
    ("no text", "To=%2B12025550123&From=12345", "Body", 21602),
    ("an empty text", "To=%2B12025550123&From=12345&Body=", "Body", 21602),
    ("a blank text", "To=%2B12025550123&From=12345&Body=+%0A", "Body", 21602),
    ("WhatsApp", "To=whatsapp%3A%2B12025550123&From=12345&Body=a", "To", 21211),
    ("Messenger", "To=messenger%3A12&From=12345&Body=a", "To", 21211),
    ("RCS, in capitals", "To=RCS%3A%2B12025550123&From=12345&Body=a", "To", 21211),
    ("WhatsApp as sender", "To=%2B12025550123&From=whatsapp%3A%2B12025550100&Body=a", "From", 400),
    ("two recipients, by comma", "To=%2B12025550123%2C%2B12025550124&From=1&Body=a", "To", 21211),
    ("two recipients, by space", "To=%2B12025550123+%2B12025550124&From=1&Body=a", "To", 21211),
    ("To twice", "To=%2B12025550123&To=%2B12025550124&From=12345&Body=a", "To", 21604),
    ("To twice, once in lower case", "To=%2B12025550123&to=%2B12025550124&Body=a", "To", 21604),
    ("To twice, once behind a semicolon", "To=%2B12025550123;To=%2B12025550124&Body=a", "to", 400),
    ("From twice", "To=%2B12025550123&From=12345&From=12346&Body=a", "From", 400),
    ("Body twice", "To=%2B12025550123&From=12345&Body=a&Body=b", "Body", 21602),
    ("Body twice, once as a list", "To=%2B12025550123&From=12345&Body=a&Body%5B%5D=b", "Body", 21602),
    ("a text and a template", "To=%2B12025550123&Body=a&ContentSid=HX4", "ContentSid", 400),
    ("a bad escape", "To=%2B12025550123&From=12345&Body=50%", "", 400),
    ("a text in Latin-1", "To=%2B12025550123&From=12345&Body=%E9", "Body", 21602),
    ("a method in the form", "To=%2B12025550123&Body=a&_method=PUT", "_method", 400),
    ("a schedule without its type", "To=%2B12025550123&MessagingServiceSid=M&SendAt=2026-12-01&Body=a", "SendAt", 400),
    ("a schedule without a service", "To=%2B12025550123&From=1&SendAt=x&ScheduleType=fixed&Body=a", "SendAt", 400),
    (
        "a schedule that is no instant",
        "To=%2B12025550123&MessagingServiceSid=M&SendAt=soon&ScheduleType=fixed&Body=a",
        "SendAt",
        400,
    ),
]


@pytest.mark.parametrize(("situation", "body", "field", "code"), BAD)
def test_a_form_that_makes_no_sense_is_refused_with_the_carriers_code(situation, body, field, code):
    form = posted(body)
    error = refused(form)
    assert error.field == field
    answer = TWILIO.refuse(form, error.reason, str(error), error.field)
    assert answer.status == 400
    assert json.loads(answer.body)["code"] == code
    assert "555" not in str(error), "no number in an error"


@pytest.mark.parametrize(
    ("situation", "name", "value"),
    [
        ("compressed", b"Content-Encoding", b"gzip"),
        ("compressed in another way", b"content-encoding", b"br"),
        ("JSON", b"Content-Type", b"application/json"),
        ("multipart", b"Content-Type", b"multipart/form-data; boundary=x"),
        ("plain text", b"Content-Type", b"text/plain"),
        ("no type", b"Content-Type", b""),
        ("another charset", b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-7"),
        ("two charsets", b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-8; charset=latin-1"),
        ("another method", b"X-HTTP-Method-Override", b"GET"),
        ("another method, its older name", b"x-http-method", b"PUT"),
    ],
)
def test_a_body_that_is_not_what_it_seems_is_refused(situation, name, value):
    form = with_header(GSM, name, value)
    assert TWILIO.claims(form)
    assert refused(form).reason is Reason.BAD_REQUEST


def test_a_content_type_given_twice_is_refused():
    twice = replace(GSM, headers=(*GSM.headers, (b"content-type", b"application/json")))
    assert "twice" in str(refused(twice))


@pytest.mark.parametrize(
    "kind", [b"application/x-www-form-urlencoded;charset=UTF-8", b"Application/X-WWW-Form-UrlEncoded"]
)
def test_a_form_may_say_that_it_is_utf_8(kind):
    assert read(TWILIO, with_header(GSM, b"Content-Type", kind)).drafts == (SENDS["twilio-gsm"],)


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (Reason.SUPPRESSED, 400, 21610),
        (Reason.BAD_NUMBER, 400, 21211),
        (Reason.BAD_REQUEST, 400, 400),
        (Reason.NO_CONSENT, 400, 21612),
        (Reason.HOURS, 400, 21612),
        (Reason.CAP, 400, 21612),
        (Reason.LIST, 400, 21612),
        (Reason.CONTENT, 400, 21612),
        (Reason.SENDER, 400, 21612),
        (Reason.TEMPLATE, 400, 21612),
        (Reason.STOPPED, 400, 21612),
        (Reason.TRY_AGAIN, 503, 20503),
    ],
)
def test_a_refusal_raises_in_the_carriers_own_sdk_and_says_why(reason, status, code):
    answer = TWILIO.refuse(GSM, reason, "because of us-federal/quiet-hours")
    assert answer.header(b"content-length") == str(len(answer.body)).encode()
    with pytest.raises(TwilioRestException, match="because of us-federal/quiet-hours") as caught:
        sdk(answer).messages.create(to=ANN, from_="+12025550100", body="Hi")
    assert (caught.value.status, caught.value.code) == (status, code)


def test_every_reason_has_a_row_above():
    assert len(Reason) == 12


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_carrier_that_is_away_raises_in_the_sdk_too(status):
    with pytest.raises(TwilioRestException, match="no answer in time") as caught:
        sdk(TWILIO.away(GSM, status, "no answer in time")).messages.create(to=ANN, from_="1", body="Hi")
    assert (caught.value.status, caught.value.code) == (status, 20503)


def sdk(answer: Response) -> Client:
    """The real SDK, to which the network gives this answer."""

    class Network(TwilioHttpClient):
        def request(self, *_args, **_kwargs):
            return SdkResponse(answer.status, answer.body.decode(), dict(answer.headers))

    return Client("AC" + "0" * 32, "test-token", http_client=Network())


@pytest.mark.parametrize("path", [PATH.removesuffix(b".json"), PATH.replace(b".json", b".xml")])
def test_a_client_that_wants_xml_is_refused_in_xml(path):
    form = replace(GSM, target=path)
    assert read(TWILIO, form).drafts == (SENDS["twilio-gsm"],)
    answer = TWILIO.refuse(form, Reason.SUPPRESSED, 'said "stop" & <meant> it')
    error = ET.fromstring(answer.body)[0]
    assert {child.tag: child.text for child in error} == {
        "Code": "21610",
        "Message": 'Attempt to send to unsubscribed recipient: said "stop" & <meant> it',
        "MoreInfo": "https://www.twilio.com/docs/errors/21610",
        "Status": "400",
    }
    assert answer.header(b"content-type") == b"application/xml"


def test_the_old_path_sends_as_well():
    old = replace(GSM, target=PATH.replace(b"/Messages", b"/SMS/Messages"))
    assert read(TWILIO, old).drafts == (SENDS["twilio-gsm"],)


def created(**fields: object) -> Response:
    return Response(201, (), json.dumps({"sid": "SM1", **fields}).encode())


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        ("bad credentials", response("errors/twilio-auth"), Verdict.REFUSED),
        ("bad number", response("errors/twilio-invalid"), Verdict.REFUSED),
        ("opted out", response("errors/twilio-opted-out"), Verdict.REFUSED),
        ("too many requests", response("errors/twilio-rate-limit"), Verdict.REFUSED),
        ("a server error", response("errors/twilio-server-error"), Verdict.UNKNOWN),
        ("a server error in HTML", response("errors/twilio-server-error-nonjson"), Verdict.UNKNOWN),
        ("created, and failed at once", created(status="failed"), Verdict.REFUSED),
        ("a text that looks like a status", created(body='"status": "failed"', status="queued"), Verdict.ACCEPTED),
        ("created, without a status", created(), Verdict.ACCEPTED),
        ("XML", Response(201, (), b"<?xml?><TwilioResponse><Sid>SM1</Sid><Status>queued</Status>"), Verdict.ACCEPTED),
        ("XML, failed", Response(201, (), b"<TwilioResponse><Sid>SM1</Sid><Status>failed</Status>"), Verdict.REFUSED),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
        ("nothing", Response(200, (), b""), Verdict.UNKNOWN),
        ("compressed", Response(201, ((b"Content-Encoding", b"gzip"),), b"\x1f\x8b"), Verdict.ACCEPTED),
        ("a redirect", Response(302, ((b"Location", b"/"),), b""), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert TWILIO.verdict(carrier) is verdict


def test_the_carriers_answer_comes_back_untouched():
    send, carrier = read(TWILIO, GSM), response("twilio-gsm")
    assert TWILIO.answer(send, outcomes(send), carrier) is carrier


@given(body=st.binary() | st.text(alphabet="To=&Body%2;+5a").map(str.encode))
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body):
    form = posted(b"To=%2B12025550123&" + body)
    try:
        answered = TWILIO.read(form)
    except Unreadable as error:
        answered = TWILIO.refuse(form, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, others=st.dictionaries(st.sampled_from(["StatusCallback", "Attempt", "x y"]), st.text()))
@settings(max_examples=200)
def test_a_new_text_reads_back_and_no_other_byte_changes(old, new, others):
    others = {name: value.encode("utf-8", "ignore") for name, value in others.items()}
    before = posted(urlencode({"To": ANN, **others, "Body": old}))
    send = read(TWILIO, before)
    after = TWILIO.write(send, {0: new})
    assert read(TWILIO, after).drafts[0] == replace(send.drafts[0], text=new)
    kept = [part for part in before.body.split(b"&") if not part.startswith(b"Body=")]
    assert [part for part in after.body.split(b"&") if not part.startswith(b"Body=")] == kept
    assert Form.read(after.body).text_of(b"To") == ANN
