"""Amazon's calls to us: replies of recipients, which their number publishes to an SNS topic.

They are known by the topic, whose ARN is then what checks them, as Amazon signs for it; or by a secret in the URL that
was subscribed, which raw delivery needs, since there is no signature in it.
"""

from __future__ import annotations

import re

from gateway.dialects import url_secrets
from gateway.dialects.aws import envelope
from gateway.dialects.calls import call
from gateway.dialects.json_posts import Fields
from gateway.dialects.told import told
from gateway.words.errors import Unreadable
from gateway.words.message import Inbound
from gateway.words.wire import Call, Request

_TOPIC = "arn:"
_CONFIRMS = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\?Action=ConfirmSubscription&[!-~]+")


def signed(request: Request, secret: str) -> bool:
    """As far as that can be told without a certificate."""
    return envelope.of_topic(request.body, secret) if _is_topic(secret) else url_secrets.knows(request, secret)


def certified_by(request: Request, secret: str) -> str:
    """Raises Unreadable for a certificate elsewhere than at Amazon."""
    return envelope.certified_by(request.body) if _is_topic(secret) else ""


def hear(request: Request) -> Inbound | None:
    """A recipient's reply; None for any other notification, and for SNS's own."""
    fields = _message(request.body)
    if fields is None or fields.get("messageBody") is None:
        return None
    return Inbound(
        id=told(fields.scalar("inboundMessageId"), "inboundMessageId"),
        recipient=told(fields.scalar("originationNumber"), "originationNumber"),
        to=told(fields.scalar("destinationNumber"), "destinationNumber"),
        text=fields.text("messageBody") or "",
    )


def handshake(request: Request) -> Call | None:
    """The call that confirms a subscription, at Amazon's own address and at no other. Raises Unreadable."""
    fields = envelope.envelope(request.body)
    if fields is None or fields.text("Type") != envelope.CONFIRMATION:
        return None
    url = fields.text("SubscribeURL") or ""
    if not _CONFIRMS.fullmatch(url):
        raise Unreadable("a subscription is confirmed at https://sns.<region>.amazonaws.com only", field="SubscribeURL")
    return call(b"GET", url, ())


def _message(body: bytes) -> Fields | None:
    """What was published: inside of the envelope, or all there is."""
    fields = envelope.envelope(body)
    if fields is None:
        return Fields.read(body)
    if fields.text("Type") != envelope.NOTIFICATION:
        return None
    try:
        return Fields.read((fields.text("Message") or "").encode())
    except Unreadable:  # a text for people, or of another publisher's
        return None


def _is_topic(secret: str) -> bool:
    return secret.startswith(_TOPIC)
