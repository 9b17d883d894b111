"""A Decision in words: for the client, for the operator, and for machines. The record of it says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from gateway.policy.book import Book
from gateway.policy.decide import decide, leaves_at
from gateway.policy.rewrite import rewritten
from gateway.policy.rule import Rule
from gateway.text.alphabet import offenders
from gateway.text.segments import Segments, segments
from gateway.words.decision import Action, Decision, Finding, Reason
from gateway.words.facts import Facts
from gateway.words.message import Message


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


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision with all that was looked at, the text as it would leave, and what would have to be different."""

    name: str
    decision: Decision
    passed: tuple[tuple[str, str], ...]  # rules that had nothing to say, and what they saw
    came: str | None
    text: str | None  # as it would leave; None: it would not, or the text is not known here
    before: Segments | None
    after: Segments | None

    def told(self) -> dict[str, object]:
        """As JSON: `design.md` has the format; `passed` and `different` go beyond it."""
        deciding = self.decision.deciding
        return {
            "name": self.name,
            "action": self.decision.word,
            "rule": deciding.rule if deciding else None,
            "not_before": instant(self.decision.not_before) if self.decision.not_before else None,
            "findings": [finding.told() for finding in self.decision.findings],
            "passed": [{"rule": rule, "saw": saw} for rule, saw in self.passed],
            "different": list(_different(self.decision)),
            "text": self.text,
            "segments": self._segments(),
            "revision": self.decision.revision,
        }

    def _segments(self) -> dict[str, object] | None:
        if self.before is None:
            return None
        after = self.after or self.before
        return {"encoding": after.encoding, "before": self.before.count, "after": after.count}

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        decision, deciding = self.decision, self.decision.deciding
        yield f"{decision.word.upper()}: {_outcome(decision)}"
        if deciding:
            yield f"  {_line(deciding, decision.action)}"
        yield from _listed(
            "Other rules that had something to say",
            [_line(each, decision.action) for each in decision.findings if each is not deciding],
        )
        yield from _listed("Rules that let it pass", [f"{rule}: {saw}" for rule, saw in self.passed])
        yield from _listed("What would have to be different", list(_different(decision)))
        if self.text is not None and self.before and self.after:
            yield f"Text as it {'would leave' if decision.action else 'leaves'}: {self.text}"
            yield f"  segments: {self.before.count} before, {self.after.count} after ({self.after.encoding})"
            if costly := costs_a_segment(self.text):
                yield f"  {costly}"


def explain(message: Message, facts: Facts, book: Book, now: datetime, name: str = "") -> Explanation:
    """Decide, and say how. The very same decision as the gate's."""
    decision = decide(message, facts, book, now)
    found, at = {finding.rule for finding in decision.findings}, leaves_at(message, now)
    passed = tuple((rule.id, _saw(rule, message, facts, at)) for rule in book.binding(message) if rule.id not in found)
    came = message.text
    leaves = came is not None and decision.action is not Action.BLOCK
    text = rewritten(came, decision.edits) if came is not None and leaves else None
    before = segments(came) if came is not None else None
    return Explanation(name, decision, passed, came, text, before, segments(text) if text is not None else None)


def costs_a_segment(text: str) -> str:
    """The characters that make a text UCS-2, where it would take fewer segments without them; empty: none do."""
    found = offenders(text)
    if not found:
        return ""
    without = "".join(each for each in text if each not in found)
    saved = segments(text).count - segments(without).count
    if not saved:
        return ""
    shown = ", ".join(f"{each} (U+{ord(each):04X})" for each in dict.fromkeys(found))
    return f"{shown} can't be written in GSM-7 and cost{'s' * (len(set(found)) == 1)} {saved} more"


def instant(at: datetime) -> str:
    """`2026-06-11T12:00:00Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _saw(rule: Rule, message: Message, facts: Facts, at: datetime) -> str:
    """What a rule saw that had nothing to say."""
    if not rule.scope.in_force(at):
        since, until = rule.scope.since, rule.scope.until
        return f"not in force then (from {since or 'ever'} to {until or 'ever'})"
    if rule.kind.see(message, facts, at) is not None:
        return "lifted by a consent on record"
    return rule.kind.passed(message, facts, at)


def _outcome(decision: Decision) -> str:
    return {
        "send": "it leaves as it is",
        "rewrite": "it leaves with a changed text",
        "defer": f"it may not leave before {instant(decision.not_before) if decision.not_before else 'later'}",
        "block": "it may not leave",
    }[decision.word]


def _listed(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)


def _different(decision: Decision) -> Iterator[str]:
    """What would have to be different for it to leave now, of each finding that stands against it."""
    for finding in decision.findings:
        if finding.observed or finding.reason is None:
            continue
        if finding.action is Action.DEFER and decision.not_before and finding.reason is Reason.HOURS:
            yield f"{finding.rule}: sent at {instant(decision.not_before)} or later, within its hours"
        else:
            yield f"{finding.rule}: {_REMEDIES[finding.reason]}"


_REMEDIES = {
    Reason.SUPPRESSED: "the recipient opts in again, or whoever suppressed the number lifts it",
    Reason.BAD_NUMBER: "a number that can be texted, with + and country code",
    Reason.BAD_REQUEST: "a request that makes sense to the carrier",
    Reason.NO_CONSENT: "a consent of a kind that counts, to this category and program, recorded and not too old",
    Reason.HOURS: "a recipient whose time zone is known, at an hour that its rule allows",
    Reason.CAP: "fewer messages in the period, or later",
    Reason.LIST: "the number off the list, or a consent that lifts the rule",
    Reason.CONTENT: "a text without what is forbidden, and with all that must be in it",
    Reason.SENDER: "another type of sender, or its registration written in the program",
    Reason.TEMPLATE: "a text that matches a registered template",
    Reason.STOPPED: "the program resumed (`smsgate program resume`)",
    Reason.TRY_AGAIN: "facts that can be read; see the store and the log",
}


def _line(finding: Finding, decided: Action) -> str:
    """What a finding would have done is said only where it is not what is done."""
    would = "would " if finding.observed else ""
    as_decided = finding.action in {Action.SEND, decided} and not finding.observed
    verb = "" if as_decided else f"{would}{finding.action.name.lower()}: "
    cites = f" ({finding.cites})" if finding.cites else ""
    return f"{finding.rule}: {verb}{finding.why}{cites}"


def _source(finding: Finding) -> str:
    return f"{finding.rule}; {finding.cites}" if finding.cites else finding.rule
