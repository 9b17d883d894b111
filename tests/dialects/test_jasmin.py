from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.jasmin.dialect import Jasmin
from gateway.dialects.jasmin.schedule import When, batch_time, smpp_time
from gateway.numbering.senders import sender_of
from gateway.words.decision import Reason, State
from gateway.words.errors import TextsDiffer, Unreadable
from gateway.words.kept import Kept
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER
from gateway.words.outcome import Verdict
from gateway.words.wire import Credentials, Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, PUT_OFF, outcomes, read

JASMIN = Jasmin()
ANN, LEA, ZOE = "12025550123", "447700900123", "33639980001"
GSM, FORM, JSON = request("jasmin-gsm"), request("jasmin-post-form"), request("jasmin-post-json")
SEND, BATCH = request("jasmin-rest-send"), request("jasmin-rest-sendbatch")


def hexed(text: str) -> str:
    return text.encode("utf-16-be").hex()


def asked(sent: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs((sent.query or sent.body).decode()).items()}


def got(**fields: object) -> Request:
    query = urlencode({"username": "u", "password": "p", "to": ANN, **fields}).encode()
    return Request(b"GET", b"/send?" + query.replace(b"hex_content", b"hex-content"), ())


def batch(*messages: dict[str, Any], **others: object) -> Request:
    return replace(BATCH, body=json.dumps({"messages": list(messages), **others}).encode())


def written(sent: Request, *texts: str | None) -> Request:
    return JASMIN.write(read(JASMIN, sent), dict(enumerate(texts)))


@pytest.mark.parametrize("sent", [GSM, FORM], ids=["query", "form"])
def test_a_text_keeps_its_bytes_and_gets_more_of_them(sent):
    after = written(sent, HI + " Stop é")
    assert (after.query or after.body) == (sent.query or sent.body).replace(b"opt+out", b"opt+out+Stop+%C3%A9")
    assert asked(after).keys() == asked(sent).keys()


def test_a_text_that_leaves_gsm_goes_as_hex_with_its_coding_and_without_its_content():
    after, before = asked(written(GSM, HI + " 停")), asked(GSM)
    del before["content"]
    assert after == {**before, "hex-content": hexed(HI + " 停"), "coding": "8"}


def test_in_json_as_well():
    after = json.loads(written(JSON, HI + " 停").body)
    before = json.loads(JSON.body)
    del before["content"]
    assert after == {**before, "hex-content": hexed(HI + " 停"), "coding": 8}


CODED = [
    ("GSM by name", got(content="é", coding=0), "é"),
    ("Latin-1", got(content=b"\xe9", coding=3), "é"),
    ("Cyrillic", got(content=b"\xd0", coding=6), "а"),
    ("UCS-2, raw", got(content="停".encode("utf-16-be"), coding=8), "停"),
    ("UCS-2 in hex", got(hex_content=hexed(BONJOUR), coding=8), BONJOUR),
    ("Latin-1 in hex", got(hex_content="E9", coding=3), "é"),
    ("hex of an alphabet of the carrier's", got(hex_content="00"), None),
    ("binary", got(content=b"\xff", coding=4), None),
]


@pytest.mark.parametrize(("situation", "sent", "text"), CODED, ids=[row[0] for row in CODED])
def test_a_text_is_read_in_its_coding_and_stays_in_it(situation, sent, text):
    send = read(JASMIN, sent)
    assert send.drafts == (Draft(ANN, NO_SENDER, text),)
    assert JASMIN.write(send, {0: text}) is sent
    if text is not None:
        after = JASMIN.write(send, {0: text + text})
        assert read(JASMIN, after).drafts[0].text == text + text
        assert asked(after).keys() == asked(sent).keys()


def test_of_a_batch_whoever_is_withheld_is_taken_out_and_the_carriers_answer_stands():
    send, carrier = read(JASMIN, BATCH), response("jasmin-rest-sendbatch")
    before = json.loads(BATCH.body)
    after = json.loads(JASMIN.write(send, {1: HI}).body)
    assert after["messages"] == [{**before["messages"][0], "to": [LEA]}]
    after = json.loads(JASMIN.write(send, {2: BONJOUR}).body)
    assert after == {**before, "messages": before["messages"][1:]}
    assert JASMIN.answer(send, outcomes(send, 0), carrier) is carrier


def test_recipients_of_one_message_share_its_text_and_other_messages_have_each_their_own():
    with pytest.raises(TextsDiffer):
        written(BATCH, HI + " Stop", HI + " Arret", BONJOUR)
    after = read(JASMIN, written(BATCH, HI + " Stop", HI + " Stop", BONJOUR + " Arret"))
    assert [draft.text for draft in after.drafts] == [HI + " Stop", HI + " Stop", BONJOUR + " Arret"]


def test_a_content_that_holds_for_all_is_overruled_where_one_needs_another():
    shared = batch({"to": ANN}, {"to": LEA}, globals={"content": "Hello"})
    after = written(shared, "Hello", "Hello STOP=end")
    assert json.loads(after.body)["messages"] == [{"to": ANN}, {"to": LEA, "content": "Hello STOP=end"}]
    assert [draft.text for draft in read(JASMIN, after).drafts] == ["Hello", "Hello STOP=end"]
    with pytest.raises(Unreadable, match="globals"):
        written(shared, "Hello", "Hello 停")


def test_a_batch_is_judged_for_when_it_is_to_leave():
    drafts = read(JASMIN, batch({"to": ANN, "content": "a"}, batch_config={"schedule_at": "7200s"})).drafts
    assert [draft.delay for draft in drafts] == [timedelta(hours=2)]


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ("000000000100000R", When(delay=timedelta(minutes=1))),
        ("000002010030000R", When(delay=timedelta(days=2, hours=1, seconds=30))),
        ("261201090000000+", When(datetime(2026, 12, 1, 9, tzinfo=UTC))),
        ("261201140000004+", When(datetime(2026, 12, 1, 13, tzinfo=UTC))),
        ("261201040000020-", When(datetime(2026, 12, 1, 9, tzinfo=UTC))),
        ("010000000000000R", None),
        ("261301090000000+", None),
        ("2026-12-01", None),
        ("", None),
    ],
)
def test_a_time_of_smpp_is_read_or_refused(given, when):
    if when:
        assert smpp_time(given) == when
    else:
        with pytest.raises(Unreadable):
            smpp_time(given)


def test_a_batchs_date_is_refused_as_nobody_knows_its_time_zone():
    assert batch_time("60s") == When(delay=timedelta(minutes=1))
    with pytest.raises(Unreadable, match="time zone"):
        batch_time("2026-12-01 09:00:00")


BAD = [
    ("no recipient", Request(b"GET", b"/send?content=a", ()), "to"),
    ("no content", got(), "content"),
    ("two contents", got(content="a", hex_content="61"), "content"),
    ("a blank content", got(content=" "), "content"),
    ("an unknown coding", got(content="a", coding=15), "coding"),
    ("hex that is none", got(hex_content="0g", coding=8), "hex-content"),
    ("half a character", got(hex_content="d83d", coding=8), "content"),
    ("no UTF-8", got(content=b"\xff"), "content"),
    ("a time of another form", got(content="a", sdt="soon"), "sdt"),
    ("a name in both ways", replace(SEND, body=b'{"to": "1", "hex-content": "61", "hex_content": "62"}'),
     "hex-content"),
    ("no messages", batch(), "messages"),
    ("too many", batch({"to": ["1"] * 5001, "content": "a"}, {"to": ["1"] * 5000, "content": "a"}), "messages"),
    ("a message without recipient", batch({"content": "a"}), "to"),
    ("one with an empty list", batch({"content": "a", "to": []}), "to"),
    ("a recipient for all", batch({"content": "a"}, globals={"to": ANN}), "globals"),
    ("a date for a batch", batch({"to": "1", "content": "a"}, batch_config={"schedule_at": "2026-12-01 09:00:00"}),
     "schedule_at"),
    ("two times", batch({"to": "1", "content": "a", "sdt": "000000000100000R"}, batch_config={"schedule_at": "9s"}),
     "sdt"),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "sent", "field"), BAD, ids=[row[0] for row in BAD])
def test_a_request_that_makes_no_sense_is_refused(situation, sent, field):
    with pytest.raises(Unreadable) as refused:
        JASMIN.read(sent)
    assert refused.value.field == field
    assert "555" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"HEAD", GSM.target),
        (b"DELETE", GSM.target),
        (b"GET", b"/send/now?to=1&content=a"),
        (b"POST", b"/secure/send-later"),
        (b"GET", b"/secure/send?to=1&content=a"),
    ],
)
def test_other_ways_by_which_texts_leave_are_refused(method, target):
    sent = Request(method, target, ())
    assert JASMIN.claims(sent)
    with pytest.raises(Unreadable):
        JASMIN.read(sent)


@pytest.mark.parametrize(
    ("method", "target"),
    [(b"GET", b"/rate?to=1&content=a"), (b"GET", b"/balance"), (b"GET", b"/ping"), (b"GET", b"/secure/balance")],
)
def test_what_is_no_send_is_not_claimed(method, target):
    assert not JASMIN.claims(Request(method, target, ()))


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in names("jasmin-*") if "response" not in name],
        *[
            (name, response(f"errors/jasmin-{name}"), Verdict.REFUSED)
            for name in ("auth", "invalid", "no-route", "opted-out", "throughput")
        ],
        ("a server error", response("errors/jasmin-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert JASMIN.verdict(carrier) is verdict


def test_a_refusal_has_the_form_of_the_api_that_was_called():
    plain = JASMIN.refuse(GSM, Reason.HOURS, 'not "now"\nbut later')
    assert (plain.status, plain.body) == (412, b"Error \"No route found: not 'now' but later\"")
    rest = JASMIN.refuse(BATCH, Reason.SUPPRESSED, "why")
    assert json.loads(rest.body) == {"message": 'Error "Interception specific error code 400: why"'}
    assert JASMIN.away(GSM, 504, "why").status == 504


STOP = Inbound("16fd2706-8baf-433b-82eb-8c7fada847da", f"+{ANN}", "+12025550100", "STOP")
CALL = request("webhooks/jasmin-inbound-stop-get")


@pytest.mark.parametrize(
    ("webhook", "heard"),
    [
        (CALL, STOP),
        (request("webhooks/jasmin-inbound-stop-post"), STOP),
        (
            replace(CALL, target=CALL.target.replace(b"coding=0", b"coding=8").replace(b"=STOP", b"=%00S%00T%00O%00P")),
            STOP,
        ),
        (
            replace(CALL, target=CALL.target.replace(b"content=STOP", b"content=STOP%FF")),
            replace(STOP, text="STOP\ufffd"),
        ),
        (request("webhooks/jasmin-status-delivered-post"), None),
        (JASMIN.reply(replace(STOP, text="Stop ✋")), replace(STOP, text="Stop ✋")),
    ],
)
def test_a_webhook_says_what_the_recipient_said(webhook, heard):
    assert JASMIN.hear(webhook) == heard


def test_silence_is_the_one_answer_after_which_jasmin_does_not_call_again():
    assert (JASMIN.silence().status, JASMIN.silence().body) == (200, b"ACK/Jasmin")


ROBOT = Credentials("robot", "s3cret &é")
numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
senders = st.sampled_from(["18335550100", "36111", "Acme & Co", "Ünïted", ""]).map(sender_of)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts, coding=st.sampled_from([0, 3, 8]), at=st.sampled_from(["query", "form", "json", "rest"]))
def test_a_new_text_reads_back_however_it_is_spelled(old, new, coding, at):
    fields: dict[str, object] = {"to": ANN, "coding": coding}
    codec = {0: "utf-8", 3: "latin-1", 8: "utf-16-be"}[coding]
    data = old.encode(codec, "replace")
    fields |= {"content": data.decode()} if coding == 0 else {"hex-content": data.hex()}
    query = urlencode(fields).encode()
    sent = {
        "query": Request(b"GET", b"/send?" + query, ()),
        "form": replace(FORM, body=query),
        "json": replace(JSON, body=json.dumps(fields).encode()),
        "rest": replace(SEND, body=json.dumps(fields).encode()),
    }[at]
    send = JASMIN.read(sent)
    assert isinstance(send, Send)
    assert [draft.text for draft in read(JASMIN, JASMIN.write(send, {0: new})).drafts] == [new]


@given(to=numbers, sender=senders, text=texts)
def test_the_dialect_reads_the_message_that_it_composed(to, sender, text):
    send = read(JASMIN, JASMIN.holding.compose(to, sender, text, ROBOT))
    assert (send.drafts, send.account) == ((Draft(to[1:], sender, text),), "robot")


def test_it_leaves_with_the_text_and_the_credentials_of_its_hour():
    send = read(JASMIN, JASMIN.holding.compose(f"+{ANN}", sender_of("Acme"), "Hello", ROBOT))
    kept = Kept(send, 0, "", State.LEASED, PUT_OFF, PUT_OFF, "Hello 停")
    leaving = JASMIN.holding.composed(kept, Credentials("other", "p"), PUT_OFF)
    spelled = {"to": ANN, "from": "Acme", "hex-content": hexed("Hello 停"), "coding": "8"}
    assert asked(leaving) == {**spelled, "username": "other", "password": "p"}
    assert JASMIN.holding.accepted_id(response("jasmin-gsm")) == "07033084-5cfd-4812-90a4-e4d24ffb6e3d"
    assert JASMIN.holding.accepted_id(response("jasmin-rest-send")) == "c723d42a-c3ee-452c-940b-3d8e8b944868"
    assert JASMIN.holding.refusal_code(response("errors/jasmin-no-route")) == ""
    assert not JASMIN.holding.can_hold(send, ROBOT)
