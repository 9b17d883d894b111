"""What the management API can do: one table, which both the router and the description are made from.

A new operation is a function and its line in OPERATIONS.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from gateway.desk import Desk
from gateway.doors.api.models import (
    Agreeing,
    Asking,
    Begun,
    DoubtfulReplies,
    DoubtfulTold,
    Judged,
    Judging,
    Ledger,
    Questions,
    QuestionTold,
    Reading,
    Recorded,
    Suppressing,
    Suppressions,
    SuppressionTold,
    Whose,
    Withdrawing,
)
from gateway.words.ledger import Entry, Evidence, Happened
from gateway.words.token import Scope


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, when, and by which key of his own, if he gave one."""

    name: str
    now: datetime
    key: str = ""

    @property
    def actor(self) -> str:
        return f"token:{self.name}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One POST. `call` takes the document as `takes` has checked it; what it answers is told with `status`."""

    name: str
    path: str
    scope: Scope
    summary: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    call: Callable[[Desk, Any, Caller], Awaitable[BaseModel]]
    status: int = 200

    @property
    def changes(self) -> bool:
        """Whether an Idempotency-Key means something."""
        return self.status != 200  # noqa: PLR2004 - what only looks something up is answered 200


async def _agree(desk: Desk, sent: Agreeing, caller: Caller) -> Recorded:
    entry = Entry(Happened.GIVEN, sent.agreed(caller.now), caller.actor, caller.now, sent.evidence())
    return Recorded(new=await desk.enter(sent.number, entry, caller.key))


async def _withdraw(desk: Desk, sent: Withdrawing, caller: Caller) -> Recorded:
    shown = Evidence(words=sent.words)
    entry = Entry(Happened.WITHDRAWN, sent.taken(caller.now), caller.actor, caller.now, shown)
    return Recorded(new=await desk.enter(sent.number, entry, caller.key))


async def _ledger(desk: Desk, sent: Whose, caller: Caller) -> Ledger:
    return Ledger.of(await desk.ledger(sent.number), caller.now)


async def _ask(desk: Desk, sent: Asking, caller: Caller) -> Begun:
    question = await desk.ask(sent.number, sent.asked(caller.now), caller.actor, sent.evidence(), caller.key)
    return Begun(waits=QuestionTold.of(question) if question else None)


async def _asked(desk: Desk, sent: Whose, _: Caller) -> Questions:
    return Questions(double_opt_ins=tuple(map(QuestionTold.of, await desk.asked(sent.number))))


async def _suppress(desk: Desk, sent: Suppressing, caller: Caller) -> SuppressionTold:
    return SuppressionTold.of(await desk.suppress(sent.number, sent.kind, sent.scope, sent.reason, caller.actor))


async def _suppressions(desk: Desk, sent: Whose, _: Caller) -> Suppressions:
    found = await desk.suppressions(sent.number)
    return Suppressions(suppressions=tuple(map(SuppressionTold.of, found)))


async def _doubtful(desk: Desk, _: Reading, __: Caller) -> DoubtfulReplies:
    return DoubtfulReplies(doubtful_replies=tuple(DoubtfulTold.of(*each) for each in await desk.doubtful()))


async def _judge(desk: Desk, sent: Judging, caller: Caller) -> Judged:
    reply = await desk.judge(sent.id, opts_out=sent.verdict == "opt_out", by=caller.actor)
    return Judged(id=reply.id, verdict=sent.verdict)


OPERATIONS = (
    Operation(
        "recordConsent",
        "/v1/consents",
        Scope.CONSENT_WRITE,
        "Record that somebody agreed. It counts from the next message on.",
        Agreeing,
        Recorded,
        _agree,
        201,
    ),
    Operation(
        "withdrawConsent",
        "/v1/consents/withdrawals",
        Scope.CONSENT_WRITE,
        "Record that somebody took it back. What was given until then counts no more from the next message on.",
        Withdrawing,
        Recorded,
        _withdraw,
        201,
    ),
    Operation(
        "readConsents",
        "/v1/consents/search",
        Scope.CONSENT_READ,
        "What somebody agreed to: what counts now, and every entry that it rests on.",
        Whose,
        Ledger,
        _ledger,
    ),
    Operation(
        "beginDoubleOptIn",
        "/v1/double-opt-ins",
        Scope.CONSENT_WRITE,
        "Ask the number itself. Nobody has agreed to anything until it answers with the program's word, in time.",
        Asking,
        Begun,
        _ask,
        202,
    ),
    Operation(
        "readDoubleOptIns",
        "/v1/double-opt-ins/search",
        Scope.CONSENT_READ,
        "The double opt-ins that wait for a number's answer.",
        Whose,
        Questions,
        _asked,
    ),
    Operation(
        "suppress",
        "/v1/suppressions",
        Scope.SUPPRESSION_WRITE,
        "Send nothing to a number from now on, on any worker or host.",
        Suppressing,
        SuppressionTold,
        _suppress,
        201,
    ),
    Operation(
        "readSuppressions",
        "/v1/suppressions/search",
        Scope.SUPPRESSION_READ,
        "What stands against a number.",
        Whose,
        Suppressions,
        _suppressions,
    ),
    Operation(
        "readDoubtfulReplies",
        "/v1/doubtful-replies/search",
        Scope.REPLY_READ,
        "Replies that may be opt-outs and wait for a person's verdict, each with the last moment that the law leaves.",
        Reading,
        DoubtfulReplies,
        _doubtful,
    ),
    Operation(
        "judgeDoubtfulReply",
        "/v1/doubtful-replies/verdicts",
        Scope.REPLY_WRITE,
        "Say what a doubtful reply is: an opt-out, from when it was said, or none.",
        Judging,
        Judged,
        _judge,
        201,
    ),
)
