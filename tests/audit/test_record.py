"""What a line holds: enough to explain and to replay, and nothing personal in clear."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import orjson
import pytest

from gateway.audit import record
from gateway.audit.chain import Entry, Link, chained, opened
from gateway.audit.record import BODY_KEPT, record_of
from gateway.words import ledger
from gateway.words.decision import Reason
from gateway.words.facts import Consent, ConsentKind, Stop, Suppression, SuppressionKind
from gateway.words.ledger import Happened
from gateway.words.message import Inbound
from tests.audit.things import (
    ANN,
    DETAIL,
    LEFT,
    MESSAGE,
    NOW,
    PERSONAL,
    REQUEST,
    SECRET,
    SENT,
    TEXT,
    Keys,
)

KEYS = Keys()
BY_WORD = Suppression(SuppressionKind.OPT_OUT, "sender:+18335550100", "keyword", NOW, DETAIL)
AGREED = Consent(ConsentKind.EXPRESS, NOW, "web-form", "club", wording=TEXT)
TAKEN = ledger.Withdrawal(NOW, "agent", "club")
SHOWN = ledger.Evidence(words=DETAIL, user_agent=SECRET)
SCENARIO = {"message": {"to": ANN.e164, "text": TEXT}, "instructed": "2026-06-10T15:00:00Z"}
EVERY_KIND = {
    "a message": record_of(SENT, "twilio", SCENARIO, REQUEST, NOW),
    "a message to a number of no country": record_of(
        replace(SENT, message=replace(MESSAGE, recipient=None)), "twilio", {}, REQUEST, NOW
    ),
    "an unreadable request": record.unreadable("twilio", Reason.BAD_NUMBER, "`To` is no phone number", REQUEST, NOW),
    "a reply": record.heard("twilio", Inbound("SM1", ANN.e164, "+18335550100", DETAIL), ANN, "opt_out", NOW),
    "a suppression": record.suppressed(ANN, BY_WORD),
    "a suppression lifted": record.lifted(ANN, SuppressionKind.OPT_OUT, "sender:+18335550100", NOW),
    "a consent": record.entered(ANN, ledger.Entry(Happened.GIVEN, AGREED, "token:shop", NOW, SHOWN), NOW),
    "a consent withdrawn": record.entered(ANN, ledger.Entry(Happened.WITHDRAWN, TAKEN, "cli", NOW, SHOWN), NOW),
    "a call of the API": record.api_used("recordConsent", "shop", 201, NOW),
    "a program stopped": record.stopped(Stop("club", DETAIL, NOW)),
    "a program resumed": record.resumed("club", NOW),
    "an import": record.bulk("import of suppressions", "done", {"rows": 2}, "root", f"{ANN.e164}.csv", NOW),
    "policies in force": record.policy_loaded("rev-7", NOW),
}


def written(entry: Entry) -> tuple[dict[str, object], dict[str, object]]:
    """The clear part of its line, and what the keys find in the sealed part."""
    line, _ = chained(entry, Link(), KEYS)
    clear = orjson.loads(line)
    clear.pop("sealed", None)
    return clear, opened(line.rstrip(b"\n"), KEYS)


@pytest.mark.parametrize("situation", EVERY_KIND)
def test_nothing_personal_stands_in_clear(situation: str) -> None:
    line, _ = chained(EVERY_KIND[situation], Link(), KEYS)
    clear = orjson.dumps(written(EVERY_KIND[situation])[0]).decode()
    for personal in PERSONAL:
        assert personal not in clear
        assert personal not in line.decode()


def test_a_message_tells_what_was_decided_by_which_rule_and_what_became_of_it() -> None:
    clear, _ = written(EVERY_KIND["a message"])
    assert clear["at"] == "2026-06-10T15:00:00Z"
    told = ("message", "upstream", "program", "category", "decision", "rule", "fate", "revision", "sender")
    assert [clear[key] for key in told] == [
        "5f" * 16,
        "twilio",
        "club",
        "marketing",
        "rewrite",
        "us-federal/instruct",
        "sent",
        "rev-7",
        "number",
    ]
    assert (clear["country"], clear["regions"]) == ("US", ["US-NY"])
    assert clear["findings"] == [
        {
            "rule": "us-federal/instruct",
            "action": "send",
            "why": "the first message",
            "cites": "CTIA 5.1.3",
            "observed": False,
        },
        {
            "rule": "us-fl/cap",
            "action": "block",
            "why": "3 in 24 hours",
            "cites": "Fla. Stat. 501.059",
            "observed": True,
        },
    ]


def test_what_a_replay_needs_is_sealed() -> None:
    _, sealed = written(EVERY_KIND["a message"])
    assert (sealed["scenario"], sealed["left"]) == (SCENARIO, LEFT)


def test_the_request_is_kept_byte_for_byte_but_for_credentials() -> None:
    _, sealed = written(EVERY_KIND["a message"])
    asked = str(sealed["request"]).encode("latin-1")
    assert asked == (
        b"POST /2010-04-01/Accounts/AC0/Messages.json?a=%20b HTTP/1.1\r\n"
        b"Host: sms.example.com\r\nauthorization: ...\r\nX-Odd: \xe9\r\n\r\n"
        b"To=%2B12125550123&From=%2B18335550100&Body=Sale+ends+tonight%2C+dear+Ann"
    )
    assert SECRET not in str(sealed)


def test_of_a_huge_body_the_beginning_the_length_and_the_hash_are_kept() -> None:
    huge = replace(REQUEST, body=bytes(range(256)) * 1024)
    _, sealed = written(record.unreadable("twilio", Reason.BAD_REQUEST, "too much", huge, NOW))
    kept = str(sealed["request"]).encode("latin-1").partition(b"\r\n\r\n")[2]
    assert kept == huge.body[:BODY_KEPT]
    assert sealed["body"] == {"length": len(huge.body), "sha256": sha256(huge.body).hexdigest()}


def test_a_request_of_many_recipients_is_kept_once() -> None:
    _, sealed = written(record_of(SENT, "twilio", SCENARIO, None, NOW))
    assert "request" not in sealed
    assert sealed["scenario"] == SCENARIO


@pytest.mark.parametrize(
    ("scope", "told"),
    [("all", "all"), ("program:club", "program:club"), ("sender:+18335550100", "sender")],
)
def test_a_scope_is_told_as_far_as_it_names_no_number(scope: str, told: str) -> None:
    clear, sealed = written(record.suppressed(ANN, replace(BY_WORD, scope=scope)))
    assert clear["scope"] == told
    assert (sealed["scope"], sealed["number"], sealed["detail"]) == (scope, ANN.e164, DETAIL)
