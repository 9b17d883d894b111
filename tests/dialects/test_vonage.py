from __future__ import annotations

import gzip
import json
from dataclasses import replace
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vonage_http_client.auth import Auth

from gateway.dialects.vonage.dialect import Vonage
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, LONG, length_of, outcomes, read, rewritten, with_header

SECRET = "test-signature-secret"
VONAGE = Vonage(SECRET)
ANN, LEA = "12025550123", "447700900123"
SHOP = Sender(SenderKind.NUMBER, "12025550100")
ACME = Sender(SenderKind.ALPHANUMERIC, "AcmeEnergy")
BY_PARAMETERS = {
    "vonage-sms-gsm": Draft(ANN, SHOP, HI),
    "vonage-sms-long": Draft(LEA, SHOP, LONG),
    "vonage-sms-signed-md5": Draft(ANN, SHOP, HI),
    "vonage-sms-signed-sha1": Draft(ANN, SHOP, HI),
    "vonage-sms-signed-sha256": Draft(ANN, SHOP, HI),
    "vonage-sms-signed-sha512": Draft(ANN, SHOP, HI),
    "vonage-sms-status-callback": Draft(ANN, SHOP, HI),
    "vonage-sms-unicode": Draft(ANN, ACME, BONJOUR),
    "vonage-v3sdk-sms-gsm": Draft(ANN, SHOP, HI),
    "vonage-v3sdk-sms-signed-md5hash": Draft(ANN, SHOP, HI),
    "vonage-v3sdk-sms-signed-sha256": Draft(ANN, SHOP, "Tom & Ann = friends"),
    "vonage-v3sdk-sms-unicode": Draft(ANN, ACME, BONJOUR),
}
IN_JSON = {
    "vonage-messages-basic-auth": [Draft(ANN, SHOP, HI)],
    "vonage-messages-failover": [Draft(ANN, SHOP), Draft(ANN, SHOP, HI)],
    "vonage-messages-gsm": [Draft(ANN, SHOP, HI)],
    "vonage-messages-long": [Draft(LEA, SHOP, LONG)],
    "vonage-messages-mms": [Draft(ANN, SHOP, HI, media=1)],
    "vonage-messages-status-callback": [Draft(ANN, SHOP, HI)],
    "vonage-messages-unicode": [Draft(ANN, SHOP, BONJOUR)],
    "vonage-v3sdk-messages-gsm": [Draft(ANN, SHOP, HI)],
}
SENDS = {**{name: [draft] for name, draft in BY_PARAMETERS.items()}, **IN_JSON}
SIGNED = [name for name in BY_PARAMETERS if "signed" in name]
SMS, MESSAGE, FAILOVER = (request(f"vonage-{name}") for name in ("sms-gsm", "messages-gsm", "messages-failover"))


def form(body: str | bytes, target: bytes = b"/sms/json") -> Request:
    return replace(SMS, target=target, body=body if isinstance(body, bytes) else body.encode())


def message(body: object, target: bytes = b"/v1/messages") -> Request:
    return replace(MESSAGE, target=target, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("vonage-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert list(read(VONAGE, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(Vonage(), request(name))
    assert Vonage().write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", sorted(set(BY_PARAMETERS) - set(SIGNED)))
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(VONAGE, before, " Txt STOP, é")
    old = quote_plus(BY_PARAMETERS[name].text or "", safe="").encode()
    assert after.body == before.body.replace(old, old + b"+Txt+STOP%2C+%C3%A9")
    assert length_of(after) == str(len(after.body)).encode()


@pytest.mark.parametrize("name", IN_JSON)
def test_an_appended_text_changes_each_message_that_has_one_and_nothing_else(name):
    before = request(name)
    after = rewritten(VONAGE, before, " Txt STOP, é")
    [text] = {draft.text for draft in IN_JSON[name] if draft.text}
    wanted = [replace(d, text=d.text and f"{d.text} Txt STOP, é") for d in IN_JSON[name]]
    assert list(read(VONAGE, after).drafts) == wanted
    old = json.dumps(text)[1:-1]
    last, mark, rest = before.body.decode().rpartition(old)
    assert after.body.decode() == last + mark + " Txt STOP, \\u00e9" + rest


@pytest.mark.parametrize("name", SIGNED)
def test_a_signed_text_that_changes_is_signed_anew_in_the_same_way(name):
    after = rewritten(VONAGE, request(name), " Reply STOP")
    fields = dict(parse_qsl(after.body.decode()))
    assert fields["text"].endswith(" Reply STOP")
    if "md5hash" not in name:  # which SDK 4 can't check any more
        method = {"md5": "md5", "sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}[name.rpartition("-")[2]]
        assert Auth(api_key="abcd1234", signature_secret=SECRET, signature_method=method).check_signature(fields)
    assert [key for key, _ in parse_qsl(after.body.decode())] == [
        key for key, _ in parse_qsl(request(name).body.decode())
    ]


def test_signed_by_the_oldest_rule_a_text_stays_signed_by_it():
    once = rewritten(VONAGE, request("vonage-v3sdk-sms-signed-md5hash"), " Reply STOP")
    assert rewritten(VONAGE, once, " now") != once  # its signature was found to be one


def test_a_signed_text_is_never_sent_unsigned_or_broken():
    signed = request("vonage-sms-signed-sha256")
    with pytest.raises(Unreadable, match="signature_secret"):
        rewritten(Vonage(), signed, " Reply STOP")
    with pytest.raises(Unreadable, match="signature") as refused:
        rewritten(Vonage("another-secret"), signed, " Reply STOP")
    answer = VONAGE.refuse(signed, refused.value.reason, str(refused.value), refused.value.field)
    assert json.loads(answer.body)["messages"][0]["status"] == "14"


@pytest.mark.parametrize(
    ("kind", "old", "new", "flag"),
    [
        ("", "Hi", "Hi é", ""),
        ("", "Hi", "Hi 👋", "unicode"),
        ("text", "Hi", "Hi 👋", "unicode"),
        ("unicode", "Hi", "Hi 👋", "unicode"),
        ("unicode", "Hi", "Hi you", "unicode"),
        ("", "Hi 👋", "Hi 👋 you", ""),  # the client's own mistake, or wish
    ],
)
def test_the_type_follows_a_text_that_leaves_gsm(kind, old, new, flag):
    fields = {"to": ANN, "from": "1", "text": old, **({"type": kind} if kind else {})}
    in_form, in_json = form(urlencode(fields)), with_header(form(json.dumps(fields)), b"Content-Type", JSON)
    after = VONAGE.write(read(VONAGE, in_form), {0: new})
    assert dict(parse_qsl(after.body.decode())).get("type", "") == (flag or kind)
    after = VONAGE.write(read(VONAGE, in_json), {0: new})
    assert json.loads(after.body).get("type", "") == (flag or kind)
    assert json.loads(after.body)["text"] == new


JSON = b"application/json"


def test_the_encoding_of_a_message_follows_its_text():
    body = {**json.loads(MESSAGE.body), "text": "Hi", "sms": {"encoding_type": "text"}}
    after = VONAGE.write(read(VONAGE, message(body)), {0: "Hi 👋"})
    assert json.loads(after.body)["sms"] == {"encoding_type": "unicode"}
    after = VONAGE.write(read(VONAGE, message({**body, "sms": {"encoding_type": "auto"}})), {0: "Hi 👋"})
    assert json.loads(after.body)["sms"] == {"encoding_type": "auto"}


def test_a_text_in_the_query_is_read_and_written_there():
    sent = Request(b"GET", b"/sms/json?api_key=k&api_secret=s&to=12025550123&from=1&text=Hi%20you", ())
    send = read(VONAGE, sent)
    assert (send.drafts[0].text, send.account) == ("Hi you", "k")
    assert VONAGE.write(send, {0: "Hi you, bye"}).target == sent.target + b"%2C%20bye"
    assert read(VONAGE, replace(sent, method=b"POST")).drafts == send.drafts


@pytest.mark.parametrize("kind", ["binary", "wappush", "vcal", "vcard"])
def test_what_is_no_text_is_decided_without_one(kind):
    assert read(VONAGE, form(f"to={ANN}&from=1&type={kind}&body=00")).drafts[0].text is None


def test_media_without_a_caption_can_be_given_one():
    body = {"channel": "mms", "message_type": "image", "image": {"url": "https://a"}, "to": ANN, "from": "1"}
    send = read(VONAGE, message(body))
    assert send.drafts[0].text == ""
    assert json.loads(VONAGE.write(send, {0: "Reply STOP"}).body)["image"]["caption"] == "Reply STOP"


def failing_over(*channels: str) -> Request:
    first, *others = ({"channel": channel, "to": ANN, "from": "1", "text": "Hi"} for channel in channels)
    return message({**first, "failover": others, "client_ref": "x"})


def test_what_follows_on_a_message_is_taken_out_where_it_may_not_leave():
    send = read(VONAGE, failing_over("whatsapp", "sms", "rcs", "sms"))
    after = json.loads(VONAGE.write(send, {0: None, 2: None, 3: "Hi"}).body)
    assert [each["channel"] for each in after["failover"]] == ["rcs", "sms"]
    after = json.loads(VONAGE.write(send, {0: None}).body)
    assert after == {"channel": "whatsapp", "to": ANN, "from": "1", "text": "Hi", "client_ref": "x"}
    with pytest.raises(Unreadable, match="first"):
        VONAGE.write(send, {1: "Hi"})


def test_a_failover_that_stands_first_in_its_object_is_taken_out_as_well():
    body = b'{ "failover" : [{"channel": "sms", "to": "1", "text": "a"}] , "channel": "rcs", "to": "12025550123"}'
    assert json.loads(VONAGE.write(read(VONAGE, message(body)), {0: None}).body) == {"channel": "rcs", "to": ANN}


def test_a_verification_is_decided_without_a_text_for_each_of_its_texts():
    steps = [{"channel": "silent_auth", "to": ANN}, {"channel": "sms", "to": ANN}, {"channel": "whatsapp", "to": LEA}]
    send = read(VONAGE, message({"brand": "Acme", "workflow": steps}, b"/v2/verify"))
    assert send.drafts == (Draft(ANN, NO_SENDER), Draft(LEA, NO_SENDER))
    assert VONAGE.write(send, {0: None, 1: None}) is send.request
    assert json.loads(VONAGE.write(send, {1: None}).body)["workflow"] == [steps[0], steps[2]]
    assert VONAGE.read(message({"brand": "Acme", "workflow": steps[:1]}, b"/v2/verify")) is None


@pytest.mark.parametrize("path", [b"/verify/json", b"/verify/psd2/json", b"/verify/xml"])
def test_an_older_verification_is_decided_without_a_text_too(path):
    send = read(VONAGE, form(f"api_key=k&number={ANN}&brand=Acme", path))
    assert send.drafts == (Draft(ANN, NO_SENDER),)
    assert VONAGE.write(send, {0: None}) is send.request


BAD_FORMS = [
    ("no body", "", "to"),
    ("no recipient", "from=1&text=a", "to"),
    ("a blank one", "to=+&text=a", "to"),
    ("no text", f"to={ANN}", "text"),
    ("a blank text", f"to={ANN}&text=+", "text"),
    ("an unknown type", f"to={ANN}&text=a&type=flash", "type"),
    ("the recipient twice", f"to={ANN}&to={LEA}&text=a", "to"),
    ("the recipient in capitals", f"TO={ANN}&text=a", "to"),
    ("a hidden text", f"to={ANN}&text=a;text=b", "text"),
    ("a bad escape", f"to={ANN}&text=50%", ""),
]
BAD_MESSAGES = [
    ("a list", [], "the body"),
    ("no channel", {"to": ANN, "text": "a"}, "channel"),
    ("Messenger", {"to": ANN, "channel": "messenger", "text": "a"}, "channel"),
    ("no recipient", {"channel": "sms", "text": "a"}, "to"),
    ("no text", {"channel": "sms", "to": ANN}, "text"),
    ("an SMS with an image", {"channel": "sms", "to": ANN, "message_type": "image"}, "message_type"),
    ("a failover without a text", {"channel": "rcs", "to": ANN, "failover": [{"channel": "sms", "to": ANN}]}, "text"),
    ("a failover that is none", {"channel": "rcs", "to": ANN, "failover": ["x"]}, "failover"),
]
BAD = [(what, form(body), field) for what, body, field in BAD_FORMS] + [
    (what, message(body), field) for what, body, field in BAD_MESSAGES
]


@pytest.mark.parametrize(("situation", "sent", "field"), BAD, ids=[row[0] for row in BAD])
def test_what_makes_no_sense_is_refused(situation, sent, field):
    with pytest.raises(Unreadable) as refused:
        VONAGE.read(sent)
    assert refused.value.field.lower() == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[
        (path, replace(SMS, target=path.encode()))
        for path in (
            "/SMS/json",
            "/sms/JSON",
            "/sms//json",
            "/sms/%6Ason",
            "/sms/%256Ason",
            "/sms/./json",
            "/sms/json/",
            "/sms/x/../json",
            "/sms/json;a=b",
            "/sms\\json",
            "/sms/json%00",
            "/sms",
            "/sms/anything",
            "/sc/us/alert/json",
            "/sc/us/2fa/json",
            "/Verify/json",
        )
    ],
    *[
        (path, replace(MESSAGE, target=path.encode()))
        for path in (
            "/V1/messages",
            "/v1/Messages",
            "/v1//messages",
            "/v1/messages/",
            "/v1/%6Dessages",
            "/v0.1/messages",
            "/v0.1/dispatch",
            "/beta/messages",
            "/v1/messages/bulk",
            "/v2/Verify",
        )
    ],
    ("a text by PUT", replace(SMS, method=b"PUT")),
    ("a text by HEAD", replace(SMS, method=b"HEAD")),
    ("a method in lower case", replace(SMS, method=b"post")),
    ("GET with a body", replace(SMS, method=b"GET")),
    ("a method in a header", with_header(SMS, b"X-HTTP-Method-Override", b"PUT")),
    ("another recipient in the query", replace(SMS, target=b"/sms/json?to=12025550199")),
    ("a signature in the query", replace(SMS, target=b"/sms/json?sig=00")),
    ("a method in the query", replace(SMS, target=b"/sms/json?_method=GET", body=b"")),
    ("a compressed form", with_header(SMS, b"Content-Encoding", b"gzip")),
    ("a form that says that it is text", with_header(SMS, b"Content-Type", b"text/plain")),
    ("a message by PUT", replace(MESSAGE, method=b"PUT")),
    (
        "a message by GET with a POST in a header",
        replace(with_header(MESSAGE, b"X-HTTP-Method", b"POST"), method=b"GET"),
    ),
    ("a recipient in a message's query", replace(MESSAGE, target=b"/v1/messages?to=1")),
    ("a message that is a form", with_header(MESSAGE, b"Content-Type", b"application/x-www-form-urlencoded")),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert VONAGE.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        VONAGE.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v1/messages"),
        ("PATCH", "/v1/messages/aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"),
        ("POST", "/v2/verify/aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"),
        ("POST", "/verify/check/json"),
        ("POST", "/conversions/sms"),
        ("GET", "/account/get-balance"),
        ("POST", "/v1/calls"),
    ],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not VONAGE.claims(Request(method.encode(), target.encode(), MESSAGE.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        *[
            (name, response(f"errors/vonage-{name}"), Verdict.REFUSED)
            for name in (
                *("messages-auth", "messages-invalid", "messages-opted-out", "messages-payment", "messages-rate-limit"),
                *("sms-auth", "sms-http-401", "sms-invalid", "sms-opted-out", "sms-rate-limit"),
                "sms-missing-error-text",
            )
        ],
        ("a part of it was sent", response("errors/vonage-sms-partial-failure"), Verdict.ACCEPTED),
        ("an internal error", response("errors/vonage-sms-server-error"), Verdict.UNKNOWN),
        ("a server error", response("errors/vonage-messages-server-error"), Verdict.UNKNOWN),
        ("HTTP's server error", response("errors/vonage-sms-http-500"), Verdict.UNKNOWN),
        ("XML", Response(200, (), b"<message><status>0</status></message>"), Verdict.ACCEPTED),
        ("XML, barred", Response(200, (), b"<message><status>7</status></message>"), Verdict.REFUSED),
        ("a verification", Response(202, (), b'{"request_id": "x"}'), Verdict.ACCEPTED),
        ("an older one", Response(200, (), b'{"request_id": "x", "status": "0"}'), Verdict.ACCEPTED),
        ("an older one, barred", Response(200, (), b'{"status": "7", "error_text": "x"}'), Verdict.REFUSED),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
        ("compressed", Response(200, ((b"Content-Encoding", b"gzip"),), b"\x1f\x8b"), Verdict.ACCEPTED),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert VONAGE.verdict(carrier) is verdict


def test_a_refusal_is_seen_though_its_answer_with_200_is_compressed():
    carrier = response("errors/vonage-sms-opted-out")
    packed = Response(200, ((b"Content-Encoding", b"gzip"),), gzip.compress(carrier.body))
    assert VONAGE.verdict(packed) is Verdict.REFUSED


@pytest.mark.parametrize(
    ("capture", "told"),
    [("messages-opted-out", True), ("messages-invalid", False), ("sms-opted-out", False), ("messages-auth", False)],
)
def test_the_carrier_teaches_an_opt_out_only_where_it_names_one(capture, told):
    assert VONAGE.opted_out(response(f"errors/vonage-{capture}")) is told


def test_the_carriers_answer_comes_back_untouched():
    send, carrier = read(VONAGE, FAILOVER), response("vonage-messages-failover")
    assert VONAGE.answer(send, outcomes(send, 1), carrier) is carrier


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_has_the_opted_out_code_in_each_api(reason):
    sms = VONAGE.refuse(SMS, reason, "because of a rule")
    [part] = json.loads(sms.body)["messages"]
    assert (sms.status, part["status"] == "7") == (200, reason is Reason.SUPPRESSED)
    assert part["error-text"].endswith("because of a rule")
    xml = VONAGE.refuse(replace(SMS, target=b"/sms/xml"), reason, "a & b").body
    assert (b"<status>7</status>" in xml, b"a &amp; b" in xml) == (reason is Reason.SUPPRESSED, True)
    told = VONAGE.refuse(MESSAGE, reason, "because of a rule")
    problem = json.loads(told.body)
    assert problem["type"].endswith("#1240") is (reason is Reason.SUPPRESSED)
    assert (problem["detail"], told.status) == ("because of a rule", 500 if reason is Reason.TRY_AGAIN else 422)
    older = VONAGE.refuse(replace(SMS, target=b"/verify/json"), reason, "because of a rule")
    assert (json.loads(older.body)["status"] == "7") is (reason is Reason.SUPPRESSED)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_carrier_that_is_away_is_told_with_its_status(status):
    assert VONAGE.away(SMS, status, "no answer").status == VONAGE.away(MESSAGE, status, "no answer").status == status


names_of_fields = st.sampled_from(["to", "from", "text", "channel", "failover", "message_type", "image", "TO", "type"])
members = st.dictionaries(
    names_of_fields,
    st.sampled_from(["sms", "mms", "whatsapp", "image"])
    | st.none()
    | st.text()
    | st.integers()
    | st.lists(st.dictionaries(names_of_fields, st.sampled_from(["sms", "1", "Hi"])))
    | st.dictionaries(names_of_fields, st.text()),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()), path=st.sampled_from(["m", "s", "v"]))
@settings(max_examples=300)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body, path):
    target = {"m": b"/v1/messages", "s": b"/sms/json", "v": b"/v2/verify"}[path]
    sent = message(body, target)
    try:
        answered = VONAGE.read(sent)
    except Unreadable as error:
        answered = VONAGE.refuse(sent, error.reason, str(error), error.field)
    assert answered is None or isinstance(answered, Send) or answered.status in {200, 422}


@given(body=st.binary() | st.text(alphabet="to=&ext%2;+5a").map(str.encode))
@settings(max_examples=200)
def test_any_form_is_read_or_refused_and_nothing_else_happens(body):
    try:
        answered = VONAGE.read(form(b"to=12025550123&" + body))
    except Unreadable as error:
        answered = VONAGE.refuse(SMS, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 200


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts)
@settings(max_examples=200)
def test_a_new_text_reads_back_in_all_spellings(old, new):
    fields = {"to": ANN, "client-ref": "x y", "text": old}
    query = Request(b"GET", b"/sms/json?" + urlencode(fields).encode(), ())
    as_json = with_header(form(json.dumps(fields)), b"Content-Type", JSON)
    for sent in (form(urlencode(fields)), query, as_json, message({**fields, "channel": "sms"})):
        send = read(VONAGE, sent)
        assert send.drafts[0].text == old
        assert read(VONAGE, VONAGE.write(send, {0: new})).drafts[0].text == new
