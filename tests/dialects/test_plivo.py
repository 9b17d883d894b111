from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plivo.utils import validate_signature, validate_v3_signature
from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3

from gateway.dialects.plivo.dialect import Plivo
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, LONG, length_of, outcomes, read, rewritten, with_header

PLIVO = Plivo()
ANN, LEA, ZOE = "+12025550123", "+447700900123", "+33639980001"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
POWERPACK = Sender(SenderKind.POOL, "86bbb125-97bb-4d72-89fd-81d5c515b015")
SENDS = {
    "plivo-gsm": [Draft(ANN, SHOP, HI)],
    "plivo-long": [Draft(LEA, SHOP, LONG)],
    "plivo-media": [Draft(ANN, SHOP, HI, media=1)],
    "plivo-multi": [Draft(ANN, SHOP, HI), Draft(LEA, SHOP, HI), Draft(ZOE, SHOP, HI)],
    "plivo-powerpack": [Draft(ANN, POWERPACK, HI)],
    "plivo-status-callback": [Draft(ANN, SHOP, HI)],
    "plivo-unicode": [Draft(ANN, SHOP, BONJOUR)],
}
GSM, MULTI = request("plivo-gsm"), request("plivo-multi")
ACCOUNT = b"/v1/Account/MAXXXXXXXXXXXXXXXXXX"


def posted(body: object, target: bytes = ACCOUNT + b"/Message/") -> Request:
    return replace(GSM, target=target, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("plivo-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    send = read(PLIVO, request(name))
    assert list(send.drafts) == SENDS[name]
    assert send.account == "MAXXXXXXXXXXXXXXXXXX"


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(PLIVO, request(name))
    assert PLIVO.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", SENDS)
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(PLIVO, before, " Txt STOP, é")
    old = json.dumps(SENDS[name][0].text)[1:-1]
    assert after.body.decode() == before.body.decode().replace(old, old + " Txt STOP, \\u00e9")
    assert length_of(after) == str(len(after.body)).encode()
    assert [pair for pair in after.headers if pair[0] != b"Content-Length"] == [
        pair for pair in before.headers if pair[0] != b"Content-Length"
    ]


def test_of_several_recipients_the_withheld_are_taken_out_and_told_as_plivo_tells_them():
    send = read(PLIVO, MULTI)
    after = PLIVO.write(send, {0: HI, 2: HI})
    assert after.body == MULTI.body.replace(b"<+447700900123", b"")
    carrier = response("plivo-multi")
    told = json.loads(PLIVO.answer(send, outcomes(send, 1), carrier).body)
    assert told == {**json.loads(carrier.body), "invalid_number": [LEA]}
    assert PLIVO.answer(send, outcomes(send), carrier) is carrier


def test_the_ids_of_a_request_that_left_as_several_are_told_in_the_order_of_its_recipients():
    answers = [
        replace(response("plivo-multi"), body=json.dumps({"message_uuid": ids}).encode()) for ids in (["a", "c"], ["b"])
    ]
    joined = PLIVO.joined([((0, 2), answers[0]), ((1,), answers[1])])
    assert json.loads(joined.body)["message_uuid"] == ["a", "b", "c"]


def test_the_withheld_stand_behind_those_that_plivo_itself_could_not_send_to():
    send, carrier = read(PLIVO, MULTI), response("errors/plivo-accepted-with-invalid-numbers")
    answer = PLIVO.answer(send, outcomes(send, 0, 1), carrier)
    assert json.loads(answer.body)["invalid_number"] == ["123", ANN, LEA]
    assert length_of(Request(b"", b"", answer.headers)) == str(len(answer.body)).encode()


def test_an_instruction_that_one_needs_goes_to_all_and_different_texts_are_refused():
    send = read(PLIVO, MULTI)
    after = PLIVO.write(send, {0: HI, 1: HI + " Stop", 2: HI})
    assert {draft.text for draft in read(PLIVO, after).drafts} == {HI + " Stop"}
    with pytest.raises(Unreadable, match="different texts"):
        PLIVO.write(send, {0: HI + " Stop", 1: HI + " Arret"})


@pytest.mark.parametrize(
    ("body", "draft"),
    [
        ({"recipient": ANN, "app_uuid": POWERPACK.value}, Draft(ANN, POWERPACK)),
        ({"recipient": ANN, "channel": "sms"}, Draft(ANN, NO_SENDER)),
    ],
)
def test_a_verification_by_text_is_decided_without_one_and_left_as_it_is(body, draft):
    send = read(PLIVO, posted(body, ACCOUNT + b"/Verify/Session/"))
    assert send.drafts == (draft,)
    assert PLIVO.write(send, {0: None}) is send.request


def test_a_verification_by_call_passes():
    assert PLIVO.read(posted({"recipient": ANN, "channel": "voice"}, ACCOUNT + b"/Verify/Session/")) is None


BAD = [
    ("no body", b"", ""),
    ("a list", b"[]", "the body"),
    ("no recipient", {"src": "1", "text": "a"}, "dst"),
    ("an empty one among them", {"dst": f"{ANN}<<{LEA}", "text": "a"}, "dst"),
    ("a list of recipients", {"dst": [ANN], "text": "a"}, "dst"),
    ("no text", {"dst": ANN}, "text"),
    ("a blank text", {"dst": ANN, "text": " "}, "text"),
    ("WhatsApp", {"dst": ANN, "text": "a", "type": "whatsapp"}, "type"),
    ("recipients twice", b'{"dst": "+12025550123", "dst": "1", "text": "a"}', "dst"),
    ("recipients in capitals too", {"dst": ANN, "Dst": LEA, "text": "a"}, "dst"),
    ("too many", {"dst": "<".join(["1"] * 10_001), "text": "a"}, "dst"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation, body, field):
    with pytest.raises(Unreadable) as refused:
        PLIVO.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[
        (path, replace(GSM, target=path.encode()))
        for path in (
            "/v1/account/MAX/Message/",
            "/v1/Account/MAX/message/",
            "/v1/Account/MAX//Message/",
            "/v1/Account/MAX/%4Dessage/",
            "/v1/Account/MAX/%254Dessage",
            "/v1/Account/MAX/./Message/",
            "/v1/Account/MAX/Message/x/../",
            "/v1/Account/MAX/Message/;a=b",
            "/v1/Account/MAX%2FMessage/",
            "/v1/Account/MAX\\Message/",
            "/v1/Account/MAX/Message//",
            "/v1/Account/MAX/Message/Bulk/",
            "/v2/Account/MAX/Message/",
            "/Account/MAX/Message/",
            "/v1/Account/MAX/verify/session/",
        )
    ],
    ("PUT", replace(GSM, method=b"PUT")),
    ("a method in lower case", replace(GSM, method=b"post")),
    ("GET with a POST in a header", replace(GSM, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=GSM.target + b"?text=a&dst=1", body=b"")),
    ("another recipient in the query", replace(GSM, target=GSM.target + b"?dst=12025550199")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"deflate")),
    ("a form", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded")),
    ("two types", replace(GSM, headers=(*GSM.headers, (b"content-type", b"text/plain")))),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert PLIVO.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        PLIVO.read(sent)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", b"/Message/"),
        ("GET", b"/Message/?limit=20&message_direction=outbound"),
        ("GET", b"/Message/db3ce55a-7f1d-11e1-8ea7-1231380bc190/"),
        ("DELETE", b"/Message/db3ce55a-7f1d-11e1-8ea7-1231380bc190/Media/"),
        ("POST", b"/Verify/Session/db3ce55a-7f1d-11e1-8ea7-1231380bc190/"),
        ("POST", b"/Call/"),
        ("POST", b"/Powerpack/"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, path):
    assert not PLIVO.claims(Request(method.encode(), ACCOUNT + path, GSM.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        ("some of them", response("errors/plivo-accepted-with-invalid-numbers"), Verdict.ACCEPTED),
        *[
            (name, response(f"errors/plivo-{name}"), Verdict.REFUSED)
            for name in ("auth", "auth-text", "invalid", "opted-out", "opted-out-403", "rate-limit")
        ],
        ("a server error", response("errors/plivo-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
        ("compressed", Response(202, ((b"Content-Encoding", b"gzip"),), b"\x1f\x8b"), Verdict.ACCEPTED),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert PLIVO.verdict(carrier) is verdict


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_has_the_opted_out_code_and_none_is_a_403(reason):
    answer = PLIVO.refuse(GSM, reason, "because of a rule")
    told = json.loads(answer.body)["error"]
    assert ("(200)" in told) is (reason is Reason.SUPPRESSED)
    assert told.endswith("because of a rule")
    assert answer.status == (500 if reason is Reason.TRY_AGAIN else 400)


GATEWAY, TOKEN = "https://gateway.example.com", "test-token"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
WEBHOOKS = names("webhooks/plivo-*")
HEARD = {
    "webhooks/plivo-inbound-stop": ("STOP", "STOP"),
    "webhooks/plivo-inbound-stop-get": ("STOP", ""),
    "webhooks/plivo-inbound-text": ("Please stop & call me", ""),
    "webhooks/plivo-status-delivered": None,
    "webhooks/plivo-status-failed-optout": None,
}
STOP = request("webhooks/plivo-inbound-stop")


def url_of(webhook: Request) -> str:
    return GATEWAY + webhook.target.decode()


def signed(webhook: Request, url: str | None = None, token: str = TOKEN) -> bool:
    return PLIVO.signed(webhook, url or url_of(webhook), token, NOW)


def validated(webhook: Request, url: str, token: str) -> bool:
    """By Plivo's own SDK."""

    def field(name: bytes) -> str:
        return (webhook.header(name) or b"").decode()

    nonce, method = field(b"x-plivo-signature-v3-nonce"), webhook.method.decode()
    params = dict(parse_qsl(webhook.body.decode(), keep_blank_values=True)) if method == "POST" else {}
    return all(
        validate_v3_signature(method, url, nonce, token, field(name), dict(params))
        for name in (b"x-plivo-signature-v3", b"x-plivo-signature-ma-v3")
    ) and validate_signature(url, field(b"x-plivo-signature-v2-nonce"), field(b"x-plivo-signature-v2"), token)


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == WEBHOOKS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    heard = HEARD[name]
    expected = heard and Inbound("ea4f8ad0-7f1d-11e1-8ea7-1231380bc196", ANN, "+12025550100", *heard)
    assert PLIVO.hear(request(name)) == expected


def test_a_reply_of_a_drill_is_signed_and_heard_as_a_recipients_own():
    said = Inbound("id-1", ANN, "+12025550100", "Stop & go")
    call = PLIVO.sign(PLIVO.reply(said), f"{GATEWAY}/in/plivo", TOKEN, NOW)
    assert signed(call, f"{GATEWAY}/in/plivo")
    assert PLIVO.hear(call) == said


def test_the_text_of_an_mms_stands_in_another_field():
    heard = PLIVO.hear(replace(STOP, body=STOP.body.replace(b"Text=STOP", b"Body=STOP")))
    assert heard
    assert heard.text == "STOP"


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_is_signed_and_a_changed_one_is_not(name):
    webhook = request(name)
    assert validated(webhook, url_of(webhook), TOKEN)
    assert signed(webhook)
    assert not signed(webhook, token="another-token")
    assert not signed(webhook, url_of(webhook) + "&a=b" if webhook.query else url_of(webhook) + "?a=b")
    assert not signed(webhook, url_of(webhook).replace("https", "http"))
    assert not signed(with_header(webhook, b"X-Plivo-Signature-V3-Nonce", b"1"))
    assert not signed(replace(webhook, headers=(*webhook.headers, (b"x-plivo-signature-v3", b"AAAA"))))
    assert not signed(replace(webhook, headers=()))
    if webhook.method == b"POST":
        assert not signed(replace(webhook, body=webhook.body + b"&New=1"))
        assert not signed(replace(webhook, body=b""))


def test_the_older_signature_which_covers_no_field_is_not_enough():
    newer = {b"x-plivo-signature-v3", b"x-plivo-signature-ma-v3"}
    assert not signed(replace(STOP, headers=tuple(pair for pair in STOP.headers if pair[0].lower() not in newer)))


def test_the_main_accounts_signature_is_enough_and_so_is_one_of_several():
    main = tuple(pair for pair in STOP.headers if pair[0].lower() != b"x-plivo-signature-v3")
    assert signed(replace(STOP, headers=main))
    good = STOP.header(b"x-plivo-signature-v3") or b""
    both = with_header(replace(STOP, headers=main), b"X-Plivo-Signature-V3", b"AAAA, " + good)
    assert signed(replace(both, headers=tuple(p for p in both.headers if b"-Ma-V3" not in p[0])))


@pytest.mark.parametrize("name", WEBHOOKS)
@pytest.mark.parametrize("query", ["", "?tenant=acme&k=a%20b", "?z=1&b=2&z=0"])
def test_signed_anew_for_the_legacy_system_its_sdk_takes_it(name, query):
    webhook, url = request(name), f"http://10.0.0.7:8090/hooks/sms{query}"
    anew = PLIVO.sign(webhook, url, "legacy-token", NOW)
    assert validated(anew, url, "legacy-token")
    assert not validated(webhook, url, "legacy-token")
    assert replace(anew, headers=webhook.headers) == webhook
    assert [key for key, _ in anew.headers] == [key for key, _ in webhook.headers]


def test_a_body_that_the_signature_does_not_cover_is_neither_signed_nor_told_on():
    webhook = with_header(STOP, b"Content-Type", b"application/json")
    assert not signed(webhook)
    with pytest.raises(Unreadable):
        PLIVO.sign(webhook, "https://a", TOKEN, NOW)


@pytest.mark.parametrize("field", ["MessageUUID", "From", "To"])
def test_a_reply_without_what_makes_it_one_is_refused(field):
    body = b"&".join(part for part in STOP.body.split(b"&") if not part.startswith(field.encode() + b"="))
    with pytest.raises(Unreadable, match=field):
        PLIVO.hear(replace(STOP, body=body))


def test_silence_sends_nothing_back():
    expected = ((b"Content-Type", b"text/xml"), (b"Content-Length", b"11"))
    assert PLIVO.silence() == Response(200, expected, b"<Response/>")


words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
fields = st.dictionaries(words, words | st.just("Grüße 👋"), max_size=6)


@given(query=st.dictionaries(words, words, max_size=4), form=fields, get=st.booleans())
@settings(max_examples=200)
def test_fields_that_nobody_knows_yet_are_signed_as_the_sdk_signs_them(query, form, get):
    url = f"{GATEWAY}/in/plivo" + (f"?{urlencode(query)}" if query else "")
    base = construct_get_url(url, {}) if get else construct_post_url(url, dict(form))
    signature = get_signature_v3(TOKEN, base.decode(), "77")
    headers = (
        (b"Content-Type", b"application/x-www-form-urlencoded"),
        (b"X-Plivo-Signature-V3", signature),
        (b"X-Plivo-Signature-V3-Nonce", b"77"),
    )
    body = b"" if get else urlencode(form).encode()
    webhook = Request(b"GET" if get else b"POST", url.removeprefix(GATEWAY).encode(), headers, body)
    assert signed(webhook, url)


members = st.dictionaries(
    st.sampled_from(["dst", "src", "text", "media_urls", "type", "powerpack_uuid", "DST"]),
    st.none() | st.text() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body):
    try:
        answered = PLIVO.read(posted(body))
    except Unreadable as error:
        answered = PLIVO.refuse(GSM, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, kept=st.sets(st.sampled_from([0, 1, 2]), min_size=1))
@settings(max_examples=200)
def test_a_new_text_and_fewer_recipients_read_back(old, new, kept):
    body = json.loads(MULTI.body)
    after = PLIVO.write(read(PLIVO, posted({**body, "text": old})), dict.fromkeys(kept, new))
    wanted = [SENDS["plivo-multi"][place].to for place in sorted(kept)]
    assert [(draft.to, draft.text) for draft in read(PLIVO, after).drafts] == [(to, new) for to in wanted]
    assert json.loads(after.body) == {**body, "text": new, "dst": "<".join(wanted)}
