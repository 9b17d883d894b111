from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.sinch.dialect import Sinch
from gateway.words.decision import Reason, State
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Request, Response
from tests.captures import names, request, response
from tests.dialects.values import (
    BONJOUR,
    DECEMBER,
    HI,
    LONG,
    PUT_OFF,
    length_of,
    outcomes,
    read,
    rewritten,
    with_header,
)

SINCH = Sinch()
ANN, LEA, ZOE = "+12025550123", "+447700900123", "+33639980001"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
ADA, BOB = "Hi Ada, your visit is at 10:30", "Hi Bob, your visit is at 10:30"
SENDS = {
    "sinch-binary": [Draft(ANN, SHOP)],
    "sinch-gsm": [Draft(ANN, SHOP, HI)],
    "sinch-long": [Draft(LEA, SHOP, LONG)],
    "sinch-media": [Draft(ANN, SHOP, HI, media=1)],
    "sinch-multi": [Draft(ANN, SHOP, HI), Draft(LEA, SHOP, HI), Draft(ZOE, SHOP, HI)],
    "sinch-oauth-gsm": [Draft(ANN, SHOP, HI)],
    "sinch-parameterized": [Draft(ANN, SHOP, ADA), Draft(LEA, SHOP, BOB)],
    "sinch-scheduled": [Draft(ANN, SHOP, HI, DECEMBER)],
    "sinch-status-callback": [Draft(ANN, SHOP, HI)],
    "sinch-unicode": [Draft(ANN, SHOP, BONJOUR)],
    "sinch-v1sdk-gsm": [Draft(ANN, SHOP, HI)],
}
NO_SENDS = ["sinch-dry-run", "sinch-oauth-token"]
GSM, MULTI, NAMED = request("sinch-gsm"), request("sinch-multi"), request("sinch-parameterized")
BATCHES = b"/xms/v1/plan00000000/batches"


def posted(body: object, target: bytes = BATCHES, method: bytes = b"POST") -> Request:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return replace(GSM, target=target, body=raw, method=method)


def said(request: Request) -> list[tuple[str, str | None]]:
    return [(draft.to, draft.text) for draft in read(SINCH, request).drafts]


def test_every_capture_has_an_expectation():
    assert sorted([*SENDS, *NO_SENDS]) == [name for name in names("sinch-*") if not name.endswith(".response")]


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name: str):
    send = read(SINCH, request(name))
    assert list(send.drafts) == SENDS[name]
    assert send.account == request(name).path.split(b"/")[3].decode()


@pytest.mark.parametrize("name", NO_SENDS)
def test_what_sends_nothing_passes(name: str):
    assert not SINCH.claims(request(name))


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name: str):
    send = read(SINCH, request(name))
    assert SINCH.write(send, {i: draft.text for i, draft in enumerate(send.drafts)}) is send.request


@pytest.mark.parametrize("name", [name for name in SENDS if name not in {"sinch-binary", "sinch-parameterized"}])
def test_an_appended_text_changes_the_text_and_the_length_only(name: str):
    before = request(name)
    after, old = rewritten(SINCH, before, " Txt STOP, é"), json.dumps(SENDS[name][0].text)[1:-1]
    assert after.body.decode() == before.body.decode().replace(old, old + " Txt STOP, \\u00e9")
    assert length_of(after) == str(len(after.body)).encode()
    assert replace(after, headers=before.headers, body=before.body) == before


def test_of_several_recipients_the_withheld_are_taken_out_and_the_carriers_answer_stays():
    send, carrier = read(SINCH, MULTI), response("sinch-multi")
    assert SINCH.write(send, {0: HI, 2: HI}).body == MULTI.body.replace(b', "+447700900123"', b"")
    assert SINCH.answer(send, outcomes(send, 1), carrier) is carrier


def test_an_instruction_that_one_needs_goes_to_all_and_different_texts_are_refused():
    send = read(SINCH, MULTI)
    after = SINCH.write(send, {0: HI, 1: HI + " Stop", 2: HI})
    assert {text for _, text in said(after)} == {HI + " Stop"}
    with pytest.raises(Unreadable, match="different texts"):
        SINCH.write(send, {0: HI + " Stop", 1: HI + " Arret"})


def test_what_is_put_around_each_recipients_own_text_is_put_around_the_batchs():
    after = SINCH.write(read(SINCH, NAMED), {0: f"Acme: {ADA} Stop", 1: f"Acme: {BOB} Stop"})
    assert after.body == NAMED.body.replace(
        b"Hi ${name}, your visit is at ${time}", b"Acme: Hi ${name}, your visit is at ${time} Stop"
    )
    assert said(after) == [(ANN, f"Acme: {ADA} Stop"), (LEA, f"Acme: {BOB} Stop")]


def test_an_instruction_that_one_needs_goes_to_all_also_beside_parameters():
    assert said(SINCH.write(read(SINCH, NAMED), {0: ADA, 1: BOB + " Stop"})) == [
        (ANN, ADA + " Stop"),
        (LEA, BOB + " Stop"),
    ]


def test_a_text_that_was_changed_inside_leaves_without_parameters():
    after = SINCH.write(read(SINCH, NAMED), {1: "Hi ***, your visit is at 10:30"})
    assert json.loads(after.body) == {
        "to": [LEA],
        "from": SHOP.value,
        "body": "Hi ***, your visit is at 10:30",
        "type": "mt_text",
    }


@pytest.mark.parametrize(
    ("situation", "texts"),
    [
        ("each has another instruction", {0: ADA + " Stop", 1: BOB + " Arret"}),
        ("each was changed inside", {0: "Hi ***, your visit", 1: "Hi ***, your visit is at 10:30"}),
        ("one was changed inside", {0: ADA, 1: "Hi ***"}),
        ("the new text names a parameter", {0: ADA + " ${name}", 1: BOB + " ${name}"}),
        ("the new text alone names one", {0: "${name}"}),
    ],
)
def test_texts_that_no_one_batch_can_hold_are_refused(situation: str, texts: dict[int, str]):
    with pytest.raises(Unreadable):
        SINCH.write(read(SINCH, NAMED), texts)


def test_without_parameters_a_mark_is_text():
    sent = posted({"to": [ANN], "body": "It costs ${x}"})
    assert said(sent) == [(ANN, "It costs ${x}")]
    assert said(SINCH.write(read(SINCH, sent), {0: "It costs ${x} Stop"})) == [(ANN, "It costs ${x} Stop")]


@pytest.mark.parametrize(
    ("limit", "old", "added", "left"),
    [
        (1, "a" * 150, " Reply STOP", 2),
        (2, "a" * 150, " Reply STOP", 2),
        (1, "a" * 10, " Reply STOP", 1),
        (1, "a" * 200, " Reply STOP", 1),
        ("1", "a" * 69, " é…", 2),
    ],
)
def test_a_text_that_needs_another_part_for_its_instruction_may_have_it(limit: object, old: str, added: str, left: int):
    sent = posted({"to": [ANN], "body": old, "max_number_of_message_parts": limit})
    after = SINCH.write(read(SINCH, sent), {0: old + added})
    assert int(json.loads(after.body)["max_number_of_message_parts"]) == left


def test_media_without_a_text_can_be_given_one():
    sent = posted({"to": [ANN], "type": "mt_media", "body": {"url": "https://example.com/a.jpg"}})
    assert read(SINCH, sent).drafts[0].text == ""
    after = SINCH.write(read(SINCH, sent), {0: "Reply STOP"})
    assert json.loads(after.body)["body"] == {"url": "https://example.com/a.jpg", "message": "Reply STOP"}


BATCH = BATCHES + b"/01FC66621XXXXX119Z8PMV1QPQ"


def test_a_batch_that_is_replaced_is_judged_like_a_new_one():
    assert said(replace(MULTI, target=BATCH, method=b"PUT")) == [(each, HI) for each in (ANN, LEA, ZOE)]


@pytest.mark.parametrize("edit", [{"to_remove": [ANN]}, {"callback_url": "https://a", "type": "mt_text"}, {}])
def test_a_change_that_reaches_nobody_passes(edit: dict[str, Any]):
    sent = posted(edit, BATCH)
    assert SINCH.claims(sent)
    assert SINCH.read(sent) is None


@pytest.mark.parametrize("field", ["to_add", "body", "from", "send_at", "parameters", "To_Remove", "something_new"])
def test_any_other_change_of_a_batch_is_refused(field: str):
    with pytest.raises(Unreadable, match="cancel it and send it anew") as refused:
        SINCH.read(posted({field: "x", "to_remove": [ANN]}, BATCH))
    assert refused.value.field == field


BAD = [
    ("no body", b"", ""),
    ("a list", b"[]", "the body"),
    ("no recipient", {"body": "a"}, "to"),
    ("one that is no list", {"to": ANN, "body": "a"}, "to"),
    ("an empty one among them", {"to": [ANN, " "], "body": "a"}, "to"),
    ("a group", {"to": [ANN, "01FC66621XXXXX119Z8PMV1QPQ"], "body": "a"}, "to"),
    ("no text", {"to": [ANN]}, "body"),
    ("a blank text", {"to": [ANN], "body": " "}, "body"),
    ("media without a body", {"to": [ANN], "type": "mt_media"}, "body"),
    ("another type", {"to": [ANN], "body": "a", "type": "mt_new"}, "type"),
    ("recipients in capitals too", {"to": [ANN], "To": [LEA], "body": "a"}, "to"),
    ("too many", {"to": ["1"] * 10_001, "body": "a"}, "to"),
    ("no instant", {"to": [ANN], "body": "a", "send_at": "soon"}, "send_at"),
    ("a value for others only", {"to": [ANN], "body": "${a}", "parameters": {"a": {LEA: "b"}}}, "a"),
    ("an unknown name", {"to": [ANN], "body": "${b}", "parameters": {"a": {"default": "b"}}}, "b"),
    ("a strange name", {"to": [ANN], "body": "${a b}", "parameters": {"a": {"default": "b"}}}, "parameters"),
    ("a value in a value", {"to": [ANN], "body": "${a}", "parameters": {"a": {"default": "${b}"}}}, "parameters"),
    ("two values", {"to": [ANN], "body": "${a}", "parameters": {"a": {ANN: "b", ANN[1:]: "c"}}}, "parameters"),
    ("no values", {"to": [ANN], "body": "${a}", "parameters": {"a": None}}, "parameters"),
]


@pytest.mark.parametrize(("situation", "body", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_body_that_makes_no_sense_is_refused(situation: str, body: object, field: str):
    with pytest.raises(Unreadable) as refused:
        SINCH.read(posted(body))
    assert refused.value.field == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[
        (path, replace(GSM, target=path.encode()))
        for path in (
            "/xms/v1/plan/Batches",
            "/XMS/v1/plan/batches",
            "/xms/v1/plan//batches",
            "/xms/v1/plan/batches/",
            "/xms/v1/plan/%62atches",
            "/xms/v1/plan/./batches",
            "/xms/v1/plan/batches;a=b",
            "/xms/v1/plan%2Fbatches",
            "/xms/v1/plan\\batches",
            "/xms/v2/plan/batches",
            "/v1/plan/batches",
            "/plan/batches",
            "/xms/v1/plan/batches/DRY_RUN",
            "/xms/v1/plan/batches/dry_run/",
            "/xms/v1/plan/batches/dry_run%3F/..",
            "/xms/v1/plan/batches/dry_run/../",
            "/xms/v1/plan/batches/01FC/something",
        )
    ],
    ("PATCH", replace(GSM, method=b"PATCH")),
    ("PUT of a new one", replace(GSM, method=b"PUT")),
    ("a method in lower case", replace(GSM, method=b"post")),
    ("GET with a POST in a header", replace(GSM, method=b"GET", headers=((b"X-HTTP-Method-Override", b"POST"),))),
    ("GET with a text in the query", replace(GSM, method=b"GET", target=BATCHES + b"?body=a&to=1", body=b"")),
    ("another recipient in the query", replace(GSM, target=BATCHES + b"?to=12025550199")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"gzip")),
    ("a form", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded")),
    ("two types", replace(GSM, headers=(*GSM.headers, (b"content-type", b"text/plain")))),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise: str, sent: Request):
    assert SINCH.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        SINCH.read(sent)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", BATCHES + b"?page=0&from=12025550100"),
        ("GET", BATCH + b"/delivery_report?type=full"),
        ("DELETE", BATCH),
        ("POST", BATCHES + b"/dry_run?per_recipient=true"),
        ("POST", BATCH + b"/delivery_feedback"),
        ("POST", b"/xms/v1/plan00000000/groups"),
        ("GET", b"/xms/v1/plan00000000/inbounds"),
    ],
)
def test_what_is_no_send_is_not_claimed(method: str, path: bytes):
    assert not SINCH.claims(Request(method.encode(), path, GSM.headers))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        ("without a type", response("errors/sinch-success-without-type"), Verdict.ACCEPTED),
        *[
            (name, response(f"errors/sinch-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "opted-out", "rate-limit")
        ],
        ("a server error", response("errors/sinch-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation: str, carrier: Response, verdict: Verdict):
    assert SINCH.verdict(carrier) is verdict


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_is_403_and_none_is_sent_again_by_the_sdk(reason: Reason):
    answer = SINCH.refuse(GSM, reason, "because of a rule")
    assert (answer.status == 403) is (reason is Reason.SUPPRESSED)
    assert answer.status in {400, 403, 503}
    assert json.loads(answer.body)["text"].endswith("because of a rule")


SECRET = "test-sinch-secret"
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
STOP = request("webhooks/sinch-inbound-stop")
HEARD = {
    "webhooks/sinch-inbound-stop": Inbound("01XXXXX21XXXXX119Z8P1XXXXX", ANN, "+12025550100", "STOP"),
    "webhooks/sinch-status-batch-summary": None,
    "webhooks/sinch-status-delivered-recipient": None,
}


def test_every_captured_webhook_has_an_expectation():
    assert sorted(HEARD) == names("webhooks/sinch-*")


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_webhook_says_what_the_recipient_said(name: str):
    assert SINCH.hear(request(name)) == HEARD[name]


def test_the_text_of_an_mms_is_heard_and_a_binary_reply_is_none():
    def told(**changed: object) -> Inbound | None:
        return SINCH.hear(replace(STOP, body=json.dumps(json.loads(STOP.body) | changed).encode()))

    heard = told(type="mo_media", body={"message": "Stop", "media": []})
    assert heard
    assert heard.text == "Stop"
    assert told(type="mo_media", body={"media": []}) is None
    assert told(type="mo_binary", body="SGk=") is None


@pytest.mark.parametrize("field", ["id", "from", "to"])
def test_a_reply_without_what_makes_it_one_is_refused(field: str):
    with pytest.raises(Unreadable, match=field):
        SINCH.hear(replace(STOP, body=json.dumps(json.loads(STOP.body) | {field: ""}).encode()))


def signed(webhook: Request, secret: str = SECRET) -> bool:
    return SINCH.signed(webhook, "https://gateway.example.com/in/sinch", secret, NOW)


@pytest.mark.parametrize("name", HEARD)
def test_a_captured_webhook_is_signed_and_a_changed_one_is_not(name: str):
    webhook, header = request(name), b"x-sinch-webhook-signature"
    assert signed(webhook)
    assert not signed(webhook, "another-secret")
    assert not signed(replace(webhook, body=webhook.body + b" "))
    assert not signed(with_header(webhook, header + b"-nonce", b"1"))
    assert not signed(with_header(webhook, header + b"-timestamp", b"1"))
    assert not signed(with_header(webhook, header + b"-algorithm", b"None"))
    assert not signed(replace(webhook, headers=(*webhook.headers, (header, b"AAAA"))))
    assert not signed(replace(webhook, headers=()))


def test_a_reply_of_a_drill_is_signed_and_heard_as_a_recipients_own():
    reply = Inbound("id-1", ANN, "+12025550100", "Stop")
    call = SINCH.sign(SINCH.reply(reply), "https://a", SECRET, NOW)
    assert signed(call)
    assert SINCH.hear(call) == reply


def test_signed_anew_a_webhook_has_another_signature_and_its_own_body_and_nonce():
    anew = SINCH.sign(STOP, "https://a", "legacy-secret", NOW)
    assert signed(anew, "legacy-secret")
    assert not signed(anew)
    assert anew.body == STOP.body
    assert [key for key, _ in anew.headers] == [key for key, _ in STOP.headers]
    with pytest.raises(Unreadable, match="not signed"):
        SINCH.sign(replace(STOP, headers=()), "https://a", "legacy-secret", NOW)


def test_only_what_is_checked_is_signed_anew():
    assert SINCH.wrong_secret(None, "legacy-secret")[0] == "auth_token"
    assert SINCH.wrong_secret(SECRET, "legacy-secret") == SINCH.wrong_secret(None, None) == ("", "")


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, kept=st.sets(st.sampled_from([0, 1, 2]), min_size=1))
@settings(max_examples=60)
def test_a_new_text_and_fewer_recipients_read_back(old: str, new: str, kept: set[int]):
    body = json.loads(MULTI.body)
    after = SINCH.write(read(SINCH, posted({**body, "body": old})), dict.fromkeys(kept, new))
    assert said(after) == [([ANN, LEA, ZOE][place], new) for place in sorted(kept)]


plain = texts.filter(lambda text: "$" not in text)


@given(own=st.tuples(plain, plain), before=plain, behind=plain, first=st.booleans())
@settings(max_examples=60)
def test_whoever_has_a_value_of_their_own_gets_it_in_the_new_text(
    own: tuple[str, str], before: str, behind: str, first: bool
):
    values = {ANN[1:] if first else ANN: own[0], "default": own[1]}
    sent = posted({"to": [ANN, LEA], "body": "<${x}>", "parameters": {"x": values}})
    new = [before + f"<{value}>" + behind for value in own]
    try:
        after = SINCH.write(read(SINCH, sent), dict(enumerate(new)))
    except Unreadable:
        assert any(f"<{value}>" in before + behind for value in own)
    else:
        assert [text for _, text in said(after)] == new


members = st.dictionaries(
    st.sampled_from(["to", "from", "body", "type", "parameters", "send_at", "TO", "max_number_of_message_parts"]),
    st.none() | st.text(max_size=8) | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()),
)


@given(body=st.binary() | members.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=60)
def test_any_body_is_read_or_refused_and_nothing_else_happens(body: bytes):
    try:
        answered = SINCH.read(posted(body))
    except Unreadable as error:
        answered = SINCH.refuse(GSM, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


@pytest.mark.parametrize(
    ("form", "told"),
    [
        (
            "per_recipient",
            {
                "type": "recipient_delivery_report_sms",
                "batch_id": "01FC66621XXXXX119Z8PMV1QPQ",
                "recipient": "447700900123",
                "code": 408,
                "status": "Rejected",
                "at": "2026-11-24T02:30:00.000Z",
                "client_reference": "job-77",
            },
        ),
        (
            "full",
            {
                "type": "delivery_report_sms",
                "batch_id": "01FC66621XXXXX119Z8PMV1QPQ",
                "statuses": [{"code": 408, "status": "Rejected", "count": 1, "recipients": ["447700900123"]}],
                "total_message_count": 1,
                "client_reference": "job-77",
            },
        ),
        (
            "summary",
            {
                "type": "delivery_report_sms",
                "batch_id": "01FC66621XXXXX119Z8PMV1QPQ",
                "statuses": [{"code": 408, "status": "Rejected", "count": 1}],
                "total_message_count": 1,
                "client_reference": "job-77",
            },
        ),
        ("none", None),
    ],
)
def test_who_was_left_out_of_a_batch_is_told_of_in_the_form_that_its_client_asks_for(form: str, told: Any):
    fields = json.loads(MULTI.body) | {
        "delivery_report": form,
        "callback_url": "https://legacy.example.com/status?job=77",
        "client_reference": "job-77",
    }
    send = read(SINCH, replace(MULTI, body=json.dumps(fields).encode()))
    kept = Kept(send, 1, "01FC66621XXXXX119Z8PMV1QPQ", State.DROPPED, PUT_OFF, PUT_OFF, HI, Reason.SUPPRESSED)
    call = SINCH.holding.withheld(kept)
    assert (json.loads(call.request.body) if call else None) == told
    if call:
        assert (call.url, call.request.target) == ("https://legacy.example.com/status?job=77", b"/status?job=77")


def test_who_asks_for_no_reports_of_a_batch_is_told_of_nobody():
    kept = Kept(read(SINCH, MULTI), 1, "x", State.DROPPED, PUT_OFF, PUT_OFF, HI, Reason.SUPPRESSED)
    assert SINCH.holding.withheld(kept) is None
