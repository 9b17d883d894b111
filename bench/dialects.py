"""What each dialect costs: `python -m bench.dialects`.

CPU time a message of all that a dialect does with a send that is changed and accepted (claim, read, write, look at the
carrier's answer, answer), on a captured send of each, beside that of the Twilio form, measured in turn. No two messages
go to the same number, so that nothing that is remembered of one flatters the next.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import process_time

from gateway.dialects import DIALECTS, dialect_named
from gateway.dialects.base import Dialect
from gateway.words.decision import Decision
from gateway.words.errors import Unreadable
from gateway.words.facts import Facts
from gateway.words.message import Message, Send
from gateway.words.outcome import Fate, Outcome
from gateway.words.wire import Request, Response
from tests import captures

ROUNDS, MESSAGES = 15, 2000
YARDSTICK = "twilio-gsm"
ADDED = " Reply STOP to opt out"
_NUMBER = b"2025550123"  # stands in every captured send, in the carrier's own form


@dataclass(frozen=True, slots=True)
class Subject:
    """One captured send, many times over, and the carrier's answer to it."""

    name: str
    dialect: Dialect
    requests: Sequence[Request]
    answer: Response
    of: int  # messages in a request


def report() -> None:
    subjects = [subject for name in captures.names("*-gsm") if (subject := _subject(name))]
    yardstick = next(subject for subject in subjects if subject.name == YARDSTICK)
    costs: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    ratios: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for _ in range(ROUNDS):
        for subject in subjects:
            beside, cost = _cost(yardstick), _cost(subject)
            costs[subject.name].append(cost)
            ratios[subject.name].append(cost / beside)
    print(f"{'':28}{'CPU us/message':>16}{'to Twilio':>12}")
    for name in sorted(costs, key=lambda each: statistics.median(ratios[each])):
        print(f"{name:28}{statistics.median(costs[name]):16.1f}{statistics.median(ratios[name]):12.2f}")


def _subject(name: str) -> Subject | None:
    """None where the captured request is no send, or needs more than a dialect's name to be read."""
    known = name.partition("-")[0]
    request = captures.request(name)
    if known not in DIALECTS or _NUMBER not in request.target + request.body:
        return None
    dialect = dialect_named(known)
    try:
        send = dialect.read(request) if dialect.claims(request) else None
    except Unreadable:
        return None
    if send is None or send.drafts[0].text is None:
        return None
    requests = [_to(request, count) for count in range(MESSAGES)]
    return Subject(name, dialect, requests, captures.response(name), len(send.drafts))


def _to(request: Request, count: int) -> Request:
    number = b"%010d" % (2_012_000_000 + count)
    target, body = (each.replace(_NUMBER, number) for each in (request.target, request.body))
    return replace(request, target=target, body=body)


def _cost(subject: Subject) -> float:
    """In microseconds of CPU a message."""
    dialect, answer = subject.dialect, subject.answer
    began = process_time()
    for request in subject.requests:
        dialect.claims(replace(request, body=b""))
        send = dialect.read(request)
        assert send is not None
        dialect.write(send, {place: f"{draft.text}{ADDED}" for place, draft in enumerate(send.drafts)})
        dialect.verdict(answer)
        dialect.answer(send, _sent(send), answer)
    return (process_time() - began) / len(subject.requests) / subject.of * 1e6


def _sent(send: Send) -> list[Outcome]:
    message = Message("m", None, send.drafts[0].text)
    return [Outcome(message, Facts.NONE, _LEAVES, Fate.SENT)] * len(send.drafts)


_LEAVES = Decision(())

if __name__ == "__main__":
    report()
