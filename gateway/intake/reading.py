"""From the cells of a row to what it says: a number, and whether it agreed or not. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from gateway.intake.columns import Columns, Meaning, looks_like_number
from gateway.intake.instants import instant_of
from gateway.intake.table import Cells
from gateway.numbering.read import read_number
from gateway.words.number import Number

LONGEST = 500  # characters of a reason that are kept

_CUT = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE]\+?\d+")  # 1.21256E+10: a spreadsheet took it for an amount
_QUOTED = re.compile(r"=?\"?'?\s*(.*?)\s*\"?")  # ="+1212..." and '+1212... keep a spreadsheet from that
_FLOAT = re.compile(r"(\d{7,15})\.0")

_YES = frozenset({"yes", "true", "1", "y", "t", "x", "on"})
_NO = frozenset({"no", "false", "0", "n", "f", "off"})
_IN = frozenset({"optin", "optedin", "subscribed", "active", "consented", "granted", "enabled", "reoptin", "start"})
_OUT = frozenset(
    {
        *("optout", "optedout", "unsubscribed", "suppressed", "stop", "revoked", "denied", "inactive", "blocked"),
        *("neversubscribed", "notsubscribed", "notconsented", "nosubscription", "unsubscribe", "disabled"),
    }
)

Choice = TypeVar("Choice", bound=StrEnum)


class RowRejected(Exception):
    """Why this row is not taken. Never with what stands in it."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How numbers without a plus are meant: of this country, or, `international`, with their country code."""

    country: str | None = None
    international: bool = False


@dataclass(frozen=True, slots=True)
class NamedCells:
    """The cells of one row, by what they mean."""

    cells: Cells
    columns: Columns

    def get(self, meaning: Meaning) -> str:
        """Without what a spreadsheet puts around it; empty where there is none."""
        place = self.columns.get(meaning)
        if place is None or place >= len(self.cells):
            return ""
        return self.cells[place].strip().removeprefix("'")[:LONGEST]

    def has(self, meaning: Meaning) -> bool:
        return meaning in self.columns

    def number(self, spelling: Spelling) -> Number:
        """Raises RowRejected."""
        place = self.columns[Meaning.NUMBER]
        written = self.cells[place] if place < len(self.cells) else ""
        return number_in(written, spelling)

    def at(self, meaning: Meaning) -> datetime | None:
        """None: there is none, or it can't be understood."""
        return instant_of(self.get(meaning))

    def yes(self, meaning: Meaning) -> bool | None:
        """None: something else."""
        said = self.get(meaning).casefold()
        return True if said in _YES else False if said in _NO else None

    def agreed(self) -> bool | None:
        """Whether the row says that its person opted in; None: it doesn't say."""
        if self.has(Meaning.OPTED_OUT) and (out := self.yes(Meaning.OPTED_OUT)) is not None:
            return not out
        said = re.sub(r"[\W_]+", "", self.get(Meaning.OPTED_IN).casefold())
        if said in _IN:
            return True
        if said in _OUT:
            return False
        return self.yes(Meaning.OPTED_IN) if said else None

    def choice(self, meaning: Meaning, known: Mapping[str, Choice], default: Choice | None) -> Choice:
        """One of what is known, by name. Raises RowRejected."""
        said = self.get(meaning).casefold().replace("_", "-").replace(" ", "-")
        if said in known:
            return known[said]
        if said or default is None:
            raise RowRejected(f"what it says as `{meaning}` is none of {', '.join(sorted(set(known.values())))}")
        return default


def number_in(written: str, spelling: Spelling) -> Number:
    """Raises RowRejected."""
    found = _QUOTED.fullmatch(written.strip())
    bare = found[1] if found else written.strip()
    bare = whole[1] if (whole := _FLOAT.fullmatch(bare)) else bare
    if not bare:
        raise RowRejected("there is no number")
    if _CUT.fullmatch(bare):
        raise RowRejected("a spreadsheet has rounded the number: export it as text")
    plain = bare.startswith("+") or bare.lstrip("(").startswith("00") or spelling.international
    if not plain and spelling.country is None and looks_like_number(bare):
        raise RowRejected("written without + and country code: say what it is by --country or --international")
    number = read_number(bare, None if spelling.international else spelling.country)
    if number is None:
        raise RowRejected("this is no phone number that can be texted")
    return number
