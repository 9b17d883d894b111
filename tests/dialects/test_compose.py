"""A text of our own is written as a client of the carrier's would write it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.base import Dialect
from gateway.dialects.kannel.dialect import Kannel
from gateway.dialects.twilio.dialect import Twilio
from gateway.numbering.senders import sender_of
from gateway.words.errors import Unreadable
from gateway.words.message import Draft
from gateway.words.number import NO_SENDER, Sender
from gateway.words.wire import Credentials
from tests.captures import request
from tests.dialects.values import read
from tests.twilio_client import ACCOUNT

ROBOT = Credentials(ACCOUNT, "s3cret &é")
POOL = "MG" + "1a" * 16
DIALECTS = [Twilio(), Kannel(), Kannel("/send/it", "ISO-8859-1")]

numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
senders = st.sampled_from(["+18335550100", "18335550100", "36111", "Acme & Co", "Ünïted", POOL]).map(sender_of)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@given(to=numbers, sender=senders, text=texts)
def test_the_dialect_reads_the_message_that_it_composed(dialect: Dialect, to: str, sender: Sender, text: str):
    assert dialect.holding
    send = read(dialect, dialect.holding.compose(to, sender, text, ROBOT))
    assert (send.drafts, send.account) == ((Draft(to, sender, text),), ACCOUNT)


@pytest.mark.parametrize("capture", ["twilio-gsm", "twilio-messaging-service", "twilio-unicode"])
def test_it_is_what_twilios_own_sdk_puts_on_the_wire(capture: str):
    twilio, sdk = Twilio(), request(capture)
    [draft] = read(twilio, sdk).drafts
    account = sdk.target.split(b"/")[3].decode()
    ours = twilio.holding.compose(draft.to, draft.sender, draft.text or "", Credentials(account, "test-token"))
    assert (ours.method, ours.target, ours.header(b"authorization")) == (
        sdk.method,
        sdk.target,
        sdk.header(b"authorization"),
    )
    assert sorted(parse_qsl(ours.body.decode())) == sorted(parse_qsl(sdk.body.decode()))


@pytest.mark.parametrize(("text", "coding"), [("Grüße {€}", {}), ("Zażółć", {"coding": "2"})])
def test_kannel_is_told_when_a_text_leaves_the_gsm_alphabet(text: str, coding: dict[str, str]):
    asked = dict(parse_qsl(Kannel().holding.compose("+12025550100", NO_SENDER, text, ROBOT).query.decode()))
    credentials = {"username": ROBOT.user, "password": ROBOT.secret}
    assert asked == {**credentials, "to": "+12025550100", "text": text, "charset": "UTF-8", **coding}


@pytest.mark.parametrize(
    ("situation", "user", "sender", "words"),
    [
        ("an API key tells no account", "SK" + "0" * 32, sender_of("Acme"), "account's SID"),
        ("nobody sends it", ACCOUNT, NO_SENDER, "without a sender"),
    ],
)
def test_what_twilio_would_not_take_is_not_composed(situation: str, user: str, sender: Sender, words: str):
    with pytest.raises(Unreadable, match=words):
        Twilio().holding.compose("+12025550100", sender, "Hello", Credentials(user, "x"))
