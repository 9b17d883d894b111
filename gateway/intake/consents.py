"""A row that says who agreed, or took it back. In doubt nobody agreed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.intake.columns import Columns, Meaning
from gateway.intake.reading import NamedCells, RowRejected, Spelling
from gateway.intake.table import Cells
from gateway.words.facts import Consent, ConsentKind
from gateway.words.ledger import Entry, Evidence, Happened, Withdrawal
from gateway.words.number import Number
from gateway.words.program import Category

ACTOR = "import"

_KINDS = {kind.value: kind for kind in ConsentKind}
_HAPPENED = {happened.value: happened for happened in Happened}
_CATEGORIES = {category.value: category for category in Category}
_METHOD = re.compile(r"[\w .-]{1,64}")


@dataclass(frozen=True, slots=True)
class ConsentRows:
    """What counts for rows that don't say; None: they must. `programs`: the names of those that there are."""

    columns: Columns
    spelling: Spelling
    kind: ConsentKind | None
    at: datetime | None
    now: datetime
    program: str
    programs: frozenset[str]
    method: str
    categories: tuple[Category, ...]

    def read(self, cells: Cells) -> tuple[Number, Entry]:
        """Raises RowRejected. The same row once more makes the same entry."""
        row = NamedCells(cells, self.columns)
        number = row.number(self.spelling)
        happened = row.choice(Meaning.HAPPENED, _HAPPENED, Happened.GIVEN)
        if happened is Happened.REQUESTED:
            raise RowRejected("it was asked for, and is no consent yet")
        what = self._withdrawal(row) if happened is Happened.WITHDRAWN else self._consent(row)
        kept = Happened.WITHDRAWN if happened is Happened.WITHDRAWN else Happened.GIVEN
        return number, Entry(kept, what, ACTOR, evidence=_evidence(row))

    def _consent(self, row: NamedCells) -> Consent:
        if row.agreed() is False or (row.has(Meaning.OPTED_IN) and not row.agreed()):
            raise RowRejected("it doesn't say that its person opted in")
        expires = row.at(Meaning.EXPIRES)
        if row.get(Meaning.EXPIRES) and expires is None:
            raise RowRejected("its end can't be understood; write 2026-01-02T09:00:00Z")
        return Consent(
            row.choice(Meaning.KIND, _KINDS, self.kind),
            self._at(row),
            self._method(row),
            self._program(row),
            self._covered(row, self.categories),
            confirmed=bool(row.yes(Meaning.CONFIRMED)),
            night=bool(row.yes(Meaning.NIGHT)),
            expires=expires,
            wording=row.get(Meaning.WORDING),
        )

    def _withdrawal(self, row: NamedCells) -> Withdrawal:
        covered = self._covered(row, tuple(Category))
        return Withdrawal(self._at(row), self._method(row), self._program(row), covered)

    def _at(self, row: NamedCells) -> datetime:
        said = row.get(Meaning.AT)
        at = row.at(Meaning.AT) if said else self.at
        if at is None:
            why = "can't be understood, or in two ways" if said else "is not there: give --at for all"
            raise RowRejected(f"the time {why}; write 2026-01-02T09:00:00Z")
        if at > self.now:
            raise RowRejected("it says that it happens in the future")
        return at

    def _method(self, row: NamedCells) -> str:
        said = row.get(Meaning.METHOD)
        return said if _METHOD.fullmatch(said) else self.method

    def _program(self, row: NamedCells) -> str:
        program = row.get(Meaning.PROGRAM) or self.program
        if program not in self.programs:
            raise RowRejected("the configuration has no program of that name")
        return program

    def _covered(self, row: NamedCells, otherwise: tuple[Category, ...]) -> tuple[Category, ...]:
        said = [word for word in re.split(r"[\s,;|]+", row.get(Meaning.CATEGORIES).casefold()) if word]
        if unknown := [word for word in said if word not in _CATEGORIES]:
            raise RowRejected(f"{len(unknown)} of its categories {'is' if len(unknown) == 1 else 'are'} not known")
        return tuple(_CATEGORIES[word] for word in said) or otherwise


def _evidence(row: NamedCells) -> Evidence:
    asked = (Meaning.URL, Meaning.DOCUMENT, Meaning.IP, Meaning.USER_AGENT, Meaning.WORDS)
    url, document, ip, user_agent, words = (row.get(one) for one in asked)
    return Evidence(url, document, ip, user_agent, words)
