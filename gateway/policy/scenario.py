"""A scenario: a message, a moment, what is remembered of its recipient, and what is expected.

One format for `policy test`, `explain -`, golden cases and the record of real decisions, so that each can become the
other. `counted` and `instructed` are what a store remembers where no history is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from gateway.numbering.places import supplied
from gateway.numbering.read import read_number
from gateway.numbering.senders import sender_of
from gateway.policy.book import Book
from gateway.policy.model import Categories
from gateway.policy.rules.cap import Calendar
from gateway.policy.terms import Region, Within, Words
from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Facts, Stop, Suppression, SuppressionKind
from gateway.words.message import Message
from gateway.words.number import Number, Place
from gateway.words.program import Category, Program
from gateway.yamlfile import Document, Written, listed, parsed


def _instant(value: object) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError("is no instant; write it as 2026-06-10T15:00:00Z") from None
    if at.tzinfo is None:
        raise ValueError("says no offset; write Z behind it for UTC, or -04:00")
    return at.astimezone(UTC)


Instant = Annotated[datetime, BeforeValidator(_instant)]


class ProgramSaid(Written):
    """A program by its name, or with what its texts need."""

    name: str = "default"
    brand: str = ""
    language: str = ""
    contact: str = ""
    stop_number: str = ""
    links: str = ""
    registered: Mapping[str, Annotated[tuple[str, ...], BeforeValidator(listed)]] = {}
    templates: Words = ()

    def made(self) -> Program:
        return Program(
            self.name,
            self.brand,
            language=self.language,
            contact=self.contact,
            stop_number=self.stop_number,
            links=self.links,
            registered=self.registered,
            templates=self.templates,
        )


def _program(value: object) -> object:
    return value if isinstance(value, Mapping | Written) else {"name": value}


SaidProgram = Annotated[ProgramSaid, BeforeValidator(_program)]


class MessageSaid(Written):
    to: str
    sender: str = Field(default="", alias="from")
    text: str | None
    category: Category = Category.MARKETING
    program: SaidProgram = ProgramSaid()
    subject: str = ""
    upstream: str = ""
    client: Words = ()
    send_at: Instant | None = None
    media: int = 0


class ConsentSaid(Written):
    kind: ConsentKind
    at: Instant
    method: str = "web-form"
    confirmed: bool = False
    night: bool = False
    categories: Categories = (Category.MARKETING,)
    program: str | None = None  # None: the message's
    expires: Instant | None = None


class SuppressionSaid(Written):
    kind: SuppressionKind = SuppressionKind.OPT_OUT
    scope: str = SCOPE_ALL
    at: Instant
    source: str = "keyword"


class PastSaid(Written):
    """A message that was accepted before."""

    at: Instant
    category: Category | None = None  # None: the message's
    text: str | None = None
    sender: str | None = Field(default=None, alias="from")
    program: str | None = None
    subject: str | None = None


class StoppedSaid(Written):
    program: str = SCOPE_ALL
    reason: str = ""
    at: Instant


class LookedUpSaid(Written):
    """What was asked of a store: lists by name, counters with the periods over which they were looked at."""

    counters: Mapping[str, tuple[Within | Calendar, ...]] = {}
    lists: Words = ()


class Expected(Written):
    """What is left out is not checked. `rule`: the deciding rule's id, or the beginning of it."""

    action: Literal["send", "rewrite", "defer", "block"] | None = None
    rule: str | None = None
    not_before: Instant | None = None
    text: str | None = None
    text_contains: Words = ()
    text_excludes: Words = ()


class ScenarioWritten(Written):
    """A scenario as it is written."""

    name: str = ""
    message: MessageSaid
    at: Instant
    zone: str | None = None
    region: Region | None = None
    place: Mapping[str, Any] | None = None  # of a real decision: where the recipient was taken to be
    consent: tuple[ConsentSaid, ...] = ()
    suppressed: tuple[SuppressionSaid, ...] = ()
    lists: Words = ()
    history: tuple[PastSaid, ...] = ()
    counted: Mapping[str, tuple[Instant, ...]] = {}
    instructed: Instant | None = None
    stopped: StoppedSaid | None = None
    known: bool = True
    looked_up: LookedUpSaid = LookedUpSaid()  # of a real decision: the rest of lists and counters is not known
    expect: Expected = Expected()


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is asked, and what should come out."""

    name: str
    message: Message
    at: datetime
    facts: Facts  # without what hangs on the rules: history is counted by `facts_under`
    history: tuple[Message, ...]
    sent: tuple[datetime, ...]  # when each of the history was
    expect: Expected

    def facts_under(self, book: Book) -> Facts:
        """What a store would remember, had it counted the history by these rules."""
        counted = {name: list(claims) for name, claims in self.facts.counted.items()}
        for past, at in zip(self.history, self.sent, strict=True):
            for counter in book.needs(past).counters if past.recipient else ():
                counted.setdefault(counter, []).append(at)
        told = [at for past, at in zip(self.history, self.sent, strict=True) if past.program == self.message.program]
        instructed = max([*told, *([self.facts.instructed] if self.facts.instructed else [])], default=None)
        claims = {name: tuple(sorted(several)) for name, several in counted.items()}
        return replace(self.facts, counted=claims, instructed=instructed)


def read(document: Document) -> list[Scenario]:
    """A file's scenarios, a list or one. Raises BadFile with all that is wrong."""
    value = document.value if isinstance(document.value, list) else [document.value]
    return [scenario(written) for written in parsed(document, _Several, {"scenarios": value}).scenarios]


class _Several(Written):
    scenarios: tuple[ScenarioWritten, ...]


def scenario(written: ScenarioWritten) -> Scenario:
    said = written.message
    message = Message(
        written.name or "scenario",
        _recipient(written),
        said.text,
        sender_of(said.sender),
        said.program.made(),
        said.category,
        said.send_at,
        said.media,
        said.subject,
        said.upstream,
        said.client,
    )
    facts = Facts(
        known=written.known,
        suppressions=tuple(Suppression(each.kind, each.scope, each.source, each.at) for each in written.suppressed),
        consents=tuple(_consent(each, message.program.name) for each in written.consent),
        instructed=written.instructed,
        counted=written.counted,
        lists=written.lists,
        stopped=_stop(written.stopped) if written.stopped else None,
    )
    history = tuple(_past(each, message) for each in written.history)
    return Scenario(
        written.name, message, written.at, facts, history, tuple(each.at for each in written.history), written.expect
    )


def _recipient(written: ScenarioWritten) -> Number | None:
    number = read_number(written.message.to)
    if number is None:
        return None
    if written.place is not None:
        told = written.place
        return replace(number, place=Place(str(told["country"]), tuple(told["regions"]), tuple(told["zones"])))
    return replace(number, place=supplied(number.place, written.zone, written.region))


def _stop(said: StoppedSaid) -> Stop:
    return Stop(said.program, said.reason, said.at)


def _consent(said: ConsentSaid, program: str) -> Consent:
    return Consent(
        said.kind,
        said.at,
        said.method,
        said.program if said.program is not None else program,
        said.categories,
        said.confirmed,
        said.night,
        said.expires,
    )


def _past(said: PastSaid, message: Message) -> Message:
    return replace(
        message,
        text=said.text,
        category=said.category or message.category,
        sender=message.sender if said.sender is None else sender_of(said.sender),
        program=message.program if said.program in {None, message.program.name} else Program(str(said.program)),
        subject=message.subject if said.subject is None else said.subject,
    )


def recorded(message: Message, facts: Facts, book: Book, at: datetime) -> dict[str, object]:
    """A real message as a scenario, with the facts as they were known by what `book` asks: for the record, sealed."""
    said = {
        "from": message.sender.value,
        "category": message.category,
        "program": message.program.name,
        "subject": message.subject,
        "upstream": message.upstream,
        "client": message.clients,
        "send_at": message.send_at,
        "media": message.media,
    }
    always = {"to": message.recipient.e164 if message.recipient else "", "text": message.text}
    told: dict[str, object] = {"message": always | {key: value for key, value in said.items() if value}, "at": at}
    said_of = message.recipient and message.recipient.place
    if said_of:
        told["place"] = {"country": said_of.country, "regions": said_of.regions, "zones": said_of.zones}
    if looked_up := book.looks_up(message):
        told["looked_up"] = looked_up
    return told | _remembered(facts)


def _remembered(facts: Facts) -> dict[str, object]:
    """What isn't empty of the facts, in a scenario's words."""
    if facts == Facts.NONE:
        return {}
    if not facts.known:
        return {"known": False}
    told = {
        "suppressed": [
            {"kind": each.kind, "scope": each.scope, "at": each.at, "source": each.source}
            for each in facts.suppressions
        ],
        "consent": [_consent_told(each) for each in facts.consents],
        "lists": facts.lists,
        "counted": facts.counted,
        "instructed": facts.instructed,
        "stopped": facts.stopped
        and {"program": facts.stopped.program, "reason": facts.stopped.reason, "at": facts.stopped.at},
    }
    return {key: value for key, value in told.items() if value}


def _consent_told(consent: Consent) -> dict[str, object]:
    told = {
        "kind": consent.kind,
        "at": consent.at,
        "method": consent.method,
        "program": consent.program,
        "for": consent.categories,
        "confirmed": consent.confirmed,
        "night": consent.night,
        "expires": consent.expires,
    }
    return {key: value for key, value in told.items() if value}
