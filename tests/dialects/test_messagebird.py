from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messagebird.error import ValidationError
from messagebird.request_validator import RequestValidator

from gateway.dialects.messagebird.dialect import MessageBird
from gateway.dialects.tokens import claims_of
from gateway.words.decision import Reason
from gateway.words.errors import TextsDiffer, Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, DECEMBER, HI, LONG, length_of, outcomes, read, rewritten, with_header

pytestmark = pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")  # the key of the captures is short

BIRD = MessageBird()
ANN, LEA, ZOE = "12025550123", "447700900123", "33639980001"
ACME, SHOP = Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy"), Sender(SenderKind.NUMBER, "12025550100")
SENDS = {
    "messagebird-binary": [Draft(ANN, ACME)],
    "messagebird-gsm": [Draft(ANN, ACME, HI)],
    "messagebird-long": [Draft(LEA, ACME, LONG)],
    "messagebird-mms": [Draft(ANN, SHOP, HI, media=1)],
    "messagebird-multi": [Draft(ANN, ACME, HI), Draft(LEA, ACME, HI), Draft(ZOE, ACME, HI)],
    "messagebird-scheduled": [Draft(ANN, ACME, HI, DECEMBER)],
    "messagebird-status-callback": [Draft(ANN, ACME, HI)],
    "messagebird-unicode": [Draft(ANN, ACME, BONJOUR)],
}
GSM, MULTI = request("messagebird-gsm"), request("messagebird-multi")
LISTED = replace(MULTI, body=json.dumps({**json.loads(MULTI.body), "recipients": [ANN, int(LEA), ZOE]}).encode())
BOTH = pytest.mark.parametrize("multi", [MULTI, LISTED], ids=["with commas", "in a list"])


def posted(body: object, target: bytes = b"/messages") -> Request:
    return replace(GSM, target=target, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def said(request: Request) -> list[tuple[str, str | None]]:
    return [(draft.to, draft.text) for draft in read(BIRD, request).drafts]


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("messagebird-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name: str):
    assert list(read(BIRD, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name: str):
    send = read(BIRD, request(name))
    assert BIRD.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", [name for name in SENDS if name != "messagebird-binary"])
def test_an_appended_text_changes_the_text_and_the_length_only(name: str):
    before = request(name)
    after, old = rewritten(BIRD, before, " Txt STOP…"), SENDS[name][0].text or ""
    added = " Txt STOP\\u2026" if before.body.isascii() else " Txt STOP…"
    flagged = after.body.decode().replace(', "datacoding": "unicode"}', "}")
    assert flagged == before.body.decode().replace(old, old + added)
    assert length_of(after) == str(len(after.body)).encode()
    assert replace(after, headers=before.headers, body=before.body) == before


@pytest.mark.parametrize(
    ("given", "left"), [({}, "unicode"), ({"datacoding": "plain"}, "unicode"), ({"datacoding": "auto"}, "auto")]
)
def test_a_text_that_leaves_the_alphabet_says_so(given: dict[str, str], left: str):
    sent = posted({"recipients": ANN, "body": "a", **given})
    assert json.loads(BIRD.write(read(BIRD, sent), {0: "a…"}).body)["datacoding"] == left
    assert json.loads(BIRD.write(read(BIRD, sent), {0: "ab"}).body).get("datacoding") == given.get("datacoding")


def test_media_has_no_alphabet_and_may_be_given_a_text():
    sent = posted({"recipients": ANN, "mediaUrls": ["https://example.com/a.jpg"]}, b"/mms")
    assert read(BIRD, sent).drafts == (Draft(ANN, NO_SENDER, "", media=1),)
    body = json.loads(BIRD.write(read(BIRD, sent), {0: "Stop…"}).body)
    assert body == {**json.loads(sent.body), "body": "Stop…"}


@BOTH
def test_of_several_recipients_the_withheld_are_taken_out(multi: Request):
    left = BIRD.write(read(BIRD, multi), {0: HI, 2: HI})
    assert [draft.to for draft in read(BIRD, left).drafts] == [ANN, ZOE]
    gone = f",{LEA}" if multi is MULTI else f", {LEA}"
    assert left.body == multi.body.replace(gone.encode(), b"")


@BOTH
def test_an_instruction_that_one_needs_goes_to_all_and_different_texts_need_requests_of_their_own(multi: Request):
    send = read(BIRD, multi)
    assert {text for _, text in said(BIRD.write(send, {0: HI, 1: HI + " Stop", 2: HI}))} == {HI + " Stop"}
    with pytest.raises(TextsDiffer):
        BIRD.write(send, {0: HI + " Stop", 1: HI + " Arret"})


def test_a_withheld_recipient_stands_at_its_place_in_the_carriers_answer_and_is_counted():
    send, carrier = read(BIRD, MULTI), response("messagebird-multi")
    theirs = json.loads(carrier.body)["recipients"]
    accepted = replace(
        carrier, body=json.dumps({"id": "a", "recipients": theirs | {"items": theirs["items"][:2]}}).encode()
    )
    answer = BIRD.answer(send, outcomes(send, 1), accepted)
    told = json.loads(answer.body)["recipients"]
    assert [told["items"][0], told["items"][2]] == theirs["items"][:2]
    assert told["items"][1] == {
        "recipient": int(LEA),
        "status": "delivery_failed",
        "statusDatetime": None,
        "statusReason": "opted out on 2026-01-02 (gateway/suppressed)",
    }
    assert (told["totalCount"], told["totalSentCount"], told["totalDeliveryFailedCount"]) == (3, 2, 1)
    assert length_of(Request(b"", b"", answer.headers)) == str(len(answer.body)).encode()
    assert BIRD.answer(send, outcomes(send), carrier) is carrier


def test_the_answers_to_requests_that_left_for_one_are_joined_in_the_clients_order():
    carrier = response("messagebird-multi")
    one = replace(carrier, body=response("messagebird-gsm").body.replace(ANN.encode(), LEA.encode()))
    told = json.loads(BIRD.joined([((0, 2), response("messagebird-gsm")), ((1,), one)]).body)["recipients"]
    assert [item["recipient"] for item in told["items"]] == [int(ANN), int(LEA)]
    assert (told["totalCount"], told["totalSentCount"]) == (2, 2)


@pytest.mark.parametrize(
    "carrier", [Response(200, (), b"<html>"), Response(201, (), b'{"id": 1}'), response("errors/messagebird-auth")]
)
def test_an_answer_that_can_not_be_joined_is_passed_on(carrier: Response):
    send = read(BIRD, MULTI)
    assert BIRD.answer(send, outcomes(send, 1), carrier) is carrier


@pytest.mark.parametrize("kind", [None, "sms", "flash"])
def test_a_verification_by_text_is_decided_without_one_and_left_as_it_is(kind: str | None):
    sent = posted({"recipient": ANN, "originator": "Code", "type": kind, "template": "%token"}, b"/verify")
    send = read(BIRD, sent)
    assert send.drafts == (Draft(ANN, Sender(SenderKind.ALPHANUMERIC, "Code")),)
    assert BIRD.write(send, {0: None}) is sent


@pytest.mark.parametrize("kind", ["tts", "email"])
def test_a_verification_by_call_or_mail_passes(kind: str):
    assert BIRD.read(posted({"recipient": ANN, "type": kind}, b"/verify")) is None


def test_no_group_is_no_group():
    assert said(posted({"recipients": ANN, "groupIds": [], "body": "a"})) == [(ANN, "a")]


BAD = [
    ("no body", b"", ""),
    ("a list", b"[]", "the body"),
    ("no recipient", {"body": "a"}, "recipients"),
    ("an empty one among them", {"recipients": f"{ANN},,{LEA}", "body": "a"}, "recipients"),
    ("an empty one in a list", {"recipients": [ANN, ""], "body": "a"}, "recipients"),
    ("an empty list", {"recipients": [], "body": "a"}, "recipients"),
    ("a group", {"groupIds": "61afc0531573b08ddbe36e1c85602827", "body": "a"}, "groupIds"),
    ("a group beside recipients", {"recipients": ANN, "groupIds": ["a"], "body": "a"}, "groupIds"),
    ("groups in another case", {"recipients": ANN, "groupids": ["a"], "body": "a"}, "groupIds"),
    ("no text", {"recipients": ANN}, "body"),
    ("a blank text", {"recipients": ANN, "body": " "}, "body"),
    ("another type", {"recipients": ANN, "body": "a", "type": "premium"}, "type"),
    ("recipients twice", b'{"recipients": "1", "recipients": "2", "body": "a"}', "recipients"),
    ("too many", {"recipients": ",".join(["1"] * 10_001), "body": "a"}, "recipients"),
    ("too many in a list", {"recipients": ["1"] * 10_001, "body": "a"}, "recipients"),
    ("no instant", {"recipients": ANN, "body": "a", "scheduledDatetime": "soon"}, "scheduledDatetime"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation: str, body: object, field: str):
    with pytest.raises(Unreadable) as refused:
        BIRD.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[
        (path, replace(GSM, target=path.encode()))
        for path in (
            "/Messages",
            "/messages/",
            "//messages",
            "/%6Dessages",
            "/%256Dessages",
            "/./messages",
            "/x/../messages",
            "/messages;a=b",
            "/x%2F..%2Fmessages",
            "\\messages",
            "/messages/e8077d803532c0b5937c639b60216938",
            "/MMS",
            "/verify/",
            "/v1/send",
            "/v1/conversations/start",
            "/v1/conversations/2e15efaf/messages",
            "/workspaces/a/channels/b/messages",
        )
    ],
    ("PUT", replace(GSM, method=b"PUT")),
    ("a method in lower case", replace(GSM, method=b"post")),
    ("GET with a POST in a header", replace(GSM, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=b"/messages?body=a&recipients=1", body=b"")),
    ("another recipient in the query", replace(GSM, target=b"/messages?recipients[]=12025550199")),
    ("a group in the query", replace(GSM, target=b"/messages?groupIds[]=a")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"gzip")),
    ("a form", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded")),
    ("two types", replace(GSM, headers=(*GSM.headers, (b"content-type", b"text/plain")))),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise: str, sent: Request):
    assert BIRD.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        BIRD.read(sent)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", b"/messages?limit=20&offset=0"),
        ("GET", b"/messages/e8077d803532c0b5937c639b60216938"),
        ("DELETE", b"/messages/e8077d803532c0b5937c639b60216938"),
        ("GET", b"/verify/e8077d803532c0b5937c639b60216938?token=123456"),
        ("POST", b"/groups"),
        ("POST", b"/hlr"),
        ("POST", b"/voicemessages"),
        ("POST", b"/lookup/12025550123/hlr"),
    ],
)
def test_what_is_no_send_is_not_claimed(method: str, path: bytes):
    assert not BIRD.claims(Request(method.encode(), path, GSM.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        *[
            (name, response(f"errors/messagebird-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "opted-out", "opted-out-403", "rate-limit")
        ],
        ("a server error", response("errors/messagebird-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation: str, carrier: Response, verdict: Verdict):
    assert BIRD.verdict(carrier) is verdict


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_says_opted_out_and_the_sdk_can_read_all(reason: Reason):
    answer = BIRD.refuse(GSM, reason, "because of a rule")
    [told] = json.loads(answer.body)["errors"]
    assert ("opted out" in told["description"]) is (reason is Reason.SUPPRESSED)
    assert told["description"].endswith("because of a rule")
    assert answer.status == (500 if reason is Reason.TRY_AGAIN else 422)


GATEWAY, KEY, LEGACY_KEY = "https://gateway.example.com", "test-signing-key", "legacy-signing-key-of-32-bytes.."
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
STOPPED = Inbound("e8077d803532c0b5937c639b60216939", f"+{ANN}", "+12025550100", "STOP")
HEARD = {
    "webhooks/messagebird-inbound-stop-form": STOPPED,
    "webhooks/messagebird-inbound-stop-get": STOPPED,
    "webhooks/messagebird-status-delivered": None,
}
FORM, GET = request("webhooks/messagebird-inbound-stop-form"), request("webhooks/messagebird-inbound-stop-get")
TOKEN = b"MessageBird-Signature-JWT"


def url_of(webhook: Request) -> str:
    return GATEWAY + webhook.target.decode()


def signed(webhook: Request, url: str | None = None, key: str = KEY, at: datetime = NOW) -> bool:
    return BIRD.signed(webhook, url or url_of(webhook), key, at)


def with_claims(webhook: Request, algorithm: str = "HS256", **changed: Any) -> Request:
    """The call with other claims, signed by the right key; None: without that claim."""
    claims = {**claims_of(webhook.header(TOKEN.lower()) or b""), **changed}
    left = {name: claim for name, claim in claims.items() if claim is not None}
    return with_header(webhook, TOKEN, jwt.encode(left, KEY, algorithm).encode())


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == names("webhooks/messagebird-*")


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_webhook_says_what_the_recipient_said(name: str):
    assert BIRD.hear(request(name)) == HEARD[name]


@pytest.mark.parametrize("field", ["id", "originator", "recipient"])
def test_a_reply_without_what_makes_it_one_is_refused(field: str):
    body = b"&".join(part for part in FORM.body.split(b"&") if not part.startswith(field.encode() + b"="))
    with pytest.raises(Unreadable, match=field):
        BIRD.hear(replace(FORM, body=body))


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_webhook_is_signed_and_a_changed_one_is_not(name: str):
    webhook = request(name)
    assert signed(webhook)
    assert not signed(webhook, key="another-key")
    assert not signed(webhook, url_of(webhook) + ("&a=b" if webhook.query else "?a=b"))
    assert not signed(webhook, url_of(webhook).replace("https", "http"))
    assert not signed(replace(webhook, body=webhook.body + b"&a=b"))
    assert not signed(replace(webhook, body=b"" if webhook.body else b"a=b"))
    assert not signed(replace(webhook, headers=(*webhook.headers, (TOKEN, b"AAAA"))))
    assert not signed(replace(webhook, headers=()))


@pytest.mark.parametrize(
    ("situation", "webhook", "changed"),
    [
        ("another issuer", FORM, {"iss": "Somebody"}),
        ("no URL", FORM, {"url_hash": None}),
        ("no body", FORM, {"payload_hash": None}),
        ("a body that is not there", GET, {"payload_hash": "a" * 64}),
        ("no end", FORM, {"exp": None}),
        ("no beginning", FORM, {"nbf": "soon"}),
    ],
)
def test_a_token_that_does_not_say_all_is_not_believed(situation: str, webhook: Request, changed: dict[str, Any]):
    assert signed(with_claims(webhook))
    assert not signed(with_claims(webhook, **changed))


@pytest.mark.parametrize("token", [b"a.b.c", b"", b"..", b"e30.e30.", jwt.encode({}, None, "none").encode()])
def test_what_is_no_token_is_not_believed(token: bytes):
    assert not signed(with_header(FORM, TOKEN, token))


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_a_token_is_believed_in_each_of_its_algorithms(algorithm: str):
    assert signed(with_claims(FORM, algorithm))


@pytest.mark.parametrize(
    ("seconds", "believed"), [(-2, False), (-1, True), (0, True), (60, True), (61, True), (62, False), (86_400, False)]
)
def test_a_token_is_believed_for_a_minute(seconds: int, believed: bool):
    assert signed(FORM, at=NOW + timedelta(seconds=seconds)) is believed


@pytest.mark.parametrize("name", HEARD)
def test_signed_anew_for_the_legacy_system_its_sdk_takes_it(name: str):
    # The SDK looks at the machine's own clock.
    webhook, url, now = request(name), "http://10.0.0.7:8090/hooks/sms?tenant=acme", datetime.now(UTC)
    anew = BIRD.sign(webhook, url, LEGACY_KEY, now)
    token = (anew.header(TOKEN.lower()) or b"").decode()
    assert RequestValidator(LEGACY_KEY).validate_signature(token, url, webhook.body)
    with pytest.raises(ValidationError):
        RequestValidator(KEY).validate_signature(token, url, webhook.body)
    assert replace(anew, headers=webhook.headers) == webhook
    assert claims_of(token.encode())["jti"] == claims_of(webhook.header(TOKEN.lower()) or b"")["jti"]


def test_a_reply_of_a_drill_is_signed_and_heard_as_a_recipients_own():
    reply = Inbound("id-1", f"+{ANN}", "+12025550100", "Stop & go")
    call = BIRD.sign(BIRD.reply(reply), f"{GATEWAY}/in/messagebird", KEY, NOW)
    assert signed(call, f"{GATEWAY}/in/messagebird")
    assert BIRD.hear(call) == reply


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@BOTH
@given(old=texts, new=texts, kept=st.sets(st.sampled_from([0, 1, 2]), min_size=1))
@settings(max_examples=60)
def test_a_new_text_and_fewer_recipients_read_back(multi: Request, old: str, new: str, kept: set[int]):
    body = json.loads(multi.body)
    after = BIRD.write(read(BIRD, posted({**body, "body": old})), dict.fromkeys(kept, new))
    assert said(after) == [([ANN, LEA, ZOE][place], new) for place in sorted(kept)]


members = st.dictionaries(
    st.sampled_from(["recipients", "originator", "body", "type", "groupIds", "mediaUrls", "Recipients", "datacoding"]),
    st.none()
    | st.text(max_size=8)
    | st.integers()
    | st.lists(st.text() | st.integers())
    | st.dictionaries(st.text(), st.text()),
)


@given(
    body=st.binary() | members.map(lambda value: json.dumps(value).encode()),
    path=st.sampled_from(["/messages", "/mms"]),
)
@settings(max_examples=60)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body: bytes, path: str):
    try:
        answered = BIRD.read(posted(body, path.encode()))
    except Unreadable as error:
        answered = BIRD.refuse(GSM, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 422
