"""A Decision in words."""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.words.decision import Action, Decision, Finding


def because(decision: Decision) -> str:
    """One sentence for the client whose message was withheld: why, until when, by which rule and law."""
    finding = decision.deciding
    if finding is None:
        return "no rule stands against it"
    until = f"; not before {instant(decision.not_before)}" if decision.not_before else ""
    return f"{finding.why}{until} ({_source(finding)})"


def explained(decision: Decision) -> str:
    """The outcome, and under it what each rule found."""
    until = f" until {instant(decision.not_before)}" if decision.not_before else ""
    return "\n".join(
        [f"{decision.word}{until}", *(f"  {_line(finding, decision.action)}" for finding in decision.findings)]
    )


def instant(at: datetime) -> str:
    """`2026-06-11T12:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(finding: Finding, decided: Action) -> str:
    """What a finding would have done is said only where it is not what is done."""
    would = "would " if finding.observed else ""
    as_decided = finding.action in {Action.SEND, decided} and not finding.observed
    verb = "" if as_decided else f"{would}{finding.action.name.lower()}: "
    cites = f" ({finding.cites})" if finding.cites else ""
    return f"{finding.rule}: {verb}{finding.why}{cites}"


def _source(finding: Finding) -> str:
    return f"{finding.rule}; {finding.cites}" if finding.cites else finding.rule
