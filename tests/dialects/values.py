"""Values that the tests of dialects share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.dialects.base import Dialect
from gateway.words.decision import Action, Decision, Finding, Reason, State
from gateway.words.facts import Facts
from gateway.words.kept import Kept
from gateway.words.message import Message, Send
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Request

SENT = Decision(())
STOPPED = Decision((Finding("gateway/suppressed", Action.BLOCK, "opted out on 2026-01-02", reason=Reason.SUPPRESSED),))

PUT_OFF = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
MINTED = "SM" + "ab" * 16

# What the captured sends say, and when the scheduled ones are to leave.
HI = "Hi Ada, your appointment is confirmed for 10:30 tomorrow. Cost @ £5 = {ok}. Reply STOP to opt out"
LONG = (
    "Acme Energy: your engineer will arrive between 08:00 and 12:00 on Monday 3 June. Please make sure someone over 18 "
    "is at home & the meter is reachable. Call us on +1 202 555 0199 or visit https://example.com/v?id=42&x=a+b%20c to "
    "move the visit. Reply STOP to opt out."
)
BONJOUR = "Bonjour Zoë 👋 votre rendez-vous est confirmé – à bientôt! 你好"
DECEMBER = datetime(2026, 12, 1, 9, tzinfo=UTC)


def outcomes(send: Send, *withheld: int) -> list[Outcome]:
    """What became of a request's messages: sent, but for these."""
    return [
        Outcome(
            Message(str(place), None, draft.text),
            Facts.NONE,
            STOPPED if place in withheld else SENT,
            Fate.WITHHELD if place in withheld else Fate.SENT,
        )
        for place, draft in enumerate(send.drafts)
    ]


def read(dialect: Dialect, request: Request) -> Send:
    assert dialect.claims(replace(request, body=b"")), "a send must be claimed by its head"
    send = dialect.read(request)
    assert send is not None
    return send


def rewritten(dialect: Dialect, request: Request, change: str) -> Request:
    """The request with `change` behind every text."""
    send = read(dialect, request)
    return dialect.write(send, {i: d.text and d.text + change for i, d in enumerate(send.drafts)})


def with_header(request: Request, name: bytes, value: bytes) -> Request:
    """The request with this field: where it stands, or at the end."""
    others = tuple((key, old) for key, old in request.headers if key.lower() != name.lower())
    return replace(request, headers=(*others, (name, value)))


def length_of(request: Request) -> bytes | None:
    return request.header(b"content-length")


def kept(dialect: Dialect, request: Request, **changed: Any) -> Kept:
    """A message of a request as it waits, put off at half past two."""
    send = read(dialect, request)
    place = changed.get("place", 0)
    waiting = Kept(send, place, MINTED, State.WAITING, PUT_OFF, PUT_OFF, send.drafts[place].text)
    return replace(waiting, **changed)
