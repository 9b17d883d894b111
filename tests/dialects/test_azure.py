from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.azure.dialect import Azure
from gateway.words.decision import Reason
from gateway.words.errors import TextsDiffer, Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, LONG, length_of, outcomes, read, rewritten, with_header

AZURE = Azure()
ANN, LEA, ZOE = "+12025550123", "+447700900123", "+33639980001"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
SENDS = {
    "acs-gsm": [Draft(ANN, SHOP, HI)],
    "acs-long": [Draft(LEA, SHOP, LONG)],
    "acs-multi": [Draft(ANN, SHOP, HI), Draft(LEA, SHOP, HI), Draft(ZOE, SHOP, HI)],
    "acs-unicode": [Draft(ANN, SHOP, BONJOUR)],
}
GSM, MULTI = request("acs-gsm"), request("acs-multi")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def posted(body: object, target: bytes = GSM.target) -> Request:
    return replace(GSM, target=target, body=body if isinstance(body, bytes) else json.dumps(body).encode())


def test_every_capture_has_an_expectation():
    assert sorted(SENDS) == [name for name in names("acs-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert list(read(AZURE, request(name)).drafts) == SENDS[name]


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(AZURE, request(name))
    assert AZURE.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", SENDS)
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(AZURE, before, " Txt STOP, é")
    old = json.dumps(SENDS[name][0].text)[1:-1]
    assert after.body.decode() == before.body.decode().replace(old, old + " Txt STOP, \\u00e9")
    assert length_of(after) == str(len(after.body)).encode()


def test_of_several_recipients_the_withheld_are_taken_out_and_have_results_in_the_requests_order():
    send = read(AZURE, MULTI)
    after = AZURE.write(send, {0: HI, 2: HI})
    before = json.loads(MULTI.body)
    assert json.loads(after.body) == {**before, "smsRecipients": before["smsRecipients"][::2]}
    carrier = response("acs-multi")
    theirs = json.loads(carrier.body)["value"]
    partly = replace(carrier, body=json.dumps({"value": theirs[::2]}).encode())
    answer = AZURE.answer(send, outcomes(send, 1), partly)
    told = json.loads(answer.body)["value"]
    assert [each["to"] for each in told] == [ANN, LEA, ZOE]
    assert told[::2] == theirs[::2]
    assert (told[1]["httpStatusCode"], told[1]["successful"]) == (400, False)
    assert told[1]["errorMessage"] == "Sender blocked for given recipient. opted out on 2026-01-02"
    assert answer.header(b"content-length") == str(len(answer.body)).encode()
    assert AZURE.answer(send, outcomes(send), carrier) is carrier


@pytest.mark.parametrize("body", [b"", b"[]", b'{"value": {}, "successful": true}', b'{"x": {"successful": true}}'])
def test_an_answer_that_cannot_be_read_is_left_as_it_is(body):
    send, carrier = read(AZURE, MULTI), Response(202, (), body)
    assert AZURE.answer(send, outcomes(send, 1), carrier) is carrier


def test_different_texts_leave_in_a_request_each_and_their_answers_are_joined_in_order():
    send = read(AZURE, MULTI)
    with pytest.raises(TextsDiffer):
        AZURE.write(send, {0: HI + " Stop", 1: HI + " Arret", 2: HI + " Stop"})
    theirs = json.loads(response("acs-multi").body)["value"]

    def told(*places: int) -> Response:
        return replace(response("acs-multi"), body=json.dumps({"value": [theirs[place] for place in places]}).encode())

    answer = AZURE.joined([((0, 2), told(0, 2)), ((1,), told(1))])
    assert json.loads(answer.body)["value"] == theirs


BAD = [
    ("no body", b"", ""),
    ("a list", b"[]", "the body"),
    ("no recipients", {"from": "1", "message": "a"}, "smsRecipients"),
    ("none among them", {"smsRecipients": [], "message": "a"}, "smsRecipients"),
    ("a recipient that is no object", {"smsRecipients": [ANN], "message": "a"}, "a recipient"),
    ("a recipient without a number", {"smsRecipients": [{"repeatabilityRequestId": "x"}], "message": "a"}, "to"),
    ("a number in capitals too", {"smsRecipients": [{"to": ANN, "TO": LEA}], "message": "a"}, "to"),
    ("no text", {"smsRecipients": [{"to": ANN}]}, "message"),
    ("a blank text", {"smsRecipients": [{"to": ANN}], "message": " "}, "message"),
    ("a text twice", b'{"smsRecipients": [{"to": "+12025550123"}], "message": "a", "message": "b"}', "message"),
    ("too many", {"smsRecipients": [{"to": "1"}] * 10_001, "message": "a"}, "smsRecipients"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation, body, field):
    with pytest.raises(Unreadable) as refused:
        AZURE.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[
        (path, replace(GSM, target=path.encode()))
        for path in (
            "/SMS?api-version=2021-03-07",
            "/sms/",
            "//sms",
            "/%73ms",
            "/%2573ms",
            "/./sms",
            "/x/../sms",
            "/sms;a=b",
            "/sms/send",
            "/sms/optouts:add/../..//sms",
            "/messages/notifications:send",
        )
    ],
    ("PUT", replace(GSM, method=b"PUT")),
    ("GET with a POST in a header", replace(GSM, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=b"/sms?message=a", body=b"")),
    ("another recipient in the query", replace(GSM, target=b"/sms?smsRecipients=12025550199")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"gzip")),
    ("a form", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded")),
    ("two types", replace(GSM, headers=(*GSM.headers, (b"content-type", b"text/plain")))),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert AZURE.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        AZURE.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", b"/sms/optouts:check?api-version=2026-01-23"),
        ("POST", b"/sms/optouts:add?api-version=2026-01-23"),
        ("POST", b"/sms/optouts:remove?api-version=2026-01-23"),
        ("GET", b"/phoneNumbers?api-version=2022-12-01"),
        ("POST", b"/emails:send?api-version=2023-03-31"),
        ("GET", b"/sms/deliveryReports/x?api-version=2026-01-23"),
    ],
)
def test_what_is_no_send_passes(method, target):
    assert AZURE.read(Request(method.encode(), target, GSM.headers, b"{}")) is None


NONE_TAKEN = Response(202, (), b'{"value": [{"to": "+1", "httpStatusCode": 400, "successful": false}]}')


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        *[
            (name, response(f"errors/acs-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "opted-out", "opted-out-per-recipient", "rate-limit")
        ],
        ("none of them", NONE_TAKEN, Verdict.REFUSED),
        ("a server error", response("errors/acs-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert AZURE.verdict(carrier) is verdict


@pytest.mark.parametrize("reason", sorted(set(Reason) - {Reason.BAD_REQUEST, Reason.TRY_AGAIN}))
def test_each_refused_recipient_has_a_result_and_only_a_suppression_is_told_in_azures_words_for_it(reason):
    answer = AZURE.refuse(MULTI, reason, "because of a rule")
    told = json.loads(answer.body)["value"]
    assert answer.status == 202
    assert [(each["to"], each["successful"], each["httpStatusCode"]) for each in told] == [
        (to, False, 400) for to in (ANN, LEA, ZOE)
    ]
    assert all(each["errorMessage"].endswith("because of a rule") for each in told)
    assert ("Sender blocked" in told[0]["errorMessage"]) is (reason is Reason.SUPPRESSED)


@pytest.mark.parametrize(
    ("situation", "answer", "status", "code"),
    [
        ("no sense in it", AZURE.refuse(GSM, Reason.BAD_REQUEST, "why"), 400, "BadRequest"),
        ("not signed", AZURE.refuse(GSM, Reason.BAD_REQUEST, "why", "Authorization"), 401, "Unauthorized"),
        ("try again", AZURE.refuse(GSM, Reason.TRY_AGAIN, "why"), 503, "ServiceUnavailable"),
        ("no answer in time", AZURE.away(GSM, 504, "why"), 504, "ServiceUnavailable"),
        ("refused, and not a send", AZURE.refuse(posted(b""), Reason.HOURS, "why"), 400, "BadRequest"),
    ],
)
def test_a_request_that_fails_as_a_whole_raises_an_error(situation, answer, status, code):
    assert answer.status == status
    assert json.loads(answer.body) == {"error": {"code": code, "message": "why"}}


WEBHOOKS = names("webhooks/acs-*")
STOP = request("webhooks/acs-inbound-stop")
SAID = Inbound("Incoming_20261124023000_noam", ANN, "+12025550100", "STOP")


def event(**data: str) -> dict[str, object]:
    return {"id": "1", "eventType": "Microsoft.Communication.SMSReceived", "data": data}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    heard = (SAID,) if name == "webhooks/acs-inbound-stop" else ()
    assert AZURE.hear_all(request(name)) == heard
    assert AZURE.hear(request(name)) == (heard[0] if heard else None)


def test_every_reply_of_a_call_is_heard_and_names_may_begin_small():
    several = [
        event(MessageId="1", From=ANN, To="1", Message="STOP"),
        event(messageId="2", **{"from": LEA, "to": "1", "message": "Hi"}),
        {"eventType": "Microsoft.Communication.SMSDeliveryReportReceived", "data": {}},
    ]
    assert AZURE.hear_all(posted(several)) == (Inbound("1", ANN, "1", "STOP"), Inbound("2", LEA, "1", "Hi"))


def test_a_cloud_event_is_heard():
    cloud = {"specversion": "1.0", "type": "Microsoft.Communication.SMSReceived"}
    data = {"MessageId": "1", "From": ANN, "To": "1", "Message": "STOP"}
    assert AZURE.hear(posted({**cloud, "data": data})) == Inbound("1", ANN, "1", "STOP")


@pytest.mark.parametrize("lost", ["MessageId", "From", "To"])
def test_a_reply_without_what_makes_it_one_is_refused(lost):
    data = {"MessageId": "1", "From": ANN, "To": "1", "Message": "STOP"}
    del data[lost]
    with pytest.raises(Unreadable, match=lost):
        AZURE.hear_all(posted([event(**data)]))


def test_event_grid_is_welcomed_with_the_code_that_it_brings():
    answer = AZURE.handshake(request("webhooks/acs-subscription-validation"))
    assert answer
    assert answer.status == 200
    assert json.loads(answer.body) == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    assert AZURE.handshake(STOP) is None


@pytest.mark.parametrize(
    ("target", "known"),
    [
        (b"/in/acs?code=test-token", True),
        (b"/in/acs?a=b&code=test%2Dtoken", True),
        (b"/in/acs?code=other", False),
        (b"/in/acs", False),
        (b"/in/acs?code=test-token&code=test-token", False),
        (b"/in/acs?code=%zz", False),
    ],
)
def test_a_webhook_is_known_by_the_secret_in_its_url(target, known):
    assert AZURE.signed(replace(STOP, target=target), "", "test-token", NOW) is known


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (b"/in/acs?code=test-token", b"/in/acs?"),
        (b"/in/acs?a=b&code=test%2Dtoken&c=%20d", b"/in/acs?a=b&c=%20d"),
        (b"/in/acs?code=other", b"/in/acs?code=other"),
    ],
)
def test_the_secret_is_told_to_nobody_else(target, told):
    assert AZURE.without_secret(replace(STOP, target=target), "test-token") == replace(STOP, target=told)


members = st.dictionaries(
    st.sampled_from(["smsRecipients", "from", "message", "smsSendOptions", "Message"]),
    st.none() | st.text() | st.lists(st.text() | st.dictionaries(st.sampled_from(["to", "TO"]), st.text())),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body):
    try:
        answered = AZURE.read(posted(body))
    except Unreadable as error:
        answered = AZURE.refuse(GSM, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, kept=st.sets(st.sampled_from([0, 1, 2]), min_size=1))
@settings(max_examples=100)
def test_a_new_text_and_fewer_recipients_read_back(old, new, kept):
    body = json.loads(MULTI.body)
    after = AZURE.write(read(AZURE, posted({**body, "message": old})), dict.fromkeys(kept, new))
    recipients = [body["smsRecipients"][place] for place in sorted(kept)]
    assert json.loads(after.body) == {**body, "message": new, "smsRecipients": recipients}
