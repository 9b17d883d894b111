"""Messages that wait here for Amazon and Azure: accepted at once, and signed when they leave."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.dialects.aws.dialect import Aws
from gateway.dialects.azure.dialect import Azure
from gateway.words.errors import Unreadable
from gateway.words.message import Send
from gateway.words.outcome import Fate, Outcome, Verdict
from gateway.words.wire import Credentials, Request
from tests.captures import names, request, response
from tests.dialects import values
from tests.dialects.values import PUT_OFF, kept, read, with_header

AWS, AZURE = Aws("us-east-1/sns"), Azure()
KEY = Credentials("AKIDEXAMPLE", "YW4gYWNjZXNzIGtleQ==")
ID = "0001020304050607080a0b0c0d0e0f10"
UUID = "00010203-0405-0607-080a-0b0c0d0e0f10"
LATER = PUT_OFF + timedelta(minutes=4)
WAITING: list[tuple[Any, str]] = [
    (AWS, "sns-attributes"),
    (AWS, "sns-unicode"),
    (AWS, "aws-eum-sendtextmessage"),
    *((AZURE, name) for name in names("acs-*") if not name.endswith(".response")),
]
rows = pytest.mark.parametrize(("dialect", "name"), WAITING, ids=[name for _, name in WAITING])


def outcomes(send: Send, *fates: Fate) -> list[Outcome]:
    """What became of each: held, where nothing is said; its message has an id."""
    told = values.outcomes(send, *(place for place, fate in enumerate(fates) if fate is Fate.WITHHELD))
    given = [*fates, *[Fate.HELD] * (len(told) - len(fates))]
    return [
        replace(each, fate=fate, message=replace(each.message, id=ID)) for each, fate in zip(told, given, strict=True)
    ]


@rows
def test_a_send_that_is_put_off_is_answered_as_accepted(dialect: Any, name: str):
    send = read(dialect, request(name))
    assert dialect.holding.can_hold(send, KEY)
    waiting = [kept(dialect, request(name), place=place) for place in range(len(send.drafts))]
    answer, theirs = dialect.holding.held(waiting, outcomes(send), None), response(name)
    assert answer.status == theirs.status
    assert dialect.verdict(answer) is Verdict.ACCEPTED
    assert dialect.holding.accepted_id(answer) in {UUID, ID}


@rows
def test_what_waits_leaves_as_it_came_with_the_text_of_its_hour(dialect: Any, name: str):
    one = kept(dialect, request(name), text="Hello")
    leaving = dialect.holding.composed(one, KEY, LATER)
    assert read(dialect, leaving).drafts == (replace(one.draft, text="Hello"),)
    assert leaving.header(b"accept-encoding") == b"identity"
    dialect.signer(KEY).sign(leaving, LATER)


@rows
def test_without_the_upstreams_credentials_nothing_waits_and_nothing_leaves(dialect: Any, name: str):
    one = kept(dialect, request(name))
    assert not dialect.holding.can_hold(one.send, None)
    with pytest.raises(Unreadable, match="no `credentials`"):
        dialect.holding.composed(one, None, LATER)


def test_a_clients_session_token_does_not_last():
    assert not AWS.holding.can_hold(read(AWS, request("sns-session-token")), KEY)


def test_a_clients_token_of_entra_id_is_replaced_by_the_upstreams_key():
    bearing = with_header(request("acs-gsm"), b"Authorization", b"Bearer eyJ0eXAi.e30.sig")
    leaving = AZURE.holding.composed(kept(AZURE, bearing), KEY, LATER)
    signed = AZURE.signer(KEY).sign(leaving, LATER)
    AZURE.signer(KEY).check(signed, LATER)
    assert (signed.header(b"authorization") or b"").startswith(b"HMAC-SHA256 ")


def living(seconds: object) -> Request:
    captured = request("aws-eum-sendtextmessage")
    return replace(captured, body=json.dumps({**json.loads(captured.body), "TimeToLive": seconds}).encode())


@pytest.mark.parametrize(("asked", "left"), [(600, 360), (242, 5)])
def test_what_is_left_of_how_long_it_is_good_for_stays(asked: int, left: int):
    one = kept(AWS, living(asked))
    assert AWS.holding.valid_for(one.send) == timedelta(seconds=asked)
    assert json.loads(AWS.holding.composed(one, KEY, LATER).body)["TimeToLive"] == left


def test_what_is_good_for_who_knows_how_long_is_not_held():
    assert not AWS.holding.can_hold(read(AWS, living("soon")), KEY)


def test_of_several_recipients_each_has_its_result_in_the_requests_order():
    send, carrier = read(AZURE, request("acs-multi")), response("acs-gsm")
    told = outcomes(send, Fate.SENT, Fate.WITHHELD, Fate.HELD)
    answer = AZURE.holding.held([kept(AZURE, request("acs-multi"), place=2)], told, carrier)
    results = json.loads(answer.body)["value"]
    assert [result["to"] for result in results] == [draft.to for draft in send.drafts]
    assert [result.get("messageId") for result in results] == ["Outgoing_2026112402300000_noam", None, ID]
    assert [result["successful"] for result in results] == [True, False, True]


@pytest.mark.parametrize(
    ("fate", "words"),
    [
        (Fate.UNSENT, "Message not sent."),
        (Fate.REFUSED, "Message not sent."),
        (Fate.IN_DOUBT, "Message may have been sent."),
    ],
)
def test_those_whose_call_failed_are_told_so_beside_what_waits(fate: Fate, words: str):
    send = read(AZURE, request("acs-multi"))
    waiting = [kept(AZURE, request("acs-multi"), place=2)]
    answer = AZURE.holding.held(waiting, outcomes(send, fate, fate), response("errors/acs-server-error"))
    results = json.loads(answer.body)["value"]
    assert [result.get("errorMessage") for result in results] == [words, words, None]
    assert answer.status == 202
