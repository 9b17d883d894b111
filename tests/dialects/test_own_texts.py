"""Texts of our own, as a client of the carrier's would write them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.aws.dialect import Aws
from gateway.dialects.azure.dialect import Azure
from gateway.dialects.bandwidth.dialect import Bandwidth
from gateway.dialects.clickatell.dialect import Clickatell
from gateway.dialects.clicksend.dialect import ClickSend
from gateway.dialects.infobip.dialect import Infobip
from gateway.dialects.messagebird.dialect import MessageBird
from gateway.dialects.plivo.dialect import Plivo
from gateway.dialects.sinch.dialect import Sinch
from gateway.dialects.telnyx.dialect import Telnyx
from gateway.dialects.vonage.dialect import Vonage
from gateway.numbering.senders import sender_of
from gateway.words.decision import State
from gateway.words.errors import Unreadable
from gateway.words.kept import Kept
from gateway.words.number import NO_SENDER, Sender
from gateway.words.wire import Credentials
from tests.captures import request, response
from tests.dialects.values import PUT_OFF, read

ROBOT = Credentials("MAXXXXXXXXXXXXXXXXXX", "s3cret &é")
OTHER = Credentials("MAYYYYYYYYYYYYYYYYYY", "another")
SIGNED: list[Any] = [Azure(), Aws("us-east-1/sms-voice")]  # when they leave, and so not by what composes them
BANDWIDTH = Bandwidth("9900000", "93de2206-9669-4e07-948d-329f4b722ee2")
UNSIGNED = (ClickSend(), BANDWIDTH, Clickatell())
DIALECTS: list[Any] = [Telnyx(), Plivo(), Vonage(), Infobip(), Sinch(), MessageBird(), *UNSIGNED]
BARE = {"vonage", "infobip", "messagebird", "clickatell"}  # digits without a plus
POOL = "86bbb125-97bb-4d72-89fd-81d5c515b015"

numbers = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)
senders = st.sampled_from(["+18335550100", "36111", "Acme & Co", "Ünïted", POOL]).map(sender_of)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@pytest.mark.parametrize("dialect", [*DIALECTS, *SIGNED], ids=lambda dialect: dialect.name)
@given(to=numbers, sender=senders, text=texts)
def test_the_dialect_reads_the_message_that_it_composed(dialect: Any, to: str, sender: Sender, text: str):
    [draft] = read(dialect, dialect.holding.compose(to, sender, text, ROBOT)).drafts
    bare = dialect.name in BARE
    assert draft.to == (to.removeprefix("+") if bare else to)
    assert draft.sender == (sender_of(sender.value.removeprefix("+")) if bare else sender)
    assert draft.text == text


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_it_leaves_with_the_credentials_and_the_text_of_its_hour_and_an_answer_that_can_be_read(dialect: Any):
    ours = dialect.holding.compose("+12025550123", sender_of("+18335550100"), "Hello", ROBOT)
    send = read(dialect, ours)
    kept = Kept(send, 0, "", State.LEASED, PUT_OFF, PUT_OFF, "Hello 👋")
    leaving = dialect.holding.composed(kept, OTHER, PUT_OFF)
    assert read(dialect, leaving).drafts == (replace(send.drafts[0], text="Hello 👋"),)
    assert leaving.header(b"authorization") != ours.header(b"authorization")
    assert leaving.header(b"accept-encoding") == b"identity"
    assert dialect.holding.composed(kept, None, PUT_OFF).header(b"authorization") == ours.header(b"authorization")
    assert dialect.holding.callback(kept) is None


@pytest.mark.parametrize("dialect", SIGNED, ids=lambda dialect: dialect.name)
def test_what_is_signed_when_it_leaves_bears_no_credentials_before(dialect: Any):
    send = read(dialect, dialect.holding.compose("+12025550123", sender_of("+18335550100"), "Hello", ROBOT))
    kept = Kept(send, 0, "", State.LEASED, PUT_OFF, PUT_OFF, "Hello 👋")
    leaving = dialect.holding.composed(kept, OTHER, PUT_OFF)
    assert read(dialect, leaving).drafts == (replace(send.drafts[0], text="Hello 👋"),)
    assert leaving.header(b"authorization") is None


@pytest.mark.parametrize(
    ("dialect", "capture"),
    [
        (Infobip(), "infobip-v3-gsm"),
        (Sinch(), "sinch-gsm"),
        (MessageBird(), "messagebird-gsm"),
        (ClickSend(), "clicksend-gsm"),
        (BANDWIDTH, "bandwidth-gsm"),
        (Clickatell(), "clickatell-platform-gsm"),
    ],
)
def test_what_a_client_sends_is_never_put_off(dialect: Any, capture: str):
    send = read(dialect, request(capture))
    assert not dialect.holding.can_hold(send, ROBOT)


@pytest.mark.parametrize("dialect", [*DIALECTS, *SIGNED], ids=lambda dialect: dialect.name)
def test_nothing_is_composed_without_a_sender(dialect: Any):
    with pytest.raises(Unreadable, match="without a sender"):
        dialect.holding.compose("+12025550123", NO_SENDER, "Hello", ROBOT)


@pytest.mark.parametrize(
    ("dialect", "account"),
    [
        (Plivo(), "auth_id"),
        (Sinch(), "service plan id"),
        (Bandwidth(), "`account` and `application`"),
        (Bandwidth(account="9900000"), "`account` and `application`"),
        (Bandwidth("../1", "93de2206"), "`account` and `application`"),
    ],
)
def test_some_need_their_account(dialect: Any, account: str):
    with pytest.raises(Unreadable, match=account):
        dialect.holding.compose("+12025550123", sender_of("+18335550100"), "Hello", Credentials("a/b", "x"))


@pytest.mark.parametrize(
    ("dialect", "capture", "told"),
    [
        (Telnyx(), "telnyx-gsm", "40385f64-5717-4562-b3fc-2c963f66afa6"),
        (Plivo(), "plivo-gsm", "db3ce55a-7f1d-11e1-8ea7-1231380bc190"),
        (Vonage(), "vonage-sms-gsm", "0A0000000123ABC1"),
        (ClickSend(), "clicksend-gsm", "BF7AD270-0DE2-418B-B606-71D527D9C1A0"),
        (BANDWIDTH, "bandwidth-gsm", "1589228074636lm4k2je7j7jklbn2"),
        (Clickatell(), "clickatell-platform-gsm", "77fb29998253415fa5d66971d519d360"),
        (Infobip(), "infobip-v3-gsm", "2250540722196405230"),
        (Infobip(), "errors/infobip-v3-auth", ""),
        (Sinch(), "sinch-gsm", "01FC66621XXXXX119Z8PMV1QPQ"),
        (Sinch(), "errors/sinch-invalid", ""),
        (MessageBird(), "messagebird-gsm", "e8077d803532c0b5937c639b60216938"),
        (MessageBird(), "errors/messagebird-auth", ""),
        (Azure(), "acs-gsm", "Outgoing_2026112402300000_noam"),
        (Aws(), "sns-gsm", "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"),
        (Aws(), "aws-eum-sendtextmessage", "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"),
        (Telnyx(), "errors/telnyx-auth", ""),
        (Plivo(), "errors/plivo-auth-text", ""),
        (Vonage(), "errors/vonage-sms-auth", ""),
    ],
)
def test_the_carriers_id_is_found_in_its_answer(dialect: Any, capture: str, told: str):
    assert dialect.holding.accepted_id(response(capture)) == told


@pytest.mark.parametrize(
    ("dialect", "capture", "code"),
    [
        (Telnyx(), "errors/telnyx-opted-out", "40300"),
        (Vonage(), "errors/vonage-sms-opted-out", "7"),
        (BANDWIDTH, "errors/bandwidth-opted-out", "request-validation"),
        (Clickatell(), "errors/clickatell-platform-opted-out-per-message", "121"),
        (ClickSend(), "errors/clicksend-opted-out", "INVALID_RECIPIENT"),
        (ClickSend(), "errors/clicksend-opted-out-per-message", "INVALID_RECIPIENT"),
        (Infobip(), "errors/infobip-v3-opted-out-per-message", "14"),
        (Sinch(), "errors/sinch-opted-out", "forbidden"),
        (MessageBird(), "errors/messagebird-opted-out", "10"),
        (Azure(), "errors/acs-opted-out", "Forbidden"),
        (Aws(), "errors/sns-opted-out", "OptedOut"),
        (Aws(), "errors/aws-eum-opted-out", "ConflictException"),
    ],
)
def test_the_carriers_code_is_found_in_its_refusal(dialect: Any, capture: str, code: str):
    assert dialect.holding.refusal_code(response(capture)) == code
