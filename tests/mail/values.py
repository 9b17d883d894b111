"""What the tests of mails have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

from gateway.mail.composed import Stamp

ANN = "12125550100@sms.example.com"
STAMP = Stamp("<dsn.1@sms.example.com>", datetime(2026, 6, 1, 10, 0, tzinfo=UTC), "sms.example.com")


def parsed(raw: bytes) -> EmailMessage:
    """As a mail program reads it."""
    return cast(EmailMessage, message_from_bytes(raw, policy=default))
