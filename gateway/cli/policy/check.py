"""`smsgate policy check`: what is wrong with policies before they count, and what a change would do."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import as_file
from pathlib import Path
from typing import Any

import click

from gateway.cli.ending import NO
from gateway.cli.init import shipped
from gateway.cli.policy.given import CONFIG, Given
from gateway.cli.policy.report import FORMATS, Report
from gateway.cli.policy.signed import signatures
from gateway.cli.policy.was import policies_of
from gateway.policy.book import Book
from gateway.policy.check import checked
from gateway.policy.checks.dates import coming
from gateway.policy.checks.examined import Examined, Known, Level, Remark
from gateway.policy.compare import compared, sections_compared
from gateway.policy.effective import effective
from gateway.policy.parse import load_book
from gateway.policy.signoff import standing
from gateway.policy.source import load_sources
from gateway.words.program import Category


@dataclass(frozen=True, slots=True)
class Where:
    """A place and a category: `US-FL/marketing`, `US`, `/otp`. Empty: all."""

    place: str = ""
    category: Category | None = None


class WhereType(click.ParamType[Where]):
    name = "PLACE[/CATEGORY]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Where:
        if isinstance(value, Where):
            return value
        place, _, category = str(value).partition("/")
        if category and category not in list(Category):
            self.fail(f"{category!r} is no category; write one of {', '.join(Category)}", param, ctx)
        return Where(place.upper(), Category(category) if category else None)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--strict", is_flag=True, help="Warnings count as errors do.")
@click.option("--format", "form", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
@click.option("--at", type=click.DateTime(["%Y-%m-%d"]), help="As the law will be on that day. [default: today, UTC]")
@click.option("--effective", "merged", is_flag=True, help="Also print the rules that bind, put together.")
@click.option("--for", "where", type=WhereType(), default=Where(), help="With --effective: where, as US-FL/marketing.")
@click.option("--diff", "revision", metavar="REV", help="Compare with a folder, a git revision, or a kept set (-c).")
@click.option("-v", "--verbose", is_flag=True, help="Also what is only to be known, as each unverified citation.")
@CONFIG
def check(path: Path | None, form: str, strict: bool, verbose: bool, config: Path | None, **said: Any) -> None:
    """Check the policies of PATH, a folder or one file of it, before they count. Changes nothing, sends nothing.

    \b
      smsgate policy check policies --strict
      smsgate policy check policies --at 2027-01-01        the law as it will be
      smsgate policy check --effective --for US-FL/marketing
      smsgate policy check policies --diff HEAD            added, removed, stricter, looser

    Exit status 3 where something is wrong, or with --diff where anything became looser or can't be compared.
    """
    given = Given.by(_folder(path), config)
    day = said["at"].date() if said["at"] else _today()
    asked = Asked(given, _only(path), day, said["where"] if said["merged"] else None, said["revision"])
    report = asked.answered()
    FORMATS[form](report, verbose=verbose)
    sys.exit(NO if report.is_bad(strict=strict) else 0)


def _folder(path: Path | None) -> Path | None:
    return path.parent if path is not None and path.is_file() else path


def _only(path: Path | None) -> str:
    return str(path) if path is not None and path.is_file() else ""


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options ask for. `only`: remarks of this file. `where`: which merged rules to show."""

    given: Given
    only: str
    day: date
    where: Where | None
    revision: str | None
    today: date = field(default_factory=_today)

    def answered(self) -> Report:
        """Raises BadFile where the policies to compare with, or the sign-off, can't be read."""
        folder, site = self.given.folder, self.given.config
        sources = load_sources(folder, site.packs if site else ())
        remarks = [*checked(sources, self.day, self._known(), _shipped(folder)), *self._of_configuration()]
        shown = tuple(each for each in remarks if self.only in {"", each.problem.path})
        if sources.found is None:
            return Report(shown or tuple(remarks))  # a file of itself in order is not judged without the others
        examined = Examined(sources, sources.book, self.day)
        was = None if self.revision is None else policies_of(self.revision, folder, self.given).book
        return Report(
            shown,
            standing(signatures(folder), sources.digest),
            tuple(coming(examined, self.today)) if self.day > self.today else (),
            None if was is None else tuple(compared(was, sources.book, self.day)),
            () if was is None else tuple(sections_compared(was, sources.book)),
            tuple(effective(examined, self.where.place, self.where.category)) if self.where else (),
        )

    def _of_configuration(self) -> list[Remark]:
        site = self.given.config
        notices = [Remark(each, Level.INFO, "upstream") for each in site.notices] if site else []
        return notices + ([Remark(each, Level.WARNING, "taken") for each in site.warnings] if site else [])

    def _known(self) -> Known | None:
        site = self.given.config
        if site is None:
            return None
        programs = frozenset(program.name for program in site.programs)
        return Known(programs, frozenset(route.name for route in site.routes), site.links is not None)


def _shipped(folder: Path) -> Book | None:
    """The policies that ship with the program, unless they are what is checked."""
    with as_file(shipped("policies")) as ours:
        return None if ours.resolve() == folder.resolve() else load_book(ours)
