"""What `policy check` found, as text, as JSON, and as annotations of GitHub's workflows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import click
import orjson

from gateway.policy.checks.examined import Level, Remark
from gateway.policy.compare import Change, SectionChange, Verdict
from gateway.policy.effective import Effective
from gateway.policy.said import rule_said, section_said

SUMMED_UP = {"unverified": "citations that nobody has seen", "shadowed": "rules that others make needless"}


@dataclass(frozen=True, slots=True)
class Report:
    """All answers. `changes` is None where nothing was compared."""

    remarks: tuple[Remark, ...]
    signed: str = ""
    coming: tuple[str, ...] = ()
    changes: tuple[Change, ...] | None = None
    sections: tuple[SectionChange, ...] = ()
    effective: tuple[Effective, ...] = ()

    def is_bad(self, *, strict: bool) -> bool:
        """Whether the answer is no."""
        wrong = {Level.ERROR, Level.WARNING} if strict else {Level.ERROR}
        return any(each.level in wrong for each in self.remarks) or any(verdict.loosens for verdict in self.verdicts)

    @property
    def verdicts(self) -> list[Verdict]:
        """On all that was compared."""
        return [each.verdict for each in self.changes or ()] + [each.verdict for each in self.sections]

    def shown(self, *, verbose: bool) -> list[Remark]:
        """Without what is only summed up."""
        return [each for each in self.remarks if verbose or not _is_summed_up(each)]

    @property
    def summary(self) -> str:
        """`1 error, 2 warnings; 12 citations that nobody has seen (-v lists them)`."""
        levels = Counter(each.level for each in self.remarks)
        counts = ", ".join(_counted(levels[level], level) for level in (Level.ERROR, Level.WARNING))
        notes = Counter(each.code for each in self.remarks if _is_summed_up(each))
        summed = ", ".join(f"{number} {SUMMED_UP[code]}" for code, number in sorted(notes.items()))
        return counts + (f"; {summed} (-v lists them)" if summed else "")


def _is_summed_up(remark: Remark) -> bool:
    return remark.level is Level.INFO and remark.code in SUMMED_UP


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def as_text(report: Report, *, verbose: bool) -> None:
    for each in (*report.shown(verbose=verbose), *report.coming, *report.effective):
        click.echo(str(each))
    for line in _compared(report):
        click.echo(line)
    click.echo(report.summary)
    if report.signed:
        click.echo(f"these policies: {report.signed}")


def _compared(report: Report) -> Iterator[str]:
    if report.changes is None:
        return
    for change in report.changes:
        yield f"{change.verdict}: {change.rule} was {change.how}{f' ({change.places})' if change.where else ''}"
        if change.before and change.before != change.after:
            yield f"  before: {rule_said(change.before)}"
        if change.after and change.before != change.after:
            yield f"  now: {rule_said(change.after)}"
    for section in report.sections:
        yield f"{section.verdict}: {section.about} was changed"
        yield f"  before: {section_said(section.before)}"
        yield f"  now: {section_said(section.after)}"
    counts = Counter(report.verdicts)
    yield f"compared: {', '.join(f'{number} {verdict}' for verdict, number in counts.items()) or 'no rule has changed'}"


def as_json(report: Report, *, verbose: bool) -> None:
    told = {
        "remarks": [each.told() for each in report.shown(verbose=verbose)],
        "summary": report.summary,
        "signed": report.signed,
        "coming": report.coming,
        "changes": None if report.changes is None else [_told(change) for change in report.changes],
        "opt_outs": [_section_told(change) for change in report.sections if change.section == "opt_out"],
        "opt_ins": [_section_told(change) for change in report.sections if change.section == "opt_in"],
        "effective": [each.told() for each in report.effective],
    }
    click.echo(orjson.dumps(told))


def _told(change: Change) -> dict[str, object]:
    return {
        "rule": change.rule,
        "how": change.how,
        "verdict": change.verdict,
        "where": [str(cell) for cell in change.where],
        "before": rule_said(change.before) if change.before else None,
        "after": rule_said(change.after) if change.after else None,
    }


def _section_told(change: SectionChange) -> dict[str, object]:
    return {
        "country": change.country,
        "verdict": change.verdict,
        "before": section_said(change.before),
        "after": section_said(change.after),
    }


def as_github(report: Report, *, verbose: bool) -> None:
    """Workflow commands, which GitHub shows beside the lines of a pull request."""
    for remark in report.shown(verbose=verbose):
        at = remark.problem
        command = _COMMANDS[remark.level]
        click.echo(f"::{command} file={_value(at.path)},line={at.line},col={at.column}::{_message(at.message)}")
    for change in report.changes or ():
        command = "error" if change.verdict.loosens else "notice"
        click.echo(f"::{command} title={change.verdict}::{_message(f'{change.rule} was {change.how}')}")
    for section in report.sections:
        command = "error" if section.verdict.loosens else "notice"
        click.echo(f"::{command} title={section.verdict}::{section.about} was changed")


_COMMANDS = {Level.ERROR: "error", Level.WARNING: "warning", Level.INFO: "notice"}


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: Mapping[str, Callable[..., None]] = {"text": as_text, "json": as_json, "github": as_github}
