"""What a mail comes to: recipients' numbers and a text; and how a site wants its mails read."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.words.decision import Reason
from gateway.words.errors import Unreadable
from gateway.words.number import Number
from gateway.words.wire import Credentials


class BadMail(Unreadable):
    """No text can be made of this mail. `status` is the enhanced status code (RFC 3463) for SMTP and the DSN."""

    def __init__(self, message: str, status: str, *, field: str = "", reason: Reason = Reason.BAD_REQUEST) -> None:
        super().__init__(message, field=field, reason=reason)
        self.status = status


class NotForTexting(BadMail):
    """A mail that never becomes a text: it loops, is a bounce, an automatic answer or a list's. `rule` names why."""

    def __init__(self, message: str, status: str, rule: str) -> None:
        super().__init__(message, status)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who SMTP says that a mail is from and to. `sender` is empty for the null sender `<>`."""

    sender: str
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address and the number that it names; the address of the mail, where the mail itself names the number."""

    address: str
    number: Number
    credentials: Credentials | None = None  # that stand in the address, where a profile has them there
    sender: str = ""  # whom the text shall be from, likewise


@dataclass(frozen=True, slots=True)
class Refused:
    """An address of which no number could be made."""

    address: str
    why: str
    status: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as texts: the same `text` to each recipient."""

    recipients: tuple[Recipient, ...]
    text: str
    media: int = 0  # attachments, where they are counted
    sender: str = ""  # the address that DSNs and replies go to
    says_from: str = ""  # whom the text shall be from, where a profile lets the mail say it
    credentials: Credentials | None = None  # that stood in the mail, where a profile has them there; never in the text
    subject: str = ""
    message_id: str = ""  # with its angle brackets
    references: tuple[str, ...] = ()  # the thread that the mail belongs to, the oldest first, itself not among them
    refused: tuple[Refused, ...] = ()
    was_cut: bool = False  # the text was longer than the site allows


class Subject(StrEnum):
    """Whether the subject is part of the text."""

    NEVER = "never"
    ALWAYS = "always"
    WHEN_EMPTY = "when-empty"  # where nothing else is in the mail


class Attachments(StrEnum):
    IGNORE = "ignore"
    COUNT = "count"  # they become the message's media
    REFUSE = "refuse"


class TooLong(StrEnum):
    CUT = "cut"
    REFUSE = "refuse"


class Tail(StrEnum):
    """What may follow what a mail says."""

    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Shaping:
    """How the text is made of a mail."""

    subject: Subject = Subject.WHEN_EMPTY
    cut: frozenset[Tail] = field(default_factory=lambda: frozenset(Tail))
    attachments: Attachments = Attachments.IGNORE
    max_segments: int = 6
    too_long: TooLong = TooLong.CUT
