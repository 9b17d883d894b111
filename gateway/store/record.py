"""What is remembered of one recipient, as a value: how it changes, and its few bytes in a store.

A record is `REVISION;` and its entries one after the other, each beginning with a tag that says which kind it is and
what follows. Instants are 7 bytes, words that occur everywhere 1. One opt-out takes 12 bytes. What decisions don't
hang on (wordings, evidence, the recipient's own words) is kept apart, sealed; each part is named here.

Journals are replayed, by several hosts and in any order, so a change must be able to tell that it was made before:
a suppression that was lifted leaves a trace of when it was heard and when it was lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.store.compact import Reader, time_bytes, word_bytes
from gateway.words.facts import Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.ledger import Happened, Withdrawal
from gateway.words.program import Category
from gateway.words.question import Question, QuestionKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Stored by their place: only ever add at the end.
_SUPPRESSIONS = tuple(SuppressionKind)
_CONSENTS = tuple(ConsentKind)
_HAPPENED = tuple(Happened)

_CONSENT, _QUESTION = 0x80, 0x40  # tag bits; the lowest three are the kind's place
_HEARD, _LIFTED = 0x08, 0x10  # of a suppression
_CONFIRMED, _NIGHT, _EXPIRES, _ENTERED = 0x08, 0x10, 0x20, 0x40  # of a consent
_ID = 8  # bytes of an entry's id


@dataclass(frozen=True, slots=True)
class Mark:
    """A suppression, in force or lifted. All instants in microseconds since 1970."""

    kind: SuppressionKind
    scope: str
    source: str
    at: int
    heard: int  # when we were told, the last time; a lift takes back what was heard before it
    lifted: int = 0  # up to when it was taken back; 0: it is in force

    @property
    def part(self) -> bytes:
        """Names its sealed detail."""
        return part_of(self.kind, self.scope, self.source)

    @property
    def suppression(self) -> Suppression:
        return Suppression(self.kind, self.scope, self.source, instant(self.at))


class Entered(NamedTuple):
    """An entry of the ledger of consent, as far as decisions hang on it."""

    happened: Happened
    what: Consent | Withdrawal
    id: bytes = b""  # empty: from before there was a ledger

    @property
    def part(self) -> bytes:
        """Names the sealed entry; of an older consent, the sealed wording."""
        if isinstance(self.what, Consent) and not self.id:
            return f"consent\n{micros(self.what.at)}\n{self.what.kind}\n{self.what.program}".encode()
        return b"entry\n" + self.id


class Asked(NamedTuple):
    """A question without its detail. Instants in microseconds since 1970."""

    kind: QuestionKind
    program: str
    asked: int
    until: int

    @classmethod
    def of(cls, question: Question) -> Asked:
        return cls(question.kind, question.program, micros(question.asked), micros(question.until))

    def question(self, detail: str) -> Question:
        return Question(self.kind, self.program, instant(self.asked), instant(self.until), detail)

    @property
    def part(self) -> bytes:
        """Names its sealed detail."""
        return b"question\n" + word_bytes(self.kind) + word_bytes(self.program) + time_bytes(self.asked)


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a recipient; `revision` goes up with every change that decisions hang on."""

    revision: int = 0
    marks: tuple[Mark, ...] = ()
    entered: tuple[Entered, ...] = ()
    asked: tuple[Asked, ...] = ()

    @property
    def parts(self) -> list[bytes]:
        """The names of all sealed parts that belong to it."""
        marks, entered = [mark.part for mark in self.in_force], [one.part for one in self.entered]
        return marks + entered + [one.part for one in self.asked]

    @property
    def in_force(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if not mark.lifted)

    def joined(self, other: Record) -> Record:
        """With what was remembered under another hash of the same number; the very same where it has all of it."""
        marks = {mark.part: mark for mark in other.marks}
        marks |= {mark.part: _both(mark, marks.get(mark.part, mark)) for mark in self.marks}
        entered = {one.part: one for one in (*other.entered, *self.entered)}
        asked = {(one.kind, one.program): one for one in (*other.asked, *self.asked)}
        new = replace(self, marks=tuple(marks.values()), entered=tuple(entered.values()), asked=tuple(asked.values()))
        same = all(set(getattr(new, each)) == set(getattr(self, each)) for each in ("marks", "entered", "asked"))
        return self if same else replace(new, revision=self.revision + 1)

    def suppressed(self, suppression: Suppression, heard: datetime, *, replayed: bool) -> Record:
        """With this suppression too; the very same record where that makes no difference."""
        kind, scope, source = suppression.kind, suppression.scope, suppression.source
        new = Mark(kind, scope, source, micros(suppression.at), micros(heard))
        old = next((mark for mark in self.marks if mark.part == new.part), None)
        if old is None:
            return self._with_marks(*self.marks, new)
        again = _again(old, new, replayed=replayed)
        return self if again == old else self._with_marks(*(again if mark is old else mark for mark in self.marks))

    def lifted(self, kind: SuppressionKind, scope: str, before: datetime) -> Record:
        """Without what was heard of this kind and scope at or before `before`."""
        limit = micros(before)
        gone = {mark for mark in self.in_force if (mark.kind, mark.scope) == (kind, scope) and mark.heard <= limit}
        if not gone:
            return self
        return self._with_marks(*(replace(mark, lifted=limit) if mark in gone else mark for mark in self.marks))

    def entering(self, happened: Happened, what: Consent | Withdrawal, id_: bytes) -> Record:
        """With this entry too; the very same record where it has one of that id. The wording is kept apart."""
        if any(one.id == id_ for one in self.entered):
            return self
        bare = replace(what, wording="") if isinstance(what, Consent) else what
        return replace(self, revision=self.revision + 1, entered=(*self.entered, Entered(happened, bare, id_)))

    def asking(self, question: Question) -> Record:
        """With this question open, and none that has run out by now, or that it takes the place of."""
        new = Asked.of(question)
        kept = [one for one in self.asked if one[:2] != new[:2] and one.until > new.asked]
        return replace(self, asked=(*kept, new))

    def answered(self, question: Question) -> Record:
        """Without this question."""
        return replace(self, asked=tuple(one for one in self.asked if one != Asked.of(question)))

    def _with_marks(self, *marks: Mark) -> Record:
        return replace(self, revision=self.revision + 1, marks=marks)

    def to_bytes(self) -> bytes:
        entries = [*map(_mark_bytes, self.marks), *map(_entered_bytes, self.entered), *map(_asked_bytes, self.asked)]
        return b"%d;%b" % (self.revision, b"".join(entries))

    @classmethod
    def from_bytes(cls, data: bytes | None) -> Record:
        """None: nothing is remembered."""
        if data is None:
            return NOTHING
        entries = list(_entries(data))
        return cls(
            revision_of(data),
            tuple(entry for entry in entries if isinstance(entry, Mark)),
            tuple(entry for entry in entries if isinstance(entry, Entered)),
            tuple(entry for entry in entries if isinstance(entry, Asked)),
        )


NOTHING = Record()


def _again(old: Mark, new: Mark, *, replayed: bool) -> Mark:
    """What a suppression comes to that was remembered before."""
    if not old.lifted:
        at = min(old.at, new.at) if new.heard >= old.heard else old.at  # else it may be one that was lifted
        return replace(old, at=at, heard=max(old.heard, new.heard))
    if replayed and new.heard <= old.heard:  # it is the one that was lifted
        return old
    # Said again: no replay of the old lift may take it back, whatever the hosts' clocks say.
    return replace(new, heard=max(new.heard, old.lifted + 1))


def _both(one: Mark, other: Mark) -> Mark:
    """One suppression, as it was remembered under two hashes: what was heard after the last lift is in force."""
    heard, lifted = max(one.heard, other.heard), max(one.lifted, other.lifted)
    if heard <= lifted:
        return replace(one, heard=heard, lifted=lifted)
    return replace(one, at=min(each.at for each in (one, other) if each.heard > lifted), heard=heard, lifted=0)


def part_of(kind: SuppressionKind, scope: str, source: str) -> bytes:
    """Tells suppressions of one recipient apart, and names the sealed detail of each."""
    return bytes([_SUPPRESSIONS.index(kind)]) + word_bytes(scope) + word_bytes(source)


def revision_of(data: bytes | None) -> int:
    """A stored record's revision, without reading the rest."""
    return int(data.partition(b";")[0]) if data else 0


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def instant(at: int) -> datetime:
    return EPOCH + timedelta(microseconds=at)


def _mark_bytes(mark: Mark) -> bytes:
    later = mark.heard != mark.at
    flags = later * _HEARD | bool(mark.lifted) * _LIFTED
    times = [mark.at, *[mark.heard] * later, *[mark.lifted] * bool(mark.lifted)]
    return bytes([mark.part[0] | flags]) + mark.part[1:] + b"".join(map(time_bytes, times))


def _entered_bytes(entered: Entered) -> bytes:
    what = entered.what
    head = bytes([_CONSENT | bool(entered.id) * _ENTERED | _flags(what), len(what.categories)])
    words = [what.method, what.program, *what.categories]
    times = [what.at, *([what.expires] if isinstance(what, Consent) and what.expires else [])]
    tail = bytes([_HAPPENED.index(entered.happened)]) + entered.id if entered.id else b""
    return head + b"".join(map(word_bytes, words)) + b"".join(time_bytes(micros(at)) for at in times) + tail


def _flags(what: Consent | Withdrawal) -> int:
    if isinstance(what, Withdrawal):
        return 0
    flags = what.confirmed * _CONFIRMED | what.night * _NIGHT | (what.expires is not None) * _EXPIRES
    return _CONSENTS.index(what.kind) | flags


def _asked_bytes(asked: Asked) -> bytes:
    times = time_bytes(asked.asked) + time_bytes(asked.until)
    return bytes([_QUESTION]) + word_bytes(asked.kind) + word_bytes(asked.program) + times


def _entries(data: bytes) -> Iterator[Mark | Entered | Asked]:
    reader = Reader(data, data.index(b";") + 1)
    while not reader.done:
        tag = reader.byte()
        if tag & _CONSENT:
            yield _entered(tag, reader)
        elif tag & _QUESTION:
            yield Asked(QuestionKind(reader.word()), reader.word(), reader.time(), reader.time())
        else:
            yield _mark(tag, reader)


def _mark(tag: int, reader: Reader) -> Mark:
    scope, source, at = reader.word(), reader.word(), reader.time()
    heard = reader.time() if tag & _HEARD else at
    lifted = reader.time() if tag & _LIFTED else 0
    return Mark(_SUPPRESSIONS[tag & 7], scope, source, at, heard, lifted)


def _entered(tag: int, reader: Reader) -> Entered:
    count = reader.byte()
    method, program = reader.word(), reader.word()
    categories = tuple(Category(reader.word()) for _ in range(count))
    at = instant(reader.time())
    expires = instant(reader.time()) if tag & _EXPIRES else None
    happened = _HAPPENED[reader.byte()] if tag & _ENTERED else Happened.GIVEN
    id_ = reader.take(_ID) if tag & _ENTERED else b""
    if happened is Happened.WITHDRAWN:
        return Entered(happened, Withdrawal(at, method, program, categories), id_)
    confirmed, night = bool(tag & _CONFIRMED), bool(tag & _NIGHT)
    kind = _CONSENTS[tag & 7]
    return Entered(happened, Consent(kind, at, method, program, categories, confirmed, night, expires), id_)
