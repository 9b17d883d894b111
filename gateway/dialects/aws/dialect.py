"""Amazon's two ways to send: SNS (`Action=Publish` to a number) and End User Messaging (PinpointSMSVoiceV2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.dialects import url_secrets
from gateway.dialects.answers import by_status, uncompressed
from gateway.dialects.aws import publish, texts, webhook
from gateway.dialects.aws.envelope import attested
from gateway.dialects.aws.errors import error, opted_out
from gateway.dialects.aws.holding import AwsHolding
from gateway.dialects.aws.optouts import SnsOptOuts, TextOptOuts, TextOptOutWriter
from gateway.dialects.aws.signer import AwsSigner
from gateway.dialects.base import Dialect
from gateway.dialects.optout_list import OptOutList, OptOutWriter
from gateway.dialects.paths import settled
from gateway.dialects.signer import Signer
from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound, Send
from gateway.words.outcome import Outcome, Verdict
from gateway.words.wire import Call, Credentials, Request, Response

_MARKS = (b"MessageId", b"CreateSMSSandboxPhoneNumberRes")
_WRITERS: dict[str, OptOutWriter] = {"sms-voice": TextOptOutWriter()}  # SNS takes none
_LISTS: dict[str, OptOutList] = {"sns": SnsOptOuts(), "sms-voice": TextOptOuts()}


class Aws(Dialect):
    """One recipient a request; a refusal raises an error of boto3's that it does not retry.

    `scope`: region and service of the upstream, `us-east-1/sns` or `us-east-1/sms-voice`, for what the gateway asks and
    says by itself; clients' requests name theirs in their signatures.
    """

    name = "aws"
    one_recipient = True
    bare_is_international = False
    signs = True
    answers_keywords = True

    def __init__(self, scope: str | None = None) -> None:
        self._region, _, self._service = (scope or "").partition("/")
        self.holding = AwsHolding(self.write, self._service)
        self.opt_outs = _LISTS.get(self._service)
        self.opt_out_writer = _WRITERS.get(self._service)

    def signer(self, credentials: Credentials | None) -> Signer:
        if credentials and not self._service:
            raise Unreadable(
                "the dialect aws needs a `scope`, region and service, to sign what the gateway itself says"
            )
        return AwsSigner(credentials, self._region, self._service)

    def claims(self, request: Request) -> bool:
        return True

    def sends(self, path: bytes) -> bool:
        return settled(path) == b"/"

    def read(self, request: Request) -> Send | None:
        if request.path != b"/":
            raise Unreadable("this path is unknown here; SNS and PinpointSMSVoiceV2 are called at /")
        return texts.read(request) if texts.is_one(request) else publish.read(request)

    def write(self, send: Send, texts_: Mapping[int, str | None]) -> Request:
        written = texts.write if texts.is_one(send.request) else publish.write
        return written(send.request, send.drafts[0].text, texts_[0])

    def verdict(self, response: Response) -> Verdict:
        verdict, body = by_status(response.status), uncompressed(response)
        if verdict is not Verdict.ACCEPTED:
            return verdict
        return Verdict.ACCEPTED if any(mark in body for mark in _MARKS) else Verdict.UNKNOWN

    def opted_out(self, response: Response) -> bool:
        return opted_out(response)

    def answer(self, send: Send, outcomes: Sequence[Outcome], carrier: Response) -> Response:
        return carrier

    def refuse(self, request: Request, reason: Reason, why: str, field: str = "") -> Response:
        return error(request, reason, why, field)

    def away(self, request: Request, status: int, why: str) -> Response:
        return error(request, Reason.TRY_AGAIN, why, status=status)

    def hear(self, request: Request) -> Inbound | None:
        return webhook.hear(request)

    def handshake(self, request: Request) -> Call | None:
        return webhook.handshake(request)

    def without_secret(self, request: Request, secret: str) -> Request:
        return url_secrets.without_secret(request, secret)

    def signed(self, request: Request, url: str, secret: str, now: datetime) -> bool:
        return webhook.signed(request, secret)

    def certified_by(self, request: Request, secret: str) -> str:
        return webhook.certified_by(request, secret)

    def attested(self, request: Request, certificate: bytes, now: datetime) -> bool:
        return attested(request.body, certificate, now)
