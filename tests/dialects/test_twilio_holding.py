from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from gateway.dialects.answers import LONGEST_WAIT
from gateway.dialects.forms import Form
from gateway.dialects.twilio.dialect import Twilio
from gateway.words.decision import Reason, State
from gateway.words.kept import Ended, Kept
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Credentials, Response
from tests.captures import request, response
from tests.dialects import values
from tests.dialects.test_twilio import ANN, DECEMBER, GSM, SENDS, posted, sdk
from tests.dialects.values import MINTED, PUT_OFF, length_of, with_header

TWILIO = Twilio()
HOLDING = TWILIO.holding
KEY = Credentials("SK" + "7" * 32, "s3cret:ü")
LATER = datetime(2026, 11, 24, 13, tzinfo=UTC)
CALLBACK = "https://legacy.example.com/sms/status?job=77&k=a%20b"
OURS = "https://gateway.example.com/cb/1?k=v&x=%20"
CARRIERS = "SM" + "1" * 32
XML = GSM.target.replace(b".json", b".xml")
HOLDABLE = [name for name in SENDS if name != "twilio-client-validation-signed"]


def kept(name: str = "twilio-gsm", **changed: object) -> Kept:
    return values.kept(TWILIO, request(name), **changed)


def held(one: Kept) -> Response:
    outcome = Outcome(None, None, None, Fate.HELD)  # type: ignore[arg-type]
    return HOLDING.held([one], [outcome], None)


@pytest.mark.parametrize("name", HOLDABLE)
def test_a_send_that_is_put_off_is_answered_as_twilio_answers_it(name):
    answer = held(kept(name))
    ours, carriers = json.loads(answer.body), json.loads(response(name).body)
    made_up = {"num_media", "num_segments"}  # the captured answers are a stub's, which counts neither
    assert {key: value for key, value in ours.items() if key not in made_up} == {
        key: json.loads(json.dumps(value).replace(CARRIERS, MINTED))
        for key, value in carriers.items()
        if key not in made_up
    }
    assert ours.keys() == carriers.keys()
    assert (answer.status, answer.header(b"content-type")) == (201, b"application/json")
    assert answer.header(b"content-length") == str(len(answer.body)).encode()


def test_the_sdk_reads_the_answer_as_a_message_that_was_accepted():
    message = sdk(held(kept("twilio-scheduled"))).messages.create(to=ANN, from_="1", body="Hi")
    assert (message.sid, message.status, message.price, message.error_code) == (MINTED, "scheduled", None, None)
    assert message.date_created == message.date_updated == PUT_OFF
    assert message.date_sent is None
    assert message.messaging_service_sid == SENDS["twilio-scheduled"].sender.value


@pytest.mark.parametrize(("text", "segments"), [("a" * 160, "1"), ("a" * 161, "2"), ("é" * 71, "1"), ("你" * 71, "2")])
def test_the_answer_counts_the_text_as_it_leaves(text, segments):
    told = json.loads(held(kept(text=text)).body)
    assert (told["body"], told["num_segments"]) == (text, segments)


def test_dates_are_told_in_utc():
    paris = PUT_OFF.astimezone(timezone(timedelta(hours=1)))
    assert json.loads(held(kept(created=paris)).body)["date_created"] == "Tue, 24 Nov 2026 02:30:00 +0000"


def test_attachments_are_counted_too():
    assert json.loads(held(kept("twilio-media")).body)["num_media"] == "2"


def test_a_client_that_wants_xml_is_answered_in_xml():
    one = values.kept(TWILIO, replace(GSM, target=XML), text="<Hi> & bye")
    message = ET.fromstring(held(one).body)[0]
    told = {child.tag: child.text for child in message}
    assert message.tag == "Message"
    assert (told["Sid"], told["Body"], told["Status"], told["Price"]) == (MINTED, "<Hi> & bye", "queued", None)
    assert told["Uri"] == f"/2010-04-01/Accounts/AC{'0' * 32}/Messages/{MINTED}"
    assert message.findtext("SubresourceUris/Media") == f"{told['Uri']}/Media"


def test_the_old_path_has_its_own_name_for_a_message_and_its_own_addresses():
    old = GSM.target.replace(b"/Messages.json", b"/SMS/Messages")
    assert ET.fromstring(held(values.kept(TWILIO, replace(GSM, target=old))).body)[0].tag == "SMSMessage"
    told = json.loads(held(values.kept(TWILIO, replace(GSM, target=old + b".json"))).body)
    assert told["uri"] == f"{old.decode()}/{MINTED}.json"


def test_a_minted_id_has_the_form_of_twilios_own():
    random = bytes(range(16))
    assert HOLDING.tracking.mint(kept().send, random) == "SM000102030405060708090a0b0c0d0e0f"
    assert HOLDING.tracking.mint(kept("twilio-media").send, random).startswith("MM0001")


@pytest.mark.parametrize(
    ("situation", "sent", "credentials", "can"),
    [
        ("Basic credentials live long enough", GSM, None, True),
        ("an API key does, too", request("twilio-api-key-auth"), None, True),
        ("an OAuth token does not", with_header(GSM, b"Authorization", b"Bearer abc"), None, False),
        ("unless there are configured ones", with_header(GSM, b"Authorization", b"Bearer abc"), KEY, True),
        ("no credentials at all", with_header(GSM, b"Authorization", b""), None, False),
        ("signed with the client's own key", request("twilio-client-validation-signed"), KEY, False),
        ("a template", request("twilio-content-template"), KEY, True),
        ("two callbacks", posted("To=%2B1&From=1&Body=a&StatusCallback=x&statuscallback=y"), KEY, False),
        ("a validity that is none", posted("To=%2B1&From=1&Body=a&ValidityPeriod=soon"), KEY, False),
    ],
)
def test_only_what_can_be_composed_anew_is_put_off(situation, sent, credentials, can):
    assert HOLDING.can_hold(values.read(TWILIO, sent), credentials) is can


def test_the_client_says_how_long_its_message_is_worth_sending():
    assert HOLDING.valid_for(kept("twilio-status-callback").send) == timedelta(minutes=10)
    assert HOLDING.valid_for(kept().send) is None


@pytest.mark.parametrize("name", HOLDABLE)
def test_it_leaves_as_the_client_sent_it_but_for_credentials_and_coding(name):
    one = kept(name)
    composed = HOLDING.composed(one, KEY, PUT_OFF)
    assert (composed.method, composed.target, composed.body) == (b"POST", one.send.request.target, request(name).body)
    assert b64decode(composed.header(b"authorization").removeprefix(b"Basic ")).decode() == f"{KEY.user}:{KEY.secret}"
    assert composed.header(b"accept-encoding") == b"identity"
    changed = {b"Authorization", b"Accept-Encoding"}
    assert [pair for pair in composed.headers if pair[0] not in changed] == [
        pair for pair in request(name).headers if pair[0] not in changed
    ]


def test_without_configured_credentials_the_clients_own_stay():
    assert HOLDING.composed(kept(), None, LATER).header(b"authorization") == GSM.header(b"authorization")


def test_a_client_that_sent_no_credentials_gets_the_configured_ones():
    bare = replace(GSM, headers=tuple(pair for pair in GSM.headers if pair[0] != b"Authorization"))
    assert HOLDING.composed(values.kept(TWILIO, bare), KEY, LATER).header(b"authorization").startswith(b"Basic ")


def test_the_text_that_leaves_is_the_one_of_that_hour():
    composed = HOLDING.composed(kept(text=SENDS["twilio-gsm"].text + " Txt STOP"), KEY, LATER)
    assert composed.body == GSM.body + b"+Txt+STOP"
    assert length_of(composed) == b"%d" % len(composed.body)


@pytest.mark.parametrize(
    ("situation", "now", "fields"),
    [
        ("still to come", DECEMBER - timedelta(seconds=1), True),
        ("its very moment", DECEMBER, False),
        ("over", DECEMBER + timedelta(hours=5), False),
    ],
)
def test_a_schedule_is_taken_out_once_it_is_over(situation, now, fields):
    composed = HOLDING.composed(kept("twilio-scheduled"), KEY, now)
    before, after = (dict(Form.read(form.body).pairs()) for form in (request("twilio-scheduled"), composed))
    schedule = {b"SendAt", b"ScheduleType"}
    assert schedule & after.keys() == (schedule if fields else set())
    assert {k: v for k, v in after.items() if k not in schedule} == {
        k: v for k, v in before.items() if k not in schedule
    }
    assert length_of(composed) == b"%d" % len(composed.body)


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        (timedelta(0), "600"),
        (timedelta(seconds=1), "599"),
        (timedelta(seconds=90, milliseconds=1), "509"),
        (timedelta(minutes=9, seconds=59, milliseconds=900), "1"),
        (timedelta(hours=10), "1"),
    ],
)
def test_what_is_left_of_its_validity_counts_from_when_the_client_was_answered(passed, left):
    sent = request("twilio-status-callback")
    composed = HOLDING.composed(values.kept(TWILIO, sent), None, PUT_OFF + passed)
    assert composed.body == sent.body.replace(b"ValidityPeriod=600", b"ValidityPeriod=" + left.encode())
    assert length_of(composed) == b"%d" % len(composed.body)


@pytest.mark.parametrize(
    ("situation", "ahead", "waits"),
    [
        ("far enough for Twilio", timedelta(minutes=5), False),
        ("too close to be scheduled there", timedelta(minutes=4, seconds=59), True),
        ("a moment ahead", timedelta(microseconds=1), True),
        ("its very moment", timedelta(0), False),
        ("over", timedelta(hours=-1), False),
    ],
)
def test_a_schedule_that_twilio_would_refuse_is_waited_for_here(situation, ahead, waits):
    assert HOLDING.waits_for(DECEMBER, DECEMBER - ahead) == (DECEMBER if waits else None)
    assert HOLDING.waits_for(None, DECEMBER) is None


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(body=texts, text=texts, other=st.text(), at=st.none() | st.just(DECEMBER), early=st.booleans())
@settings(max_examples=200)
def test_whatever_is_composed_reads_back_as_the_message_that_was_kept(body, text, other, at, early):
    fields = {"To": ANN, "MessagingServiceSid": SENDS["twilio-scheduled"].sender.value, "Body": body}
    schedule = {"SendAt": "2026-12-01T09:00:00Z", "ScheduleType": "fixed"} if at else {}
    extra = {"ContentRetention": other.encode("utf-8", "ignore")}
    one = values.kept(TWILIO, posted(urlencode({**schedule, **fields, **extra})), text=text)
    composed = HOLDING.composed(one, KEY, DECEMBER - timedelta(hours=1) if early else DECEMBER)
    (draft,) = values.read(TWILIO, composed).drafts
    assert draft == replace(one.draft, text=text, send_at=at if early else None)
    assert Form.read(composed.body).bytes_of(b"ContentRetention") == extra["ContentRetention"]


def test_the_carrier_is_told_to_call_us_and_nothing_else_changes():
    before = request("twilio-status-callback")
    after = HOLDING.with_callback(before, OURS)
    assert Form.read(after.body).text_of(b"StatusCallback") == OURS
    others = [pair for pair in Form.read(before.body).pairs() if pair[0] != b"StatusCallback"]
    assert [pair for pair in Form.read(after.body).pairs() if pair[0] != b"StatusCallback"] == others
    assert length_of(after) == b"%d" % len(after.body)
    assert HOLDING.with_callback(GSM, OURS) is GSM, "nobody asked for a receipt"


STANDINGS = [
    ("waits", {}, "queued", None),
    ("is in a worker's hands", {"state": State.LEASED}, "queued", None),
    ("is on its way", {"state": State.SENDING}, "sending", None),
    ("nobody knows", {"state": State.IN_DOUBT}, "sending", None),
    ("was sent", {"state": State.SENT}, "sent", None),
    ("was refused by the carrier", {"state": State.REFUSED, "code": "21408"}, "failed", 21408),
    ("was refused without a code", {"state": State.REFUSED}, "failed", None),
    ("was taken back", {"state": State.DROPPED, "ended": Ended.CANCELED}, "canceled", None),
    ("came twice", {"state": State.DROPPED, "ended": Ended.DUPLICATE}, "canceled", None),
    ("came too late", {"state": State.DROPPED, "ended": Ended.EXPIRED}, "failed", 30036),
    ("the recipient opted out", {"state": State.DROPPED, "ended": Reason.SUPPRESSED}, "failed", 21610),
    ("its content is forbidden", {"state": State.DROPPED, "ended": Reason.CONTENT}, "failed", 30007),
    ("the consent expired", {"state": State.DROPPED, "ended": Reason.NO_CONSENT}, "failed", 21612),
]


@pytest.mark.parametrize(("situation", "changed", "status", "code"), STANDINGS, ids=[row[0] for row in STANDINGS])
def test_a_receipt_tells_the_client_what_became_of_its_message(situation, changed, status, code):
    call = HOLDING.callback(kept("twilio-status-callback", **changed))
    assert call.url == CALLBACK
    assert call.request.target == b"/sms/status?job=77&k=a%20b"
    assert dict(parse_qsl(call.request.body.decode())) == {
        "ApiVersion": "2010-04-01",
        "MessageStatus": status,
        "SmsSid": MINTED,
        "SmsStatus": status,
        "From": "+12025550100",
        "To": ANN,
        "MessageSid": MINTED,
        "AccountSid": "AC" + "0" * 32,
        **({"ErrorCode": str(code)} if code else {}),
    }
    message = sdk(HOLDING.tracking.resource(GSM, kept(**changed))).messages(MINTED).fetch()
    assert (message.status, message.error_code) == (status, code), "and whoever asks is told the same"


@pytest.mark.parametrize("reason", Reason)
def test_only_an_opt_out_is_told_with_twilios_code_for_it(reason):
    told = HOLDING.callback(kept("twilio-status-callback", state=State.DROPPED, ended=reason)).request.body
    assert (b"ErrorCode=21610" in told) is (reason is Reason.SUPPRESSED)


def test_our_receipt_for_an_opt_out_has_the_fields_of_twilios_own():
    ours = HOLDING.callback(
        kept("twilio-status-callback", state=State.DROPPED, ended=Reason.SUPPRESSED, minted=CARRIERS)
    )
    carriers = dict(parse_qsl(request("webhooks/twilio-status-failed-optout").body.decode()))
    assert dict(parse_qsl(ours.request.body.decode())) == carriers


def test_a_receipt_passes_the_sdks_check_once_it_is_signed():
    call = HOLDING.callback(kept("twilio-status-callback"))
    signed = TWILIO.sign(call.request, call.url, "token", PUT_OFF)
    fields = dict(parse_qsl(signed.body.decode()))
    assert RequestValidator("token").validate(call.url, fields, signed.header(b"x-twilio-signature").decode())


def test_a_receipt_that_is_told_again_can_be_told_for_a_repetition():
    one = kept("twilio-status-callback")
    tokens = [
        HOLDING.callback(told).request.header(b"i-twilio-idempotency-token")
        for told in (one, one, replace(one, state=State.SENT))
    ]
    assert tokens[0] == tokens[1] != tokens[2]


def test_a_messaging_service_is_named_in_place_of_a_sender():
    told = dict(parse_qsl(HOLDING.callback(kept("twilio-scheduled")).request.body.decode()))
    assert told["MessagingServiceSid"] == SENDS["twilio-scheduled"].sender.value
    assert "From" not in told


@pytest.mark.parametrize("url", ["", "ftp://legacy.example.com/", "/status", "https://", "http://[", "javascript:x"])
def test_without_a_url_nobody_is_called(url):
    one = values.kept(TWILIO, posted(urlencode({"To": ANN, "From": "1", "Body": "a", "StatusCallback": url})))
    assert HOLDING.callback(one) is None
    assert HOLDING.passed_on(one, request("webhooks/twilio-status-delivered"), {}) is None


def test_a_url_beyond_ascii_is_escaped_and_nothing_else_of_it():
    url = "https://legacy.example.com/é?k=a%20b&x=[1]"
    one = values.kept(TWILIO, posted(urlencode({"To": ANN, "From": "1", "Body": "a", "StatusCallback": url})))
    call = HOLDING.callback(one)
    assert (call.url, call.request.target) == (url.replace("é", "%C3%A9"), b"/%C3%A9?k=a%20b&x=[1]")


@pytest.mark.parametrize("name", ["delivered", "failed-optout", "undelivered"])
def test_the_carriers_receipt_reaches_the_client_with_the_id_that_it_knows(name):
    called = request(f"webhooks/twilio-status-{name}")
    call = HOLDING.passed_on(kept("twilio-status-callback"), called, {CARRIERS: MINTED})
    assert (call.url, call.request.target) == (CALLBACK, b"/sms/status?job=77&k=a%20b")
    assert call.request.body == called.body.replace(CARRIERS.encode(), MINTED.encode())
    assert length_of(call.request) == length_of(called)
    assert (called.header(b"host"), call.request.header(b"host")) == (b"gateway.example.com", None)
    signed = TWILIO.sign(call.request, call.url, "legacy-token", PUT_OFF)
    fields = dict(parse_qsl(signed.body.decode(), keep_blank_values=True))
    assert RequestValidator("legacy-token").validate(CALLBACK, fields, signed.header(b"x-twilio-signature").decode())
    assert called.header(b"x-twilio-signature") != signed.header(b"x-twilio-signature")


@pytest.mark.parametrize("name", SENDS)
def test_the_carriers_id_is_found_in_its_answer(name):
    assert HOLDING.accepted_id(response(name)) == CARRIERS


@pytest.mark.parametrize(
    ("situation", "body", "found"),
    [
        ("XML", f"<TwilioResponse><Message><Sid>{CARRIERS}</Sid>".encode(), CARRIERS),
        ("no id", b'{"status": "queued"}', ""),
        ("the id of a service", b'{"messaging_service_sid": "MG33333333333333333333333333333333"}', ""),
        ("a text that looks like one", json.dumps({"body": json.dumps({"sid": CARRIERS})}).encode(), ""),
    ],
)
def test_only_a_messages_own_id_is_taken_for_it(situation, body, found):
    assert HOLDING.accepted_id(Response(201, (), body)) == found


def test_the_carriers_code_is_found_in_its_refusal():
    assert HOLDING.refusal_code(response("errors/twilio-opted-out")) == "21610"
    assert HOLDING.refusal_code(TWILIO.refuse(replace(GSM, target=XML), Reason.SUPPRESSED, "no")) == "21610"
    assert HOLDING.refusal_code(response("errors/twilio-server-error-nonjson")) == ""


@pytest.mark.parametrize(
    ("situation", "status", "headers", "wait"),
    [
        ("seconds", 429, ((b"Retry-After", b"12"),), timedelta(seconds=12)),
        ("a date", 503, ((b"retry-after", b"Tue, 24 Nov 2026 13:00:30 GMT"),), timedelta(seconds=30)),
        ("a date that is over", 429, ((b"Retry-After", b"Tue, 24 Nov 2026 12:00:00 GMT"),), timedelta(0)),
        ("no time", 429, (), timedelta(0)),
        ("nonsense", 429, ((b"Retry-After", b"soon"),), timedelta(0)),
        ("an age", 429, ((b"Retry-After", b"9" * 400),), LONGEST_WAIT),
        ("a date that no calendar has", 503, ((b"Retry-After", b"1 Jan 99999999999999999999 00:00:00"),), timedelta(0)),
        ("accepted", 201, ((b"Retry-After", b"12"),), None),
        ("refused", 400, (), None),
        ("broken", 500, ((b"Retry-After", b"12"),), None),
    ],
)
def test_a_carrier_says_how_long_it_wants_to_be_left_in_peace(situation, status, headers, wait):
    assert HOLDING.retry_after(Response(status, headers), LATER) == wait


def test_the_captured_429_asks_for_a_pause():
    assert HOLDING.retry_after(response("errors/twilio-rate-limit"), LATER) is not None


@given(given=st.binary(max_size=40) | st.text(alphabet="0123456789 :,+-JanGMT").map(str.encode))
@settings(max_examples=300)
def test_whatever_stands_in_retry_after_the_wait_is_a_sensible_one(given):
    wait = HOLDING.retry_after(Response(429, ((b"Retry-After", given),)), LATER)
    assert timedelta(0) <= wait <= LONGEST_WAIT
