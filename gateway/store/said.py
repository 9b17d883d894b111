"""What a journal holds: opt-outs and opt-ins as they were said, and batches of an import. The journal seals it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from gateway.store.details import detail_text, with_detail
from gateway.store.record import instant, micros
from gateway.words.facts import Suppression, SuppressionKind


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A number was suppressed; `heard` is when we were told."""

    number: str
    suppression: Suppression
    heard: datetime

    @property
    def when(self) -> datetime:
        return self.heard

    def to_json(self) -> bytes:
        said = self.suppression
        what = [said.kind, said.scope, said.source, micros(said.at), detail_text(said)]
        return orjson.dumps([self.number, micros(self.heard), what])


@dataclass(frozen=True, slots=True)
class Lifted:
    """What had been heard before `before` was lifted."""

    number: str
    kind: SuppressionKind
    scope: str
    before: datetime

    @property
    def when(self) -> datetime:
        return self.before

    def to_json(self) -> bytes:
        return orjson.dumps([self.number, micros(self.before), [self.kind, self.scope]])


@dataclass(frozen=True, slots=True)
class Batch:
    """Many numbers were suppressed at once. The store remembers the id of a batch that it has whole.

    The numbers stay as they are written until somebody asks: mostly the store has them.
    """

    id: str
    heard: datetime
    rows: bytes

    @classmethod
    def of(cls, id_: str, heard: datetime, said: Sequence[tuple[str, Suppression]]) -> Batch:
        """In an import most rows differ only in number and time: those are written without the rest."""
        usual = _terms(said[0][1])
        rows = [
            [number, micros(one.at)] if _terms(one) == usual else [number, micros(one.at), *_terms(one)]
            for number, one in said
        ]
        return cls(id_, heard, orjson.dumps([usual, rows]))

    @property
    def said(self) -> list[tuple[str, Suppression]]:
        usual, rows = orjson.loads(self.rows)
        return [(number, _suppression(at, *(terms or usual))) for number, at, *terms in rows]

    def to_json(self) -> bytes:
        """Two values, a line each."""
        return orjson.dumps({"batch": self.id, "heard": micros(self.heard)}) + b"\n" + self.rows


Entry = Suppressed | Lifted


def read(data: bytes) -> Entry | Batch:
    """What `to_json` wrote."""
    if data.startswith(b"{"):
        head, _, rows = data.partition(b"\n")
        named = orjson.loads(head)
        return Batch(named["batch"], instant(named["heard"]), rows)
    number, at, what = orjson.loads(data)
    if len(what) == 2:  # noqa: PLR2004 - kind and scope: a lift
        return Lifted(number, SuppressionKind(what[0]), what[1], instant(at))
    kind, scope, source, since, detail = what
    return Suppressed(number, _suppression(since, kind, scope, source, detail), instant(at))


def _terms(said: Suppression) -> list[str]:
    return [said.kind, said.scope, said.source, detail_text(said)]


def _suppression(at: int, kind: str, scope: str, source: str, detail: str) -> Suppression:
    return with_detail(Suppression(SuppressionKind(kind), scope, source, instant(at)), detail)
