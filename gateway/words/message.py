"""One text to one recipient, and how a request names several."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.words.mailed import Mailed
from gateway.words.number import NO_SENDER, Number, Sender
from gateway.words.program import DEFAULT_PROGRAM, Category, Program
from gateway.words.wire import Request


@dataclass(frozen=True, slots=True)
class Draft:
    """What a request says of one message, in the client's own spelling: nothing is known of it yet."""

    to: str
    sender: Sender = NO_SENDER
    text: str | None = None  # None: the text is kept at the carrier, or is binary
    send_at: datetime | None = None  # when the carrier is asked to send it; None: now
    delay: timedelta | None = None  # or how long from now on: a dialect has no clock
    media: int = 0  # attachments that go with it


@dataclass(frozen=True, slots=True)
class Send:
    """One request that sends: its drafts in the order in which it names them."""

    request: Request
    drafts: tuple[Draft, ...]
    account: str = ""  # whose credentials it bears, by name
    mailed: Mailed | None = None  # the mail that it was made of, where it came as one


@dataclass(frozen=True, slots=True)
class Message:
    """One text to one recipient, with all that rules ask about it."""

    id: str
    recipient: Number | None  # None: no number could be made of what the client wrote
    text: str | None
    sender: Sender = NO_SENDER
    program: Program = DEFAULT_PROGRAM
    category: Category = Category.MARKETING
    send_at: datetime | None = None
    media: int = 0
    subject: str = ""  # what it is about, in the site's own word; caps may count by it
    upstream: str = ""
    clients: tuple[str, ...] = ()  # who sends: its address, its token's name, the account whose credentials it bears


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a recipient sent back."""

    id: str  # the carrier's id of it: a repeated webhook changes nothing; empty: it gives none
    recipient: str  # who wrote it, as the carrier spells the number
    to: str  # the sender (ours) that it answers
    text: str
    carrier_acted: str = ""  # "STOP", "START", "HELP" where the carrier has answered and acted on it already
