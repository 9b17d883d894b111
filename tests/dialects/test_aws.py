from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.dialects.aws.dialect import Aws
from gateway.dialects.optout_list import TheirOptOut
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Draft, Inbound, Send
from gateway.words.number import NO_SENDER, Sender, SenderKind
from gateway.words.outcome import Verdict
from gateway.words.wire import Call, Credentials, Request, Response
from tests.captures import names, request, response
from tests.dialects.values import BONJOUR, HI, LONG, length_of, read, rewritten, with_header

AWS = Aws("us-east-1/sns")
ANN, LEA = "+12025550123", "+447700900123"
SHOP = Sender(SenderKind.NUMBER, "+12025550100")
SENDS = {
    "sns-attributes": Draft(ANN, SHOP, HI),
    "sns-gsm": Draft(ANN, NO_SENDER, HI),
    "sns-long": Draft(LEA, NO_SENDER, LONG),
    "sns-session-token": Draft(ANN, NO_SENDER, HI),
    "sns-unicode": Draft(ANN, NO_SENDER, BONJOUR),
    "aws-eum-sendtextmessage": Draft(ANN, SHOP, BONJOUR),
}
GSM, EUM = request("sns-gsm"), request("aws-eum-sendtextmessage")
NOW = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)


def asked(action: str, **fields: str) -> Request:
    """Of SNS."""
    return replace(GSM, body=urlencode({"Action": action, "Version": "2010-03-31", **fields}).encode())


def published(**fields: str) -> Request:
    return asked("Publish", **fields)


def attribute(place: int, name: str, value: str) -> dict[str, str]:
    entry = f"MessageAttributes.entry.{place}"
    return {f"{entry}.Name": name, f"{entry}.Value.DataType": "String", f"{entry}.Value.StringValue": value}


def texted(body: object, action: str = "SendTextMessage") -> Request:
    """Of End User Messaging."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return with_header(replace(EUM, body=raw), b"X-Amz-Target", f"PinpointSMSVoiceV2.{action}".encode())


def test_every_capture_has_an_expectation():
    found = [name for name in names("sns-*") + names("aws-eum-*") if not name.endswith(".response")]
    assert sorted([*SENDS, "sns-topic"]) == sorted(found)


@pytest.mark.parametrize("name", SENDS)
def test_a_captured_send_is_read_as_the_client_meant_it(name):
    assert read(AWS, request(name)).drafts == (SENDS[name],)


@pytest.mark.parametrize("name", SENDS)
def test_an_unchanged_text_leaves_as_the_very_same_request(name):
    send = read(AWS, request(name))
    assert AWS.write(send, {0: send.drafts[0].text}) is send.request
    assert AWS.write(send, {0: None}) is send.request


@pytest.mark.parametrize("name", SENDS)
def test_an_appended_text_changes_the_text_and_the_length_only(name):
    before = request(name)
    after = rewritten(AWS, before, " Txt STOP, é")
    assert read(AWS, after).drafts == (replace(SENDS[name], text=(SENDS[name].text or "") + " Txt STOP, é"),)
    assert length_of(after) == str(len(after.body)).encode()
    added = b" Txt STOP, \\u00e9" if name.startswith("aws") else b"+Txt+STOP%2C+%C3%A9"
    assert after.body.count(added) == 1
    assert after.body.replace(added, b"") == before.body
    assert [pair for pair in after.headers if pair[0] != b"Content-Length"] == [
        pair for pair in before.headers if pair[0] != b"Content-Length"
    ]


@pytest.mark.parametrize(
    ("situation", "attributes", "sender"),
    [
        ("a name", attribute(1, "AWS.SNS.SMS.SenderID", "Acme"), Sender(SenderKind.ALPHANUMERIC, "Acme")),
        (
            "a number before a name, in any order",
            attribute(2, "AWS.MM.SMS.OriginationNumber", SHOP.value) | attribute(1, "AWS.SNS.SMS.SenderID", "Acme"),
            SHOP,
        ),
        ("another attribute", attribute(1, "AWS.SNS.SMS.SMSType", "Transactional"), NO_SENDER),
    ],
)
def test_who_sends_stands_in_attributes(situation, attributes, sender):
    [draft] = read(AWS, published(PhoneNumber=ANN, Message="Hi", **attributes)).drafts
    assert draft.sender == sender


def test_media_without_a_text_can_be_given_one():
    media = {"DestinationPhoneNumber": ANN, "OriginationIdentity": SHOP.value, "MediaUrls": ["s3://a/b", "s3://a/c"]}
    send = read(AWS, texted(media, "SendMediaMessage"))
    assert send.drafts == (Draft(ANN, SHOP, "", media=2),)
    assert json.loads(AWS.write(send, {0: "Reply STOP"}).body) == {**media, "MessageBody": "Reply STOP"}


def test_a_code_that_amazon_words_is_decided_by_its_recipient():
    send = read(AWS, asked("CreateSMSSandboxPhoneNumber", PhoneNumber=ANN, LanguageCode="en-US"))
    assert send.drafts == (Draft(ANN),)
    assert AWS.write(send, {0: None}) is send.request


BAD = [
    ("a topic", request("sns-topic"), "TopicArn"),
    ("a number and a topic", published(PhoneNumber=ANN, TopicArn="arn:x", Message="Hi"), "TopicArn"),
    (
        "a target that is a topic",
        published(TargetArn="arn:aws:sns:us-east-1:0:a", Message="Hi"),
        "TargetArn",
    ),
    ("no recipient", published(Message="Hi"), "PhoneNumber"),
    ("no text", published(PhoneNumber=ANN), "Message"),
    ("a blank text", published(PhoneNumber=ANN, Message=" "), "Message"),
    ("a text for each protocol", published(PhoneNumber=ANN, Message="{}", MessageStructure="json"), "MessageStructure"),
    ("a batch", asked("PublishBatch", TopicArn="arn:x"), "Action"),
    ("a number that subscribes", asked("Subscribe", Protocol="SMS", Endpoint=ANN), "Action"),
    ("an action of tomorrow", asked("SendSms", PhoneNumber=ANN), "Action"),
    ("no action", replace(GSM, body=b"PhoneNumber=1&Message=a"), "Action"),
    ("an action in lower case", asked("publish", PhoneNumber=ANN, Message="Hi"), "Action"),
    ("two actions", replace(GSM, body=b"Action=ListTopics&" + GSM.body), "Action"),
    ("two recipients", replace(GSM, body=GSM.body + b"&PhoneNumber=1"), "PhoneNumber"),
    ("a hidden recipient", replace(GSM, body=GSM.body + b";PhoneNumber=1"), "phonenumber"),
    ("a recipient in lower case", replace(GSM, body=GSM.body + b"&phonenumber=1"), "PhoneNumber"),
    (
        "an attribute twice",
        published(
            PhoneNumber=ANN,
            Message="Hi",
            **attribute(1, "AWS.SNS.SMS.SenderID", "Acme"),
            **attribute(2, "AWS.SNS.SMS.SenderID", "Evil"),
        ),
        "MessageAttributes",
    ),
    ("no body", texted(b""), ""),
    ("a list", texted(b"[]"), "the body"),
    ("nobody to text", texted({"MessageBody": "a"}), "DestinationPhoneNumber"),
    ("nothing to say", texted({"DestinationPhoneNumber": ANN}), "MessageBody"),
    ("a number", texted({"DestinationPhoneNumber": ANN, "MessageBody": 1}), "MessageBody"),
    (
        "twice the text",
        texted(b'{"MessageBody": "a", "MessageBody": "b"}'),
        "MessageBody",
    ),
    (
        "a text in lower case too",
        texted({"MessageBody": "a", "messagebody": "b"}),
        "MessageBody",
    ),
    *[
        (action, texted({"DestinationPhoneNumber": ANN}, action), "X-Amz-Target")
        for action in (
            "SendVoiceMessage",
            "SendRcsMessage",
            "SendNotifyTextMessage",
            "SendNotifyVoiceMessage",
            "SendDestinationNumberVerificationCode",
            "sendTextMessage",
            "",
        )
    ],
    ("another service", with_header(EUM, b"X-Amz-Target", b"AmazonSNS.Publish"), "X-Amz-Target"),
]


@pytest.mark.parametrize(("situation", "sent", "field"), BAD, ids=[row[0] for row in BAD])
def test_what_makes_no_sense_or_reaches_who_knows_whom_is_refused(situation, sent, field):
    with pytest.raises(Unreadable) as refused:
        AWS.read(sent)
    assert refused.value.field == field
    assert "555" not in str(refused.value)


DISGUISES = [
    *[(target, replace(GSM, target=target.encode())) for target in ("//", "/.", "/%2F", "/x", "/?Action=Publish")],
    ("a recipient in the query", replace(GSM, target=b"/?PhoneNumber=1")),
    ("GET", replace(GSM, method=b"GET", target=b"/?" + GSM.body, body=b"")),
    ("PUT", replace(GSM, method=b"PUT")),
    ("a method in a header", with_header(GSM, b"X-HTTP-Method-Override", b"GET")),
    ("compressed", with_header(GSM, b"Content-Encoding", b"gzip")),
    ("a form that says JSON", with_header(GSM, b"Content-Type", b"application/json")),
    ("another charset", with_header(GSM, b"Content-Type", b"application/x-www-form-urlencoded; charset=utf-16")),
    ("two types", replace(GSM, headers=(*GSM.headers, (b"content-type", b"text/plain")))),
    ("a form for the other service", with_header(GSM, b"X-Amz-Target", b"PinpointSMSVoiceV2.SendTextMessage")),
    ("JSON for the other service", replace(EUM, headers=tuple(p for p in EUM.headers if p[0] != b"X-Amz-Target"))),
    ("two targets", replace(EUM, headers=(*EUM.headers, (b"x-amz-target", b"PinpointSMSVoiceV2.DescribePools")))),
    ("a target and an action", replace(EUM, target=b"/?Action=Publish")),
    ("RPC by path", replace(EUM, target=b"/service/PinpointSMSVoiceV2/operation/SendTextMessage")),
]


@pytest.mark.parametrize(("disguise", "sent"), DISGUISES, ids=[row[0] for row in DISGUISES])
def test_a_send_in_disguise_is_claimed_and_refused(disguise, sent):
    assert AWS.claims(replace(sent, body=b""))
    with pytest.raises(Unreadable):
        AWS.read(sent)


PUSH = "arn:aws:sns:us-east-1:000000000000:endpoint/GCM/app/5e3e9847-3183-3f18-a7e8-671c3a57d4b3"


@pytest.mark.parametrize(
    "sent",
    [
        asked("ListTopics"),
        asked("CheckIfPhoneNumberIsOptedOut", phoneNumber=ANN),
        asked("OptInPhoneNumber", phoneNumber=ANN),
        asked("ListPhoneNumbersOptedOut"),
        asked("Subscribe", Protocol="https", Endpoint="https://example.com", TopicArn="arn:x"),
        published(TargetArn=PUSH, Message="Hi", MessageStructure="json"),
        texted({}, "DescribePhoneNumbers"),
        texted({"OptOutListName": "Default", "OptedOutNumber": ANN}, "PutOptedOutNumber"),
        texted({}, "DeleteOptedOutNumber"),
        texted({}, "SetTextMessageSpendLimitOverride"),
    ],
    ids=lambda sent: sent.body[:40].decode(),
)
def test_what_sends_no_text_passes(sent):
    assert AWS.read(sent) is None


@pytest.mark.parametrize(
    ("situation", "carrier", "verdict"),
    [
        *[(name, response(name), Verdict.ACCEPTED) for name in SENDS],
        *[
            (name, response(f"errors/{name}"), Verdict.REFUSED)
            for name in (
                *("sns-auth", "sns-authorization", "sns-invalid", "sns-opted-out", "sns-rate-limit", "sns-signature"),
                "aws-eum-opted-out",
            )
        ],
        ("a server error", response("errors/sns-server-error"), Verdict.UNKNOWN),
        ("a login page in between", Response(200, (), b"<html>Please sign in</html>"), Verdict.UNKNOWN),
    ],
)
def test_the_carriers_answer_says_what_became_of_the_message(situation, carrier, verdict):
    assert AWS.verdict(carrier) is verdict


def test_amazons_own_list_is_learnt_from():
    assert AWS.opted_out(response("errors/sns-opted-out"))
    assert AWS.opted_out(response("errors/aws-eum-opted-out"))
    assert not AWS.opted_out(response("errors/sns-invalid"))
    assert not AWS.opted_out(response("sns-gsm"))


@pytest.mark.parametrize("reason", Reason)
def test_only_a_suppression_has_the_opted_out_code_and_only_try_again_is_tried_again(reason):
    xml, told = AWS.refuse(GSM, reason, "a <rule>"), AWS.refuse(EUM, reason, "a <rule>")
    assert (b"<Code>OptedOut</Code>" in xml.body) is (reason is Reason.SUPPRESSED)
    assert (b"OPTED_OUT" in told.body) is (reason is Reason.SUPPRESSED)
    assert b"a &lt;rule&gt;</Message>" in xml.body
    assert json.loads(told.body)["Message"].endswith("a <rule>")
    assert {xml.status, told.status} == {503 if reason is Reason.TRY_AGAIN else 400}


@pytest.mark.parametrize("asked", [GSM, EUM])
@pytest.mark.parametrize(("status", "shown"), [(502, 501), (503, 503), (504, 501)])
def test_what_may_have_been_sent_is_not_answered_with_what_sdks_send_again(asked, status, shown):
    assert AWS.away(asked, status, "why").status == shown


WEBHOOKS = names("webhooks/sns-*")
STOP = request("webhooks/sns-inbound-stop-v2")
SAID = Inbound("cae173d2-66b9-564c-8309-21f858e9fb84", ANN, "+12025550100", "STOP")


@pytest.mark.parametrize("name", WEBHOOKS)
def test_a_captured_webhook_says_what_the_recipient_said(name):
    assert AWS.hear(request(name)) == (SAID if "inbound" in name else None)


def test_raw_delivery_has_no_envelope():
    assert AWS.hear(replace(STOP, body=json.loads(STOP.body)["Message"].encode())) == SAID


@pytest.mark.parametrize("message", ["CPU is high", "[]", '{"AlarmName": "x"}', ""])
def test_what_else_a_topic_tells_is_no_reply(message):
    envelope = {**json.loads(STOP.body), "Message": message}
    assert AWS.hear(replace(STOP, body=json.dumps(envelope).encode())) is None


@pytest.mark.parametrize("lost", ["inboundMessageId", "originationNumber", "destinationNumber"])
def test_a_reply_without_what_makes_it_one_is_refused(lost):
    said = json.loads(json.loads(STOP.body)["Message"])
    del said[lost]
    with pytest.raises(Unreadable, match=lost):
        AWS.hear(replace(STOP, body=json.dumps(said).encode()))


CONFIRMATION = request("webhooks/sns-subscription-confirmation")


def confirming(url: str) -> Request:
    return replace(CONFIRMATION, body=json.dumps({**json.loads(CONFIRMATION.body), "SubscribeURL": url}).encode())


def test_a_subscription_is_confirmed_at_amazons_own_address():
    follows = AWS.handshake(CONFIRMATION)
    assert isinstance(follows, Call)
    assert follows.url == json.loads(CONFIRMATION.body)["SubscribeURL"]
    assert (follows.request.method, follows.request.body) == (b"GET", b"")
    assert AWS.handshake(STOP) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=x",
        "https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription&Token=x",
        "https://sns.us-east-1.amazonaws.com@evil.example/?Action=ConfirmSubscription&Token=x",
        "https://evil.example/?https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=x",
        "https://sns.us-east-1.amazonaws.com/?Action=Publish&Token=x",
        "https://169.254.169.254/?Action=ConfirmSubscription&Token=x",
    ],
)
def test_no_other_address_is_called(url):
    with pytest.raises(Unreadable, match=r"amazonaws\.com only"):
        AWS.handshake(confirming(url))


ROBOT = Credentials("AKIDEXAMPLE", "secret")


def test_a_text_of_our_own_leaves_by_the_service_that_the_upstream_is_of():
    by_sns = AWS.holding.compose(ANN, SHOP, "Hello é", ROBOT)
    by_text = Aws("eu-west-1/sms-voice").holding.compose(ANN, SHOP, "Hello é", ROBOT)
    assert read(AWS, by_sns).drafts == read(AWS, by_text).drafts == (Draft(ANN, SHOP, "Hello é"),)
    assert dict(parse_qsl(by_sns.body.decode()))["Action"] == "Publish"
    assert by_text.header(b"x-amz-target") == b"PinpointSMSVoiceV2.SendTextMessage"


@pytest.mark.parametrize(
    ("situation", "dialect", "sender", "why"),
    [
        ("no scope", Aws(), SHOP, "scope"),
        ("a pool of another service's", AWS, Sender(SenderKind.POOL, "pool-1"), "no pools"),
    ],
)
def test_what_cannot_be_composed_is_told(situation, dialect, sender, why):
    with pytest.raises(Unreadable, match=why):
        dialect.holding.compose(ANN, sender, "Hello", ROBOT)


def test_being_asked_too_often_is_a_pause():
    holding = AWS.holding
    assert holding.retry_after(response("errors/sns-rate-limit"), NOW) is not None
    assert holding.retry_after(response("errors/sns-invalid"), NOW) is None


FIRST = (
    b'<ListPhoneNumbersOptedOutResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">'
    b"<ListPhoneNumbersOptedOutResult><phoneNumbers><member>+12025550123</member><member>+447700900123</member>"
    b"</phoneNumbers><nextToken>a&amp;b</nextToken></ListPhoneNumbersOptedOutResult></ListPhoneNumbersOptedOutResponse>"
)
EMPTY = b"<R><ListPhoneNumbersOptedOutResult><phoneNumbers/></ListPhoneNumbersOptedOutResult></R>"


def test_the_list_of_sns_is_read_page_by_page():
    listed = AWS.opt_outs
    assert listed
    assert AWS.read(listed.page("", ROBOT)) is None
    assert dict(parse_qsl(listed.page("a&b", ROBOT).body.decode()))["nextToken"] == "a&b"
    page = listed.read(Response(200, (), FIRST))
    assert [(each.number, each.sender, each.at) for each in page.opt_outs] == [(ANN, "", None), (LEA, "", None)]
    assert page.following == "a&b"
    assert listed.read(Response(200, (), EMPTY)).opt_outs == ()


def test_the_list_of_end_user_messaging_is_read_page_by_page():
    listed = Aws("us-east-1/sms-voice").opt_outs
    assert listed
    assert AWS.read(listed.page("", ROBOT)) is None
    assert json.loads(listed.page("t", ROBOT).body)["NextToken"] == "t"
    entry = {"OptedOutNumber": ANN, "OptedOutTimestamp": 1795487400.0, "EndUserOptedOut": True}
    page = listed.read(Response(200, (), json.dumps({"OptedOutNumbers": [entry], "NextToken": "t"}).encode()))
    assert [(each.number, each.at) for each in page.opt_outs] == [(ANN, NOW)]
    assert page.following == "t"


def test_an_opt_out_is_put_on_the_list_of_end_user_messaging_and_sns_takes_none():
    writer, ours = Aws("us-east-1/sms-voice").opt_out_writer, [TheirOptOut(ANN, "", None)]
    assert writer
    put = writer.put(ours, ROBOT)
    assert put.header(b"x-amz-target") == b"PinpointSMSVoiceV2.PutOptedOutNumber"
    assert json.loads(put.body) == {"OptOutListName": "Default", "OptedOutNumber": ANN}
    assert AWS.read(put) is None
    for number, taken in ((ANN, True), (LEA, False)):
        assert writer.taken(ours, Response(200, (), json.dumps({"OptedOutNumber": number}).encode())) == [taken]
    with pytest.raises(Unreadable, match="answer"):
        writer.taken(ours, Response(200, (), b"<html>"))
    assert AWS.opt_out_writer is None


@pytest.mark.parametrize("scope", ["us-east-1/sns", "us-east-1/sms-voice"])
@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", b'{"OptedOutNumbers": [1]}'])
def test_what_is_no_page_of_opt_outs_is_refused(scope, body):
    listed = Aws(scope).opt_outs
    assert listed
    with pytest.raises(Unreadable, match="no page"):
        listed.read(Response(200, (), body))


words = st.sampled_from(["Action", "PhoneNumber", "Message", "TopicArn", "action", "MessageAttributes.entry.1.Name"])
forms = st.lists(st.tuples(words, st.sampled_from(["Publish", "", "Send"]) | st.text(max_size=9)), max_size=6)
members = st.dictionaries(
    st.sampled_from(["DestinationPhoneNumber", "MessageBody", "OriginationIdentity", "MediaUrls", "messagebody"]),
    st.none() | st.text() | st.integers() | st.lists(st.text()),
)


@given(
    sent=st.binary().map(lambda body: replace(GSM, body=body))
    | forms.map(lambda pairs: replace(GSM, body=urlencode(pairs, errors="replace").encode()))
    | (st.binary() | members).map(texted)
)
@settings(max_examples=200)
def test_any_body_is_read_or_refused_and_nothing_else_happens(sent):
    try:
        answered = AWS.read(sent)
    except Unreadable as error:
        answered = AWS.refuse(sent, error.reason, str(error), error.field)
    assert isinstance(answered, Send) or answered.status == 400


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(old=texts, new=texts)
@settings(max_examples=100)
def test_a_new_text_reads_back(old, new):
    by_text = texted({"DestinationPhoneNumber": ANN, "MessageBody": old})
    for said in (published(PhoneNumber=ANN, Message=old), by_text):
        after = AWS.write(read(AWS, said), {0: new})
        assert read(AWS, after).drafts == (Draft(ANN, NO_SENDER, new),)
