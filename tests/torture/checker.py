"""Judges one round by what was seen from outside: the carrier's log, the clients' log, the record, and the faults.

Pure. A message is known by its key, a word in its text that no other message has. Times that are floats are seconds
of the machine's clock; which hour it was then, the round's own clock says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

LAG = 4.0  # seconds: a send that began (was reserved) leaves within 2, and a slow carrier takes it a little later
OPENS, CLOSES = time(8), time(21)  # 47 CFR 64.1200(c)(1)

ENDED = frozenset({"dropped", "refused"})  # fates in the record of a message that never left


class Moved(NamedTuple):
    """The round's clock was put to `to`, and ran on from there."""

    at: float
    to: datetime


class Accepted(NamedTuple):
    """What a client was told of its message: that it is accepted, and by which ids it is known."""

    key: str
    id: str  # the record's
    sid: str = ""  # the carrier's, or one that we minted
    at: float = 0.0  # when the client was told
    valid: timedelta = timedelta.max  # how long the client wants it delivered


@dataclass
class Silence:
    """A recipient wants nothing: from the moment that a STOP was acknowledged until a START was sent."""

    since: float
    until: float = float("inf")


class Refused(NamedTuple):
    """A client was told that nothing was sent, by that process."""

    key: str
    pid: int


class Taken(NamedTuple):
    """The carrier has a message."""

    key: str
    recipient: str
    at: float


class Doubted(NamedTuple):
    """A message that the store has in doubt, and the process that had it."""

    key: str
    pid: int


class Violation(NamedTuple):
    """A promise that was broken. Keys are no personal data."""

    promise: str
    key: str


@dataclass
class Evidence:
    """All that is known of one round."""

    zones: Mapping[str, ZoneInfo]  # of each recipient
    moves: list[Moved] = field(default_factory=list)
    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    canceled: list[str] = field(default_factory=list)  # keys: the client was told that it is canceled
    cancel_asked: list[str] = field(default_factory=list)  # keys: the client asked, and may have got no answer
    silences: Mapping[str, Sequence[Silence]] = field(default_factory=dict)  # of a recipient, from all rounds so far
    forgotten: list[str] = field(default_factory=list)  # recipients that stopped, and the store does not know it
    taken: list[Taken] = field(default_factory=list)
    lost_calls: set[str] = field(default_factory=set)  # keys: the carrier's answer never came, or proves nothing
    hurt: set[int] = field(default_factory=set)  # processes that were killed or paused
    doubted: list[Doubted] = field(default_factory=list)
    audit: list[Mapping[str, Any]] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)  # keys that have no end though all is healed
    promoted: list[tuple[float, float]] = field(default_factory=list)  # the new primary may lack what was written then


def violations(seen: Evidence) -> list[Violation]:
    """Every promise that this round broke."""
    excused = set(lost_in_fail_over(seen))
    return [each for each in _broken(seen) if each not in excused]


def lost_in_fail_over(seen: Evidence) -> list[Violation]:
    """What asynchronous replication may forget, and nothing else: what was accepted or taken just before."""
    near = {each.key for each in (*seen.accepted, *seen.taken) if _just_before_a_promotion(seen, each.at)}
    return [each for each in _broken(seen) if each.promise in REPLICATION_MAY and each.key in near]


def _just_before_a_promotion(seen: Evidence, at: float) -> bool:
    return any(since <= at <= named for since, named in seen.promoted)


def _broken(seen: Evidence) -> list[Violation]:
    return [Violation(promise, key) for promise, broken in PROMISES.items() for key in broken(seen)]


def _lost(seen: Evidence) -> Iterator[str]:
    ended = {line["message"] for line in seen.audit if line["kind"] == "dropped" or line.get("fate") in ENDED}
    known = {each.key for each in (*seen.taken, *seen.doubted)} | {*seen.canceled, *seen.cancel_asked, *seen.waiting}
    return (each.key for each in seen.accepted if each.key not in known and each.id not in ended)


def _twice(seen: Evidence) -> Iterator[str]:
    return (key for key, times in Counter(each.key for each in seen.taken).items() if times > 1)


def _at_night(seen: Evidence) -> Iterator[str]:
    return (each.key for each in seen.taken if not _may_have_begun(seen, each, each.at))


def _may_have_begun(seen: Evidence, taken: Taken, until: float) -> bool:
    """Whether it was a good hour at any moment up to `until` at which the send may have begun."""
    shown = _shown(seen.moves, taken.at - LAG, until)
    return any(OPENS <= instant.astimezone(seen.zones[taken.recipient]).time() < CLOSES for instant in shown)


def _shown(moves: Sequence[Moved], since: float, until: float) -> Iterator[datetime]:
    """What the clock showed first and last between any two moves: a stretch is too short to hold more."""
    for moved, following in pairwise([*moves, Moved(float("inf"), datetime.max.replace(tzinfo=UTC))]):
        start, end = max(moved.at, since), min(following.at, until)
        if start <= end:
            yield from (moved.to + timedelta(seconds=at - moved.at) for at in (start, end))


def _after_stop(seen: Evidence) -> Iterator[str]:
    return (each.key for each in seen.taken if any(_broken_by(seen, each, one) for one in _silences(seen, each)))


def _silences(seen: Evidence, taken: Taken) -> Sequence[Silence]:
    return seen.silences.get(taken.recipient, ())


def _broken_by(seen: Evidence, taken: Taken, silence: Silence) -> bool:
    """It may have begun just before, but not if that was in the night."""
    return silence.since < taken.at <= silence.until and not _may_have_begun(seen, taken, silence.since)


def _expired(seen: Evidence) -> Iterator[str]:
    good = {each.key: each for each in seen.accepted if each.valid < timedelta.max}
    return (each.key for each in seen.taken if each.key in good and not _was_valid(seen, good[each.key], each))


def _was_valid(seen: Evidence, accepted: Accepted, taken: Taken) -> bool:
    """Whether it was at any moment at which the send may have begun."""
    *_, told = _shown(seen.moves, accepted.at, accepted.at)
    return any(instant <= told + accepted.valid for instant in _shown(seen.moves, taken.at - LAG, taken.at))


def _though_dropped(seen: Evidence) -> Iterator[str]:
    dropped = {line["message"] for line in seen.audit if line["kind"] == "dropped" or line.get("fate") == "dropped"}
    gone = {each.key for each in seen.accepted if each.id in dropped} | {*seen.canceled}
    return (each.key for each in seen.taken if each.key in gone)


def _though_refused(seen: Evidence) -> Iterator[str]:
    """A process that was hurt may not have taken back what the store took without a word."""
    refused = {each.key for each in seen.refused if each.pid not in seen.hurt}
    return (each.key for each in seen.taken if each.key in refused)


def _baseless(seen: Evidence) -> Iterator[str]:
    return (each.key for each in seen.doubted if each.pid not in seen.hurt and each.key not in seen.lost_calls)


SENT_OR_ON_RECORD = "what is accepted is sent, dropped for a recorded reason, or in doubt"
ONCE = "nothing is sent twice"
REPLICATION_MAY = frozenset({SENT_OR_ON_RECORD, ONCE})
PROMISES: Mapping[str, Callable[[Evidence], Iterator[str]]] = {
    SENT_OR_ON_RECORD: _lost,
    ONCE: _twice,
    "nothing is sent in forbidden hours": _at_night,
    "nothing is sent after an opt-out": _after_stop,
    "no acknowledged opt-out is missing": lambda seen: iter(seen.forgotten),
    "nothing is sent that has expired": _expired,
    "what is dropped is not sent": _though_dropped,
    "what is refused is not sent": _though_refused,
    "in doubt is only what lost its worker or its call": _baseless,
    "once all is well the outbox empties": lambda seen: iter(seen.waiting),
}
