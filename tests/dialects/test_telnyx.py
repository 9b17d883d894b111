from __future__ import annotations

import gzip
import json
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.telnyx.dialect import Telnyx
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, DECEMBER, HI, LONG, length_of, outcomes, read, rewritten, with_header

TELNYX = Telnyx()
ANN, BEN = "+12025550123", "+12025550124"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
PROFILE = Sender(SenderKind.POOL, "4000eba1-a0c0-4563-9925-b25e842a7cb6")

SENDS = {
    "telnyx-alphanumeric": [Draft("+447700900123", Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy"), HI)],
    "telnyx-group-mms": [Draft(ANN, SHOP, HI), Draft(BEN, SHOP, HI)],
    "telnyx-gsm": [Draft(ANN, SHOP, HI)],
    "telnyx-long": [Draft("+447700900123", SHOP, LONG)],
    "telnyx-long-code": [Draft(ANN, SHOP, HI)],
    "telnyx-media": [Draft(ANN, SHOP, HI, media=1)],
    "telnyx-number-pool": [Draft(ANN, PROFILE, HI)],
    "telnyx-schedule-endpoint": [Draft(ANN, SHOP, HI, DECEMBER)],
    "telnyx-scheduled": [Draft(ANN, SHOP, HI, DECEMBER)],
    "telnyx-short-code": [Draft(ANN, Sender(SenderKind.SHORT_CODE, "55501"), HI)],
    "telnyx-status-callback": [Draft(ANN, SHOP, HI)],
    "telnyx-unicode": [Draft(ANN, SHOP, BONJOUR)],
    "telnyx-v2sdk-gsm": [Draft(ANN, SHOP, HI)],
    "telnyx-v2sdk-unicode": [Draft(ANN, SHOP, BONJOUR)],
}
GSM, GROUP = request("telnyx-gsm"), request("telnyx-group-mms")


def posted(body: object, target: bytes = b"/v2/messages") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return replace(GSM, target=target, body=raw)


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("telnyx-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert list(read(TELNYX, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(TELNYX, request(name))
    assert TELNYX.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request
    assert TELNYX.write(send, dict.fromkeys(range(len(send.drafts)))) is send.request


@pytest.mark.parametrize("name", SENDS)
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(TELNYX, before, " Txt STOP, é")
    old = SENDS[name][0].text
    escaped = json.dumps(old, ensure_ascii="v2sdk" in name)[1:-1]
    appended = escaped + (" Txt STOP, \\u00e9" if before.body.isascii() else " Txt STOP, é")
    assert after.body.decode() == before.body.decode().replace(escaped, appended)
    assert length_of(after) == str(len(after.body)).encode()
    assert [pair for pair in after.headers if pair[0] != b"Content-Length"] == [
        pair for pair in before.headers if pair[0] != b"Content-Length"
    ]
    assert list(read(TELNYX, after).drafts) == [replace(d, text=f"{d.text} Txt STOP, é") for d in SENDS[name]]


def test_a_text_that_leaves_gsm_no_longer_asks_for_it():
    send = read(TELNYX, posted({"to": ANN, "from": "+12025550100", "encoding": "gsm7", "text": "Hi"}))
    assert json.loads(TELNYX.write(send, {0: "Hi é"}).body)["encoding"] == "gsm7"
    assert json.loads(TELNYX.write(send, {0: "Hi 👋"}).body)["encoding"] == "auto"


def test_media_without_a_text_can_be_given_one():
    send = read(TELNYX, posted({"to": ANN, "from": "+12025550100", "media_urls": ["https://example.com/a.jpg"]}))
    assert send.drafts[0].text == ""
    assert json.loads(TELNYX.write(send, {0: "Reply STOP"}).body)["text"] == "Reply STOP"


def test_of_a_group_the_withheld_are_taken_out_and_told_in_its_own_list():
    send = read(TELNYX, GROUP)
    assert json.loads(TELNYX.write(send, {1: HI}).body)["to"] == [BEN]
    carrier = response("telnyx-group-mms")
    told = TELNYX.answer(send, outcomes(send, 1), carrier)
    assert [(each["phone_number"], each["status"]) for each in json.loads(told.body)["data"]["to"]] == [
        (ANN, "queued"),
        (BEN, "sending_failed"),
    ]
    assert told.header(b"content-length") == str(len(told.body)).encode()
    assert TELNYX.answer(send, outcomes(send), carrier) is carrier


@pytest.mark.parametrize(
    ("what", "target", "body", "draft"),
    [
        (
            "a code of Telnyx's",
            b"/v2/verifications/sms",
            {"phone_number": ANN, "verify_profile_id": PROFILE.value},
            Draft(ANN, PROFILE),
        ),
        (
            "WhatsApp",
            b"/v2/messages/whatsapp",
            {"to": ANN, "from": "+12025550100", "whatsapp_message": {"type": "x"}},
            Draft(ANN, SHOP),
        ),
        (
            "RCS",
            b"/v2/messages/rcs",
            {"to": ANN, "agent_id": "a", "messaging_profile_id": PROFILE.value},
            Draft(ANN, PROFILE),
        ),
        ("a template", b"/v2/messages", {"to": ANN, "template_id": "t"}, Draft(ANN, NO_SENDER)),
    ],
)
def test_what_has_its_text_at_the_carrier_is_read_without_one_and_left_as_it_is(what, target, body, draft):
    send = read(TELNYX, posted(body, target))
    assert send.drafts == (draft,)
    assert TELNYX.write(send, {0: None}) is send.request


BAD = [
    ("no body", b"", ""),
    ("a form", b"to=%2B12025550123&text=a", ""),
    ("a list", b"[]", "the body"),
    ("more behind the end", b'{"to": "+12025550123", "text": "a"} {}', ""),
    ("no recipient", {"from": "1", "text": "a"}, "to"),
    ("null for a recipient", {"to": None, "text": "a"}, "to"),
    ("a blank recipient", {"to": "  ", "text": "a"}, "to"),
    ("several recipients", {"to": [ANN, BEN], "text": "a"}, "to"),
    ("no text", {"to": ANN}, "text"),
    ("a blank text", {"to": ANN, "text": " \n"}, "text"),
    ("a text that is a number", {"to": ANN, "text": 5}, "text"),
    ("the recipient twice", b'{"to": "+12025550123", "to": "+12025550124", "text": "a"}', "to"),
    ("the recipient in capitals too", {"to": ANN, "TO": BEN, "text": "a"}, "to"),
    ("a text and a template", {"to": ANN, "text": "a", "template_id": "t"}, "template_id"),
    ("a schedule that is no instant", {"to": ANN, "text": "a", "send_at": "soon"}, "send_at"),
    ("media that is no list", {"to": ANN, "text": "a", "media_urls": "https://a"}, "media_urls"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused_with_the_carriers_code(situation, body, field):
    with pytest.raises(Unreadable) as refused:
        TELNYX.read(posted(body))
    assert refused.value.field == field
    answer = TELNYX.refuse(GSM, refused.value.reason, str(refused.value), refused.value.field)
    assert (answer.status, json.loads(answer.body)["errors"][0]["code"]) == (400, "10015")
    assert "555" not in str(refused.value)


def test_a_group_without_a_number_and_rcs_with_a_second_channel_are_refused():
    for to in ([], [ANN, ""], ANN):
        with pytest.raises(Unreadable):
            TELNYX.read(posted({"to": to, "text": "a"}, b"/v2/messages/group_mms"))
    with pytest.raises(Unreadable, match="sms_fallback"):
        TELNYX.read(posted({"to": ANN, "sms_fallback": {"text": "a"}}, b"/v2/messages/rcs"))


DISGUISES = [
    *[
        (path, replace(GSM, target=path.encode()))
        for path in (
            "/v2/Messages",
            "/V2/messages",
            "/v2/messages/",
            "/v2//messages",
            "/v2/%6Dessages",
            "/v2/%256Dessages",
            "/v2/./messages",
            "/v2/messages/x/..",
            "/v2/messages;a=b",
            "/v2\\messages",
            "/v2/messages%00",
            "/v2/messages/Long_Code",
            "/v2/messages/something_new",
            "/v3/messages",
            "/messages",
            "/v2/verifications/SMS",
            "/v2/ai/assistants/a-1/chat/sms",
        )
    ],
    ("PUT", replace(GSM, method=b"PUT")),
    ("a method in lower case", replace(GSM, method=b"post")),
    ("GET with a POST in a header", replace(GSM, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("DELETE with a POST in the query", replace(GSM, method=b"DELETE", target=b"/v2/messages?_method=POST")),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=b"/v2/messages?text=a&to=1", body=b"")),
    ("another recipient in the query", replace(GSM, target=b"/v2/messages?to=%2B12025550199")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"gzip")),
    ("a form", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded")),
    ("another charset", with_header(GSM, b"Content-Type", b"application/json; charset=utf-16")),
    ("no type", with_header(GSM, b"Content-Type", b"")),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert TELNYX.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        TELNYX.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6"),
        ("DELETE", "/v2/messages/40385f64-5717-4562-b3fc-2c963f66afa6"),
        ("GET", "/v2/messages/group/40385f64-5717-4562-b3fc-2c963f66afa6"),
        ("POST", "/v2/messaging_profiles"),
        ("POST", "/v2/ai/conversations/1/messages"),
        ("POST", "/v2/verifications/by_phone_number/%2B12025550123/actions/verify"),
        ("POST", "/v2/calls"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not TELNYX.claims(Request(method.encode(), target.encode(), GSM.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        *[
            (name, response(f"errors/telnyx-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "invalid-422", "opted-out", "opted-out-400", "rate-limit")
        ],
        ("a server error", response("errors/telnyx-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
        ("compressed", Response(200, ((b"Content-Encoding", b"gzip"),), b"\x1f\x8b"), Verdict.ACCEPTED),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert TELNYX.verdict(carrier) is verdict


@pytest.mark.parametrize("name", ["opted-out", "opted-out-400", "opted-out-403", "invalid", "auth", "server-error"])
def test_the_carrier_teaches_an_opt_out_whatever_its_status_and_its_coding(name):
    carrier = response(f"errors/telnyx-{name}")
    packed = Response(carrier.status, ((b"Content-Encoding", b"gzip"),), gzip.compress(carrier.body))
    assert TELNYX.opted_out(carrier) is TELNYX.opted_out(packed) is name.startswith("opted-out")


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_has_the_opted_out_code_and_only_try_again_is_tried_again(reason):
    answer = TELNYX.refuse(GSM, reason, "because of a rule")
    [error] = json.loads(answer.body)["errors"]
    assert (error["code"] == "40300") is (reason is Reason.SUPPRESSED)
    assert (answer.header(b"x-should-retry") is None) is (reason is Reason.TRY_AGAIN)
    assert error["detail"].endswith("because of a rule")


@pytest.mark.parametrize(("status", "again"), [(502, b"false"), (503, None), (504, b"false")])
def test_after_a_gateways_failure_the_sdk_tries_again_only_where_nothing_was_sent(status, again):
    answer = TELNYX.away(GSM, status, "no answer")
    assert (answer.status, answer.header(b"x-should-retry")) == (status, again)


NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
PUBLIC = "mBha1BfkFO3pomh9biwRPgzedd92zVerUPWDMsKHbHw="
OURS = sha256(b"a key of the site's own").digest()
WEBHOOKS = names("webhooks/telnyx-*")
HEARD = {
    "webhooks/telnyx-inbound-stop": "STOP",
    "webhooks/telnyx-inbound-text": "Please stop texting me 👋",
    "webhooks/telnyx-status-delivered": None,
    "webhooks/telnyx-status-failed-optout": None,
    "webhooks/telnyx-status-sent": None,
}
STOP = request("webhooks/telnyx-inbound-stop")


def signed(webhook: Request, key: str = PUBLIC, now: datetime = NOW) -> bool:
    return TELNYX.signed(webhook, "https://anything", key, now)


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == WEBHOOKS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    text = HEARD[name]
    expected = text and Inbound("7ee4241c-f127-47e5-9c34-3aac291f8058", ANN, "+12025550100", text)
    assert TELNYX.hear(request(name)) == expected


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_is_signed_and_a_changed_or_an_old_one_is_not(name):
    webhook = request(name)
    assert signed(webhook)
    assert signed(webhook, now=NOW + timedelta(minutes=5))
    assert not signed(webhook, now=NOW + timedelta(minutes=5, seconds=1))
    assert not signed(webhook, now=NOW - timedelta(minutes=6))
    assert not signed(webhook, b64encode(bytes(32)).decode())
    assert not signed(webhook, "no key")
    assert not signed(replace(webhook, body=webhook.body + b" "))
    assert not signed(with_header(webhook, b"telnyx-timestamp", b"1795487401"))
    assert not signed(with_header(webhook, b"telnyx-signature-ed25519", b"AAAA"))
    assert not signed(replace(webhook, headers=(*webhook.headers, (b"Telnyx-Timestamp", b"1795487400"))))
    assert not signed(replace(webhook, headers=()))


def test_signed_anew_with_a_key_of_ours_it_is_accepted_under_its_public_part():
    later = NOW + timedelta(hours=2)  # the legacy system was down
    anew = TELNYX.sign(STOP, "https://legacy.example.com/in", b64encode(OURS).decode(), later)
    public = Ed25519PrivateKey.from_private_bytes(OURS).public_key().public_bytes_raw()
    assert signed(anew, b64encode(public).decode(), later)
    assert not signed(anew, PUBLIC, later)
    assert replace(anew, headers=STOP.headers) == STOP
    assert b64decode(anew.header(b"telnyx-signature-ed25519") or b"")


def test_a_secret_that_is_no_private_key_is_told():
    with pytest.raises(Unreadable, match="private key"):
        TELNYX.sign(STOP, "https://a", "test-token", NOW)


@pytest.mark.parametrize("path", [("payload",), ("payload", "id"), ("payload", "from"), ("payload", "to")])
def test_a_reply_without_what_makes_it_one_is_refused(path):
    event = json.loads(STOP.body)
    holder = event["data"]
    for name in path[:-1]:
        holder = holder[name]
    del holder[path[-1]]
    with pytest.raises(Unreadable):
        TELNYX.hear(replace(STOP, body=json.dumps(event).encode()))


members = st.dictionaries(
    st.sampled_from(["to", "from", "text", "media_urls", "send_at", "template_id", "TO", "Text"]),
    st.none() | st.text() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()), group=st.booleans())
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body, group):
    form = posted(body, b"/v2/messages/group_mms" if group else b"/v2/messages")
    try:
        answered = TELNYX.read(form)
    except Unreadable as error:
        answered = TELNYX.refuse(form, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, escaped=st.booleans())
@settings(max_examples=200)
def test_a_new_text_reads_back(old, new, escaped):
    before = posted(json.dumps({"to": ANN, "text": old, "tags": ["é"]}, ensure_ascii=escaped).encode())
    after = TELNYX.write(read(TELNYX, before), {0: new})
    assert read(TELNYX, after).drafts[0].text == new
    assert json.loads(after.body) == {**json.loads(before.body), "text": new}


@given(body=st.binary(), signature=st.binary(), stamp=st.binary())
@settings(max_examples=100)
def test_any_bytes_are_unsigned(body, signature, stamp):
    webhook = with_header(with_header(STOP, b"telnyx-timestamp", stamp), b"telnyx-signature-ed25519", signature)
    assert not signed(replace(webhook, body=body))
