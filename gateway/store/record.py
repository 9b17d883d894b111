"""What is remembered of one recipient, as a value: how it changes, and its few bytes in a store.

A record is `REVISION;` and its entries one after the other, each beginning with a tag that says which kind it is and
what follows. Instants are 7 bytes, words that occur everywhere 1. One opt-out takes 12 bytes.

Journals are replayed, by several hosts and in any order, so a change must be able to tell that it was made before:
a suppression that was lifted leaves a trace of when it was heard and when it was lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from gateway.words.facts import SCOPE_ALL, Consent, ConsentKind, Suppression, SuppressionKind
from gateway.words.program import Category

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Stored by their place: only ever add at the end.
_SUPPRESSIONS = tuple(SuppressionKind)
_CONSENTS = tuple(ConsentKind)
_WORDS = ("", SCOPE_ALL, "default", "keyword", "operator", "import", "carrier", "link", "web-form", "checkbox", "paper")
_WORDS += ("agent", "double-opt-in", *Category)
_CODES = {str(word): bytes([place + 1]) for place, word in enumerate(_WORDS)}

_CONSENT = 0x80  # tag bits; the lowest three are the kind's place
_HEARD, _LIFTED = 0x08, 0x10  # of a suppression
_CONFIRMED, _NIGHT, _EXPIRES = 0x08, 0x10, 0x20  # of a consent
_INSTANT = 7  # bytes, microseconds


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


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that a recipient's decisions hang on; `revision` goes up with every change of it."""

    revision: int = 0
    marks: tuple[Mark, ...] = ()
    consents: tuple[Consent, ...] = ()

    @property
    def in_force(self) -> tuple[Mark, ...]:
        return tuple(mark for mark in self.marks if not mark.lifted)

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

    def agreed(self, consent: Consent) -> Record:
        """With this consent too. Its wording is kept apart, sealed."""
        bare = replace(consent, wording="")
        if bare in self.consents:
            return self
        return replace(self, revision=self.revision + 1, consents=(*self.consents, bare))

    def _with_marks(self, *marks: Mark) -> Record:
        return replace(self, revision=self.revision + 1, marks=marks)

    def to_bytes(self) -> bytes:
        entries = [*map(_mark_bytes, self.marks), *map(_consent_bytes, self.consents)]
        return b"%d;%b" % (self.revision, b"".join(entries))

    @classmethod
    def from_bytes(cls, data: bytes | None) -> Record:
        """None: nothing is remembered."""
        if data is None:
            return NOTHING
        entries = list(_entries(data))
        marks = tuple(entry for entry in entries if isinstance(entry, Mark))
        consents = tuple(entry for entry in entries if isinstance(entry, Consent))
        return cls(revision_of(data), marks, consents)


NOTHING = Record()


def _again(old: Mark, new: Mark, *, replayed: bool) -> Mark:
    """What a suppression comes to that was remembered before."""
    if not old.lifted:
        return replace(old, heard=max(old.heard, new.heard))
    if replayed and new.heard <= old.heard:  # it is the one that was lifted
        return old
    # Said again: no replay of the old lift may take it back, whatever the hosts' clocks say.
    return replace(new, heard=max(new.heard, old.lifted + 1))


def part_of(kind: SuppressionKind, scope: str, source: str) -> bytes:
    """Tells suppressions of one recipient apart, and names the sealed detail of each."""
    return bytes([_SUPPRESSIONS.index(kind)]) + _word(scope) + _word(source)


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
    return bytes([mark.part[0] | flags]) + mark.part[1:] + b"".join(map(_time, times))


def _consent_bytes(consent: Consent) -> bytes:
    flags = consent.confirmed * _CONFIRMED | consent.night * _NIGHT | (consent.expires is not None) * _EXPIRES
    tag = _CONSENT | _CONSENTS.index(consent.kind) | flags
    words = [consent.method, consent.program, *consent.categories]
    times = [consent.at, *([consent.expires] if consent.expires else [])]
    head = bytes([tag, len(consent.categories)])
    return head + b"".join(map(_word, words)) + b"".join(_time(micros(at)) for at in times)


def _word(word: str) -> bytes:
    if code := _CODES.get(word):
        return code
    spelled = word.encode()
    return b"\0" + len(spelled).to_bytes(2) + spelled


def _time(at: int) -> bytes:
    return at.to_bytes(_INSTANT, signed=True)


def _entries(data: bytes) -> Iterator[Mark | Consent]:
    reader = _Reader(data, data.index(b";") + 1)
    while reader.at < len(data):
        tag = reader.take(1)[0]
        yield _consent(tag, reader) if tag & _CONSENT else _mark(tag, reader)


def _mark(tag: int, reader: _Reader) -> Mark:
    scope, source, at = reader.word(), reader.word(), reader.time()
    heard = reader.time() if tag & _HEARD else at
    lifted = reader.time() if tag & _LIFTED else 0
    return Mark(_SUPPRESSIONS[tag & 7], scope, source, at, heard, lifted)


def _consent(tag: int, reader: _Reader) -> Consent:
    count = reader.take(1)[0]
    method, program = reader.word(), reader.word()
    categories = tuple(Category(reader.word()) for _ in range(count))
    at = instant(reader.time())
    expires = instant(reader.time()) if tag & _EXPIRES else None
    confirmed, night = bool(tag & _CONFIRMED), bool(tag & _NIGHT)
    return Consent(_CONSENTS[tag & 7], at, method, program, categories, confirmed, night, expires)


class _Reader:
    """Takes a record's bytes one thing after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def take(self, count: int) -> bytes:
        taken = self._data[self.at : self.at + count]
        self.at += count
        return taken

    def word(self) -> str:
        code = self.take(1)[0]
        if code:
            return _WORDS[code - 1]
        return self.take(int.from_bytes(self.take(2))).decode()

    def time(self) -> int:
        return int.from_bytes(self.take(_INSTANT), signed=True)
