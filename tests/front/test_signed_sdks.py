"""Amazon's and Azure's own SDKs through the gateway: whatever they say reaches the carrier signed anew."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import boto3
import pytest
import requests
from azure.communication.sms import SmsClient
from azure.core.credentials import AccessToken, AzureKeyCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from botocore.exceptions import ClientError

from gateway.dialects.aws.signer import AwsSigner
from gateway.dialects.azure.signature import AzureSigner
from gateway.words.wire import Credentials, Request
from tests import captures
from tests.dialects.values import with_header
from tests.front.carriers import ACCESS_KEY, ACCESS_KEY_ID, NOW, TAKEN, TOKEN, Carriers

ANN, BEN, CAT, BOB, DAN = "+12125550100", "+12125550101", "+12025550123", "+12125550177", "+16175550142"
SHOP = "+18335550100"
SALE, INSTRUCTION = "20% off today", "Reply STOP to opt out"
AMAZON = AwsSigner(Credentials(ACCESS_KEY_ID, ACCESS_KEY))
AZURE = AzureSigner(Credentials("acs", ACCESS_KEY))
ATTRIBUTES = {"AWS.MM.SMS.OriginationNumber": {"DataType": "String", "StringValue": SHOP}}

Amazon = Callable[..., Any]


@pytest.fixture(autouse=True)
def clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDKs' clocks stand where the gateway's does."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: NOW.astimezone().replace(tzinfo=None))
    stamp = NOW.astimezone().strftime("%a, %d %b %Y %H:%M:%S GMT")
    monkeypatch.setattr("azure.communication.sms._shared.policy.get_current_utc_time", lambda: stamp)


@pytest.fixture
def amazon(carriers: Carriers) -> Amazon:
    def client(name: str, base: str = f"https://{carriers.gateway}", secret: str = ACCESS_KEY, **more: Any) -> Any:
        service = {"sns": "sns", "sms-voice": "pinpoint-sms-voice-v2"}[name]
        return boto3.client(
            service,
            endpoint_url=f"{base}/{name}/",
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=secret,
            verify=str(carriers.certificate),
            **more,
        )

    return client


@pytest.fixture
def azure(carriers: Carriers) -> SmsClient:
    return azure_at(f"https://{carriers.gateway}")


def azure_at(base: str, key: str = ACCESS_KEY) -> SmsClient:
    return SmsClient(base, AzureKeyCredential(key))


def stop_to_amazon(number: str) -> Request:
    """As it is delivered raw."""
    said = {"originationNumber": number, "destinationNumber": SHOP, "messageBody": "Stop", "inboundMessageId": number}
    return Request(b"POST", f"/in/sns?code={TOKEN}".encode(), (), json.dumps(said).encode())


def stop_to_azure(*numbers: str) -> Request:
    events = [
        {
            "eventType": "Microsoft.Communication.SMSReceived",
            "data": {"MessageId": number, "From": number, "To": SHOP, "Message": "STOP"},
        }
        for number in numbers
    ]
    return Request(b"POST", f"/in/azure?code={TOKEN}".encode(), (), json.dumps(events).encode())


def form(sent: Request) -> dict[str, str]:
    return dict(parse_qsl(sent.body.decode()))


def told(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, int, int]:
    """Code, status, and how often it was sent again."""
    response = refused.value.response
    metadata = response["ResponseMetadata"]
    return response["Error"]["Code"], metadata["HTTPStatusCode"], metadata["RetryAttempts"]


def test_a_text_by_sns_leaves_with_its_instruction_under_a_new_signature(amazon: Amazon, carriers: Carriers) -> None:
    sent = amazon("sns").publish(PhoneNumber=ANN, Message=SALE, MessageAttributes=ATTRIBUTES)
    assert sent["MessageId"] == "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"
    left = carriers.sent()
    assert form(left)["Message"] == f"{SALE} {INSTRUCTION}"
    assert (left.header(b"host") or b"").decode() == carriers.carrier.address
    AMAZON.check(left, NOW)


def test_a_text_by_end_user_messaging_leaves_with_its_instruction_under_a_new_signature(
    amazon: Amazon, carriers: Carriers
) -> None:
    message = {"DestinationPhoneNumber": ANN, "OriginationIdentity": SHOP, "MessageBody": SALE}
    sent = amazon("sms-voice").send_text_message(**message)
    assert sent["MessageId"] == "94f20ce6-13c5-43a0-9a9e-ca52d816e90b"
    assert json.loads(carriers.sent().body) == message | {"MessageBody": f"{SALE} {INSTRUCTION}"}
    AMAZON.check(carriers.sent(), NOW)


def test_a_session_token_goes_on_with_what_it_signs(amazon: Amazon, carriers: Carriers) -> None:
    amazon("sns", aws_session_token="test-session-token").publish(PhoneNumber=ANN, Message="Sale. Reply STOP to end")
    assert carriers.sent().header(b"x-amz-security-token") == b"test-session-token"
    AMAZON.check(carriers.sent(), NOW)


def test_after_stop_boto3_raises_its_own_errors_and_nothing_leaves(amazon: Amazon, carriers: Carriers) -> None:
    assert carriers.called(stop_to_amazon(BOB)) in TAKEN
    sns, eum = amazon("sns"), amazon("sms-voice")
    with pytest.raises(sns.exceptions.OptedOutException, match=r"gateway/suppressed") as refused:
        sns.publish(PhoneNumber=BOB, Message=SALE, MessageAttributes=ATTRIBUTES)
    assert told(refused) == ("OptedOut", 400, 0)
    with pytest.raises(eum.exceptions.ConflictException) as refused:
        eum.send_text_message(DestinationPhoneNumber=BOB, OriginationIdentity=SHOP, MessageBody=SALE)
    assert refused.value.response["Reason"] == "DESTINATION_PHONE_NUMBER_OPTED_OUT"
    assert carriers.carrier.received == []


def test_to_who_agreed_to_nothing_boto3_raises_another_error(amazon: Amazon, carriers: Carriers) -> None:
    sns = amazon("sns")
    with pytest.raises(sns.exceptions.InvalidParameterValueException, match=r"consent") as refused:
        sns.publish(PhoneNumber="+12125550166", Message=SALE, MessageAttributes=ATTRIBUTES)
    assert told(refused) == ("ParameterValueInvalid", 400, 0)
    assert carriers.carrier.received == []


@pytest.mark.parametrize("service", ["sns", "sms-voice"])
def test_a_secret_that_the_gateway_does_not_hold_sends_nothing(
    amazon: Amazon, carriers: Carriers, service: str
) -> None:
    client = amazon(service, secret="another")
    with pytest.raises(ClientError, match="not passed on") as refused:
        client.list_topics() if service == "sns" else client.describe_pools()
    assert told(refused)[1:] == (403, 0)
    assert carriers.carrier.received == []


OWN_TO_A_CALL = {b"host", b"authorization", b"x-amz-date", b"amz-sdk-invocation-id"}


@pytest.mark.parametrize("service", ["sns", "sms-voice"])
def test_what_is_no_send_reaches_amazon_as_it_is_but_for_its_signature(
    amazon: Amazon, carriers: Carriers, service: str
) -> None:
    def asked(client: Any) -> Any:
        topic = "arn:aws:sns:us-east-1:000000000000:alerts"
        answer = client.delete_topic(TopicArn=topic) if service == "sns" else client.describe_pools(PoolIds=["pool-1"])
        return answer["ResponseMetadata"]["HTTPHeaders"]

    through, straight = asked(amazon(service)), asked(amazon(service, carriers.carrier.url))
    own = {"date", "connection"}
    assert {k: v for k, v in through.items() if k not in own} == {k: v for k, v in straight.items() if k not in own}
    passed, directly = carriers.carrier.received
    AMAZON.check(passed, NOW)
    assert replace(passed, headers=()) == replace(directly, headers=())
    assert [pair for pair in passed.headers if pair[0].lower() not in OWN_TO_A_CALL] == [
        pair for pair in directly.headers if pair[0].lower() not in OWN_TO_A_CALL
    ]


CAPTURED = ["sns-gsm", "sns-attributes", "sns-long", "sns-session-token", "acs-gsm", "acs-long"]


@pytest.mark.parametrize("name", CAPTURED)
def test_what_needs_no_change_reaches_the_carrier_byte_for_byte_but_for_its_signature(
    carriers: Carriers, name: str
) -> None:
    captured, amazons = captures.request(name), name.startswith("sns")
    target = (b"/sns" if amazons else b"") + captured.target
    called = with_header(replace(captured, target=target), b"Host", carriers.gateway.encode())
    signed = (AMAZON if amazons else AZURE).sign(called, NOW)
    session = requests.Session()
    session.headers.clear()
    headers = {key.decode(): value.decode() for key, value in signed.headers}
    url = f"https://{carriers.gateway}{target.decode()}"
    assert session.post(url, headers=headers, data=signed.body, timeout=10).status_code in TAKEN
    left = carriers.sent()
    assert (left.target, left.body) == (target, captured.body)
    own = {b"host", b"connection", b"authorization", b"x-amz-date", b"x-ms-date"}
    assert {p for p in left.headers if p[0].lower() not in own} == {
        p for p in captured.headers if p[0].lower() not in own
    }


def test_a_text_by_azure_leaves_with_its_instruction_under_a_new_signature(
    azure: SmsClient, carriers: Carriers
) -> None:
    [first, *_] = azure.send(SHOP, [ANN], SALE, enable_delivery_report=True, tag="job-77")
    assert (first.successful, first.message_id) == (True, "Outgoing_2026112402300000_noam")
    left = carriers.sent()
    assert json.loads(left.body)["message"] == f"{SALE} {INSTRUCTION}"
    assert (left.header(b"host") or b"").decode() == carriers.carrier.address
    AZURE.check(left, NOW)


def test_of_five_recipients_the_two_who_have_opted_out_are_left_out_and_told(
    azure: SmsClient, carriers: Carriers
) -> None:
    assert carriers.called(stop_to_azure(BOB, DAN)) in TAKEN
    results = azure.send(SHOP, [ANN, BOB, BEN, DAN, CAT], "Sale. Reply STOP to end")
    assert [recipient["to"] for recipient in json.loads(carriers.sent().body)["smsRecipients"]] == [ANN, BEN, CAT]
    assert [result.successful for result in results] == [True, False, True, False, True]
    assert [result.to for result in results if not result.successful] == [BOB, DAN]
    assert "Sender blocked for given recipient." in results[1].error_message
    assert results[1].http_status_code == 400
    AZURE.check(carriers.sent(), NOW)


def test_after_stop_azures_result_says_so_and_nothing_leaves(azure: SmsClient, carriers: Carriers) -> None:
    assert carriers.called(stop_to_azure(BOB)) in TAKEN
    [result] = azure.send(SHOP, BOB, SALE)
    assert (result.successful, result.http_status_code, result.to) == (False, 400, BOB)
    assert "gateway/suppressed" in result.error_message
    assert carriers.carrier.received == []


def test_a_key_that_the_gateway_does_not_hold_sends_nothing_by_azure(carriers: Carriers) -> None:
    with pytest.raises(ClientAuthenticationError, match="signature") as refused:
        azure_at(f"https://{carriers.gateway}", "YW5vdGhlcg==").send(SHOP, ANN, SALE)
    assert refused.value.status_code == 401
    assert carriers.carrier.received == []


class Entra:
    """Tokens of Entra ID."""

    def get_token(self, *_: str, **__: Any) -> AccessToken:
        return AccessToken("eyJ0eXAi.e30.sig", int(NOW.timestamp()) + 10**9)


def test_a_token_of_entra_id_goes_on_as_it_came(carriers: Carriers) -> None:
    SmsClient(f"https://{carriers.gateway}", Entra()).send(SHOP, ANN, "Sale. Reply STOP to end")
    assert carriers.sent().header(b"authorization") == b"Bearer eyJ0eXAi.e30.sig"


def test_what_makes_no_sense_raises_azures_error(azure: SmsClient, carriers: Carriers) -> None:
    with pytest.raises(HttpResponseError, match="message is missing") as refused:
        azure.send(SHOP, ANN, " ")
    assert (refused.value.status_code, refused.value.error.code) == (400, "BadRequest")
    assert carriers.carrier.received == []


def test_event_grid_is_welcomed_and_a_report_is_told_on_with_its_body_as_it_came(carriers: Carriers) -> None:
    validation = captures.request("webhooks/acs-subscription-validation")
    report = captures.request("webhooks/acs-status-failed-optout")
    url = f"{carriers.house.public}/in/azure?code={TOKEN}"
    welcomed = requests.post(url, data=validation.body, timeout=10)
    assert welcomed.json() == {"validationResponse": "512d38b6-c7b8-40c8-89fe-f46f9e9622b6"}
    assert carriers.legacy.received == []
    assert requests.post(url, data=report.body, timeout=10).status_code in TAKEN
    assert carriers.told().body == report.body
    assert TOKEN.encode() not in carriers.told().target


@pytest.mark.parametrize("webhook", [stop_to_amazon(ANN), stop_to_azure(ANN)], ids=["amazon", "azure"])
def test_a_webhook_without_its_secret_is_403_and_told_to_nobody(carriers: Carriers, webhook: Request) -> None:
    assert carriers.called(replace(webhook, target=webhook.target.replace(TOKEN.encode(), b"guessed"))) == 403
    assert carriers.legacy.received == []
