"""The documents of the management API: what is checked when they come, and what is told of them in its description."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, IPvAnyAddress

from gateway.replies.keywords import Intent
from gateway.words.doubtful import Doubtful
from gateway.words.facts import Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.ledger import Entry, Evidence, Happened, Withdrawal, counting_at
from gateway.words.program import Category
from gateway.words.question import Question

Spelled = Annotated[str, Field(min_length=1, max_length=40, description="E.164", examples=["+12125550123"])]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Line = Annotated[str, Field(max_length=2_000)]
Text = Annotated[str, Field(max_length=20_000)]
Sha256 = Annotated[str, Field(pattern="^([0-9a-f]{64})?$", description="SHA-256 of the signed document, in hex")]
Scope = Annotated[
    str,
    Field(pattern="^(all|(program|brand|sender|category|subject):.{1,100})$", examples=["all", "program:club"]),
]
Categories = Annotated[tuple[Category, ...], Field(min_length=1)]


class Sent(BaseModel):
    """A request's document. A key that is not known is an error: misspelt, it would be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Whose(Sent):
    """Whose it is. In a body, for a number in a URL is written to the log of every proxy on the way."""

    number: Spelled


class EvidenceSent(Whose):
    """What shows that it happened."""

    wording: Text = Field(default="", description="the exact words that were shown")
    url: Line = Field(default="", description="of the page that showed them")
    document: Sha256 = ""
    ip: IPvAnyAddress | None = Field(default=None, description="of whoever agreed")
    user_agent: Line = ""

    def evidence(self) -> Evidence:
        return Evidence(self.url, self.document, str(self.ip or ""), self.user_agent)


class Asking(EvidenceSent):
    """A consent that the number itself is to confirm."""

    program: Name = "default"
    kind: ConsentKind
    method: Name = "web-form"
    categories: Categories = (Category.MARKETING,)
    night: bool = Field(default=False, description="for the night too, where the law asks for that apart")
    expires: AwareDatetime | None = None

    def asked(self, now: datetime) -> Consent:
        return Consent(
            self.kind,
            now,
            self.method,
            self.program,
            self.categories,
            night=self.night,
            expires=self.expires,
            wording=self.wording,
        )


class Agreeing(Asking):
    """A consent that was given."""

    at: AwareDatetime | None = Field(default=None, description="when it was given; left out: now")
    confirmed: bool = Field(default=False, description="the number itself has confirmed it")

    def agreed(self, now: datetime) -> Consent:
        return Consent(
            self.kind,
            self.at or now,
            self.method,
            self.program,
            self.categories,
            self.confirmed,
            self.night,
            self.expires,
            self.wording,
        )


class Withdrawing(Whose):
    """Somebody takes back what he agreed to, by telling you."""

    program: Name = "default"
    categories: Categories = tuple(Category)
    method: Name = "agent"
    at: AwareDatetime | None = Field(default=None, description="when it was said; left out: now")
    words: Text = Field(default="", description="the person's own")

    def taken(self, now: datetime) -> Withdrawal:
        return Withdrawal(self.at or now, self.method, self.program, self.categories)


class Suppressing(Whose):
    """Nothing is to be sent to this number."""

    kind: SuppressionKind = SuppressionKind.OPT_OUT
    scope: Scope = "all"
    reason: Text = ""


class Reading(Sent):
    """All replies that wait for a verdict."""


class Judging(Sent):
    """A person has read a doubtful reply."""

    id: Annotated[str, Field(pattern="^[0-9a-f]{32}$", description="as it was told in the list")]
    verdict: Literal["opt_out", "other"] = Field(description="opt_out: from when it was said; other: it is none")


class ConsentTold(BaseModel):
    """A consent that counts."""

    kind: ConsentKind
    at: datetime
    method: str
    program: str
    categories: tuple[Category, ...]
    confirmed: bool
    night: bool
    expires: datetime | None

    @classmethod
    def of(cls, one: Consent) -> ConsentTold:
        return cls.model_validate(one, from_attributes=True)


class EntryTold(BaseModel):
    """An entry of the ledger."""

    happened: Happened
    program: str
    kind: ConsentKind | None = Field(description="null: of every kind, where it was withdrawn")
    at: datetime
    method: str
    categories: tuple[Category, ...]
    confirmed: bool
    night: bool
    expires: datetime | None
    wording: str
    url: str
    document: str
    ip: str
    user_agent: str
    words: str = Field(description="the recipient's own")
    inbound: str = Field(description="the carrier's id of the reply that holds them")
    actor: str
    recorded: datetime | None

    @classmethod
    def of(cls, entry: Entry) -> EntryTold:
        what, evidence = entry.what, entry.evidence
        consent = what if isinstance(what, Consent) else None
        return cls(
            happened=entry.happened,
            program=what.program,
            kind=consent.kind if consent else None,
            at=what.at,
            method=what.method,
            categories=what.categories,
            confirmed=bool(consent and consent.confirmed),
            night=bool(consent and consent.night),
            expires=consent.expires if consent else None,
            wording=consent.wording if consent else "",
            url=evidence.url,
            document=evidence.document,
            ip=evidence.ip,
            user_agent=evidence.user_agent,
            words=evidence.words,
            inbound=evidence.inbound,
            actor=entry.actor,
            recorded=entry.recorded,
        )


class Recorded(BaseModel):
    """It is on record, durably."""

    new: bool = Field(description="false: it was on record before, with the same key or just the same")


class Ledger(BaseModel):
    """What its owner agreed to: what counts now, and every entry that it rests on."""

    consents: tuple[ConsentTold, ...]
    entries: tuple[EntryTold, ...]

    @classmethod
    def of(cls, entries: tuple[Entry, ...], now: datetime) -> Ledger:
        counting = tuple(map(ConsentTold.of, counting_at(now, entries)))
        return cls(consents=counting, entries=tuple(map(EntryTold.of, entries)))


class SuppressionTold(BaseModel):
    """A standing "do not send"."""

    kind: SuppressionKind
    scope: str
    source: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, one: Suppression) -> SuppressionTold:
        return cls(kind=one.kind, scope=one.scope, source=one.source, at=one.at, reason=one.detail)


class Suppressions(BaseModel):
    """What stands against a number."""

    suppressions: tuple[SuppressionTold, ...]


class QuestionTold(BaseModel):
    """A double opt-in that waits for its answer."""

    program: str
    asked: datetime
    until: datetime = Field(description="an answer that comes later says nothing")

    @classmethod
    def of(cls, question: Question) -> QuestionTold:
        return cls(program=question.program, asked=question.asked, until=question.until)


class Begun(BaseModel):
    """A double opt-in. The request leaves when the rules let it."""

    waits: QuestionTold | None = Field(description="null: the same key once more, and it was answered since")


class Questions(BaseModel):
    """The double opt-ins that wait for this number's answer."""

    double_opt_ins: tuple[QuestionTold, ...]


class DoubtfulTold(BaseModel):
    """A reply that may be an opt-out."""

    id: str
    at: datetime = Field(description="when it was said")
    by: datetime = Field(description="by then the law wants it honoured, if it is an opt-out")
    program: str
    upstream: str
    guess: Intent = Field(description="what it was taken for")
    matched: str = Field(description="the words that raised the doubt")
    text: str = Field(description="the writer's own")

    @classmethod
    def of(cls, reply: Doubtful, by: datetime) -> DoubtfulTold:
        return cls(
            id=reply.id,
            at=reply.at,
            by=by,
            program=reply.program,
            upstream=reply.upstream,
            guess=Intent(reply.guess),
            matched=reply.matched,
            text=reply.text,
        )


class DoubtfulReplies(BaseModel):
    """Replies that wait for a verdict, the oldest first. Until then nothing that advertises reaches their writers."""

    doubtful_replies: tuple[DoubtfulTold, ...]


class Judged(BaseModel):
    """It waits no more."""

    id: str
    verdict: Literal["opt_out", "other"]
