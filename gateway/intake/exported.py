"""Rows of our own exports: what is kept of a number, in columns that an import understands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from gateway.words.facts import Consent, Suppression
from gateway.words.ledger import Entry

SUPPRESSION_COLUMNS = ("number", "kind", "scope", "source", "at", "reason")
CONSENT_COLUMNS = (
    *("number", "happened", "kind", "method", "program", "for", "at", "confirmed", "night", "expires", "wording"),
    *("url", "document", "ip", "user_agent", "words", "actor", "recorded"),
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would work out what begins so


def suppression_rows(number: str, suppressions: Sequence[Suppression]) -> Iterator[Sequence[str]]:
    for one in suppressions:
        yield number, one.kind, one.scope, one.source, _at(one.at), _harmless(one.detail)


def consent_rows(number: str, entries: Sequence[Entry]) -> Iterator[Sequence[str]]:
    """Each entry of the ledger."""
    for entry in entries:
        what, shown = entry.what, entry.evidence
        given = what if isinstance(what, Consent) else None
        told = (
            *(entry.happened, given.kind if given else "", what.method, what.program, " ".join(what.categories)),
            *(_at(what.at), _yes(given is not None and given.confirmed), _yes(given is not None and given.night)),
            *(_at(given.expires if given else None), given.wording if given else ""),
            *(shown.url, shown.document, shown.ip, shown.user_agent, shown.words, entry.actor, _at(entry.recorded)),
        )
        yield number, *map(_harmless, told)


def _at(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else ""


def _yes(said: bool) -> str:
    return "yes" if said else ""


def _harmless(cell: str) -> str:
    """What somebody else wrote must be no formula in a spreadsheet."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
