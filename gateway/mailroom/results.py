"""From what became of the texts to SMTP's one answer, and to what a notification says of the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from gateway.delivery.upstream import Upstream
from gateway.dialects.email.holding import STATUS
from gateway.gate import Taken
from gateway.letters import in_doubt, status_of
from gateway.mail.answer import CARRIER_AWAY, DOUBTFUL, TAKEN, WAITS, Answer
from gateway.mail.dsn import Fate as Told_
from gateway.mail.dsn import Told
from gateway.mail.model import Refused
from gateway.words.decision import Action, Decision, Reason
from gateway.words.mailed import Mailed
from gateway.words.outcome import Fate

_AGAIN = frozenset({Reason.TRY_AGAIN, Reason.STOPPED})


class Result(NamedTuple):
    """One recipient's: the answer, were it alone, and what a notification says of it; None: it needs none."""

    answer: Answer
    told: Told | None


def result_of(taken: Taken, mailed: Mailed, upstream: Upstream, now: datetime) -> Result:
    """What became of a send with one message."""
    [outcome] = taken.outcomes
    if outcome.fate is Fate.IN_DOUBT:
        return doubtful(mailed)
    if outcome.fate is Fate.HELD:
        return Result(WAITS, None)
    if outcome.fate is Fate.SENT:
        return Result(_passed_back(taken) or TAKEN, None)
    if outcome.fate is Fate.UNSENT:
        return refused(CARRIER_AWAY, mailed.address)
    if outcome.fate is Fate.REFUSED:
        return refused(_carriers(taken, upstream, now), mailed.address)
    return refused(withheld(outcome.decision), mailed.address)


def doubtful(mailed: Mailed) -> Result:
    return Result(DOUBTFUL, in_doubt(mailed))


def refused(answer: Answer, address: str) -> Result:
    return Result(answer, Told(address, Told_.FAILED, answer.status, answer.why, answer.rule))


def unread(address: Refused) -> Result:
    """An address of which no number could be made."""
    return refused(Answer(550, address.status, address.why), address.address)


def withheld(decision: Decision) -> Answer:
    finding = decision.deciding
    if finding is None:
        return Answer(550, "5.7.1", "it may not be sent")
    if finding.action is Action.DEFER or finding.reason in _AGAIN:
        until = f"; not before {decision.not_before:%Y-%m-%d %H:%M %Z}" if decision.not_before else ""
        return Answer(451, "4.3.0", f"{finding.why}{until}", finding.rule)
    return Answer(550, status_of(finding.reason), finding.why, finding.rule)


def for_all(results: Sequence[Result]) -> Answer:
    """Where nothing has left, trying again helps if it helps one; and once something has, never a "no" for all."""
    good = sum(1 for result in results if result.answer.is_good)
    if len(results) == 1:
        return results[0].answer
    if good:
        return Answer(250, "2.0.0", f"{good} of {len(results)} texts are taken")
    return next((each.answer for each in results if each.answer.is_temporary), results[0].answer)


def _carriers(taken: Taken, upstream: Upstream, now: datetime) -> Answer:
    """A carrier's refusal in SMTP's terms."""
    if told := _passed_back(taken):
        return told
    holding, response = upstream.dialect.holding, taken.carrier
    if holding is None or response is None:
        return Answer(550, "5.3.0", "the carrier refused it")
    if holding.retry_after(response, now) is not None:
        return Answer(451, "4.3.0", "the carrier wants it later; nothing was sent, try again")
    status = "5.7.1" if upstream.dialect.opted_out(response) else "5.3.0"
    code = holding.refusal_code(response) or str(response.status)
    return Answer(550, status, f"the carrier refused it ({code})", "gateway/carrier")


def _passed_back(taken: Taken) -> Answer | None:
    """What a service that was mailed has answered, as it came; None: it is a carrier's API that has."""
    response = taken.carrier
    status = response.header(STATUS) if response else None
    if response is None or status is None:
        return None
    return Answer(response.status, status.decode() or f"{response.status // 100}.0.0", response.body.decode())
