"""What mails of ours have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from gateway.mail.kinds import TRACE

SMTP = policy.SMTP.clone(cte_type="7bit")  # every server takes it
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a mail of ours can't make up itself: what it is called, when it is composed, and by which host."""

    message_id: str  # with its angle brackets
    now: datetime
    host: str  # this gateway's name in the mail system


def new_mail(stamp: Stamp) -> EmailMessage:
    """A mail that has the fields that all of ours have."""
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(stamp.now)
    mail["Message-ID"] = one_line(stamp.message_id)
    mail[TRACE] = one_line(stamp.host)
    return mail


def one_line(value: str) -> str:
    """A value that can't break out of its field."""
    return _BREAKS.sub(" ", value).strip()
