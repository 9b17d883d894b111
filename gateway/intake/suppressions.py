"""A row that says who is not to be texted. Whoever is in doubt is suppressed: of everything, and from now on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.intake.columns import Columns, Meaning
from gateway.intake.reading import NamedCells, RowRejected, Spelling
from gateway.intake.table import Cells
from gateway.words.facts import SCOPE_ALL, Suppression, SuppressionKind
from gateway.words.number import Number

SOURCE = "import"
BY_SENDER, BY_PROGRAM = "sender", "program"  # scopes whose name stands in a column

_SOURCE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_SCOPE = re.compile(r"all|(?:program|brand|sender|category|subject):\S.{0,127}")

_KINDS = {kind.value: kind for kind in SuppressionKind} | {
    **dict.fromkeys(("stop", "unsubscribe", "unsubscribed", "optout", "opted-out"), SuppressionKind.OPT_OUT),
    **dict.fromkeys(("hard-bounce", "bounced", "invalid", "undeliverable"), SuppressionKind.BOUNCE),
    **dict.fromkeys(("spam", "spam-complaint", "abuse"), SuppressionKind.COMPLAINT),
    **dict.fromkeys(("wrong", "reassigned"), SuppressionKind.WRONG_NUMBER),
    **dict.fromkeys(("legal", "litigation", "litigator"), SuppressionKind.LEGAL_HOLD),
    **dict.fromkeys(("blocked", "carrier"), SuppressionKind.CARRIER_BLOCK),
}


@dataclass(frozen=True, slots=True)
class SuppressionRows:
    """`kind`, `scope` and `at` count for rows that don't say; `now` is the latest that anything can have happened."""

    columns: Columns
    spelling: Spelling
    kind: SuppressionKind
    scope: str
    at: datetime
    now: datetime

    def read(self, cells: Cells) -> tuple[Number, Suppression]:
        """Raises RowRejected. A time that can't be understood rejects nothing: `at` stands for it."""
        row = NamedCells(cells, self.columns)
        number = row.number(self.spelling)
        if row.agreed():
            raise RowRejected("it says that its person opted in")
        source = row.get(Meaning.SOURCE)
        return number, Suppression(
            row.choice(Meaning.KIND, _KINDS, self.kind),
            self._scope(row),
            source if _SOURCE.fullmatch(source) else SOURCE,
            min(row.at(Meaning.AT) or self.at, self.now),
            row.get(Meaning.REASON),
        )

    def _scope(self, row: NamedCells) -> str:
        if (said := row.get(Meaning.SCOPE)) and _SCOPE.fullmatch(said):
            return said
        if self.scope not in {BY_SENDER, BY_PROGRAM}:
            return self.scope
        name = row.get(Meaning.SENDER if self.scope == BY_SENDER else Meaning.PROGRAM)
        return f"{self.scope}:{name}" if name else SCOPE_ALL
